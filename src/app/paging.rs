//! Lists come in pages.

use super::error::{Error, Result};
use crate::message;
use crate::wire::paging::Page;

/// Which part of a list is wanted.
#[derive(Clone, Debug)]
pub struct Paging {
    cursor: String,
    limit: i64,
}

/// Elements of a page unless asked otherwise.
pub const PAGE_DEFAULT: i64 = 100;
/// Most elements of a page.
pub const PAGE_MAX: i64 = 1_000;

impl Paging {
    /// `cursor` is the last page's `next`.
    pub fn new(cursor: Option<String>, limit: Option<i64>) -> Result<Self> {
        let limit = limit.unwrap_or(PAGE_DEFAULT);
        if !(1..=PAGE_MAX).contains(&limit) {
            let message = message!("out-of-range_limit", found = limit, most = PAGE_MAX);
            return Err(Error::defect("/limit", message));
        }
        Ok(Self { cursor: cursor.unwrap_or_default(), limit })
    }

    /// The last page's `next`, empty on the first page.
    pub(super) fn cursor(&self) -> &str {
        &self.cursor
    }

    /// One more than a page holds, to see whether there is another.
    pub(super) fn fetch(&self) -> i64 {
        self.limit + 1
    }

    /// The page of what was fetched.
    pub(super) fn page<T>(&self, mut items: Vec<T>, id: impl Fn(&T) -> String) -> Page<T> {
        let has_more = items.len() as i64 > self.limit;
        items.truncate(self.limit as usize);
        let next = items.last().filter(|_| has_more).map(id);
        Page { items, next }
    }
}

/// The error of a cursor that is none of ours.
pub(in crate::app) fn bad_cursor() -> Error {
    Error::defect("/cursor", message!("bad-cursor"))
}
