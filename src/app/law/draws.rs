//! Random draws: made up, revealed, published, and drawn again.

use super::references::{check_references, place};
use crate::app::App;
use crate::app::access::audit::event;
use crate::app::access::tokens::secret;
use crate::app::access::{Action, Caller, Object};
use crate::app::error::{Error, Result};
use crate::app::paging::Paging;
use crate::app::register::areas::bodies;
use crate::app::register::staff::Serving;
use crate::domain::register::grade;
use crate::domain::words::Worded;
use crate::domain::{Argument, Defect, Message};
use crate::message;
use crate::store::{DrawFilter, EnterpriseFilter, NewDraw, Secret, Tx};
use crate::wire::law::draw::{
    Draw, DrawCandidate, DrawEntrant, DrawState, DrawnEnterprise, Frozen, Publication,
    SamplingPlan, commitment, pseudonym,
};
use crate::wire::paging::Page;
use crate::wire::register::{BodyRole, Grade, Inspector, Recusal};
use chrono::{Datelike, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};

/// Draws in the order they were made up.
pub fn list(
    app: &App,
    caller: &Caller,
    filter: &DrawFilter,
    paging: &Paging,
) -> Result<Page<Draw>> {
    let reach = caller.reach(Action::ReadDraw)?;
    let rows = app.store.read(|tx| tx.draws(filter, &reach, paging.cursor(), paging.fetch()))?;
    Ok(paging.page(rows, |draw| draw.id.clone()))
}

/// A draw, with its result when it is revealed.
pub fn get(app: &App, caller: &Caller, id: &str) -> Result<Draw> {
    caller.reach(Action::ReadDraw)?;
    let draw = app.store.read(|tx| find(tx, id))?;
    caller.may(Action::ReadDraw, &object(&draw.plan))?;
    Ok(draw)
}

fn find(tx: &mut Tx<'_>, id: &str) -> Result<Draw> {
    tx.draw(id)?.ok_or_else(|| not_found(id))
}

fn not_found(id: &str) -> Error {
    Error::NotFound(message!("not-found_draw", id = id))
}

/// A draw, as far as the policy goes: one that is bound to no area concerns them all.
fn object(plan: &SamplingPlan) -> Object {
    Object { departments: vec![plan.department.clone()], ..place(plan.area.as_deref()) }
}

/// Makes a draw up: freezes who may be drawn and commits to a seed that nobody is shown. A department
/// reveals one before it makes up another for the same items, and says why when it draws again for days
/// for which it has drawn: it can't choose among several unseen.
pub fn make_up(app: &App, caller: &Caller, plan: &SamplingPlan) -> Result<Draw> {
    // before anything is revealed of what is in the register
    caller.may(Action::Draw, &object(plan))?;
    let (seed, salt) = (secret()?, secret()?);
    app.store.write_once_more(Error::is_taken, |tx| {
        sound(app, tx, plan)?;
        if let Some(other) = tx.unrevealed_draw(plan)? {
            return Err(Error::Conflict(message!("unrevealed-draw", draw = other)));
        }
        let id = tx.new_draw_id();
        // from here on nobody else makes one up for these items
        tx.open_draw(&id, plan)?;
        reason_where_needed(tx, &id, plan)?;
        let register = register(app, tx, plan)?;
        let (inspectors, people) = candidates(tx, plan, &register, &salt)?;
        let frozen = Frozen { id, plan: plan.clone(), register, inspectors };
        can_be_honoured(&frozen)?;
        let canonical = frozen.canonical();
        let commitment = commitment(&seed, &canonical);
        let secret = Secret { seed: seed.clone(), salt: salt.clone(), people };
        let new = NewDraw { frozen: &frozen, canonical, commitment, secret: &secret };
        tx.add_draw(&new, &caller.name, app.now().naive_utc())?;
        let draw = find(tx, &frozen.id)?;
        event("draw", &draw.id, "make_up").after(&draw).record(app, tx, caller);
        Ok(draw)
    })
}

