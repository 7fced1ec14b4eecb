//! Finds the elements of a list by their ids, in a quarter of the memory of a map that holds the ids
//! once more: a city's problem has a million.

use rayon::prelude::*;
use std::hash::{BuildHasher, RandomState};

/// The places of a list by the hashes of their ids.
#[derive(Clone, Debug, Default)]
pub(super) struct Ids {
    hasher: RandomState,
    /// Hash and place, ascending.
    places: Vec<(u32, u32)>,
}

impl Ids {
    /// Those of a list; of two elements with one id the first is found. Also the others, ascending,
    /// each with the first.
    ///
    /// # Panics
    /// With 2³² elements or more.
    pub fn of<'a>(
        count: usize,
        id: impl Fn(usize) -> &'a str + Sync,
    ) -> (Self, Vec<(usize, usize)>) {
        let hasher = RandomState::new();
        let hashed = |place: usize| (hash(&hasher, id(place)), u32::try_from(place).expect("few"));
        let mut places: Vec<(u32, u32)> = (0..count).into_par_iter().map(hashed).collect();
        places.par_sort_unstable();
        let mut twice = Vec::new();
        for alike in places.chunk_by(|a, b| a.0 == b.0).filter(|alike| alike.len() > 1) {
            let places = || alike.iter().map(|(_, place)| *place as usize);
            for place in places() {
                let first = places().find(|other| id(*other) == id(place)).expect("itself");
                if first != place {
                    twice.push((place, first));
                }
            }
        }
        twice.sort_unstable();
        (Self { hasher, places }, twice)
    }

    /// The place of an id in the list; `id` is as it was when this was made.
    pub fn find<'a>(&self, wanted: &str, id: impl Fn(usize) -> &'a str) -> Option<usize> {
        let hash = hash(&self.hasher, wanted);
        let from = self.places.partition_point(|(other, _)| *other < hash);
        let alike = self.places[from..].iter().take_while(|(other, _)| *other == hash);
        alike.map(|(_, place)| *place as usize).find(|place| id(*place) == wanted)
    }
}

fn hash(hasher: &RandomState, id: &str) -> u32 {
    hasher.hash_one(id) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_found_at_its_first_place_and_no_other_is() {
        let ids: Vec<String> = (0..1_000).map(|i| format!("R{}", i % 900)).collect();
        let (places, twice) = Ids::of(ids.len(), |place| &ids[place]);
        assert_eq!(twice, (900..1_000).map(|place| (place, place - 900)).collect::<Vec<_>>());
        for (place, id) in ids.iter().enumerate() {
            assert_eq!(places.find(id, |place| &ids[place]), Some(place % 900));
        }
        assert_eq!(places.find("R900", |place| &ids[place]), None);
        assert_eq!(Ids::default().find("R1", |_| unreachable!("nothing is listed")), None);
    }
}
