//! One merged form: the standard checks of several items without doubled questions (一表通查).

use std::collections::BTreeMap;

/// A standard check of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The item.
    pub item: String,
    /// The standard that it checks, where one is named.
    pub standard: Option<String>,
    /// The question in Chinese.
    pub zh: String,
    /// The question in English.
    pub en: String,
}

/// A question of the merged form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// In Chinese, as it was first put.
    pub zh: String,
    /// In English, as it was first put.
    pub en: String,
    /// The standards that it checks.
    pub standards: Vec<String>,
    /// The items that ask it.
    pub items: Vec<String>,
}

/// Merges checks in their order: two are one question when they check the same standard, or are
/// worded alike but for spaces, punctuation, case and width.
pub fn merge(checks: &[Check]) -> Vec<Question> {
    let mut questions: Vec<Question> = Vec::new();
    let mut places: BTreeMap<(bool, String), usize> = BTreeMap::new();
    for check in checks {
        let standard = check.standard.as_ref().map(|standard| (true, plain(standard)));
        let text = (false, plain(&check.zh));
        let known = standard.iter().chain([&text]).find_map(|key| places.get(key).copied());
        let place = known.unwrap_or(questions.len());
        if known.is_none() {
            questions.push(Question {
                zh: check.zh.clone(),
                en: check.en.clone(),
                standards: Vec::new(),
                items: Vec::new(),
            });
        }
        let question = &mut questions[place];
        for (list, one) in [
            (&mut question.standards, check.standard.as_ref()),
            (&mut question.items, Some(&check.item)),
        ] {
            if let Some(one) = one.filter(|one| !list.contains(one)) {
                list.push(one.clone());
            }
        }
        for key in standard.into_iter().chain([text]) {
            places.entry(key).or_insert(place);
        }
    }
    questions
}

/// A text as it is compared: full-width letters and digits made half-width, lower case, and nothing
/// but letters and digits.
fn plain(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        _ => c,
    };
    text.chars().map(narrow).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