/// Refuses to draw again without a reason for an item on days for which its department has drawn.
fn reason_where_needed(tx: &mut Tx<'_>, id: &str, plan: &SamplingPlan) -> Result<()> {
    if plan.again_because.is_some() {
        return Ok(());
    }
    let others = tx.overlapping_draws(id, plan)?;
    let Some(first) = others.first() else { return Ok(()) };
    Err(Error::Conflict(message!(
        "drawn-already",
        draw = &first.id,
        first = first.start,
        last = first.end,
    )))
}

fn sound(app: &App, tx: &mut Tx<'_>, plan: &SamplingPlan) -> Result<()> {
    let mut defects = check_references(tx, &plan.department, &plan.items, plan.area.as_deref())?;
    let today = app.today();
    if plan.end < today {
        defects.push(Defect::at("/end", message!("past_draw", day = plan.end, today = today)));
    }
    if defects.is_empty() { Ok(()) } else { Err(Error::Invalid(defects)) }
}

/// Who may be drawn, by code, each with the grade of today and the pool that serves it.
fn register(app: &App, tx: &mut Tx<'_>, plan: &SamplingPlan) -> Result<Vec<DrawEntrant>> {
    let within: Option<BTreeSet<String>> = match &plan.area {
        Some(area) => Some(tx.areas_within(vec![area.clone()])?.into_iter().collect()),
        None => None,
    };
    let begins = |industry: &str| {
        plan.industries.is_empty()
            || plan.industries.iter().any(|prefix| industry.starts_with(prefix.as_str()))
    };
    let all = tx.enterprises(&EnterpriseFilter::default(), "", i64::MAX)?;
    let mut chosen = Vec::new();
    for row in all {
        let enterprise = row.value;
        let is_there = within.as_ref().is_none_or(|areas| areas.contains(&enterprise.area));
        if is_there && begins(&enterprise.industry) {
            chosen.push(enterprise);
        }
    }
    let ids: Vec<String> = chosen.iter().map(|enterprise| enterprise.id.clone()).collect();
    let histories = tx.grade_histories(&ids)?;
    let pools = tx.pools(Some(&plan.department), "", i64::MAX)?;
    let serving = Serving::of(pools.iter().map(|row| &row.value));
    let year = |month, day| NaiveDate::from_ymd_opt(plan.start.year(), month, day);
    let year = (year(1, 1).unwrap_or(plan.start), year(12, 31).unwrap_or(plan.start));
    let times =
        if plan.times_a_year.is_empty() { BTreeMap::new() } else { tx.times_drawn(plan, year)? };
    let mut register = Vec::new();
    for enterprise in chosen {
        let history = histories.get(&enterprise.id);
        let dated = history.and_then(|history| grade::on_day(history, app.today()));
        let (risk, credit_grade) = dated.unwrap_or((enterprise.risk, enterprise.credit_grade));
        if !plan.risks.is_empty() && !plan.risks.contains(&risk) {
            continue;
        }
        let met = times.get(&enterprise.id).copied().unwrap_or(0);
        if plan.times_a_year.get(&credit_grade).is_some_and(|most| met >= *most) {
            continue;
        }
        let Some(pool) = serving.pool(&plan.department, &enterprise.area) else {
            let (department, area) = (&plan.department, &enterprise.area);
            let message = message!("no-pool_draw", department = department, area = area);
            return Err(Error::defect("/department", message));
        };
        register.push(DrawEntrant { enterprise: enterprise.id, credit_grade, pool: pool.into() });
    }
    register.sort_unstable_by(|a, b| a.enterprise.cmp(&b.enterprise));
    Ok(register)
}

