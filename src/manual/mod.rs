//! The user's manual, built in: a Markdown file for each topic, in Chinese and in English. The service shows
//! it at `/help`, the command line prints it; tests run the commands that it shows.

mod messages;

use crate::domain::Language;
use std::sync::LazyLock;

/// A topic of the manual.
pub struct Topic {
    /// Its name in addresses and on the command line.
    pub name: &'static str,
    zh: &'static str,
    en: &'static str,
}

macro_rules! topics {
    ($($name:literal),* $(,)?) => {
        [$(Topic {
            name: $name,
            zh: include_str!(concat!("zh/", $name, ".md")),
            en: include_str!(concat!("en/", $name, ".md")),
        }),*]
    };
}

/// Every topic, in the order in which a new office meets them.
pub static TOPICS: [Topic; 9] = topics![
    "install", "county", "calendar", "filing", "rules", "planning", "api", "privacy", "messages"
];

/// The topic whose list is made of the sentences themselves.
static MESSAGES: LazyLock<[String; 2]> = LazyLock::new(|| {
    let topic = &TOPICS[TOPICS.len() - 1];
    Language::ALL.map(|language| messages::listed(topic.written(language), language))
});

impl Topic {
    /// Its text, as Markdown.
    pub fn text(&self, lang: Language) -> &'static str {
        if self.name == "messages" { &MESSAGES[lang as usize] } else { self.written(lang) }
    }

    fn written(&self, lang: Language) -> &'static str {
        match lang {
            Language::Zh => self.zh,
            Language::En => self.en,
        }
    }

    /// Its title.
    pub fn title(&self, lang: Language) -> &'static str {
        self.text(lang).lines().next().unwrap_or_default().trim_start_matches("# ")
    }
}

/// The topic of this name.
pub fn topic(name: &str) -> Option<&'static Topic> {
    TOPICS.iter().find(|topic| topic.name == name)
}
