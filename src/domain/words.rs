//! Enumerations whose values have a word each: the same in JSON, in files and in the database.
//!
//! A value's word follows from its name by the derives of `serde` and `strum`, which are given the same
//! rule beside each other. What people call it, where files show it, is its property `zh` or `en`; what else
//! people write for it in files is `also`, with `|` between the words.

use std::str::FromStr;
use strum::{VariantArray, VariantNames};

/// An enumeration whose values have a word each.
pub trait Worded:
    Copy + PartialEq + FromStr + Into<&'static str> + VariantArray + VariantNames
{
    /// Every value, in the order of its definition.
    const ALL: &'static [Self] = <Self as VariantArray>::VARIANTS;
    /// The words of [`ALL`](Self::ALL).
    const WORDS: &'static [&'static str] = <Self as VariantNames>::VARIANTS;

    /// Its word in JSON, files and the database.
    fn as_str(self) -> &'static str {
        self.into()
    }

    /// The value with this word.
    fn parse(word: &str) -> Option<Self> {
        word.parse().ok()
    }
}