/// Inspectors who may be drawn, and the pseudonym of each: of inspecting bodies, in a pool that serves
/// somebody in the register, qualified, with a certificate that is good throughout.
fn candidates(
    tx: &mut Tx<'_>,
    plan: &SamplingPlan,
    register: &[DrawEntrant],
    salt: &str,
) -> Result<(Vec<DrawCandidate>, BTreeMap<String, String>)> {
    let pools: BTreeSet<&str> = register.iter().map(|entrant| entrant.pool.as_str()).collect();
    let codes: BTreeSet<&str> = register.iter().map(|e| e.enterprise.as_str()).collect();
    let bodies = bodies(tx)?;
    let may_go = |inspector: &Inspector| {
        let inspects = |body: &crate::wire::register::Body| body.role == BodyRole::Inspects;
        inspector.pool.as_ref().is_some_and(|pool| pools.contains(pool.as_str()))
            && bodies.get(&inspector.body).is_some_and(inspects)
            && inspector.certificate_from <= plan.start
            && plan.end <= inspector.certificate_to
            && plan.qualification.iter().all(|wanted| inspector.qualifications.contains(wanted))
    };
    let mut chosen: BTreeMap<String, DrawCandidate> = BTreeMap::new();
    for inspector in tx.every::<Inspector>()? {
        if may_go(&inspector) {
            let candidate = DrawCandidate {
                inspector: pseudonym(salt, &inspector.id),
                pool: inspector.pool.unwrap_or_default(),
                recused: BTreeSet::new(),
            };
            chosen.insert(inspector.id, candidate);
        }
    }
    for recusal in tx.every::<Recusal>()? {
        if let Some(candidate) = chosen.get_mut(&recusal.inspector)
            && codes.contains(recusal.enterprise.as_str())
        {
            candidate.recused.insert(recusal.enterprise);
        }
    }
    let people = chosen.iter().map(|(id, candidate)| (candidate.inspector.clone(), id.clone()));
    let people = people.collect();
    let mut candidates: Vec<DrawCandidate> = chosen.into_values().collect();
    candidates.sort_unstable_by(|a, b| a.inspector.cmp(&b.inspector));
    Ok((candidates, people))
}

/// Refuses a draw that would meet nobody, too many, or somebody whom too few may inspect.
fn can_be_honoured(frozen: &Frozen) -> Result<()> {
    let (plan, sample) = (&frozen.plan, frozen.sample());
    let size = sample.register.len() as i64;
    if size == 0 {
        return Err(Error::defect("", message!("empty-register")));
    }
    let by_grade = sample.number_drawn();
    let drawn = by_grade.iter().sum::<usize>() as i64;
    if drawn == 0 {
        let grades = Grade::ALL.iter().zip(sample.size());
        let sizes: Argument = grades
            .map(|(grade, size)| message!("grade-size", grade = grade.as_str(), size = size))
            .collect();
        let message = message!("nothing-drawn_ratios", sizes = sizes);
        return Err(Error::defect("/ratio_permille", message));
    }
    if let Some(most) = plan.total_permille_max
        && drawn * 1_000 > most * size
    {
        let message = message!(
            "too-many-drawn",
            drawn = drawn,
            size = size,
            permille = most,
            most = most * size / 1_000,
        );
        return Err(Error::defect("/ratio_permille", message));
    }
    if let Some((entrant, able)) = sample.too_few() {
        let (pool, enterprise) = (&entrant.pool, &entrant.id);
        let (first, last, needed) = (plan.start, plan.end, plan.inspectors_each);
        let message = match &plan.qualification {
            Some(qualification) => message!(
                "too-few-inspectors_qualified",
                able = able,
                pool = pool,
                first = first,
                last = last,
                qualification = qualification,
                enterprise = enterprise,
                needed = needed,
            ),
            None => message!(
                "too-few-inspectors",
                able = able,
                pool = pool,
                first = first,
                last = last,
                enterprise = enterprise,
                needed = needed,
            ),
        };
        return Err(Error::defect("/inspectors_each", message));
    }
    Ok(())
}

/// Reveals a draw: publishes the seed, and draws with it from what is frozen.
pub fn reveal(app: &App, caller: &Caller, id: &str) -> Result<Draw> {
    caller.reach(Action::Draw)?;
    app.store.write(|tx| {
        let before = find(tx, id)?;
        caller.may(Action::Draw, &object(&before.plan))?;
        let (frozen, seed) = tx.draw_to_reveal(id)?.ok_or_else(|| not_found(id))?;
        if !tx.reveal_draw(id, &frozen.draw(&seed), &caller.name, app.now().naive_utc())? {
            return Err(Error::Conflict(message!("revealed-already")));
        }
        let draw = find(tx, id)?;
        // the result is stored with the draw
        let after = Draw { result: None, ..draw.clone() };
        event("draw", id, "reveal").before(&before).after(&after).record(app, tx, caller);
        Ok(draw)
    })
}

