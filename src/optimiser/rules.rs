//! The rules between the visits of one enterprise: one a day, gaps, caps (rules 3 and 7).

/// The dynamic part of rules 3 and 7 at one enterprise.
#[derive(Clone)]
pub struct Rules {
    /// Calendar numbers of the instance's days.
    pub ordinals: std::sync::Arc<[i64]>,
    pub visit_cap: i64,
    pub min_gap_days: i64,
    pub caps: Vec<SpanCap>,
}

/// A cap in dense form; `department_caps` are caps over the whole horizon.
#[derive(Clone)]
pub struct SpanCap {
    pub first: i64,
    pub last: i64,
    pub department: Option<u128>,
    pub scenario: Option<u32>,
    pub at_most: i64,
}

/// What the rules between visits need to know of one visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Footprint {
    pub day: u16,
    pub counts: bool,
    /// Capped departments that take part with a request that is not exempt.
    pub departments: u128,
    pub scenario: u32,
}

impl Rules {
    /// Whether `new` may be held beside `chosen` (which obey the rules among themselves).
    pub fn allow(&self, chosen: &[Footprint], new: &Footprint) -> bool {
        let at = self.ordinals[usize::from(new.day)];
        let mut counted = i64::from(new.counts);
        for other in chosen {
            let days = (self.ordinals[usize::from(other.day)] - at).abs();
            if days == 0 || (new.counts && other.counts && days < self.min_gap_days) {
                return false;
            }
            counted += i64::from(other.counts);
        }
        if !new.counts {
            return true;
        }
        counted <= self.visit_cap
            && self.caps.iter().all(|cap| {
                !self.is_under(cap, new)
                    || cap.at_most
                        > chosen.iter().filter(|other| self.is_under(cap, other)).count() as i64
            })
    }

    fn is_under(&self, cap: &SpanCap, visit: &Footprint) -> bool {
        let at = self.ordinals[usize::from(visit.day)];
        visit.counts
            && (cap.first..=cap.last).contains(&at)
            && cap.department.is_none_or(|bit| visit.departments & bit != 0)
            && cap.scenario.is_none_or(|scenario| visit.scenario == scenario)
    }

    /// Whether some cap speaks of a scenario, so that the choice among scenarios matters.
    pub fn depend_on_scenario(&self) -> bool {
        self.caps.iter().any(|cap| cap.scenario.is_some())
    }
}
