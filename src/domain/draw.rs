//! The random draw (双随机): enterprises and inspectors by lot (R18), so that anyone can draw again.
//!
//! A draw has a seed: 32 random bytes, always written as 64 lower-case hexadecimal digits. All that
//! is left to chance is a lot, the SHA-256 of a line of words with single spaces and no line end:
//!
//! | lot of | SHA-256 of |
//! | --- | --- |
//! | an enterprise | `SEED enterprise ENTERPRISE` |
//! | an inspector at an enterprise | `SEED inspector ENTERPRISE INSPECTOR` |
//!
//! so that `printf '%s' "$seed enterprise $id" | sha256sum` prints any of them. Lots are compared as
//! hexadecimal texts, the least first; the same lot twice (which nobody has seen) goes by id.
//!
//! 1. The enterprises of the register are put in the order of their lots. Of each credit grade the
//!    first are drawn, as many as the ratio gives: [`number_drawn`].
//! 2. The drawn enterprises, in the order of their lots, get their inspectors one after the other.
//!    Those of the enterprise's pool who are not recused from it are put in the order of the number
//!    of enterprises they have been drawn for so far, and, where that is the same, of their lots for
//!    this enterprise. The first ones go. So nobody without recusals ever has two more than another
//!    of the same pool.
//!
//! Who may be drawn (certificate, qualification) is settled before, when the register is frozen.

use super::register::grade::Grade;
use super::words::Worded;
use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use strum::{EnumString, IntoStaticStr, VariantArray, VariantNames};
use utoipa::ToSchema;

/// State of a draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[derive(EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DrawState {
    /// Made up: register and commitment are published, nobody knows the seed.
    Committed,
    /// Drawn: seed and result are published.
    Revealed,
}

impl Worded for DrawState {}

/// Credit grades, A to D; a grade is given by its place, 0 for A.
pub const GRADES: usize = Grade::ALL.len();

/// Most of credit grade A that may ever be drawn, in thousandths (R19): no table of a place is wider.
pub const GRADE_A_PERMILLE_MAX: i64 = 50;

/// What the ratio of a credit grade may be, in thousandths. As an example, the table of Lindian county
/// (R19): A 0 to 50, B 50 to 200, C 210 to 600, D 610 to 1,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RatioLimit {
    /// At least so much; a grade of which nobody is drawn is free of it.
    pub least_permille: i64,
    /// At most so much; of grade A never more than 50.
    pub most_permille: i64,
}

/// The limits of a place that has published none of its own: grade A is bound, others are free.
pub const PLAIN_LIMITS: [RatioLimit; GRADES] = {
    let free = RatioLimit { least_permille: 0, most_permille: 1_000 };
    [RatioLimit { least_permille: 0, most_permille: GRADE_A_PERMILLE_MAX }, free, free, free]
};

/// Who may be drawn, how many are, and by whom each is inspected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// Share of each credit grade that is drawn, in thousandths.
    pub ratio_permille: [i64; GRADES],
    /// Inspectors of each drawn enterprise.
    pub inspectors_each: usize,
    /// The register of enterprises.
    pub register: Vec<Entrant>,
    /// The register of inspectors.
    pub inspectors: Vec<Candidate>,
}

/// An enterprise that may be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entrant {
    /// Its id.
    pub id: String,
    /// Place of its credit grade, 0 for A.
    pub grade: usize,
    /// The pool whose inspectors serve it.
    pub pool: String,
}

/// An inspector who may be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// His or her id, which need not reveal who it is.
    pub id: String,
    /// The pool.
    pub pool: String,
    /// Enterprises from which he or she is recused.
    pub recused: BTreeSet<String>,
}

/// A drawn enterprise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// Id of the enterprise.
    pub enterprise: String,
    /// Ids of its inspectors, in the order in which they were drawn.
    pub inspectors: Vec<String>,
}

type Lot = [u8; 32];

fn lot(words: &[&str]) -> Lot {
    let mut lot = Lot::default();
    lot.copy_from_slice(digest(&SHA256, words.join(" ").as_bytes()).as_ref());
    lot
}

/// How many of `n` enterprises of a credit grade are drawn at a ratio. Of grade A, which has an upper
/// bound, at most the ratio: rounded down. Of the others at least the ratio: rounded up.
pub fn number_drawn(grade: usize, n: usize, ratio_permille: i64) -> usize {
    let thousandths = n as i64 * ratio_permille.clamp(0, 1_000);
    let number = if grade == 0 { thousandths / 1_000 } else { (thousandths + 999) / 1_000 };
    number as usize
}

