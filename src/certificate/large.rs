//! A limit below v_e for an enterprise with too many units, from credits.
//!
//! Let u_i be a number for each unit i that is at most its penalty where it may be left out. Then
//!
//! L_e(u) = Σ u_i + the least, over sets S of at most k days, each `min_gap_days` from the next, of
//! Σ_{d ∈ S} min(0, q_d) + Σ_{d ∉ S} min(0, q'_d) − Σ over the `visited` targets that may count e
//! of μ_t
//!
//! is never above v_e. For take any lawful set of visits. A unit that is left out costs its penalty,
//! at least u_i. So the whole costs at least Σ u_i plus, for each visit, the visit cost less what the
//! departments that come save, and less what the `visited` targets give, at most all of their prices.
//!
//! Department D with a nonempty set of its units saves Σ over them of (u_i − late days and moves on
//! day d + what targets of the other measures give for i), less `attendance_cost`, less its part of
//! what each pool charges the visit. Targets of measure `joint` give nothing to a visit of one
//! department. Say the units draw m > 0 person-minutes from pool p, attendance apart: then D's part
//! is minute·m + ⌊(φ(m + attendance) − minute·m) / n⌋, where n is the number of departments that
//! may draw on p in such a visit. The parts of all that come are together no more than φ of the
//! whole draw: their minutes add up, at most n of them have a part in the rest, and each rest is at
//! most the whole one, because steps only add. Where n = 1 nothing is given away. A set with
//! m + attendance beyond the pool's day cannot come.
//!
//! A visit on day d is of one department within `max_visit_minutes`, or of one request however long,
//! both with n = 1; or of 2 to `max_departments` departments under a scenario that all its units list,
//! each within `max_minutes`, their largest crews within `max_inspectors`. For the last, n counts the
//! departments with a unit that is open on d, lists the scenario and may share a visit, and is at
//! most `max_departments`. best(d) is the most that any of those can save, and 0; so the visit adds
//! at least q_d = visit cost − best(d), and at least q'_d, the same over the units that do not count,
//! when it does not count. Visits are on different days, and those that count, at most
//! k = `visit_cap` of them, are the gap apart.

use super::site::{Party, Site};

/// Most sums kept of one department's sets; beyond it neighbours are merged into one at least as
/// good as both.
const SUMS_MAX: usize = 1 << 16;

/// The value, units without a day included.
pub(super) fn value(site: &Site) -> i128 {
    let credits: Vec<i128> = site.parties.iter().map(|party| credit(site, party)).collect();
    site.lost + of_credits(site, &credits)
}

/// The credit of a unit: those of its requests, at most its penalty unless it may not be left out.
fn credit(site: &Site, party: &Party) -> i128 {
    let given = party.requests.iter().map(|r| i128::from(site.tariff.credit(*r))).sum();
    if party.must { given } else { party.penalty.min(given) }
}

/// L_e(u) for the units that have a day.
fn of_credits(site: &Site, credits: &[i128]) -> i128 {
    let visit = i128::from(site.enterprise.visit_cost) * site.scale();
    let adds =
        |day, with_counted| (visit - OnDay { site, credits, day, with_counted }.best()).min(0);
    let mut uncounted = 0;
    // what a day saves besides when its visit may count
    let mut counted: Vec<(i64, i128)> = Vec::new();
    for (day, date) in site.terrain.days.iter().enumerate() {
        let free = adds(day, false);
        uncounted += free;
        let saved = free - adds(day, true);
        if saved > 0 {
            counted.push(((*date - site.terrain.days[0]).num_days(), saved));
        }
    }
    let most = usize::try_from(site.enterprise.visit_cap).unwrap_or(usize::MAX);
    let saved = most_apart(&counted, most, site.enterprise.min_gap_days);
    let visited: i128 = site.visited.iter().map(|(price, _)| price).sum();
    credits.iter().sum::<i128>() + uncounted - saved - visited
}

/// The most that at most `most` days, each `gap` from the next, save together; days ascend.
fn most_apart(days: &[(i64, i128)], most: usize, gap: i64) -> i128 {
    // by number of the days looked at, with one more day chosen in each round
    let mut before = vec![0; days.len() + 1];
    for _ in 0..most.min(days.len()) {
        let mut now = vec![0; days.len() + 1];
        let mut apart = 0;
        for (place, (day, saved)) in days.iter().enumerate() {
            while apart < place && days[apart].0 + gap <= *day {
                apart += 1;
            }
            now[place + 1] = now[place].max(before[apart] + saved);
        }
        if now == before {
            break;
        }
        before = now;
    }
    before[days.len()]
}

