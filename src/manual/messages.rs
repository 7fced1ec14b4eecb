//! The topic of messages by code: its beginning is written, its list is made of the sentences themselves.

use crate::domain::Language;
use crate::text;
use std::collections::BTreeMap;

/// Keys that begin with one of these are parts of sentences or words of reports, no answers with a code.
const PARTS: [&str; 26] = [
    "advice",
    "column",
    "drop-down",
    "file-cause",
    "finding",
    "kind",
    "law",
    "level",
    "list",
    "mend",
    "note",
    "origin",
    "parameter",
    "plan-kind",
    "plan-state",
    "reason",
    "remedied",
    "remedy",
    "request-state",
    "role",
    "rule",
    "shape",
    "step",
    "subject",
    "value",
    "visit",
];
/// Files whose sentences are reports of the command line.
const REPORTS: [&str; 1] = ["cli.ftl"];

/// The topic in a language: what is written of it, then for each subject the codes with their sentences.
pub fn listed(beginning: &str, language: Language) -> String {
    let mut page = beginning.to_owned();
    let mut files: Vec<(&str, &str)> = text::files(language).collect();
    files.sort_unstable();
    for (_, file) in files.into_iter().filter(|(name, _)| !REPORTS.contains(name)) {
        let by_code = by_code(file);
        if by_code.is_empty() {
            continue;
        }
        let title = file.lines().next().unwrap_or_default().trim_start_matches("# ");
        page.push_str(&format!("\n## {}\n\n", title.trim_end_matches(['.', '。'])));
        for (code, sentences) in by_code {
            page.push_str(&format!("- `{code}`\n"));
            sentences.iter().for_each(|said| page.push_str(&format!("  - {said}\n")));
        }
    }
    page
}

fn by_code(file: &str) -> BTreeMap<&str, Vec<String>> {
    let mut by_code: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut code = "";
    for line in file.lines() {
        let sentence = if let Some((key, sentence)) = line.split_once(" = ") {
            code = key.split('_').next().unwrap_or_default();
            sentence
        } else if let Some(plural) = line.trim_start().strip_prefix("*[other] ") {
            plural
        } else {
            continue;
        };
        let is_comment = line.starts_with('#');
        if !is_comment && !PARTS.contains(&code) && !sentence.ends_with("->") {
            by_code.entry(code).or_default().push(shown(sentence));
        }
    }
    by_code
}

/// The sentence with its parameters as `‹name›`, nothing of it read as Markdown.
fn shown(sentence: &str) -> String {
    let (mut shown, mut rest) = (String::new(), sentence);
    while let Some((before, inside)) = rest.split_once('{') {
        shown.push_str(before);
        let inside = inside.trim_start();
        // a text in quotation marks may hold a brace
        let (part, after) = match inside.strip_prefix('"').and_then(|text| text.split_once('"')) {
            Some((text, after)) => (text.to_owned(), after),
            None => {
                let end = inside.find('}').unwrap_or(inside.len());
                let name = inside[..end].trim().trim_start_matches('$');
                (format!("‹{name}›"), &inside[end..])
            }
        };
        shown.push_str(&part);
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    shown.push_str(rest);
    let escape = |c: char| ['*', '_', '`', '[', ']', '<', '|', '\\'].contains(&c);
    shown.chars().flat_map(|c| escape(c).then_some('\\').into_iter().chain([c])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_listed_by_code() {
        let file = "# Things.\n\nbad-day = No day: { $found }.\nbad-day_late = Late.\n\
                    role_filer = filer\nmany = { $n ->\n    [one] One.\n   *[other] { $n } of _them_.\n}\n";
        let listed: Vec<(&str, Vec<String>)> = by_code(file).into_iter().collect();
        let expected = [
            ("bad-day", vec!["No day: ‹found›.".to_owned(), "Late.".to_owned()]),
            ("many", vec!["‹n› of \\_them\\_.".to_owned()]),
        ];
        assert_eq!(listed, expected);
    }

    #[test]
    fn braces_that_are_meant_stay() {
        assert_eq!(shown("a { \"{\" } b"), "a { b");
    }
}
