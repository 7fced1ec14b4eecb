//! Bodies of requests: how long each may be, how many bytes of them the server holds at once, and how
//! long it waits for one.
//!
//! A body is taken as it was sent: packed ones are refused (`http/api/body.rs`), so that no few bytes
//! become many. What it takes is reserved before its first byte is read, by its `Content-Length`, or
//! while it comes when it has none; the reservation is given back when the use case is done with it.
//! Files, other bodies, and bodies of callers who are not known yet have purses of their own, so that no
//! kind keeps another out.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Purses count in units of so many bytes.
const UNIT: usize = 1024;
/// Bytes a second that a body may come as slowly as, beyond the seconds that each has.
const BYTES_A_SECOND: u64 = 64 * 1024;

/// What a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyKind {
    /// Of somebody who is not known yet: who logs in.
    Stranger,
    /// JSON of a known caller.
    Json,
    /// A file of a known caller.
    File,
}

impl BodyKind {
    /// Largest body, in bytes.
    pub(super) const fn bytes_max(self) -> usize {
        match self {
            BodyKind::Stranger => 16 * 1024,
            BodyKind::Json => 4 * 1024 * 1024,
            BodyKind::File => crate::wire::tabular::FILE_BYTES_MAX,
        }
    }

    /// Bytes of all bodies of the kind that are held at once; together 256 MiB.
    const fn purse_bytes(self) -> usize {
        match self {
            BodyKind::Stranger => 8 * 1024 * 1024,
            BodyKind::Json => 56 * 1024 * 1024,
            BodyKind::File => 192 * 1024 * 1024,
        }
    }

    /// The least that a body is reserved with, in bytes: a small workbook unpacks to more than it is.
    const fn least_bytes(self) -> usize {
        match self {
            BodyKind::Stranger | BodyKind::Json => UNIT,
            BodyKind::File => 16 * 1024 * 1024,
        }
    }

    const fn place(self) -> usize {
        match self {
            BodyKind::Stranger => 0,
            BodyKind::Json => 1,
            BodyKind::File => 2,
        }
    }
}

/// What all bodies in flight may take.
pub(super) struct Bodies {
    purses: [Arc<Semaphore>; 3],
    /// What each body has, beside what its length takes at [`BYTES_A_SECOND`]; `None`: as long as it takes.
    grace: Option<Duration>,
}

impl Bodies {
    /// None in flight.
    pub(super) fn new(seconds: Option<NonZeroU32>) -> Self {
        let purse = |kind: BodyKind| Arc::new(Semaphore::new(kind.purse_bytes() / UNIT));
        Self {
            purses: [BodyKind::Stranger, BodyKind::Json, BodyKind::File].map(purse),
            grace: seconds.map(|seconds| Duration::from_secs(seconds.get().into())),
        }
    }

    /// Reserves what a body of so many bytes takes; `None` when there is no room.
    pub(super) fn reserve(&self, kind: BodyKind, bytes: usize) -> Option<Reserved> {
        let purse = Arc::clone(&self.purses[kind.place()]);
        let units = bytes.max(kind.least_bytes()).div_ceil(UNIT);
        let permit = purse.try_acquire_many_owned(u32::try_from(units).ok()?).ok()?;
        Some(Reserved { permit, units })
    }

    /// Makes a reservation reach for so many bytes; `false` when there is no room.
    pub(super) fn extend(&self, kind: BodyKind, reserved: &mut Reserved, bytes: usize) -> bool {
        let units = bytes.div_ceil(UNIT);
        if units <= reserved.units {
            return true;
        }
        let purse = Arc::clone(&self.purses[kind.place()]);
        let more = u32::try_from(units - reserved.units).ok();
        let Some(more) = more.and_then(|more| purse.try_acquire_many_owned(more).ok()) else {
            return false;
        };
        reserved.permit.merge(more);
        reserved.units = units;
        true
    }

    /// How long a body of which so many bytes have come may take from its start; `None`: for ever.
    pub(super) fn patience(&self, bytes: usize) -> Option<Duration> {
        Some(self.grace? + Duration::from_secs(bytes as u64 / BYTES_A_SECOND))
    }
}

/// Room in a purse, given back when it is dropped.
pub(super) struct Reserved {
    permit: OwnedSemaphorePermit,
    units: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_kind_keeps_another_out_and_room_comes_back() {
        let bodies = Bodies::new(None);
        let file = || bodies.reserve(BodyKind::File, BodyKind::File.bytes_max());
        let held: Vec<Reserved> = std::iter::from_fn(file).collect();
        assert_eq!(held.len(), 3);
        assert!(bodies.reserve(BodyKind::File, 1).is_none(), "the purse is empty");
        let mut json = bodies.reserve(BodyKind::Json, 1).expect("another purse");
        assert!(bodies.extend(BodyKind::Json, &mut json, 1_000_000));
        assert!(bodies.reserve(BodyKind::Stranger, 16 * 1024).is_some());
        drop(held);
        assert!(file().is_some());
        assert_eq!(json.units, 1_000_000_usize.div_ceil(UNIT));
    }

    #[test]
    fn all_purses_together_are_256_mib() {
        let kinds = [BodyKind::Stranger, BodyKind::Json, BodyKind::File];
        let sum: usize = kinds.iter().map(|kind| kind.purse_bytes()).sum();
        assert_eq!(sum, 256 << 20);
        for kind in kinds {
            assert!(kind.bytes_max().max(kind.least_bytes()) <= kind.purse_bytes());
        }
    }
}
