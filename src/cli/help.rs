//! `onevisit help`: the manual, and the help of subcommands.

use super::Failure;
use crate::config::{Config, Help};
use crate::manual::{TOPICS, topic};
use crate::message;
use crate::text::{reader, say};
use clap::{Command, CommandFactory};
use std::io::Write;

pub(super) fn run(args: &Help) -> Result<(), Failure> {
    let lang = reader();
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
        let unknown = || Failure::Usage(message!("no-such-topic", words = args.words.join(" ")));
        found = found.find_subcommand_mut(word).ok_or_else(unknown)?;
    }
    writeln!(out, "{}", found.render_long_help())?;
    if args.words.is_empty() {
        writeln!(out, "\n{}", say(&message!("manual_topics")))?;
        for topic in &TOPICS {
            writeln!(out, "  {:<9} {}", topic.name, topic.title(lang))?;
        }
    }
    Ok(())
}
