//! Certificates that are not sound.

use super::make::{self, Dice, Size};
use crate::certificate::certify;
use crate::domain::certificate::{
    CellPrice, Certificate, Credits, Decision, Leaf, Step, TargetPrice, UnitCredit,
};
use crate::domain::problem::Problem;
use chrono::Days;

fn problem() -> Problem {
    let mut dice = Dice::new(7);
    loop {
        let problem = make::problem(&mut dice, Size { enterprises: 2, requests: 4, days: 4 });
        let is_spread = (0..2).all(|e| !problem.requests_at(e).is_empty());
        if is_spread
            && !problem.facts().targets.is_empty()
            && problem.is_open(problem.facts().start)
        {
            return problem;
        }
    }
}

fn plain(problem: &Problem) -> Certificate {
    let name = problem.facts().name.clone();
    Certificate { problem: name, scale: 4_096, bound: 0, leaves: vec![Leaf::default()] }
}

/// Codes and pointers of what is wrong after a change.
fn reported(
    problem: &Problem,
    change: impl FnOnce(&mut Certificate),
) -> Vec<(&'static str, String)> {
    let mut certificate = plain(problem);
    change(&mut certificate);
    let defects = certify(problem, &certificate).expect_err("not sound");
    defects.into_iter().map(|defect| (defect.code(), defect.pointer)).collect()
}

fn cell(problem: &Problem, minute: i64) -> CellPrice {
    let facts = problem.facts();
    CellPrice { pool: facts.pools[0].id.clone(), date: facts.start, minute, steps: Vec::new() }
}

#[test]
fn what_is_wrong_with_the_head_is_reported() {
    let problem = problem();
    assert_eq!(
        reported(&problem, |c| (c.problem, c.scale) = ("another".into(), 0)),
        [("other-problem", "/problem".into()), ("scale-out-of-range", "/scale".into())]
    );
    assert_eq!(
        reported(&problem, |c| c.scale = (1 << 20) + 1),
        [("scale-out-of-range", "/scale".into())]
    );
    assert_eq!(
        reported(&problem, |c| c.leaves.clear()),
        [("leaves-do-not-cover", "/leaves".into())]
    );
}

#[test]
fn what_is_wrong_with_prices_is_reported_all_at_once() {
    let problem = problem();
    let found = reported(&problem, |c| {
        let cells = &mut c.leaves[0].cells;
        cells.push(cell(&problem, -1));
        cells.push(cell(&problem, 0));
        cells.push(CellPrice { pool: "nobody".into(), ..cell(&problem, 0) });
        let date = problem.facts().end + Days::new(1);
        cells.push(CellPrice { date, ..cell(&problem, 0) });
        cells[1].steps.push(Step { from: -1, charge: 1 << 51 });
        cells[3].steps.push(Step { from: 1, charge: -1 });
    });
    let wanted = [
        ("negative", "/leaves/0/cells/0/minute"),
        ("negative", "/leaves/0/cells/1/steps/0/from"),
        ("duplicate-cell", "/leaves/0/cells/1"),
        ("too-large", "/leaves/0/cells/1"),
        ("unknown-pool", "/leaves/0/cells/2/pool"),
        ("negative", "/leaves/0/cells/3/steps/0/charge"),
        ("day-not-open", "/leaves/0/cells/3/date"),
    ];
    assert_eq!(found, wanted.map(|(code, pointer)| (code, pointer.to_owned())));
    let target = &problem.facts().targets[0];
    let priced = |price: i64| TargetPrice { target: target.id.clone(), price };
    let found = reported(&problem, |c| {
        let none = TargetPrice { target: "none".into(), price: 0 };
        let most = target.shortfall_cost * c.scale;
        c.leaves[0].targets = vec![priced(most + 1), priced(-1), none];
    });
    let wanted = [
        ("price-out-of-range", "/leaves/0/targets/0/price"),
        ("duplicate-target", "/leaves/0/targets/1/target"),
        ("negative", "/leaves/0/targets/1/price"),
        ("unknown-target", "/leaves/0/targets/2/target"),
    ];
    assert_eq!(found, wanted.map(|(code, pointer)| (code, pointer.to_owned())));
}

#[test]
fn what_is_wrong_with_credits_is_reported() {
    let problem = problem();
    let facts = problem.facts();
    let id = |e: usize| facts.requests[problem.requests_at(e)[0]].id.clone();
    let unit = |request: String, credit: i64| UnitCredit { request, credit };
    let found = reported(&problem, |c| {
        let own = vec![unit(id(0), -(1 << 50)), unit(id(0), 0), unit(id(1), 0)];
        let other = vec![unit("nobody".into(), (1 << 50) + 1)];
        c.leaves[0].credits = vec![
            Credits { enterprise: facts.enterprises[0].id.clone(), requests: own },
            Credits { enterprise: facts.enterprises[0].id.clone(), requests: Vec::new() },
            Credits { enterprise: "nowhere".into(), requests: other },
        ];
    });
    let wanted = [
        ("duplicate-request", "/leaves/0/credits/0/requests/1/request"),
        ("other-enterprise", "/leaves/0/credits/0/requests/2/request"),
        ("duplicate-enterprise", "/leaves/0/credits/1/enterprise"),
        ("unknown-enterprise", "/leaves/0/credits/2/enterprise"),
        ("unknown-request", "/leaves/0/credits/2/requests/0/request"),
        ("too-large", "/leaves/0/credits/2/requests/0/credit"),
    ];
    assert_eq!(found, wanted.map(|(code, pointer)| (code, pointer.to_owned())));
}

#[test]
fn trees_that_leave_a_gap_are_refused() {
    let problem = problem();
    let facts = problem.facts();
    let turn = |request: usize, held: bool| Decision {
        request: facts.requests[request].id.clone(),
        until: facts.start,
        held,
    };
    let leaf = |decisions: &[Decision]| Leaf { decisions: decisions.to_vec(), ..Leaf::default() };
    let whole = [
        leaf(&[turn(0, true), turn(1, true)]),
        leaf(&[turn(0, true), turn(1, false)]),
        leaf(&[turn(0, false), turn(2, false)]),
        leaf(&[turn(0, false), turn(2, true), turn(1, true)]),
        leaf(&[turn(0, false), turn(2, true), turn(1, false)]),
    ];
    let refused = |leaves: Vec<Leaf>| reported(&problem, |c| c.leaves = leaves);
    let mut certificate = plain(&problem);
    certificate.leaves = whole.to_vec();
    assert!(certify(&problem, &certificate).is_ok());
    for missing in 0..whole.len() {
        let mut leaves = whole.to_vec();
        leaves.remove(missing);
        assert_eq!(refused(leaves)[0].0, "leaves-do-not-cover", "without {missing}");
    }
    for twice in 0..whole.len() {
        let mut leaves = whole.to_vec();
        leaves.push(whole[twice].clone());
        assert_eq!(refused(leaves)[0].0, "leaves-do-not-cover", "twice {twice}");
    }
    for shorter in 0..whole.len() {
        let mut leaves = whole.to_vec();
        leaves[shorter].decisions.pop();
        assert_eq!(refused(leaves)[0].0, "leaves-do-not-cover", "shorter {shorter}");
    }
    let mut leaves = whole.to_vec();
    leaves[4].decisions[2].until = facts.end;
    assert_eq!(refused(leaves), [("leaves-do-not-cover", "/leaves/4/decisions/2".to_owned())]);
    let mut unknown = whole.to_vec();
    unknown.iter_mut().for_each(|leaf| leaf.decisions[0].request = "nobody".into());
    assert_eq!(refused(unknown).len(), 5);
}