/// One day, with or without the units that count.
struct OnDay<'a> {
    site: &'a Site<'a>,
    credits: &'a [i128],
    day: usize,
    with_counted: bool,
}

/// What a department saves with at most so many people: people and saving, both ascending.
type Offers = Vec<(i64, i128)>;

/// The kind of visit a department comes to.
struct Kind {
    is_joint: bool,
    minutes_max: i64,
    /// By pool that is drawn on: among how many departments the rest of its charge is parted.
    sharers: Vec<(usize, i64)>,
}

impl OnDay<'_> {
    fn is_open(&self, unit: usize) -> bool {
        self.site.parties[unit].open.contains(self.day)
    }

    /// The most that a visit can save.
    fn best(&self) -> i128 {
        let (site, facts) = (self.site, self.site.terrain.facts());
        let open: Vec<usize> = (0..site.parties.len()).filter(|i| self.is_open(*i)).collect();
        let mut best = 0;
        let alone = |minutes_max| Kind { is_joint: false, minutes_max, sharers: Vec::new() };
        for i in open.iter().filter(|i| site.parties[**i].requests.len() == 1) {
            let offers = self.offers(&[*i], &alone(i64::MAX));
            best = offers.iter().fold(best, |best, offer| best.max(offer.1));
        }
        let social: Vec<usize> = open.into_iter().filter(|i| !site.parties[*i].is_solo).collect();
        let of = |units: &[usize], department: usize| -> Vec<usize> {
            let is_its = |i: &&usize| site.parties[**i].department == department;
            units.iter().filter(is_its).copied().collect()
        };
        for department in 0..site.departments.len() {
            let kind = alone(facts.max_visit_minutes);
            let offers = self.offers(&of(&social, department), &kind);
            best = offers.iter().fold(best, |best, offer| best.max(offer.1));
        }
        for (scenario, listing) in &site.scenarios {
            let limits = &facts.scenarios[*scenario];
            let units: Vec<usize> =
                social.iter().filter(|i| listing.contains(i)).copied().collect();
            let minutes_max = limits.max_minutes;
            let sharers = self.sharers(&units, limits.max_departments);
            let kind = Kind { is_joint: true, minutes_max, sharers };
            let departments = 0..site.departments.len();
            let offers: Vec<Offers> =
                departments.map(|d| self.offers(&of(&units, d), &kind)).collect();
            let found = together(&offers, limits.max_departments, limits.max_inspectors);
            best = found.map_or(best, |found| best.max(found));
        }
        best
    }

    /// For each pool the number of departments among the units that may draw on it, up to `most`.
    fn sharers(&self, units: &[usize], most: i64) -> Vec<(usize, i64)> {
        let drawn = |i: &usize| {
            let party = &self.site.parties[*i];
            party.draws.iter().map(|(pool, _)| (*pool, party.department))
        };
        let mut drawn: Vec<(usize, usize)> = units.iter().flat_map(drawn).collect();
        drawn.sort_unstable();
        drawn.dedup();
        let by_pool = drawn.chunk_by(|a, b| a.0 == b.0);
        by_pool.map(|of_one| (of_one[0].0, most.min(of_one.len() as i64))).collect()
    }

    /// What a department saves with nonempty sets of these units of its own.
    fn offers(&self, units: &[usize], kind: &Kind) -> Offers {
        let parties = &self.site.parties;
        let may_come = |i: &usize| self.with_counted || !parties[*i].counts;
        let units: Vec<usize> = units.iter().copied().filter(may_come).collect();
        let mut crews: Vec<i64> = units.iter().map(|i| parties[*i].crew).collect();
        crews.sort_unstable();
        crews.dedup();
        let mut offers = Offers::new();
        for crew in crews {
            let within: Vec<usize> =
                units.iter().copied().filter(|i| parties[*i].crew <= crew).collect();
            let Some(saving) = self.most(&within, kind) else { continue };
            if offers.last().is_none_or(|last| saving > last.1) {
                offers.push((crew, saving));
            }
        }
        offers
    }

    /// The most that a nonempty set of these units of one department saves; `None` when none fits.
    fn most(&self, units: &[usize], kind: &Kind) -> Option<i128> {
        let (site, day) = (self.site, self.day);
        let facts = site.terrain.facts();
        let mut pools: Vec<usize> =
            units.iter().flat_map(|i| site.parties[*i].draws.iter().map(|draw| draw.0)).collect();
        pools.sort_unstable();
        pools.dedup();
        // minutes and draws of sets, with what their units save; ascending
        let mut sums: Vec<(Vec<i64>, i128)> = Vec::new();
        let fits = |load: &[i64]| {
            let has_room = |(pool, draw): (&usize, &i64)| {
                let whole = facts.pools[*pool].attendance_minutes + draw;
                *draw == 0 || whole <= site.terrain.room(*pool, day)
            };
            load[0] <= kind.minutes_max && pools.iter().zip(&load[1..]).all(has_room)
        };
        for i in units {
            let party = &site.parties[*i];
            let drawn = |pool: &usize| {
                let draw = party.draws.iter().find(|draw| draw.0 == *pool);
                draw.map_or(0, |draw| draw.1)
            };
            let own: Vec<i64> =
                std::iter::once(party.minutes).chain(pools.iter().map(drawn)).collect();
            let mut saved = self.credits[*i] + party.worth
                - i128::from(site.day_cost(party, day)) * site.scale();
            if kind.is_joint {
                saved += party.worth_joint;
            }
            let longer = |(load, saving): &(Vec<i64>, i128)| {
                (load.iter().zip(&own).map(|(a, b)| a + b).collect(), saving + saved)
            };
            let mut fresh: Vec<(Vec<i64>, i128)> = sums.iter().map(longer).collect();
            fresh.push((own.clone(), saved));
            fresh.retain(|(load, _)| fits(load));
            sums.extend(fresh);
            sums.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
            sums.dedup_by(|next, kept| {
                // no smaller in anything, and it saves no more
                next.1 <= kept.1 && kept.0.iter().zip(&next.0).all(|(a, b)| a <= b)
            });
            while sums.len() > SUMS_MAX {
                let merge = |two: &[(Vec<i64>, i128)]| {
                    let (first, last) = (&two[0], &two[two.len() - 1]);
                    let load = first.0.iter().zip(&last.0).map(|(a, b)| *a.min(b)).collect();
                    (load, first.1.max(last.1))
                };
                sums = sums.chunks(2).map(merge).collect();
            }
        }
        let attendance = i128::from(facts.attendance_cost) * site.scale();
        let saving = |(load, saving): &(Vec<i64>, i128)| {
            let parts = pools.iter().zip(&load[1..]).map(|(p, draw)| self.part(*p, *draw, kind));
            saving - attendance - parts.sum::<i128>()
        };
        sums.iter().map(saving).max()
    }

    /// The part of a pool's charge for a draw, attendance apart, that one department pays.
    fn part(&self, pool: usize, draw: i64, kind: &Kind) -> i128 {
        let Some(charge) = self.site.tariff.charge(pool, self.day).filter(|_| draw > 0) else {
            return 0;
        };
        let whole = draw + self.site.terrain.facts().pools[pool].attendance_minutes;
        let own = i128::from(charge.minute) * i128::from(draw);
        let rest = i128::from(charge.of_draw(whole)) - own;
        let sharers = kind.sharers.iter().find(|shared| shared.0 == pool);
        own + rest / sharers.map_or(1, |shared| i128::from(shared.1))
    }
}

/// The most that 2 to `departments_max` departments save together with at most `people_max` people.
fn together(offers: &[Offers], departments_max: i64, people_max: i64) -> Option<i128> {
    let most = usize::try_from(departments_max).unwrap_or(usize::MAX).min(offers.len());
    // by number of departments that come: people and saving, both ascending
    let mut teams: Vec<Offers> = vec![Offers::new(); most + 1];
    teams[0].push((0, 0));
    for offers in offers {
        for number in (1..=most).rev() {
            let before = &teams[number - 1];
            let joined = before.iter().flat_map(|(people, saving)| {
                offers.iter().map(move |(crew, more)| (people + crew, saving + more))
            });
            let joined: Offers = joined.filter(|team| team.0 <= people_max).collect();
            let teams = &mut teams[number];
            teams.extend(joined);
            teams.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
            teams.dedup_by(|next, kept| next.1 <= kept.1);
            while teams.len() > SUMS_MAX {
                *teams = teams.chunks(2).map(|two| (two[0].0, two[two.len() - 1].1)).collect();
            }
        }
    }
    teams.iter().skip(2).filter_map(|teams| teams.last()).map(|team| team.1).max()
}
