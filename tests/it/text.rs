//! The sentences of both languages against the messages that the sources make: each has its sentence, each
//! sentence its message, and both the same parameters.

use crate::tidy::sources;
use fluent_syntax::ast::{
    CallArguments, Entry, Expression, InlineExpression, Pattern, PatternElement,
};
use onevisit::domain::Language;
use onevisit::text;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{Expr, Ident, LitStr, Token};

/// The parameters by the message's key.
type Parameters = BTreeMap<String, BTreeSet<String>>;

/// What is within `message!(…)`.
struct Said {
    key: String,
    names: BTreeSet<String>,
    /// The values, which may hold further messages.
    values: Vec<Expr>,
}

impl Parse for Said {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let key = input.parse::<LitStr>()?.value();
        let (mut names, mut values) = (BTreeSet::new(), Vec::new());
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if input.is_empty() {
                break;
            }
            names.insert(input.parse::<Ident>()?.to_string());
            input.parse::<Token![=]>()?;
            values.push(input.parse()?);
        }
        Ok(Self { key, names, values })
    }
}

/// Gathers messages, those within other macros too.
#[derive(Default)]
struct Gather {
    said: Vec<(String, BTreeSet<String>)>,
    unread: Vec<String>,
}

impl<'ast> Visit<'ast> for Gather {
    fn visit_macro(&mut self, found: &'ast syn::Macro) {
        let name = found.path.segments.last().map(|last| last.ident.to_string());
        if name.as_deref() == Some("message") {
            match found.parse_body::<Said>() {
                Ok(said) => {
                    said.values.iter().for_each(|value| self.visit_expr(value));
                    self.said.push((said.key, said.names));
                }
                Err(error) => self.unread.push(error.to_string()),
            }
        } else {
            let parts = found.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated);
            parts.iter().flatten().for_each(|part| self.visit_expr(part));
        }
        visit::visit_macro(self, found);
    }

    fn visit_item_mod(&mut self, found: &'ast syn::ItemMod) {
        let is_test = |attribute: &syn::Attribute| {
            attribute.path().is_ident("cfg")
                && attribute.parse_args::<Ident>().is_ok_and(|what| what == "test")
        };
        if !found.attrs.iter().any(is_test) {
            visit::visit_item_mod(self, found);
        }
    }
}

/// Every message of the sources, with the parameters of each place that makes it.
fn said() -> Vec<(String, BTreeSet<String>)> {
    let mut all = Gather::default();
    let mut paths = Vec::new();
    sources(Path::new("src"), &mut paths);
    let is_test = |path: &&PathBuf| path.iter().any(|part| part == "tests" || part == "tests.rs");
    for path in paths.iter().filter(|path| !is_test(path)) {
        let text = std::fs::read_to_string(path).expect("readable");
        let file = syn::parse_file(&text);
        let file = file.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        all.visit_file(&file);
    }
    assert_eq!(all.unread, Vec::<String>::new());
    assert!(all.said.len() > 20, "the sources are read");
    all.said
}

/// Every sentence of a language, with the parameters that it speaks of.
fn sentences(language: Language) -> Parameters {
    let mut all = Parameters::new();
    for (name, text) in text::files(language) {
        let resource = fluent_syntax::parser::parse(text)
            .unwrap_or_else(|(_, errors)| panic!("{name}: {errors:?}"));
        for entry in resource.body {
            match entry {
                Entry::Message(message) => {
                    let key = message.id.name.to_owned();
                    let mut names = BTreeSet::new();
                    let pattern = message.value.unwrap_or_else(|| panic!("{key} says nothing"));
                    of_pattern(&pattern, &mut names);
                    assert!(all.insert(key.clone(), names).is_none(), "{name}: {key} twice");
                }
                Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
                Entry::Term(_) | Entry::Junk { .. } => panic!("{name}: a message, or a comment"),
            }
        }
    }
    all
}

fn of_pattern(pattern: &Pattern<&str>, names: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        match expression {
            Expression::Inline(inline) => of_inline(inline, names),
            Expression::Select { selector, variants } => {
                of_inline(selector, names);
                variants.iter().for_each(|variant| of_pattern(&variant.value, names));
            }
        }
    }
}

fn of_inline(inline: &InlineExpression<&str>, names: &mut BTreeSet<String>) {
    match inline {
        InlineExpression::VariableReference { id } => drop(names.insert(id.name.to_owned())),
        InlineExpression::FunctionReference { arguments, .. } => {
            let CallArguments { positional, .. } = arguments;
            positional.iter().for_each(|argument| of_inline(argument, names));
        }
        InlineExpression::Placeable { expression } => {
            if let Expression::Inline(inline) = expression.as_ref() {
                of_inline(inline, names);
            }
        }
        InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
        other => panic!("sentences refer to no others: {other:?}"),
    }
}

#[test]
fn every_message_has_its_sentence_in_both_languages() {
    let said = said();
    let keys: BTreeSet<&str> = said.iter().map(|(key, _)| key.as_str()).collect();
    let mut faults: Vec<String> = Vec::new();
    for language in Language::ALL {
        let (sentences, tongue) = (sentences(language), language.as_str());
        for (key, given) in &said {
            match sentences.get(key) {
                None => faults.push(format!("{tongue}: {key} has no sentence")),
                Some(used) => faults.extend(used.difference(given).map(|name| {
                    format!("{tongue}: the sentence {key} speaks of ${name}, which is not given")
                })),
            }
        }
        let unused = sentences.keys().filter(|key| !keys.contains(key.as_str()));
        faults.extend(unused.map(|key| format!("{tongue}: nobody says {key}")));
    }
    let [zh, en] = Language::ALL.map(sentences);
    for (key, given) in &said {
        let used = [&zh, &en].map(|all| all.get(key).cloned().unwrap_or_default());
        let unsaid = given.iter().filter(|name| !used.iter().any(|used| used.contains(*name)));
        faults.extend(unsaid.map(|name| format!("{key}: no sentence speaks of ${name}")));
    }
    faults.sort();
    faults.dedup();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// English in a Chinese sentence, or Chinese in an English one, is a line that was put into the wrong file.
#[test]
fn sentences_are_in_their_language() {
    let is_chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let lines = |language| {
        text::files(language).flat_map(|(_, text)| text.lines()).filter_map(|line| {
            let (key, sentence) = line.split_once(" = ")?;
            (!key.starts_with('#')).then_some((key, sentence))
        })
    };
    // parameters and names of things alone are in no language
    let has_words = |sentence: &str| {
        let mut outside = String::new();
        sentence.split('{').for_each(|part| {
            outside.push_str(part.split_once('}').map_or(part, |(_, rest)| rest));
        });
        outside.split_whitespace().filter(|word| word.chars().all(char::is_alphabetic)).count() > 2
    };
    let wrong_zh = lines(Language::Zh).filter(|(_, text)| has_words(text) && !is_chinese(text));
    assert_eq!(wrong_zh.collect::<Vec<_>>(), [], "no Chinese");
    let wrong_en = lines(Language::En).filter(|(_, text)| is_chinese(text));
    assert_eq!(wrong_en.collect::<Vec<_>>(), [], "Chinese");
}
