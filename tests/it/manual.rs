//! The manual: complete in both languages, shown at `/help` and by `onevisit help`, and true: every
//! `console` block is run.
//!
//! A line of a block that begins with `$ ` is a command, further lines of it begin with `> `; the others are
//! its output, in their order, where `…` matches any text, and alone on a line for any lines. A last line
//! `[exit N]` names the exit code where that is not 0. The commands of a file are run by one shell, in an
//! empty folder, with port 8080 replaced by a free one.

use crate::api::Client;
use crate::support::database::sqlite;
use onevisit::domain::Language;
use onevisit::manual::TOPICS;
use std::fmt::Write as _;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// A command of the manual.
#[derive(Debug)]
struct Example {
    line: usize,
    command: String,
    output: Vec<String>,
    exit: i32,
}

fn examples(text: &str) -> Vec<Example> {
    let mut found: Vec<Example> = Vec::new();
    let mut block: Option<bool> = None;
    let mut in_command = false;
    for (line, content) in text.lines().enumerate() {
        if content.starts_with("```") {
            block = block.is_none().then_some(content == "```console");
            in_command = false;
        } else if block == Some(true) {
            if let Some(command) = content.strip_prefix("$ ") {
                let command = command.to_owned();
                found.push(Example { line: line + 1, command, output: Vec::new(), exit: 0 });
                in_command = true;
                continue;
            }
            let example = found.last_mut().expect("output follows a command");
            let more = content.strip_prefix("> ").or((content == ">").then_some(""));
            if let Some(more) = more.filter(|_| in_command) {
                write!(example.command, "\n{more}").expect("text");
            } else {
                example.output.push(content.to_owned());
                in_command = false;
            }
        }
    }
    for example in &mut found {
        let exit = example.output.last().and_then(|last| last.strip_prefix("[exit "));
        if let Some(exit) = exit.and_then(|exit| exit.strip_suffix(']')) {
            example.exit = exit.parse().expect("an exit code");
            example.output.pop();
        }
    }
    found
}

/// Whether a line is as expected, where `…` matches any text.
fn is_like(line: &str, expected: &str) -> bool {
    let parts: Vec<&str> = expected.split('…').collect();
    let (first, last) = (parts[0], parts[parts.len() - 1]);
    if parts.len() == 1 {
        return line == expected;
    }
    let Some(mut rest) = line.strip_prefix(first).and_then(|rest| rest.strip_suffix(last)) else {
        return false;
    };
    parts[1..parts.len() - 1].iter().all(|part| match rest.split_once(part) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

/// The first expected line that the output does not have in its place.
fn missing<'e>(expected: &'e [String], output: &str) -> Option<&'e String> {
    let mut lines = output.lines();
    expected
        .iter()
        .filter(|line| *line != "…")
        .find(|wanted| !lines.by_ref().any(|line| is_like(line, wanted)))
}

/// Ends all that a shell has started.
struct Session(u32);

impl Drop for Session {
    fn drop(&mut self) {
        let group = format!("-{}", self.0);
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
    }
}

fn run_examples(name: &str, text: &str) -> Vec<String> {
    let examples = examples(text);
    let folder = tempfile::tempdir().expect("a folder");
    let port = TcpListener::bind("127.0.0.1:0").and_then(|at| at.local_addr()).expect("a port");
    let port = port.port().to_string();
    let mark = "-- end of an example:";
    let mut script = String::new();
    for example in &examples {
        let command = example.command.replace("8080", &port);
        write!(script, "{command}\nprintf '\\n{mark} %s\\n' \"$?\"\n").expect("text");
    }
    let (kept, out) = (tempfile::tempdir().expect("a folder"), "output");
    let out = kept.path().join(out);
    let file = kept.path().join("script");
    std::fs::write(&file, script).expect("a script");
    let output = std::fs::File::create(&out).expect("a file");
    let program = Path::new(env!("CARGO_BIN_EXE_onevisit")).parent().expect("a folder");
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    let mut shell = Command::new("timeout");
    shell.args(["120", "sh"]).arg(&file).current_dir(folder.path());
    for (key, _) in std::env::vars().filter(|(key, _)| key.starts_with("ONEVISIT")) {
        shell.env_remove(key);
    }
    shell.env("PATH", path).env("LC_ALL", "C.UTF-8").stdin(Stdio::null()).process_group(0);
    shell.stderr(output.try_clone().expect("a file")).stdout(output);
    let mut shell = shell.spawn().expect("a shell");
    let _session = Session(shell.id());
    shell.wait().expect("it ends");
    let output = String::from_utf8_lossy(&std::fs::read(&out).expect("output")).into_owned();
    let end = format!("\n{mark} ");
    let mut parts = output.split(&end);
    let mut said = parts.next().unwrap_or_default().to_owned();
    let mut wrong = Vec::new();
    for example in &examples {
        let Some((code, after)) =
            parts.next().map(|part| part.split_once('\n').unwrap_or((part, "")))
        else {
            wrong.push(format!("{name}:{}: it was not run", example.line));
            break;
        };
        let output: Vec<String> =
            example.output.iter().map(|line| line.replace("8080", &port)).collect();
        let missing = missing(&output, &said);
        if code != example.exit.to_string() || missing.is_some() {
            wrong.push(format!(
                "{name}:{}: {}\nexit {code}, not found: {missing:?}, in\n{said}",
                example.line, example.command
            ));
        }
        said = after.to_owned();
    }
    wrong
}

