//! Problems and runs: the queue of planning work, claimed by compare-and-set with a lease, so that
//! several servers may share it and a dead one's work is taken up again.

use crate::domain::Message;
use crate::domain::words::Worded;
use crate::store::error::{Result, StoreError};
use crate::store::schema::{plans, problems, runs};
use crate::store::tx::Tx;
use crate::store::{new_id, utc};
use crate::wire::planning::run::{Run, RunState};
use crate::wire::sentence::{kept, said};
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use diesel::prelude::*;

/// A problem that is asked for.
pub struct NewProblem {
    /// Its name.
    pub name: String,
    /// First day of the horizon.
    pub start: NaiveDate,
    /// Last day of the horizon.
    pub end: NaiveDate,
    /// Version of the policy that prices it.
    pub policy_version: i64,
}

/// A problem as it is kept.
pub struct ProblemRecord {
    /// The plan that was published while it was built.
    pub parent_plan: Option<String>,
    /// The problem file, gzip.
    pub file: Vec<u8>,
    /// Where its numbers came from, gzip.
    pub sources: Vec<u8>,
}

/// Limits of a run.
#[derive(Clone, Debug)]
pub struct RunLimits {
    /// Seed of the random numbers.
    pub seed: i64,
    /// Limit of subproblems.
    pub work: Option<i64>,
    /// Limit of seconds.
    pub seconds: Option<f64>,
    /// Gap at which it stops.
    pub gap: f64,
    /// Threads.
    pub threads: i64,
}

/// Who works on a run, as the database must still know when the result comes.
#[derive(Clone, Debug)]
pub struct Lease {
    /// Id of the run.
    pub run: String,
    /// The planner's mark, never used twice.
    pub worker: String,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = runs)]
struct RunRow {
    id: String,
    problem_id: String,
    state: String,
    seed: i64,
    work_max: Option<i64>,
    seconds_max: Option<f64>,
    gap: f64,
    threads: i64,
    is_cancelled: bool,
    created_at: NaiveDateTime,
    created_by: String,
    started_at: Option<NaiveDateTime>,
    finished_at: Option<NaiveDateTime>,
    worker: Option<String>,
    lease_until: Option<NaiveDateTime>,
    attempts: i64,
    cost: Option<i64>,
    bound: Option<i64>,
    work: Option<i64>,
    seconds: Option<f64>,
    error: Option<String>,
}

impl RunRow {
    fn with(self, plan: Option<String>) -> Result<Run> {
        let RunRow {
            id,
            problem_id,
            state,
            seed,
            work_max,
            seconds_max,
            gap,
            threads,
            is_cancelled,
            created_at,
            created_by,
            started_at,
            finished_at,
            worker: _,
            lease_until: _,
            attempts,
            cost,
            bound,
            work,
            seconds,
            error,
        } = self;
        let state = RunState::parse(&state)
            .ok_or_else(|| StoreError::Damaged(format!("run {id}: {state}")))?;
        Ok(Run {
            id,
            problem: problem_id,
            state,
            seed,
            work_max,
            seconds_max,
            gap_wanted: gap,
            threads,
            is_cancelled,
            created_at: utc(created_at),
            created_by,
            started_at: started_at.map(utc),
            finished_at: finished_at.map(utc),
            attempts,
            cost,
            bound,
            work,
            seconds,
            plan,
            error: error.as_deref().map(said),
        })
    }
}

