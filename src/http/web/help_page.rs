//! The manual at `/help`, in the reader's language.

use super::start_page::POLICY;
use crate::domain::Language;
use crate::manual::{TOPICS, Topic, topic};
use crate::text::reader;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, VARY};
use actix_web::web::{Path, Query};
use actix_web::{HttpResponse, get};
use askama::Template;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, html};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "help.html")]
struct HelpPage {
    lang: &'static str,
    title: &'static str,
    /// The other language's address of the same page, and its name.
    other: (String, &'static str),
    /// Name and title of each topic, and whether it is shown.
    topics: Vec<(&'static str, &'static str, bool)>,
    /// The topic as HTML; empty on the first page.
    body: String,
    /// The text of the first page.
    intro: &'static str,
}

#[derive(Deserialize)]
struct HelpQuery {
    lang: Option<String>,
}

impl HelpQuery {
    /// `lang`, or what the browser prefers.
    fn language(&self) -> Language {
        self.lang.as_deref().and_then(Language::of_tag).unwrap_or_else(reader)
    }
}

/// Every topic.
#[get("/help")]
pub(crate) async fn index(query: Query<HelpQuery>) -> HttpResponse {
    page(StatusCode::OK, None, query.language())
}

/// One topic; of a name that is none, every topic with 404.
#[get("/help/{topic}")]
pub(crate) async fn help(name: Path<String>, query: Query<HelpQuery>) -> HttpResponse {
    let topic = topic(&name);
    let status = if topic.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    page(status, topic, query.language())
}

fn page(status: StatusCode, shown: Option<&Topic>, lang: Language) -> HttpResponse {
    let address = shown.map_or("/help".to_owned(), |topic| format!("/help/{}", topic.name));
    let (code, other, manual, intro) = match lang {
        Language::Zh => ("zh", ("en", "English"), "使用手册", "请选择主题。"),
        Language::En => ("en", ("zh", "中文"), "Manual", "Choose a topic."),
    };
    let is_shown = |topic: &Topic| shown.is_some_and(|shown| shown.name == topic.name);
    let page = HelpPage {
        lang: code,
        title: shown.map_or(manual, |topic| topic.title(lang)),
        other: (format!("{address}?lang={}", other.0), other.1),
        topics: TOPICS.iter().map(|t| (t.name, t.title(lang), is_shown(t))).collect(),
        body: shown.map(|topic| html_of(topic.text(lang), code)).unwrap_or_default(),
        intro,
    };
    let html = page.render().expect("a template of texts renders");
    let mut response = HttpResponse::build(status);
    response.insert_header((CONTENT_SECURITY_POLICY, POLICY));
    response.insert_header((CONTENT_LANGUAGE, code));
    response.insert_header((VARY, "Accept-Language"));
    response.content_type("text/html; charset=utf-8").body(html)
}

/// Markdown as HTML; links to other topics' files become addresses of their pages, in the same language.
fn html_of(text: &str, lang: &str) -> String {
    let of_topic = |link: &str| {
        let (file, place) = link.split_once('#').map_or((link, ""), |(file, place)| (file, place));
        let topic = topic(file.strip_suffix(".md")?)?;
        let place = if place.is_empty() { String::new() } else { format!("#{place}") };
        Some(format!("/help/{}?lang={lang}{place}", topic.name))
    };
    let events = Parser::new_ext(text, Options::ENABLE_TABLES).map(|event| match event {
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let dest_url = of_topic(&dest_url).map_or(dest_url, CowStr::from);
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        other => other,
    });
    let mut page = String::with_capacity(text.len() * 2);
    html::push_html(&mut page, events);
    page
}
