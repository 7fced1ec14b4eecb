//! Filing under the law: what the rule pack in force makes of a request's facts, and the state that the
//! request comes into.

use super::facts::{Facts, at_field};
use super::read_cache::ReadCache;
use crate::app::App;
use crate::app::access::{Action, Caller, Object};
use crate::app::error::{Error, Result};
use crate::app::law::campaigns;
use crate::app::law::reading;
use crate::app::register::staff;
use crate::domain::Defect;
use crate::domain::rules::{Finding, Pack, RuleId};
use crate::message;
use crate::store::Tx;
use crate::wire::requests::request::{NewRequest, RequestState};
use chrono::{Days, NaiveDate};
use std::sync::Arc;

/// Most requests that wait at one enterprise: each is judged beside all others.
const OPEN_MAX: usize = 1_000;
/// Days within which the papers of an urgent request are completed.
const PAPERS_DAYS: u64 = 3;

/// A request as the law has it.
pub(in crate::app) struct Judged {
    /// With its defaults.
    pub filled: NewRequest,
    /// The state that it comes into.
    pub state: RequestState,
    /// Until when the papers of an urgent one are completed.
    pub approval_due: Option<NaiveDate>,
    /// Who has approved it by filing it.
    pub approved_by: Option<String>,
    /// What the rules say, the gravest first.
    pub findings: Vec<Finding>,
    /// The pack that was applied.
    pub pack: Arc<Pack>,
}

/// What a filing is, and what the law makes of it; every defect and refusal is an error. Whoever calls
/// has asked whether the caller may file for the department at all, before anything was gathered.
pub(in crate::app) fn judge(app: &App, caller: &Caller, facts: &Facts) -> Result<Judged> {
    let new = &facts.filed;
    let object = Object::of(&new.department).in_area(&facts.enterprise.area);
    caller.may(Action::FileRequest, &object)?;
    let findings = admit(app, facts)?;
    let pack = Arc::clone(&facts.pack);
    let (kind, reason) = (new.kind, new.reason);
    let is_exempt = pack.is_spared(new.contact, kind, reason);
    let (minutes, inspectors) = facts.effort(&pack);
    let filled = NewRequest {
        minutes: Some(minutes),
        inspectors: Some(inspectors),
        exempt: Some(new.exempt.unwrap_or(is_exempt)),
        quiet_exempt: Some(new.quiet_exempt.unwrap_or_else(|| pack.is_quiet_exempt(kind, reason))),
        ..new.clone()
    };
    let has = |rule| findings.iter().any(|finding| finding.rule == rule && finding.refuses());
    let is_head = caller.may(Action::Approve, &object).is_ok();
    let is_urgent = pack.terms.r04.urgent_kinds.contains(&kind);
    let approval_due = is_urgent && !is_head && pack.binds(RuleId::R04);
    let state = if has(RuleId::R29) {
        RequestState::Recognised
    } else if has(RuleId::R13) {
        RequestState::OffSite
    } else if is_head || is_urgent || !pack.binds(RuleId::R04) {
        RequestState::Accepted
    } else {
        RequestState::ApprovalPending
    };
    Ok(Judged {
        filled,
        state,
        approval_due: approval_due.then(|| app.today() + Days::new(PAPERS_DAYS)),
        approved_by: (is_head && state == RequestState::Accepted).then(|| caller.name.clone()),
        findings,
        pack,
    })
}

/// What the pack in force finds, unless something refuses the request. A result that is recognised, and
/// papers that may settle it, lead elsewhere and refuse nothing.
fn admit(app: &App, facts: &Facts) -> Result<Vec<Finding>> {
    let pack = &facts.pack;
    let mut defects: Vec<Defect> = Vec::new();
    if let Some(plan) = facts.inspection_plan().filter(|_| facts.is_new) {
        defects.extend(campaigns::quota_defect(&plan).map(at_field));
    }
    defects.extend(staff_defects(facts));
    defects.extend(window_defects(app, facts));
    defects.extend(claim_defects(facts));
    if !defects.is_empty() {
        return Err(Error::Invalid(defects));
    }
    let is_workday = |day: NaiveDate| app.is_workday(day);
    let mut findings = pack.judge(&facts.case(pack, &is_workday));
    findings.sort_by_key(|finding| (finding.severity, finding.rule));
    let is_elsewhere = |finding: &Finding| matches!(finding.rule, RuleId::R13 | RuleId::R29);
    if findings.iter().any(|finding| finding.refuses() && !is_elsewhere(finding)) {
        return Err(Error::Refused { pack: reading::named(pack), findings });
    }
    Ok(findings)
}

/// Whether inspectors may come at all, and not too much waits at the enterprise.
fn staff_defects(facts: &Facts) -> Vec<Defect> {
    let new = &facts.filed;
    let crew = facts.pack.crew(facts.effort(&facts.pack).1);
    let mut defects = Vec::new();
    match &facts.pool {
        Some((pool, staff)) => {
            let window = (new.earliest, new.latest);
            let (recused, item) = (&facts.recused, &facts.item);
            let found = staff::intake_defects(pool, staff, recused, item, (crew, window));
            defects.extend(found.into_iter().map(at_field));
        }
        None => {
            let message = message!(
                "no-pool_of-department",
                zh = &facts.department.name.zh,
                en = &facts.department.name.en,
                area = &facts.enterprise.area,
            );
            defects.push(Defect::at("/enterprise", message));
        }
    }
    if facts.is_new && facts.open.len() >= OPEN_MAX {
        defects.push(Defect::at("/enterprise", message!("too-many-open", most = OPEN_MAX)));
    }
    defects
}

/// Whether the window has a day on which somebody may come.
fn window_defects(app: &App, facts: &Facts) -> Vec<Defect> {
    let new = &facts.filed;
    let mut defects = Vec::new();
    if new.latest < facts.today {
        let message = message!("past_window", latest = new.latest, today = facts.today);
        defects.push(Defect::at("/latest", message));
    }
    // a calendar that ends before the window does is no reason to refuse
    let workdays = new.earliest.iter_days().take_while(|day| *day <= new.latest);
    if workdays.map(|day| app.calendar.is_workday(day)).all(|work| work == Ok(false)) {
        let message = message!("no-working-day", earliest = new.earliest, latest = new.latest);
        defects.push(Defect::at("/latest", message));
    }
    defects
}

/// Whether the law bears out what a request claims to be spared from.
fn claim_defects(facts: &Facts) -> Vec<Defect> {
    let (new, pack) = (&facts.filed, &facts.pack);
    let (kind, reason) = (new.kind, new.reason);
    let mut defects = Vec::new();
    if new.exempt == Some(true) && !pack.is_spared(new.contact, kind, reason) {
        defects.push(Defect::at("/exempt", message!("exempt-without-reason")));
    }
    if new.quiet_exempt == Some(true) && !pack.is_quiet_exempt(kind, reason) {
        defects.push(Defect::at("/quiet_exempt", message!("exempt-without-reason_quiet")));
    }
    defects
}

/// Judges an existing request with another window.
pub(super) fn admit_again(app: &App, tx: &mut Tx<'_>, id: &str, moved: &NewRequest) -> Result<()> {
    // what was filled in when it was filed is no claim of the caller's
    let moved = NewRequest { exempt: None, quiet_exempt: None, ..moved.clone() };
    let cache = &mut ReadCache::default();
    let facts = Facts::gather(app, tx, cache, Some(id), &moved)?;
    admit(app, &facts).map(|_| ())
}
