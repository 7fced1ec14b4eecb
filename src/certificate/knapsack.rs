//! Multiple-choice knapsack: of each enterprise at most one draw, exactly.
//!
//! Wanted is the most of Σ φ(m_e) − w·(Σ m_e − regular)⁺ with Σ m_e ≤ room. φ never falls, so with
//! the sum of draws given a larger Σ φ is better, and with Σ φ given a smaller sum is.
//!
//! - Without steps φ is linear: only which sums can be reached matters, a set of bits. The function
//!   of the sum rises up to `regular` and goes one way from there on, so the search may stop as
//!   soon as the best sum of the whole grid is reached.
//! - With steps: the largest Σ φ for each sum, on the grid of the draws' common divisor.
//! - Where that grid is too fine or the numbers too large for it: lists of those pairs (sum, Σ φ)
//!   that no other pair beats in both.

use super::inspect::Charge;

/// Finest grid of the table by sums.
const GRID_MAX: i64 = 1_000_000;
/// Longest list of pairs; beyond it neighbours are merged into one that is at least as good as
/// both, so that the result is never too low.
const PAIRS_MAX: usize = 1 << 21;

/// The draws open to each enterprise, ascending, each worth more than the one before.
#[derive(Debug, Default)]
pub(super) struct Draws {
    /// Draw and its charge.
    draws: Vec<(i64, i64)>,
    /// Where the draws of each enterprise end.
    ends: Vec<usize>,
    sums: Vec<i64>,
    grown: Vec<i64>,
}

impl Draws {
    /// Adds an enterprise with these units: attendance plus each sum of a nonempty choice of them,
    /// up to `room`. A draw that is worth no more than a smaller one is never needed.
    pub fn push(&mut self, units: &[i64], attendance: i64, room: i64, charge: &Charge) {
        self.sums.clear();
        self.sums.push(0);
        for unit in units {
            self.grown.clear();
            let mut old = self.sums.iter().copied().peekable();
            for fresh in self.sums.iter().map(|sum| sum + unit) {
                if fresh + attendance > room {
                    break;
                }
                while let Some(sum) = old.next_if(|sum| *sum < fresh) {
                    self.grown.push(sum);
                }
                old.next_if_eq(&fresh);
                self.grown.push(fresh);
            }
            self.grown.extend(old);
            std::mem::swap(&mut self.sums, &mut self.grown);
        }
        let mut worth = 0;
        let before = self.draws.len();
        for sum in &self.sums[1..] {
            let draw = sum + attendance;
            let charged = charge.of_draw(draw);
            if charged > worth {
                worth = charged;
                self.draws.push((draw, charged));
            }
        }
        if self.draws.len() > before {
            self.ends.push(self.draws.len());
        }
    }

    fn enterprises(&self) -> impl Iterator<Item = &[(i64, i64)]> + Clone {
        self.ends.iter().scan(0, |start, end| {
            let one = &self.draws[*start..*end];
            *start = *end;
            Some(one)
        })
    }

    /// The largest draw of each enterprise.
    fn largest(&self) -> impl Iterator<Item = (i64, i64)> {
        self.ends.iter().map(|end| self.draws[end - 1])
    }
}

/// The most that the draws can be charged together, less `overtime_cost` for each person-minute of
/// their sum beyond `regular`; the sum is at most `room`.
pub(super) fn most(
    draws: &Draws,
    charge: &Charge,
    regular: i64,
    room: i64,
    overtime_cost: i128,
) -> i128 {
    let (mut sum, mut worth) = (0i128, 0i128);
    for (draw, charged) in draws.largest() {
        sum += i128::from(draw);
        worth += i128::from(charged);
    }
    if sum <= i128::from(regular) {
        return worth;
    }
    let step = draws.draws.iter().fold(0, |step, (draw, _)| gcd(step, *draw));
    let grid = Grid {
        step,
        size: i64::try_from(sum).map_or(room, |sum| sum.min(room)) / step,
        regular,
        overtime_cost,
    };
    let is_linear = charge.steps.first().is_none_or(|(from, _)| *from > room);
    if is_linear {
        by_bits(draws, charge.minute, &grid)
    } else if grid.size <= GRID_MAX && worth < 1 << 62 {
        by_table(draws, &grid)
    } else {
        by_pairs(draws, &grid)
    }
}

/// The sums that may be reached: multiples of `step` up to `size` times it.
struct Grid {
    step: i64,
    size: i64,
    regular: i64,
    overtime_cost: i128,
}