impl Sample {
    /// Enterprises of the register by grade.
    pub fn size(&self) -> [usize; GRADES] {
        let mut size = [0; GRADES];
        for entrant in &self.register {
            size[entrant.grade] += 1;
        }
        size
    }

    /// How many of each grade are drawn.
    pub fn number_drawn(&self) -> [usize; GRADES] {
        let size = self.size();
        std::array::from_fn(|grade| number_drawn(grade, size[grade], self.ratio_permille[grade]))
    }

    /// An enterprise that too few may inspect, and how many may: drawing it could not be honoured.
    pub fn too_few(&self) -> Option<(&Entrant, usize)> {
        let mut in_pool: BTreeMap<&str, usize> = BTreeMap::new();
        let mut recused: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for candidate in &self.inspectors {
            *in_pool.entry(&candidate.pool).or_default() += 1;
            for enterprise in &candidate.recused {
                *recused.entry((&candidate.pool, enterprise)).or_default() += 1;
            }
        }
        let able = |entrant: &Entrant| {
            let all = in_pool.get(entrant.pool.as_str()).copied().unwrap_or(0);
            all - recused.get(&(entrant.pool.as_str(), entrant.id.as_str())).copied().unwrap_or(0)
        };
        let with_number = self.register.iter().map(|entrant| (entrant, able(entrant)));
        with_number.filter(|(_, n)| *n < self.inspectors_each).min_by_key(|(_, n)| *n)
    }

    /// Draws; see the head of this file.
    pub fn draw(&self, seed: &str) -> Vec<Drawn> {
        let with_lot = self.register.iter().map(|e| (lot(&[seed, "enterprise", &e.id]), e));
        let mut by_lot: Vec<(Lot, &Entrant)> = with_lot.collect();
        by_lot.sort_unstable_by(|a, b| (a.0, &a.1.id).cmp(&(b.0, &b.1.id)));
        let mut left = self.number_drawn();
        by_lot.retain(|(_, entrant)| {
            let is_drawn = left[entrant.grade] > 0;
            left[entrant.grade] -= usize::from(is_drawn);
            is_drawn
        });
        let mut pools: BTreeMap<&str, Vec<Load<'_>>> = BTreeMap::new();
        for candidate in &self.inspectors {
            pools.entry(&candidate.pool).or_default().push(Load { candidate, enterprises: 0 });
        }
        let mut drawn = Vec::with_capacity(by_lot.len());
        for (_, entrant) in by_lot {
            let pool = pools.entry(&entrant.pool).or_default();
            let inspectors = assign(seed, entrant, pool, self.inspectors_each);
            drawn.push(Drawn { enterprise: entrant.id.clone(), inspectors });
        }
        drawn
    }
}

/// An inspector and the number of enterprises drawn for so far.
struct Load<'s> {
    candidate: &'s Candidate,
    enterprises: usize,
}

