//! Sentences on standard output and standard error, in the reader's language.

use crate::domain::{Argument, Message};
use crate::message;
use crate::text::say;
use crate::wire::register::Name;
use std::fmt::Display;
use std::io::Write;
use std::path::Path;

/// A line of a report.
pub fn line(out: &mut impl Write, message: &Message) -> std::io::Result<()> {
    writeln!(out, "{}", say(message))
}

/// A line of a report below another, set in.
pub fn indented(out: &mut impl Write, message: &Message) -> std::io::Result<()> {
    writeln!(out, "  {}", say(message))
}

/// A line on standard error.
pub fn note(message: &Message) {
    eprintln!("{}", say(message));
}

/// What is quoted whole, however long it is: paths, and what was said already.
pub fn whole(text: impl Display) -> Argument {
    Argument::Text(text.to_string())
}

/// The path of a file, whole.
pub fn path(path: &Path) -> Argument {
    whole(path.display())
}

/// A name of two languages as the reader's knows it.
pub fn named(name: &Name) -> String {
    say(&message!("label_name", zh = &name.zh, en = &name.en))
}

/// A title of two languages as the reader's knows it.
pub fn titled(name: &Name) -> String {
    say(&message!("label_title", zh = &name.zh, en = &name.en))
}