impl Grid {
    /// What a sum costs beyond the regular minutes.
    fn overtime(&self, sum: i64) -> i128 {
        self.overtime_cost * i128::from((sum - self.regular).max(0))
    }
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Linear charges: which sums can be reached.
fn by_bits(draws: &Draws, minute: i64, grid: &Grid) -> i128 {
    let value = |place: i64| {
        i128::from(minute) * i128::from(place * grid.step) - grid.overtime(place * grid.step)
    };
    let size = grid.size as usize;
    let within = (grid.regular / grid.step).min(grid.size);
    // the best place of the whole grid: the last, or one of the two around the regular minutes
    let ideal = [within, (within + 1).min(grid.size), grid.size]
        .into_iter()
        .max_by_key(|place| value(*place))
        .expect("three places");
    let is_set = |bits: &[u64], place: i64| bits[place as usize / 64] >> (place % 64) & 1 == 1;
    let mut bits = vec![0u64; size / 64 + 1];
    bits[0] = 1;
    let (mut old, mut top) = (Vec::new(), 0);
    for one in draws.enterprises() {
        let places = one.iter().map(|(draw, _)| (draw / grid.step) as usize);
        let grown = (top + places.clone().next_back().unwrap_or(0)).min(size);
        if one.len() == 1 {
            places.for_each(|place| shift(None, &mut bits, place, grown));
        } else {
            old.clear();
            old.extend_from_slice(&bits[..=top / 64]);
            places.for_each(|place| shift(Some(&old), &mut bits, place, grown));
        }
        top = grown;
        if is_set(&bits, ideal) {
            return value(ideal);
        }
    }
    // bits beyond the grid may be set in its last word; those are passed over
    let around = [
        last_set(&bits, 0, within),
        first_set(&bits, within + 1, grid.size),
        last_set(&bits, within + 1, grid.size),
    ];
    around.into_iter().flatten().map(value).max().unwrap_or(0)
}

/// The bits of word `w` that represent places from `first` to `last`.
fn part(bits: &[u64], w: i64, first: i64, last: i64) -> u64 {
    let mut word = bits[w as usize];
    if first > w * 64 {
        word &= u64::MAX << (first - w * 64);
    }
    if last < w * 64 + 63 {
        word &= u64::MAX >> (w * 64 + 63 - last);
    }
    word
}

/// The least place set from `first` to `last`.
fn first_set(bits: &[u64], first: i64, last: i64) -> Option<i64> {
    let words = (first <= last).then(|| first / 64..last / 64 + 1)?;
    let mut set = words.map(|w| (w, part(bits, w, first, last)));
    set.find(|(_, word)| *word != 0).map(|(w, word)| w * 64 + i64::from(word.trailing_zeros()))
}

/// The greatest place set from `first` to `last`.
fn last_set(bits: &[u64], first: i64, last: i64) -> Option<i64> {
    let words = (first <= last).then(|| (first / 64..last / 64 + 1).rev())?;
    let mut set = words.map(|w| (w, part(bits, w, first, last)));
    set.find(|(_, word)| *word != 0).map(|(w, word)| w * 64 + 63 - i64::from(word.leading_zeros()))
}

/// Adds to `bits` all places of `old` (of itself, when there is none) moved up by `by`, up to the
/// word of `top`.
fn shift(old: Option<&[u64]>, bits: &mut [u64], by: usize, top: usize) {
    let (words, rest) = (by / 64, by % 64);
    // downwards, so that the words read are still the old ones
    for i in (words..=top / 64).rev() {
        let word = |bits: &[u64], at: usize| bits.get(at).copied().unwrap_or(0);
        let from = old.unwrap_or(bits);
        let mut moved = word(from, i - words) << rest;
        if rest > 0 && i > words {
            moved |= word(from, i - words - 1) >> (64 - rest);
        }
        bits[i] |= moved;
    }
}

/// Any charges on a coarse grid: the largest Σ φ whose sum is at most each place.
fn by_table(draws: &Draws, grid: &Grid) -> i128 {
    let mut best = vec![0i64; grid.size as usize + 1];
    let mut old = best.clone();
    for one in draws.enterprises() {
        old.copy_from_slice(&best);
        for (draw, charged) in one {
            let place = (draw / grid.step) as usize;
            if place < best.len() {
                for (new, old) in best[place..].iter_mut().zip(&old) {
                    // cannot overflow: all largest charges together are below 2^62
                    *new = (*new).max(old.wrapping_add(*charged));
                }
            }
        }
    }
    let value = |(place, charged): (usize, &i64)| {
        i128::from(*charged) - grid.overtime(place as i64 * grid.step)
    };
    best.iter().enumerate().map(value).max().unwrap_or(0)
}

/// Any charges, any grid: the pairs (sum, Σ φ) that no other pair beats in both, ascending.
fn by_pairs(draws: &Draws, grid: &Grid) -> i128 {
    let room = grid.size * grid.step;
    let value = |(sum, charged): &(i64, i128)| charged - grid.overtime(*sum);
    let mut pairs = vec![(0i64, 0i128)];
    let mut to_come: i128 = draws.largest().map(|(_, charged)| i128::from(charged)).sum();
    let mut least = 0;
    for one in draws.enterprises() {
        let last = one.last().expect("no enterprise without draws");
        to_come -= i128::from(last.1);
        let mut grown = pairs.clone();
        for (draw, charged) in one {
            let moved = pairs.iter().take_while(|(sum, _)| sum + draw <= room);
            grown.extend(moved.map(|(sum, worth)| (sum + draw, worth + i128::from(*charged))));
        }
        grown.sort_unstable_by_key(|(sum, worth)| (*sum, -*worth));
        least = grown.iter().map(value).max().unwrap_or(0).max(least);
        let mut top = -1;
        grown.retain(|pair| {
            // what the rest adds cannot make up for a pair that lies too far back
            let keeps = pair.1 > top && value(pair) + to_come >= least;
            top = top.max(pair.1);
            keeps
        });
        pairs = grown;
        while pairs.len() > PAIRS_MAX {
            let merge = |two: &[(i64, i128)]| (two[0].0, two[two.len() - 1].1);
            pairs = pairs.chunks(2).map(merge).collect();
        }
    }
    pairs.iter().map(value).max().unwrap_or(0).max(least)
}

/// The last method, whatever the grid.
#[cfg(test)]
pub(super) fn by_pairs_for_tests(
    draws: &Draws,
    regular: i64,
    room: i64,
    overtime_cost: i128,
) -> i128 {
    by_pairs(draws, &Grid { step: 1, size: room, regular, overtime_cost })
}
