//! What visits are charged and paid.

/// "Does not fit"; large enough to lose, small enough to add up.
pub const FORBIDDEN: i64 = i64::MAX / 8;

/// What the rest of the world charges and pays, in [`SCALE`](super::SCALE)d cost.
pub trait Oracle: Sync {
    /// Charge for `minutes` in a cell, or [`FORBIDDEN`].
    fn cell(&self, cell: usize, minutes: i64) -> i64;
    /// The part of the charge that is proportional to the minutes, which adds up over units; never
    /// above the whole.
    fn linear_cell(&self, cell: usize, minutes: i64) -> i64 {
        self.cell(cell, minutes)
    }
    /// Pay for one more of a target.
    fn target(&self, target: u32) -> i64;
}