/// What anyone may see of a draw: nobody is named in it.
pub fn publication(app: &App, caller: &Caller, id: &str) -> Result<Publication> {
    caller.may(Action::ReadRegister, &Object::shared())?;
    let found = app.store.read(|tx| tx.draw_publication(id))?;
    found.ok_or_else(|| not_found(id))
}

/// For intake: whether a revealed draw met an enterprise for an item; `None` when there is no such
/// draw or it is not revealed.
pub fn covers(tx: &mut Tx<'_>, draw: &str, enterprise: &str, item: &str) -> Result<Option<bool>> {
    Ok(tx.draw_covers(draw, enterprise, item)?)
}

/// What drawing again found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replay {
    /// Everything is as published.
    Same {
        /// Enterprises drawn.
        enterprises: usize,
        /// Different inspectors who were drawn.
        inspectors: usize,
    },
    /// There is no seed yet.
    NotRevealed,
    /// Seed and frozen part are not what was committed to: one of the three was changed.
    NotCommitted {
        /// What they make.
        found: String,
        /// What is published.
        published: String,
    },
    /// The commitment is not the one that was noted before.
    OtherCommitment {
        /// What was noted.
        noted: String,
        /// What is published.
        published: String,
    },
    /// The first place where the result is another.
    Differs {
        /// From 1.
        place: usize,
        /// What the seed draws there; absent: nobody any more.
        drawn: Option<DrawnEnterprise>,
        /// What is published there; absent: nobody any more.
        published: Option<DrawnEnterprise>,
    },
}

/// Draws again from a publication. `noted` is the commitment that somebody wrote down before the
/// reveal.
pub fn replay(publication: &Publication, noted: Option<&str>) -> Replay {
    let Publication { commitment: published, frozen, seed, result, .. } = publication;
    if let Some(noted) = noted.filter(|noted| noted != published) {
        let (noted, published) = (noted.to_owned(), published.clone());
        return Replay::OtherCommitment { noted, published };
    }
    let (Some(seed), Some(result)) = (seed, result) else { return Replay::NotRevealed };
    let found = commitment(seed, &frozen.canonical());
    if found != *published {
        return Replay::NotCommitted { found, published: published.clone() };
    }
    let drawn = frozen.draw(seed);
    let longest = drawn.len().max(result.len());
    if let Some(i) = (0..longest).find(|i| drawn.get(*i) != result.get(*i)) {
        return Replay::Differs {
            place: i + 1,
            drawn: drawn.get(i).cloned(),
            published: result.get(i).cloned(),
        };
    }
    let people: BTreeSet<&String> = drawn.iter().flat_map(|one| &one.inspectors).collect();
    Replay::Same { enterprises: drawn.len(), inspectors: people.len() }
}

/// Why a draw does not carry a request, for intake: field of the request, and what is wrong.
pub fn intake_defects(
    tx: &mut Tx<'_>,
    (id, draw): (&str, Option<&Draw>),
    (department, enterprise, item): (&str, &str, &str),
    (earliest, latest): (NaiveDate, NaiveDate),
) -> Result<Vec<(&'static str, Message)>> {
    let Some(draw) = draw else {
        return Ok(vec![("draw", message!("unknown-draw", id = id))]);
    };
    let mut found = Vec::new();
    if draw.plan.department != department {
        let owner = &draw.plan.department;
        let message = message!("foreign-draw", draw = id, owner = owner, department = department);
        found.push(("draw", message));
    }
    if draw.state != DrawState::Revealed {
        found.push(("draw", message!("draw-not-revealed", draw = id)));
        return Ok(found);
    }
    if covers(tx, id, enterprise, item)? != Some(true) {
        let message = message!("not-drawn_filing", draw = id, enterprise = enterprise, item = item);
        found.push(("enterprise", message));
    }
    let SamplingPlan { start, end, .. } = &draw.plan;
    let (start, end) = (*start, *end);
    if latest < start || end < earliest {
        found.push(("latest", message!("outside-draw", first = start, last = end)));
    }
    Ok(found)
}
