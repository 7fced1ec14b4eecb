//! Passwords: which are good enough, and how they are kept.

use crate::app::error::{Error, Result};
use crate::domain::Message;
use crate::message;
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, generate_salt};
use data_encoding::HEXLOWER;
use zxcvbn::feedback::{Feedback, Suggestion, Warning};
use zxcvbn::zxcvbn;

/// Shortest password.
pub const PASSWORD_CHARS_MIN: usize = 12;
/// Longest password; hashing a longer one would only cost time.
pub const PASSWORD_BYTES_MAX: usize = 1_024;
/// Words that are tried here before others; the user's name is one more.
const TRIED_FIRST: [&str; 2] = ["onevisit", "zonghechayici"];

/// Fewest guesses that a password is to take, as a power of ten. Whoever has the database and a thousand
/// processors, each of which tries one every 50 ms, needs two months for them.
const GUESSES_LOG10_MIN: f64 = 11.0;

/// Refuses passwords that are too short or soon guessed, by the guesses that zxcvbn expects (Wheeler,
/// "zxcvbn: low-budget password strength estimation", 2016).
pub(super) fn strong(name: &str, password: &str, pointer: &str) -> Result<()> {
    let weak = |message: Message| Err(Error::defect(pointer, message));
    let characters = password.chars().count();
    if characters < PASSWORD_CHARS_MIN {
        return weak(message!(
            "bad-password_short",
            found = characters,
            least = PASSWORD_CHARS_MIN
        ));
    }
    if password.len() > PASSWORD_BYTES_MAX {
        let found = password.len();
        return weak(message!("bad-password_long", found = found, most = PASSWORD_BYTES_MAX));
    }
    let inputs: Vec<&str> = TRIED_FIRST.into_iter().chain([name.trim()]).collect();
    let guessed = zxcvbn(password, &inputs);
    if guessed.guesses_log10() < GUESSES_LOG10_MIN {
        return weak(soon_guessed(guessed.feedback()));
    }
    Ok(())
}

/// Why a password is soon guessed, as far as that is known, and what would be better.
fn soon_guessed(feedback: Option<&Feedback>) -> Message {
    let why = feedback.and_then(Feedback::warning).map(why_guessed);
    let advice = feedback.map_or(&[][..], Feedback::suggestions);
    let advice = if advice.is_empty() {
        vec![message!("bad-password_choose-words")]
    } else {
        advice.iter().copied().map(advised).collect()
    };
    why.into_iter().chain(advice).fold(message!("bad-password"), |said, more| {
        message!("bad-password_and", said = said, more = more)
    })
}

fn why_guessed(warning: Warning) -> Message {
    match warning {
        Warning::StraightRowsOfKeysAreEasyToGuess => message!("bad-password_is-row"),
        Warning::ShortKeyboardPatternsAreEasyToGuess => message!("bad-password_is-pattern"),
        Warning::RepeatsLikeAaaAreEasyToGuess => message!("bad-password_is-repeat"),
        Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => {
            message!("bad-password_is-repeated-text")
        }
        Warning::ThisIsATop10Password => message!("bad-password_is-of-ten"),
        Warning::ThisIsATop100Password => message!("bad-password_is-of-hundred"),
        Warning::ThisIsACommonPassword => message!("bad-password_is-common"),
        Warning::ThisIsSimilarToACommonlyUsedPassword => message!("bad-password_is-like-common"),
        Warning::SequencesLikeAbcAreEasyToGuess => message!("bad-password_is-sequence"),
        Warning::RecentYearsAreEasyToGuess => message!("bad-password_is-year"),
        Warning::AWordByItselfIsEasyToGuess => message!("bad-password_is-word"),
        Warning::DatesAreOftenEasyToGuess => message!("bad-password_is-date"),
        Warning::NamesAndSurnamesByThemselvesAreEasyToGuess => message!("bad-password_is-name"),
        Warning::CommonNamesAndSurnamesAreEasyToGuess => message!("bad-password_is-common-name"),
    }
}

fn advised(suggestion: Suggestion) -> Message {
    match suggestion {
        Suggestion::UseAFewWordsAvoidCommonPhrases => message!("bad-password_use-words"),
        Suggestion::NoNeedForSymbolsDigitsOrUppercaseLetters => {
            message!("bad-password_use-no-symbols")
        }
        Suggestion::AddAnotherWordOrTwo => message!("bad-password_use-more-words"),
        Suggestion::CapitalizationDoesntHelpVeryMuch => message!("bad-password_mind-capitals"),
        Suggestion::AllUppercaseIsAlmostAsEasyToGuessAsAllLowercase => {
            message!("bad-password_mind-all-capitals")
        }
        Suggestion::ReversedWordsArentMuchHarderToGuess => message!("bad-password_mind-reversed"),
        Suggestion::PredictableSubstitutionsDontHelpVeryMuch => {
            message!("bad-password_mind-substitutes")
        }
        Suggestion::UseALongerKeyboardPatternWithMoreTurns => {
            message!("bad-password_use-longer-pattern")
        }
        Suggestion::AvoidRepeatedWordsAndCharacters => message!("bad-password_avoid-repeats"),
        Suggestion::AvoidSequences => message!("bad-password_avoid-sequences"),
        Suggestion::AvoidRecentYears => message!("bad-password_avoid-recent-years"),
        Suggestion::AvoidYearsThatAreAssociatedWithYou => message!("bad-password_avoid-own-years"),
        Suggestion::AvoidDatesAndYearsThatAreAssociatedWithYou => {
            message!("bad-password_avoid-own-dates")
        }
    }
}

/// Whether this is a user's password.
pub(super) fn is_password(id: &str, stored: &str, password: &str) -> Result<bool> {
    // of a user who comes by the outside issuer only
    if stored.is_empty() || password.len() > PASSWORD_BYTES_MAX {
        hash("a password that nobody has")?;
        return Ok(false);
    }
    let parsed = PasswordHash::new(stored)
        .map_err(|error| Error::Internal(format!("password hash of {id}: {error}")))?;
    Ok(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
}

/// A password of 32 random hexadecimal digits.
pub fn made_up_password() -> String {
    HEXLOWER.encode(&generate_salt())
}

/// An argon2id hash with a salt of its own, as a PHC string.
pub(in crate::app) fn hash(password: &str) -> Result<String> {
    let hash: PasswordHash = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|error| Error::Internal(format!("password: {error}")))?;
    Ok(hash.to_string())
}
