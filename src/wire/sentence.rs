//! Messages that are kept: written down as key and parameters, read in the reader's language.

use crate::domain::{Argument, Message};
use crate::text::{known_key, say};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A message as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    key: String,
    parameters: Vec<(String, KeptParameter)>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum KeptParameter {
    Text(String),
    Whole(i64),
    Day(NaiveDate),
    List(Vec<KeptParameter>),
    Message(Kept),
}

impl From<&Message> for Kept {
    fn from(message: &Message) -> Self {
        let kept = |(name, value): (&str, &Argument)| (name.to_owned(), value.into());
        Self { key: message.key().into(), parameters: message.arguments().map(kept).collect() }
    }
}

impl From<&Argument> for KeptParameter {
    fn from(argument: &Argument) -> Self {
        match argument {
            Argument::Text(text) => Self::Text(text.clone()),
            Argument::Whole(whole) => Self::Whole(*whole),
            Argument::Day(day) => Self::Day(*day),
            Argument::List(list) => Self::List(list.iter().map(Self::from).collect()),
            Argument::Message(message) => Self::Message(message.as_ref().into()),
        }
    }
}

impl Kept {
    /// `None`: this version has no such sentence.
    fn message(self) -> Option<Message> {
        let argument = |(name, value): (String, KeptParameter)| Some((name, value.argument()?));
        let arguments = self.parameters.into_iter().map(argument).collect::<Option<_>>()?;
        Some(Message::new::<String>(known_key(&self.key)?, arguments))
    }
}

impl KeptParameter {
    fn argument(self) -> Option<Argument> {
        Some(match self {
            Self::Text(text) => Argument::Text(text),
            Self::Whole(whole) => Argument::Whole(whole),
            Self::Day(day) => Argument::Day(day),
            Self::List(list) => {
                Argument::List(list.into_iter().map(Self::argument).collect::<Option<_>>()?)
            }
            Self::Message(kept) => Argument::Message(Box::new(kept.message()?)),
        })
    }
}

/// A message as it is kept.
pub fn kept(message: &Message) -> String {
    serde_json::to_string(&Kept::from(message)).unwrap_or_else(|_| message.to_string())
}

/// The sentence of a message that was kept. What is none, or has no sentence in this version, is left as it
/// is: earlier versions kept sentences.
pub fn said(kept: &str) -> String {
    let message = serde_json::from_str(kept).ok().and_then(Kept::message);
    message.map_or_else(|| kept.to_owned(), |message| say(&message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Language;
    use crate::message;
    use crate::text::speaking;

    #[test]
    fn what_is_kept_is_said_in_either_language() {
        let kept = kept(&message!("not-tried", why = message!("version-changed", current = 3)));
        assert_eq!(
            Language::ALL.map(|language| speaking(language, || said(&kept))),
            [
                "这一行没有办理，请再次发送。您读取之后已有人修改，现在是第 3 版。请重新读取。",
                "This row was not tried; send it again. Somebody changed it since you read it: it is \
                 now version 3. Read it again."
            ]
        );
    }

    #[test]
    fn sentences_of_other_versions_stay_as_they_were() {
        let old = "The planner met a bug.";
        let other = r#"{"key":"of-another-version","parameters":[]}"#;
        assert_eq!([said(old), said(other)], [old, other]);
    }
}
