//! `onevisit help`: the manual, and the help of subcommands.

use super::Failure;
use super::register::lang_of;
use crate::config::{Config, FileLang, Help};
use crate::manual::{TOPICS, topic};
use clap::{Command, CommandFactory};
use std::io::Write;

pub(super) fn run(args: &Help) -> Result<(), Failure> {
    let lang = lang_of(args.lang.unwrap_or_else(of_terminal));
    let mut out = std::io::stdout().lock();
    if let [name] = &args.words[..]
        && let Some(topic) = topic(name)
    {
        return Ok(out.write_all(topic.text(lang).as_bytes())?);
    }
    let mut command = Config::command();
    command.build();
    let mut found: &mut Command = &mut command;
    for word in &args.words {
        let unknown = || {
            let words = args.words.join(" ");
            Failure::Usage(format!(
                "\"{words}\" is neither a topic of the manual nor a subcommand; \"onevisit help\" lists both."
            ))
        };
        found = found.find_subcommand_mut(word).ok_or_else(unknown)?;
    }
    writeln!(out, "{}", found.render_long_help())?;
    if args.words.is_empty() {
        writeln!(out, "\nThe manual (onevisit help TOPIC):")?;
        for topic in &TOPICS {
            writeln!(out, "  {:<9} {}", topic.name, topic.title(lang))?;
        }
    }
    Ok(())
}

/// The language that the terminal is set to.
fn of_terminal() -> FileLang {
    let set = ["LC_ALL", "LANG"].into_iter().find_map(|name| std::env::var(name).ok());
    if set.is_some_and(|set| set.starts_with("zh")) { FileLang::Zh } else { FileLang::En }
}
