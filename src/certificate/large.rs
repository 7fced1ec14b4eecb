//! A limit below v_e for an enterprise with too many units, from credits.
//!
//! Let u_i be a number for each unit i that is at most its penalty where it may be left out. Then
//!
//! L_e(u) = Σ u_i + the least, over sets S of at most k days, each `min_gap_days` from the next, of
//! Σ_{d ∈ S} min(0, q_d) + Σ_{d ∉ S} min(0, q'_d) − Σ over the `visited` targets that may count e
//! of μ_t
//!
//! is never above v_e. For take any lawful set of visits. A unit that is left out costs its penalty,
//! at least u_i. So the whole costs at least Σ u_i plus, for each visit, the visit cost and what its
//! departments' presence costs, less Σ over its units of (u_i − charge_i(d)), and less what the
//! `visited` targets give, at most all of their prices. charge_i(d) is what holding i on day d costs
//! itself: late days, moves, its own person-minutes at the price of a minute, less what targets of
//! the other measures can give for it at best. Steps of cells are left out: they only add.
//!
//! Presence of department D on day d costs `attendance_cost` and a part of the attendance minutes of
//! each pool that every unit of D draws on: the charge by the number of departments that have a unit
//! drawing on it, rounded down. However many of those departments come, the parts together are no
//! more than the charge, which is paid once when any of them comes.
//!
//! A visit on day d is of one department within `max_visit_minutes`, or one unit alone, or of at most
//! `max_departments` departments under a scenario that all its units list, each department within
//! `max_minutes`. best(d) is the most that any of those can save, each department by an exact 0-1
//! knapsack, and 0; so the visit adds at least q_d = visit cost − best(d), and at least q'_d, the same over the units
//! that do not count, when it does not count. Visits are on different days, and those that count, at
//! most k = `visit_cap` of them, are the gap apart.

use super::site::{Party, Site};

/// Longest list of a knapsack; beyond it neighbours are merged into one at least as good as both.
const PAIRS_MAX: usize = 1 << 20;

/// The value, units without a day included.
pub(super) fn value(site: &Site) -> i128 {
    let credits: Vec<i128> = site.parties.iter().map(|party| credit(site, party)).collect();
    site.lost + of_credits(site, &credits)
}

/// The credit of a unit: those of its requests, at most its penalty unless it may not be left out.
pub(super) fn credit(site: &Site, party: &Party) -> i128 {
    let given = party.requests.iter().map(|r| i128::from(site.tariff.credit(*r))).sum();
    if party.must { given } else { party.penalty.min(given) }
}

