//! The user's manual, built in: a Markdown file for each topic, in Chinese and in English. The service shows
//! it at `/help`, the command line prints it; tests run the commands that it shows.

use crate::wire::tabular::Lang;

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
pub static TOPICS: [Topic; 8] =
    topics!["install", "county", "calendar", "filing", "rules", "planning", "api", "privacy"];

impl Topic {
    /// Its text, as Markdown.
    pub fn text(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::Zh => self.zh,
            Lang::En => self.en,
        }
    }

    /// Its title.
    pub fn title(&self, lang: Lang) -> &'static str {
        self.text(lang).lines().next().unwrap_or_default().trim_start_matches("# ")
    }
}

/// The topic of this name.
pub fn topic(name: &str) -> Option<&'static Topic> {
    TOPICS.iter().find(|topic| topic.name == name)
}
