//! Every sentence that a person reads: Chinese and English, by the keys of [`Message`]s, from Fluent files.
//!
//! A front door says for whom it speaks ([`speaking`], [`speaking_while`]); whatever is written down
//! meanwhile for a reader ([`say`]) is in that language. Two rules keep the files plain: a message is one
//! line (Fluent drops lines that begin with some characters), and quotation marks belong to the sentence,
//! not to the parameter.

use crate::domain::{Argument, Language, Message};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use include_dir::{Dir, include_dir};
use std::collections::BTreeSet;
use std::future::Future;
use std::sync::LazyLock;

static ZH: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/text/zh");
static EN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/text/en");

type Sentences = FluentBundle<FluentResource>;

static BUNDLES: LazyLock<[Sentences; 2]> = LazyLock::new(|| Language::ALL.map(read));

tokio::task_local! {
    static READER: Language;
}

/// The files of a language, by name, with their texts.
pub fn files(language: Language) -> impl Iterator<Item = (&'static str, &'static str)> {
    let folder = match language {
        Language::Zh => &ZH,
        Language::En => &EN,
    };
    folder.files().map(|file| {
        let name = file.path().to_str().expect("our files have plain names");
        (name, file.contents_utf8().expect("our files are UTF-8"))
    })
}

/// Our own files: one that cannot be read, or a key that is there twice, is a bug that every test finds.
fn read(language: Language) -> Sentences {
    let tag = language.as_str().parse().expect("a language tag");
    let mut sentences = FluentBundle::new_concurrent(vec![tag]);
    // marks of direction around parameters are of no use in two scripts that run alike, and break copying
    sentences.set_use_isolating(false);
    for (name, text) in files(language) {
        let resource = FluentResource::try_new(text.to_owned());
        let resource = resource.unwrap_or_else(|(_, errors)| panic!("{name}: {errors:?}"));
        let added = sentences.add_resource(resource);
        added.unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
    }
    sentences
}

/// The key of a sentence that there is, by a text that names it.
pub fn known_key(key: &str) -> Option<&'static str> {
    static KEYS: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
        let lines = files(Language::Zh).flat_map(|(_, text)| text.lines());
        lines.filter_map(|line| Some(line.split_once(" =")?.0)).collect()
    });
    KEYS.get(key).copied()
}

/// Does something for a reader of this language.
pub fn speaking<T>(language: Language, work: impl FnOnce() -> T) -> T {
    READER.sync_scope(language, work)
}

/// Does something that waits now and then for a reader of this language.
pub fn speaking_while<F: Future>(language: Language, work: F) -> impl Future<Output = F::Output> {
    READER.scope(language, work)
}

/// The language of whoever is spoken to; English, the log's, where that is nobody.
pub fn reader() -> Language {
    READER.try_with(|language| *language).unwrap_or(Language::En)
}

/// The sentence in the reader's language.
pub fn say(message: &Message) -> String {
    say_in(reader(), message)
}

/// The sentence in a language. A message that has no sentence (one stored by another version of this
/// program) is written as its key and parameters.
pub fn say_in(language: Language, message: &Message) -> String {
    let sentences = &BUNDLES[language as usize];
    let Some(pattern) = sentences.get_message(message.key()).and_then(|found| found.value()) else {
        return message.to_string();
    };
    let mut arguments = FluentArgs::new();
    for (name, argument) in message.arguments() {
        arguments.set(name.to_owned(), value(language, argument));
    }
    let mut errors = Vec::new();
    // a parameter that is missing is written as its name; a test sees to it that none is
    sentences.format_pattern(pattern, Some(&arguments), &mut errors).into_owned()
}

/// The parameter as Fluent has it: a whole number as a number where it may choose between singular and
/// plural, anything else as it is written.
fn value(language: Language, argument: &Argument) -> FluentValue<'static> {
    // beyond it a number of Fluent's is no longer exact
    const EXACT_MAX: u64 = 1 << 53;
    match argument {
        Argument::Whole(whole) if whole.unsigned_abs() < EXACT_MAX => (*whole).into(),
        other => written(language, other).into(),
    }
}

fn written(language: Language, argument: &Argument) -> String {
    match argument {
        Argument::Text(text) => text.clone(),
        Argument::Whole(whole) => whole.to_string(),
        Argument::Day(day) => day.to_string(),
        Argument::Message(message) => say_in(language, message),
        Argument::List(list) => {
            let parts: Vec<String> = list.iter().map(|part| written(language, part)).collect();
            parts.join(match language {
                Language::Zh => "、",
                Language::En => ", ",
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_hears_the_own_language() {
        let message = crate::message!("no-inspectors_no-time", pool = "P1");
        assert_eq!(reader(), Language::En);
        let both = Language::ALL.map(|language| speaking(language, || say(&message)));
        assert_eq!(both, ["执法力量“P1”没有可用时间。", "The pool P1 offers no time."]);
    }

    #[test]
    fn a_message_of_another_version_keeps_its_parameters() {
        let message = Message::new("of-another-version", vec![("day", "today".into())]);
        assert_eq!(say(&message), "of-another-version day=\"today\"");
    }

    #[test]
    fn numbers_choose_the_plural_and_lists_their_comma() {
        let list: Argument = vec!["a", "b"].into();
        let defects = |n: i64| say_in(Language::En, &crate::message!("invalid", defects = n));
        assert_eq!(defects(1), "The input has 1 defect.");
        assert_eq!(defects(2), "The input has 2 defects.");
        assert_eq!(written(Language::Zh, &list), "a、b");
        assert_eq!(written(Language::En, &list), "a, b");
    }
}