fn assign(seed: &str, entrant: &Entrant, pool: &mut [Load<'_>], number: usize) -> Vec<String> {
    let eligible = pool.iter_mut().filter(|load| !load.candidate.recused.contains(&entrant.id));
    let mut eligible: Vec<&mut Load<'_>> = eligible.collect();
    // lots matter only up to the load of the last one who goes
    let mut loads: Vec<usize> = eligible.iter().map(|load| load.enterprises).collect();
    loads.sort_unstable();
    if let Some(most) = number.checked_sub(1).and_then(|last| loads.get(last).copied()) {
        eligible.retain(|load| load.enterprises <= most);
    }
    eligible.sort_by_cached_key(|load| {
        let id = &load.candidate.id;
        (load.enterprises, lot(&[seed, "inspector", &entrant.id, id]), id.clone())
    });
    let chosen = eligible.into_iter().take(number).map(|load| {
        load.enterprises += 1;
        load.candidate.id.clone()
    });
    chosen.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;

    const SEED: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    fn sample(sizes: [usize; GRADES], ratio_permille: [i64; GRADES], people: usize) -> Sample {
        let mut register = Vec::new();
        for (grade, size) in sizes.into_iter().enumerate() {
            for i in 0..size {
                register.push(Entrant { id: format!("{grade}-{i}"), grade, pool: "p".into() });
            }
        }
        let candidate =
            |i| Candidate { id: format!("person-{i}"), pool: "p".into(), recused: BTreeSet::new() };
        let inspectors = (0..people).map(candidate).collect();
        Sample { ratio_permille, inspectors_each: 2, register, inspectors }
    }

    fn drawn_by_grade(drawn: &[Drawn]) -> [usize; GRADES] {
        let mut counts = [0; GRADES];
        for one in drawn {
            counts[usize::from(one.enterprise.as_bytes()[0] - b'0')] += 1;
        }
        counts
    }

    #[test]
    fn grade_a_is_rounded_down_and_others_up() {
        for (grade, n, ratio, wanted) in [
            (0, 19, 50, 0),
            (0, 20, 50, 1),
            (0, 39, 50, 1),
            (0, 1_000, 50, 50),
            (0, 999, 50, 49),
            (1, 19, 50, 1),
            (1, 20, 50, 1),
            (1, 21, 50, 2),
            (2, 3, 600, 2),
            (3, 3, 1_000, 3),
            (3, 0, 1_000, 0),
            (1, 7, 0, 0),
            (3, 3, 5_000, 3),
        ] {
            assert_eq!(number_drawn(grade, n, ratio), wanted, "{grade} {n} {ratio}");
        }
        for n in 0..2_000 {
            let drawn = number_drawn(0, n, GRADE_A_PERMILLE_MAX) as i64;
            assert!(drawn * 1_000 <= n as i64 * GRADE_A_PERMILLE_MAX, "{n}: {drawn}");
        }
    }

    #[test]
    fn each_grade_gives_its_number_and_nobody_twice() {
        let sample = sample([100, 50, 30, 9], [50, 200, 600, 1_000], 5);
        let drawn = sample.draw(SEED);
        assert_eq!(drawn_by_grade(&drawn), [5, 10, 18, 9]);
        let ids: BTreeSet<&str> = drawn.iter().map(|one| one.enterprise.as_str()).collect();
        assert_eq!(ids.len(), drawn.len());
        assert_eq!(drawn, sample.draw(SEED), "the same seed draws the same");
        let other = sample.draw(&SEED.replace('0', "1"));
        assert_ne!(drawn, other, "another seed draws others");
    }

    #[test]
    fn the_order_of_the_register_is_no_matter() {
        let mut sample = sample([40, 40, 10, 5], [50, 200, 600, 1_000], 7);
        let drawn = sample.draw(SEED);
        sample.register.reverse();
        sample.inspectors.rotate_left(3);
        assert_eq!(sample.draw(SEED), drawn);
    }

    #[test]
    fn a_lot_is_what_sha256sum_prints() {
        // printf '%s' "$SEED enterprise 91990000MA0000007X" | sha256sum
        let lot = lot(&[SEED, "enterprise", "91990000MA0000007X"]);
        assert_eq!(
            HEXLOWER.encode(&lot),
            "1ea1e811378f64a0d1217372ce89ea560838e65b175289ea97d40cdf8612847b"
        );
    }

    #[test]
    fn the_load_is_even_and_each_inspector_of_an_enterprise_another() {
        for (people, each) in [(2, 2), (3, 2), (7, 3), (10, 1)] {
            let mut sample = sample([0, 0, 0, 53], [0, 0, 0, 1_000], people);
            sample.inspectors_each = each;
            let mut loads: BTreeMap<String, usize> = BTreeMap::new();
            for one in sample.draw(SEED) {
                let team: BTreeSet<&String> = one.inspectors.iter().collect();
                assert_eq!(team.len(), each);
                for inspector in one.inspectors {
                    *loads.entry(inspector).or_default() += 1;
                }
            }
            let (least, most) = (loads.values().min(), loads.values().max());
            assert_eq!(loads.len(), people);
            assert!(most.zip(least).is_some_and(|(most, least)| most - least <= 1), "{loads:?}");
        }
    }

    #[test]
    fn who_is_recused_or_of_another_pool_does_not_go() {
        let mut sample = sample([0, 0, 0, 20], [0, 0, 0, 1_000], 4);
        sample.inspectors[0].recused = sample.register.iter().map(|e| e.id.clone()).collect();
        sample.inspectors[1].pool = "q".into();
        for one in sample.draw(SEED) {
            let team: BTreeSet<&str> = one.inspectors.iter().map(String::as_str).collect();
            assert_eq!(team, BTreeSet::from(["person-2", "person-3"]));
        }
        assert_eq!(sample.too_few(), None);
        sample.inspectors[2].recused.insert("3-7".into());
        let (entrant, able) = sample.too_few().expect("one is left for it");
        assert_eq!((entrant.id.as_str(), able), ("3-7", 1));
    }

    #[test]
    fn the_lot_falls_evenly() {
        // 600 seeds, 20 of 100 drawn: each about 120 times, standard deviation below 10
        let sample = sample([0, 100, 0, 0], [0, 200, 0, 0], 0);
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        for i in 0..600 {
            for one in sample.draw(&format!("{i:064x}")) {
                *times.entry(one.enterprise).or_default() += 1;
            }
        }
        assert_eq!(times.len(), 100);
        assert!(times.values().all(|n| (75..=165).contains(n)), "{times:?}");
    }
}
