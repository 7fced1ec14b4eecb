//! The best plan of a tiny problem by trying every plan, judged by the checker and the cost alone.

use chrono::NaiveDate;
use onevisit::domain::{Plan, Problem, Visit, check, cost};
use std::collections::BTreeMap;

/// Cost of the best valid plan. Each request is put on each open day or left out; requests of one
/// enterprise on one day share a visit (rule 3 leaves no other way); each joint visit tries every
/// scenario.
pub fn best_cost(problem: &Problem) -> i64 {
    let facts = problem.facts();
    let days: Vec<NaiveDate> = facts
        .start
        .iter_days()
        .take_while(|day| *day <= facts.end)
        .filter(|day| problem.is_open(*day))
        .collect();
    let mut choice = vec![0usize; facts.requests.len()];
    let mut best: Option<i64> = None;
    loop {
        let mut groups: BTreeMap<(&str, NaiveDate), Vec<usize>> = BTreeMap::new();
        for (r, pick) in choice.iter().enumerate() {
            if let Some(day) = pick.checked_sub(1).map(|pick| days[pick]) {
                groups.entry((&facts.requests[r].enterprise, day)).or_default().push(r);
            }
        }
        let visits: Vec<Visit> = groups
            .into_iter()
            .map(|((enterprise, date), rs)| Visit {
                enterprise: enterprise.to_owned(),
                date,
                requests: rs.iter().map(|r| facts.requests[*r].id.clone()).collect(),
                scenario: None,
            })
            .collect();
        // the cost does not depend on the scenarios, so only what would be better is tried out
        let plan = Plan { problem: String::new(), visits };
        let total = cost(problem, &plan).total();
        if best.is_none_or(|best| total < best) && some_scenarios_hold(problem, plan, 0) {
            best = Some(total);
        }
        // next choice, like an odometer
        let Some(place) = choice.iter().position(|pick| *pick < days.len()) else { break };
        choice[place] += 1;
        choice[..place].fill(0);
    }
    best.expect("fixed visits alone are a plan")
}

/// Whether some choice of scenarios for the joint visits makes the plan valid.
fn some_scenarios_hold(problem: &Problem, plan: Plan, place: usize) -> bool {
    let Some(visit) = plan.visits.get(place) else { return check(problem, &plan).is_empty() };
    let facts = problem.facts();
    let request = |id: &String| &facts.requests[problem.request(id).expect("known")];
    let first = &request(&visit.requests[0]).department;
    if visit.requests.iter().all(|id| request(id).department == *first) {
        return some_scenarios_hold(problem, plan, place + 1);
    }
    let listed = facts.scenarios.iter().map(|scenario| &scenario.id);
    let mut shared =
        listed.filter(|s| visit.requests.iter().all(|id| request(id).scenarios.contains(s)));
    shared.any(|scenario| {
        let mut with = plan.clone();
        with.visits[place].scenario = Some(scenario.clone());
        some_scenarios_hold(problem, with, place + 1)
    })
}
