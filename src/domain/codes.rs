//! Codes with rules of their own: the unified social credit code, and industries of GB/T 4754.

use super::Message;
use crate::message;

/// The 31 characters of GB 32100: no I, O, S, V, Z.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// The check character of the first 17 characters of a unified social credit code (GB 32100-2015):
/// weights are 3^(i−1) mod 31. `None` when there are not 17 characters of the alphabet.
pub fn credit_code_check(first: &str) -> Option<char> {
    if first.len() != 17 {
        return None;
    }
    let (mut sum, mut weight) = (0, 1);
    for c in first.bytes() {
        let value = ALPHABET.iter().position(|known| *known == c)?;
        sum = (sum + value * weight) % 31;
        weight = weight * 3 % 31;
    }
    Some(ALPHABET[(31 - sum) % 31].into())
}

/// What is wrong with a unified social credit code; `None` when it is sound.
pub fn credit_code_defect(code: &str) -> Option<Message> {
    let characters = code.chars().count();
    if characters != 18 {
        return Some(message!("bad-credit-code", code = code, characters = characters));
    }
    let Some((at, last)) = code.char_indices().next_back() else { unreachable!("18 characters") };
    match credit_code_check(&code[..at]) {
        None => Some(message!("bad-credit-code_characters", code = code)),
        Some(check) if check != last => Some(message!(
            "bad-credit-code_check",
            code = code,
            found = last.to_string(),
            wanted = check.to_string(),
        )),
        Some(_) => None,
    }
}

/// The check character of an organisation code's eight characters (GB 11714), the part of a
/// unified social credit code from its 9th to its 17th character.
pub fn organisation_code_check(first: &str) -> Option<char> {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    if first.len() != WEIGHTS.len() {
        return None;
    }
    let mut sum = 0;
    for (c, weight) in first.chars().zip(WEIGHTS) {
        sum += c.to_digit(36)? * weight;
    }
    Some(match 11 - sum % 11 {
        11 => '0',
        10 => 'X',
        digit => char::from_digit(digit, 10)?,
    })
}

/// Whether an enterprise of class `code` (four digits) belongs to the industry `pattern`: `*`, a
/// section letter, or two to four digits, which cover the codes below them (62 covers 6210).
/// The sections are those of GB/T 4754-2017.
pub fn is_in_industry(code: &str, pattern: &str) -> bool {
    match pattern {
        "*" => true,
        _ if pattern.len() == 1 => section(code).is_some_and(|letter| pattern == letter),
        _ => code.starts_with(pattern),
    }
}

/// Whether `pattern` can name an industry.
pub fn is_industry_pattern(pattern: &str) -> bool {
    let is_code = (2..=4).contains(&pattern.len()) && pattern.bytes().all(|b| b.is_ascii_digit());
    pattern == "*" || is_code || (pattern.len() == 1 && ("A"..="T").contains(&pattern))
}

/// Whether `code` is an enterprise's class: four digits within a section.
pub fn is_industry_class(code: &str) -> bool {
    code.len() == 4 && code.bytes().all(|b| b.is_ascii_digit()) && section(code).is_some()
}

fn section(code: &str) -> Option<&'static str> {
    let division: u32 = code.get(..2)?.parse().ok()?;
    Some(match division {
        1..=5 => "A",
        6..=12 => "B",
        13..=43 => "C",
        44..=46 => "D",
        47..=50 => "E",
        51..=52 => "F",
        53..=60 => "G",
        61..=62 => "H",
        63..=65 => "I",
        66..=69 => "J",
        70 => "K",
        71..=72 => "L",
        73..=75 => "M",
        76..=79 => "N",
        80..=82 => "O",
        83 => "P",
        84..=85 => "Q",
        86..=90 => "R",
        91..=96 => "S",
        97 => "T",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_published_example_of_both_check_characters() {
        assert_eq!(credit_code_check("91350100M000100Y4"), Some('3'));
        assert_eq!(organisation_code_check("M000100Y"), Some('4'));
        assert_eq!(credit_code_defect("91350100M000100Y43"), None);
    }

    #[test]
    fn a_mistyped_code_is_reported() {
        let defect = |code| credit_code_defect(code).map(|message| message.to_string());
        let mistyped = r#"bad-credit-code_check code="91350100M000100Y44" found="4" wanted="3""#;
        assert_eq!(defect("91350100M000100Y44").as_deref(), Some(mistyped));
        let short = r#"bad-credit-code code="91350100M000100Y4" characters=17"#;
        assert_eq!(defect("91350100M000100Y4").as_deref(), Some(short));
        let key = |code| credit_code_defect(code).map(|message| message.key().to_owned());
        let not_in_use = Some("bad-credit-code_characters");
        assert_eq!(key("91350100I000100Y43").as_deref(), not_in_use, "an I");
        assert_eq!(key("综合查一次综合查一次综合查一次综合查").as_deref(), not_in_use);
        // every single mistyped character is caught, for 31 is a prime
        let sound = "91350100M000100Y43";
        for at in 0..18 {
            for other in ALPHABET {
                let mut code = sound.as_bytes().to_vec();
                code[at] = *other;
                let code = String::from_utf8(code).expect("ascii");
                assert_eq!(credit_code_defect(&code).is_none(), code == sound, "{code}");
            }
        }
    }

    #[test]
    fn industries_match_by_level() {
        assert!(is_in_industry("6210", "62"));
        assert!(is_in_industry("6210", "621"));
        assert!(is_in_industry("6210", "H"));
        assert!(is_in_industry("6210", "*"));
        assert!(!is_in_industry("6210", "6220"));
        assert!(!is_in_industry("6210", "C"));
        assert!(!is_in_industry("1340", "H"));
        assert!(
            is_industry_class("0111") && !is_industry_class("9911") && !is_industry_class("62")
        );
        assert!(is_industry_pattern("C") && is_industry_pattern("62") && !is_industry_pattern("6"));
    }
}
