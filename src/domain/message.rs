//! What is said to people, as a key with typed parameters. Nobody below the front doors makes a sentence
//! of it: that is `text`'s work, in the reader's language.

use chrono::NaiveDate;
use std::borrow::Cow;

/// A language that the program speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
}

impl Language {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Zh, Self::En];

    /// Its code (BCP 47).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }

    /// The language of a tag, a locale or a setting, such as `zh`, `zh-Hans-CN`, `en_GB.UTF-8`.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_', '.']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.as_str()))
    }
}

/// A sentence that is not written yet: its key, and what it speaks of.
///
/// The key is the stable code of what is said, followed by `_` and a word where several sentences share
/// a code: `bad-day` and `bad-day_too-late` have the code `bad-day`. Make one with
/// [`message!`](crate::message), whose uses a test compares with the sentences of both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    key: &'static str,
    arguments: Vec<(Cow<'static, str>, Argument)>,
}

/// A parameter of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// Somebody's words, shortened; quoted as they are.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// A day.
    Day(NaiveDate),
    /// Several things, set one after the other.
    List(Vec<Argument>),
    /// A phrase within the sentence.
    Message(Box<Message>),
}

/// Most bytes of somebody's words that are quoted.
const QUOTED_BYTES_MAX: usize = 200;

impl Message {
    /// A message; [`message!`](crate::message) reads better.
    pub fn new<N: Into<Cow<'static, str>>>(
        key: &'static str,
        arguments: Vec<(N, Argument)>,
    ) -> Self {
        let arguments = arguments.into_iter().map(|(name, value)| (name.into(), value)).collect();
        Self { key, arguments }
    }

    /// What names its sentence in each language.
    pub fn key(&self) -> &'static str {
        self.key
    }

    /// Stable code: the key up to its first `_`.
    pub fn code(&self) -> &'static str {
        self.key.split('_').next().unwrap_or_default()
    }

    /// The same with some parameters put otherwise: `put` has the name and the value of each.
    pub fn map(mut self, mut put: impl FnMut(&str, Argument) -> Argument) -> Self {
        for (name, value) in &mut self.arguments {
            let before = std::mem::replace(value, Argument::Whole(0));
            *value = put(name, before);
        }
        self
    }

    /// Its parameters with their names.
    pub fn arguments(&self) -> impl Iterator<Item = (&str, &Argument)> {
        self.arguments.iter().map(|(name, value)| (name.as_ref(), value))
    }
}

/// For logs and failed tests: key and parameters, in no language.
impl std::fmt::Display for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.key)?;
        self.arguments.iter().try_for_each(|(name, value)| write!(f, " {name}={value}"))
    }
}

impl std::fmt::Display for Argument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Whole(whole) => whole.fmt(f),
            Self::Day(day) => day.fmt(f),
            Self::List(list) => {
                f.debug_list().entries(list.iter().map(ToString::to_string)).finish()
            }
            Self::Message(message) => write!(f, "({message})"),
        }
    }
}

/// A text with its middle left out where it has more than so many bytes: about two thirds are of its
/// beginning, the rest of its end.
pub(super) fn shortened(text: &str, bytes_max: usize) -> Cow<'_, str> {
    if text.len() <= bytes_max {
        return text.into();
    }
    let is_between = |at: &usize| text.is_char_boundary(*at);
    let head = (0..=bytes_max * 2 / 3).rev().find(is_between).unwrap_or(0);
    let tail = (text.len() - bytes_max / 3..text.len()).find(is_between).unwrap_or(text.len());
    format!("{}…{}", &text[..head], &text[tail..]).into()
}

impl From<&str> for Argument {
    fn from(text: &str) -> Self {
        Self::Text(shortened(text, QUOTED_BYTES_MAX).into_owned())
    }
}

impl From<&String> for Argument {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<String> for Argument {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<Cow<'_, str>> for Argument {
    fn from(text: Cow<'_, str>) -> Self {
        text.as_ref().into()
    }
}

impl From<NaiveDate> for Argument {
    fn from(day: NaiveDate) -> Self {
        Self::Day(day)
    }
}

impl From<Message> for Argument {
    fn from(message: Message) -> Self {
        Self::Message(Box::new(message))
    }
}

impl<T: Into<Argument>> From<Vec<T>> for Argument {
    fn from(list: Vec<T>) -> Self {
        list.into_iter().collect()
    }
}

impl<T: Into<Argument>> FromIterator<T> for Argument {
    fn from_iter<I: IntoIterator<Item = T>>(list: I) -> Self {
        Self::List(list.into_iter().map(Into::into).collect())
    }
}

macro_rules! from_whole {
    ($($type:ty),*) => {
        $(impl From<$type> for Argument {
            fn from(whole: $type) -> Self {
                Self::Whole(i64::try_from(whole).unwrap_or(i64::MAX))
            }
        })*
    };
}
from_whole!(i64, u64, usize, i32, u32, u16, u8);

/// A [`Message`] of its key and parameters: `message!("bad-day", found = text, last = day)`.
#[macro_export]
macro_rules! message {
    ($key:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::domain::Message::new(
            $key,
            Vec::<(&'static str, $crate::domain::Argument)>::from([
                $((stringify!($name), $crate::domain::Argument::from($value))),*
            ]),
        )
    };
}