fn hold(folder: &str, lang: Language) {
    let wrong: Vec<String> = TOPICS
        .iter()
        .flat_map(|topic| run_examples(&format!("{folder}/{}.md", topic.name), topic.text(lang)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn what_the_manual_shows_is_so() {
    hold("en", Language::En);
}

#[test]
fn what_the_chinese_manual_shows_is_so() {
    hold("zh", Language::Zh);
}

#[test]
fn wrong_examples_are_seen() {
    let text = "```console\n$ printf 'one\\ntwo\\n'\none\nt…o\n$ false\n[exit 1]\n$ echo three\nfour\n$ true\n[exit 2]\n```\n";
    let wrong = run_examples("text", text);
    assert_eq!(wrong.len(), 2, "{wrong:#?}");
    assert!(wrong[0].starts_with("text:7: echo three"), "{wrong:#?}");
    assert!(wrong[1].contains("exit 0"), "{wrong:#?}");
}

#[test]
fn the_manual_is_complete_in_both_languages() {
    for topic in &TOPICS {
        let commands = |lang| -> Vec<String> {
            examples(topic.text(lang)).into_iter().map(|example| example.command).collect()
        };
        let (zh, en) = (commands(Language::Zh).len(), commands(Language::En).len());
        assert_eq!(zh, en, "{}: as many commands in both", topic.name);
        for lang in [Language::Zh, Language::En] {
            let text = topic.text(lang);
            assert!(text.starts_with("# ") && text.len() > 2_000, "{}", topic.name);
            for (at, _) in text.match_indices("](") {
                let link = text[at + 2..].split(')').next().expect("an end");
                let file = link.split('#').next().expect("a part");
                let is_topic = TOPICS.iter().any(|topic| file == format!("{}.md", topic.name));
                let is_known =
                    is_topic || file.is_empty() || link.contains("://") || link.starts_with('/');
                assert!(is_known, "{}: {link} leads nowhere", topic.name);
            }
        }
        let is_chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        assert!(topic.title(Language::Zh).contains(is_chinese), "{}", topic.name);
    }
}

#[test]
fn the_manual_is_shown_in_the_readers_language() {
    let client = Client::new(&sqlite());
    let index = client.get("/help");
    assert_eq!(index.status, 200);
    let page = |uri: &str| String::from_utf8(client.get(uri).body.to_vec()).expect("text");
    for topic in &TOPICS {
        let (zh, en) = (
            page(&format!("/help/{}?lang=zh", topic.name)),
            page(&format!("/help/{}?lang=en", topic.name)),
        );
        assert!(zh.contains("<html lang=\"zh\">") && zh.contains("<h1>"), "{}", topic.name);
        assert!(en.contains("<html lang=\"en\">"), "{}", topic.name);
        assert!(!en.contains(".md\""), "{}: a link to a file", topic.name);
    }
    assert_eq!(client.get("/help/nothing").status, 404);
}

#[test]
fn the_manual_and_help_are_printed() {
    let help = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_onevisit"));
        command.arg("help").args(args).env("LC_ALL", "C").stdin(Stdio::null());
        let output = command.output().expect("it runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (code, out, _) = help(&[]);
    assert!(code == Some(0) && TOPICS.iter().all(|topic| out.contains(topic.name)), "{out}");
    for (words, lang) in
        [(&["filing"][..], Language::En), (&["filing", "--lang", "zh"][..], Language::Zh)]
    {
        let filing = TOPICS.iter().find(|topic| topic.name == "filing").expect("a topic");
        assert_eq!(help(words).1, filing.text(lang));
    }
    assert!(help(&["register", "import"]).1.contains("onevisit register import"));
    let (code, _, error) = help(&["nothing"]);
    assert_eq!(code, Some(2));
    assert!(
        error.contains("\"nothing\" is neither a topic of the manual nor a subcommand"),
        "{error}"
    );
}