/// L_e(u) for the units that have a day.
pub(super) fn of_credits(site: &Site, credits: &[i128]) -> i128 {
    let shares = shares(site);
    let visit = i128::from(site.enterprise.visit_cost) * site.scale();
    let adds = |day, with_counted| (visit - best(site, credits, &shares, day, with_counted)).min(0);
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

/// By department: the pools every unit of it draws on, and among how many departments each pool's
/// attendance is shared.
fn shares(site: &Site) -> Vec<Vec<(usize, i64)>> {
    let departments = 0..site.departments.len();
    let draws = |party: &Party, pool: usize| party.draws.iter().any(|(drawn, _)| *drawn == pool);
    let of =
        |department: usize| site.parties.iter().filter(move |party| party.department == department);
    let sharers = |pool: usize| {
        departments.clone().filter(|d| of(*d).any(|party| draws(party, pool))).count() as i64
    };
    let one = |department: usize| {
        let first = of(department).next().expect("a department has a unit");
        let pools = first.draws.iter().map(|(pool, _)| *pool);
        let common = pools.filter(|pool| of(department).all(|party| draws(party, *pool)));
        common.map(|pool| (pool, sharers(pool))).collect()
    };
    departments.clone().map(one).collect()
}

/// The most that a visit on the day can save, with or without the units that count.
fn best(
    site: &Site,
    credits: &[i128],
    shares: &[Vec<(usize, i64)>],
    day: usize,
    with_counted: bool,
) -> i128 {
    let may_come = |party: &Party| (with_counted || !party.counts) && party.open.contains(day);
    let facts = site.terrain.facts();
    let minute =
        |pool: usize| site.tariff.charge(pool, day).map_or(0, |charge| i128::from(charge.minute));
    let presence: Vec<i128> = shares
        .iter()
        .map(|pools| {
            let part = |(pool, sharers): &(usize, i64)| {
                let minutes = i128::from(facts.pools[*pool].attendance_minutes);
                minute(*pool) * minutes / i128::from(*sharers)
            };
            i128::from(facts.attendance_cost) * site.scale() + pools.iter().map(part).sum::<i128>()
        })
        .collect();
    let charge = |party: &Party| {
        let drawn = party.draws.iter().map(|(pool, draw)| minute(*pool) * i128::from(*draw));
        i128::from(site.day_cost(party, day)) * site.scale() + drawn.sum::<i128>()
            - party.worth
            - party.worth_joint
    };
    // what each unit saves, `None` when it cannot be held that day
    let saved: Vec<Option<i128>> = site
        .parties
        .iter()
        .zip(credits)
        .map(|(party, credit)| may_come(party).then(|| credit - charge(party)))
        .collect();
    let mut items: Vec<Vec<(i64, i128)>> = vec![Vec::new(); shares.len()];
    let gather = |items: &mut Vec<Vec<(i64, i128)>>, units: &mut dyn Iterator<Item = usize>| {
        items.iter_mut().for_each(Vec::clear);
        for i in units {
            let party = &site.parties[i];
            if let Some(saved) = saved[i].filter(|saved| *saved > 0 && !party.is_solo) {
                items[party.department].push((party.minutes, saved));
            }
        }
    };
    let mut best = 0;
    if saved.iter().all(Option::is_none) {
        return best;
    }
    for (party, saved) in site.parties.iter().zip(&saved) {
        best = best.max(saved.unwrap_or(0) - presence[party.department]);
    }
    gather(&mut items, &mut (0..site.parties.len()));
    for (items, presence) in items.iter().zip(&presence) {
        best = best.max(most(items, facts.max_visit_minutes) - presence);
    }
    for (scenario, units) in &site.scenarios {
        let scenario = &facts.scenarios[*scenario];
        gather(&mut items, &mut units.iter().copied());
        let each = items.iter().zip(&presence);
        let each = each.map(|(items, presence)| most(items, scenario.max_minutes) - presence);
        let mut together: Vec<i128> = each.filter(|saved| *saved > 0).collect();
        together.sort_unstable_by(|a, b| b.cmp(a));
        together.truncate(usize::try_from(scenario.max_departments).unwrap_or(usize::MAX));
        best = best.max(together.iter().sum());
    }
    best
}

/// 0-1 knapsack: the most worth of items (minutes, worth) within the limit.
fn most(items: &[(i64, i128)], limit: i64) -> i128 {
    let fitting = || items.iter().filter(|(minutes, _)| *minutes <= limit);
    let total: i128 = fitting().map(|(minutes, _)| i128::from(*minutes)).sum();
    if total <= i128::from(limit) {
        return fitting().map(|(_, worth)| worth).sum();
    }
    // pairs that no other beats in both minutes and worth, ascending
    let (mut pairs, mut grown) = (vec![(0i64, 0i128)], Vec::new());
    for (minutes, worth) in fitting() {
        grown.clear();
        let mut old = pairs.iter().copied().peekable();
        let mut top = -1;
        let mut keep = |pair: (i64, i128)| {
            if pair.1 > top {
                top = pair.1;
                grown.push(pair);
            }
        };
        for fresh in pairs.iter().map(|pair| (pair.0 + minutes, pair.1 + worth)) {
            if fresh.0 > limit {
                break;
            }
            while let Some(pair) =
                old.next_if(|p| p.0 < fresh.0 || p.0 == fresh.0 && p.1 >= fresh.1)
            {
                keep(pair);
            }
            keep(fresh);
        }
        old.for_each(keep);
        std::mem::swap(&mut pairs, &mut grown);
        while pairs.len() > PAIRS_MAX {
            let merge = |two: &[(i64, i128)]| (two[0].0, two[two.len() - 1].1);
            pairs = pairs.chunks(2).map(merge).collect();
        }
    }
    pairs.last().map_or(0, |(_, worth)| *worth)
}