impl Tx<'_> {
    /// Keeps what problem is to be built.
    pub fn add_problem(
        &mut self,
        problem: NewProblem,
        created_by: &str,
        created_at: NaiveDateTime,
    ) -> Result<String> {
        let NewProblem { name, start, end, policy_version } = problem;
        let id = new_id();
        let row = (
            problems::id.eq(id.clone()),
            problems::name.eq(name),
            problems::start_day.eq(start),
            problems::end_day.eq(end),
            problems::policy_version.eq(policy_version),
            // filled when it is built
            problems::file.eq(Vec::<u8>::new()),
            problems::sources.eq(Vec::<u8>::new()),
            problems::created_at.eq(created_at),
            problems::created_by.eq(created_by.to_owned()),
        );
        diesel::insert_into(problems::table).values(row).execute(self.connection)?;
        Ok(id)
    }

    /// A problem that is built.
    pub fn problem(&mut self, id: &str) -> Result<Option<ProblemRecord>> {
        let columns = (problems::parent_plan_id, problems::file, problems::sources);
        let query = problems::table.find(id).filter(problems::file.ne(Vec::<u8>::new()));
        let row: Option<(Option<String>, Vec<u8>, Vec<u8>)> =
            query.select(columns).get_result(self.connection).optional()?;
        Ok(row.map(|(parent_plan, file, sources)| ProblemRecord { parent_plan, file, sources }))
    }

    /// What was asked for of a problem, built or not.
    pub fn asked_problem(&mut self, id: &str) -> Result<Option<NewProblem>> {
        let columns =
            (problems::name, problems::start_day, problems::end_day, problems::policy_version);
        let row: Option<(String, NaiveDate, NaiveDate, i64)> =
            problems::table.find(id).select(columns).get_result(self.connection).optional()?;
        Ok(row.map(|(name, start, end, policy_version)| NewProblem {
            name,
            start,
            end,
            policy_version,
        }))
    }

    /// Keeps a problem as it was built, unless another was faster: then its own stays.
    pub fn set_problem(&mut self, id: &str, built: &ProblemRecord) -> Result<()> {
        let target =
            problems::table.filter(problems::id.eq(id)).filter(problems::file.eq(Vec::<u8>::new()));
        let set = (
            problems::parent_plan_id.eq(&built.parent_plan),
            problems::file.eq(&built.file),
            problems::sources.eq(&built.sources),
        );
        diesel::update(target).set(set).execute(self.connection)?;
        Ok(())
    }

    /// First and last day of a problem's horizon.
    pub fn horizon(&mut self, problem: &str) -> Result<(NaiveDate, NaiveDate)> {
        let query = problems::table.find(problem).select((problems::start_day, problems::end_day));
        Ok(query.get_result(self.connection)?)
    }

    /// Queues a run.
    pub fn add_run(
        &mut self,
        problem: &str,
        limits: &RunLimits,
        created_by: &str,
        created_at: NaiveDateTime,
    ) -> Result<Run> {
        let RunLimits { seed, work, seconds, gap, threads } = *limits;
        let row = RunRow {
            id: new_id(),
            problem_id: problem.into(),
            state: RunState::Queued.as_str().into(),
            seed,
            work_max: work,
            seconds_max: seconds,
            gap,
            threads,
            is_cancelled: false,
            created_at,
            created_by: created_by.into(),
            started_at: None,
            finished_at: None,
            worker: None,
            lease_until: None,
            attempts: 0,
            cost: None,
            bound: None,
            work: None,
            seconds: None,
            error: None,
        };
        diesel::insert_into(runs::table).values(&row).execute(self.connection)?;
        row.with(None)
    }

    /// A run.
    pub fn run(&mut self, id: &str) -> Result<Option<Run>> {
        let row: Option<RunRow> = runs::table.find(id).get_result(self.connection).optional()?;
        let Some(row) = row else { return Ok(None) };
        let plan = plans::table.filter(plans::run_id.eq(id)).select(plans::id);
        let plan = plan.get_result(self.connection).optional()?;
        row.with(plan).map(Some)
    }

    /// The first run that somebody asked for.
    pub fn first_run_by(&mut self, caller: &str) -> Result<Option<Run>> {
        let query = runs::table.filter(runs::created_by.eq(caller)).order(runs::id);
        let id: Option<String> = query.select(runs::id).first(self.connection).optional()?;
        id.map_or(Ok(None), |id| self.run(&id))
    }

    /// Runs before `cursor`, newest first; an empty cursor begins.
    pub fn runs(&mut self, state: Option<RunState>, cursor: &str, limit: i64) -> Result<Vec<Run>> {
        let joined = runs::table.left_join(plans::table.on(plans::run_id.eq(runs::id)));
        let mut query = joined.select((runs::all_columns, plans::id.nullable())).into_boxed();
        if !cursor.is_empty() {
            query = query.filter(runs::id.lt(cursor));
        }
        if let Some(state) = state {
            query = query.filter(runs::state.eq(state.as_str()));
        }
        let rows: Vec<(RunRow, Option<String>)> =
            query.order(runs::id.desc()).limit(limit).load(self.connection)?;
        rows.into_iter().map(|(row, plan)| row.with(plan)).collect()
    }

    /// Claims the oldest run that waits, or whose planner has given no sign of life, for `worker` and
    /// the time of a lease from `now` on. A lease that lasts past twice that time is from a clock that
    /// was ahead and was put right, and counts as over; one that lasts a little longer than its time
    /// may be from one that was put back since by less, and its planner alive.
    pub fn claim_run(
        &mut self,
        worker: &str,
        now: NaiveDateTime,
        lease: TimeDelta,
    ) -> Result<Option<Run>> {
        let lease_until = now + lease;
        let is_free = || {
            let is_over = runs::lease_until.lt(now).or(runs::lease_until.gt(lease_until + lease));
            runs::state
                .eq(RunState::Queued.as_str())
                .or(runs::state.eq(RunState::Running.as_str()).and(is_over.assume_not_null()))
        };
        let query = runs::table.filter(is_free()).select(runs::id).order(runs::id);
        let Some(id): Option<String> = query.first(self.connection).optional()? else {
            return Ok(None);
        };
        let set = (
            runs::state.eq(RunState::Running.as_str()),
            runs::worker.eq(worker),
            runs::lease_until.eq(lease_until),
            runs::started_at.eq(now),
            runs::attempts.eq(runs::attempts + 1),
        );
        // of several that saw it free, the database lets one through
        let target = runs::table.filter(runs::id.eq(&id)).filter(is_free());
        if diesel::update(target).set(set).execute(self.connection)? == 0 {
            return Ok(None);
        }
        self.run(&id)
    }

    /// Gives a sign of life with the figures so far. `None`: the lease is lost. `Some(true)`:
    /// somebody asked the run to stop.
    pub fn renew_lease(
        &mut self,
        lease: &Lease,
        lease_until: NaiveDateTime,
        figures: Option<(i64, i64, i64, f64)>,
    ) -> Result<Option<bool>> {
        let target = runs::table
            .filter(runs::id.eq(&lease.run))
            .filter(runs::worker.eq(&lease.worker))
            .filter(runs::state.eq(RunState::Running.as_str()));
        let held = match figures {
            None => diesel::update(target)
                .set(runs::lease_until.eq(lease_until))
                .execute(self.connection)?,
            Some((cost, bound, work, seconds)) => diesel::update(target)
                .set((
                    runs::lease_until.eq(lease_until),
                    runs::cost.eq(cost),
                    runs::bound.eq(bound),
                    runs::work.eq(work),
                    runs::seconds.eq(seconds),
                ))
                .execute(self.connection)?,
        };
        if held == 0 {
            return Ok(None);
        }
        let flag = runs::table.find(&lease.run).select(runs::is_cancelled);
        Ok(Some(flag.first(self.connection)?))
    }

    /// Ends a run with a plan; `false` when it has ended already. Whoever holds the lease: of two
    /// planners that both come to an end, the first counts.
    pub fn complete_run(
        &mut self,
        lease: &Lease,
        (cost, bound, work, seconds): (i64, i64, i64, f64),
        now: NaiveDateTime,
    ) -> Result<bool> {
        let open = [RunState::Queued.as_str(), RunState::Running.as_str()];
        let target = runs::table.filter(runs::id.eq(&lease.run)).filter(runs::state.eq_any(open));
        let set = (
            runs::state.eq(RunState::Done.as_str()),
            runs::worker.eq(&lease.worker),
            runs::cost.eq(cost),
            runs::bound.eq(bound),
            runs::work.eq(work),
            runs::seconds.eq(seconds),
            runs::finished_at.eq(now),
        );
        Ok(diesel::update(target).set(set).execute(self.connection)? > 0)
    }

    /// Fails a run that this planner holds; `false` when it holds it no more.
    pub fn fail_run(&mut self, lease: &Lease, why: &Message, now: NaiveDateTime) -> Result<bool> {
        let target = runs::table
            .filter(runs::id.eq(&lease.run))
            .filter(runs::worker.eq(&lease.worker))
            .filter(runs::state.eq(RunState::Running.as_str()));
        let state = runs::state.eq(RunState::Failed.as_str());
        let set = (state, runs::error.eq(kept(why)), runs::finished_at.eq(now));
        Ok(diesel::update(target).set(set).execute(self.connection)? > 0)
    }

    /// Puts a run back into the queue.
    pub fn release_run(&mut self, lease: &Lease) -> Result<()> {
        let target = runs::table
            .filter(runs::id.eq(&lease.run))
            .filter(runs::worker.eq(&lease.worker))
            .filter(runs::state.eq(RunState::Running.as_str()));
        let set = runs::state.eq(RunState::Queued.as_str());
        diesel::update(target).set(set).execute(self.connection)?;
        Ok(())
    }

    /// Asks a run to stop and keep its best plan; `false` when it has ended.
    pub fn cancel_run(&mut self, id: &str) -> Result<bool> {
        let ended = [RunState::Done.as_str(), RunState::Failed.as_str()];
        let target = runs::table.filter(runs::id.eq(id)).filter(runs::state.ne_all(ended));
        let set = runs::is_cancelled.eq(true);
        Ok(diesel::update(target).set(set).execute(self.connection)? > 0)
    }
}
