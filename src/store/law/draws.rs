//! Random draws. What is frozen is never changed; the reveal adds to it, once.

use crate::domain::words::Worded;
use crate::store::connection::insert_all;
use crate::store::error::{Result, StoreError};
use crate::store::schema::{draw_items, draw_lots, draws, open_draws};
use crate::store::tx::Tx;
use crate::store::{Bounds, document, new_id, utc, word};
use crate::wire::law::draw::{
    Draw, DrawState, DrawnEnterprise, FORMAT, Frozen, OtherDraw, Publication, SamplingPlan,
    by_grade,
};
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use std::collections::BTreeMap;

/// A draw to be kept.
pub struct NewDraw<'d> {
    /// What is frozen; its id is the draw's.
    pub frozen: &'d Frozen,
    /// It in the canonical form.
    pub canonical: String,
    /// What is published of the seed.
    pub commitment: String,
    /// What must be kept secret.
    pub secret: &'d Secret,
}

/// What must be kept secret of a draw: the seed until it is revealed, the rest for good.
pub struct Secret {
    /// The seed.
    pub seed: String,
    /// What hides the ids of inspectors.
    pub salt: String,
    /// Ids of inspectors by their marks.
    pub people: BTreeMap<String, String>,
}

/// Which draws to list; all that is given must match.
#[derive(Clone, Debug, Default)]
pub struct DrawFilter {
    /// Of this department.
    pub department: Option<String>,
    /// In this state.
    pub state: Option<DrawState>,
}

#[derive(Queryable)]
struct DrawRow {
    id: String,
    state: String,
    plan: String,
    commitment: String,
    register_size: String,
    number_drawn: String,
    candidates: i64,
    seed: String,
    made_up_at: NaiveDateTime,
    made_up_by: String,
    revealed_at: Option<NaiveDateTime>,
    revealed_by: Option<String>,
}

#[derive(Insertable)]
#[diesel(table_name = draw_items)]
struct ItemRow {
    draw_id: String,
    item_id: String,
}

#[derive(Insertable)]
#[diesel(table_name = open_draws)]
struct OpenRow {
    department_id: String,
    item_id: String,
    draw_id: String,
}

#[derive(Insertable)]
#[diesel(table_name = draw_lots)]
struct LotRow {
    draw_id: String,
    enterprise_id: String,
}

type Columns = (
    draws::id,
    draws::state,
    draws::plan,
    draws::commitment,
    draws::register_size,
    draws::number_drawn,
    draws::candidates,
    draws::seed,
    draws::made_up_at,
    draws::made_up_by,
    draws::revealed_at,
    draws::revealed_by,
);
/// Without the large ones.
const COLUMNS: Columns = (
    draws::id,
    draws::state,
    draws::plan,
    draws::commitment,
    draws::register_size,
    draws::number_drawn,
    draws::candidates,
    draws::seed,
    draws::made_up_at,
    draws::made_up_by,
    draws::revealed_at,
    draws::revealed_by,
);

/// A result as it is kept: enterprises, each with the marks of its inspectors.
fn result(text: &str) -> Result<Vec<DrawnEnterprise>> {
    let list: Vec<(String, Vec<String>)> = serde_json::from_str(text)?;
    let drawn = |(enterprise, inspectors)| DrawnEnterprise { enterprise, inspectors };
    Ok(list.into_iter().map(drawn).collect())
}

impl TryFrom<DrawRow> for Draw {
    type Error = StoreError;
    fn try_from(row: DrawRow) -> Result<Self> {
        let DrawRow {
            id,
            state,
            plan,
            commitment,
            register_size,
            number_drawn,
            candidates,
            seed,
            made_up_at,
            made_up_by,
            revealed_at,
            revealed_by,
        } = row;
        let plan: SamplingPlan = document("draw", &id, &plan)?;
        let state = word(&state)?;
        Ok(Draw {
            plan,
            state,
            commitment,
            register_size: by_grade(serde_json::from_str(&register_size)?),
            number_drawn: by_grade(serde_json::from_str(&number_drawn)?),
            candidates,
            made_up_at: utc(made_up_at),
            made_up_by,
            revealed_at: revealed_at.map(utc),
            revealed_by,
            seed: Some(seed).filter(|_| state == DrawState::Revealed),
            result: None,
            id,
        })
    }
}

impl Tx<'_> {
    /// An id for a draw that is being made up.
    pub fn new_draw_id(&self) -> String {
        new_id()
    }

    /// Takes the place of the one open draw of the department for each item of the plan, until the
    /// draw `id` is revealed. Taken while another holds one of them. To be called before anything that
    /// decides the draw is read: whatever another left before it gave the place up is seen then.
    pub fn open_draw(&mut self, id: &str, plan: &SamplingPlan) -> Result<()> {
        let row = |item: &String| OpenRow {
            department_id: plan.department.clone(),
            item_id: item.clone(),
            draw_id: id.to_owned(),
        };
        let mut rows: Vec<OpenRow> = plan.items.iter().map(row).collect();
        // in one order, so that no two wait for each other
        rows.sort_unstable_by(|a, b| a.item_id.cmp(&b.item_id));
        insert_all!(self.connection, open_draws::table, rows);
        Ok(())
    }

    /// Draws of the plan's department, but for `id`, for one of its items on days that the plan has
    /// too, in the order they were made up.
    pub fn overlapping_draws(&mut self, id: &str, plan: &SamplingPlan) -> Result<Vec<OtherDraw>> {
        let query = draws::table
            .inner_join(draw_items::table.on(draw_items::draw_id.eq(draws::id)))
            .filter(draws::department_id.eq(&plan.department))
            .filter(draws::start_day.le(plan.end))
            .filter(draws::id.ne(id))
            .filter(draw_items::item_id.eq_any(&plan.items));
        let query = query.order(draws::id).select(COLUMNS).distinct();
        let rows: Vec<DrawRow> = query.load(self.connection)?;
        let mut found = Vec::new();
        for row in rows {
            let draw = Draw::try_from(row)?;
            if plan.start <= draw.plan.end {
                found.push(draw.into());
            }
        }
        Ok(found)
    }

    /// Keeps a draw whose place is [taken](Self::open_draw). `by` is the caller's name.
    pub fn add_draw(&mut self, new: &NewDraw<'_>, by: &str, at: NaiveDateTime) -> Result<()> {
        let NewDraw { frozen, canonical, commitment, secret } = new;
        let Frozen { id, plan, .. } = frozen;
        let sample = frozen.sample();
        let row = (
            draws::id.eq(id.clone()),
            draws::department_id.eq(plan.department.clone()),
            draws::area_id.eq(plan.area.clone()),
            draws::start_day.eq(plan.start),
            draws::state.eq(DrawState::Committed.as_str()),
            draws::plan.eq(serde_json::to_string(plan)?),
            draws::commitment.eq(commitment.clone()),
            draws::register_size.eq(serde_json::to_string(&sample.size())?),
            draws::number_drawn.eq(serde_json::to_string(&sample.number_drawn())?),
            draws::candidates.eq(frozen.inspectors.len() as i64),
            draws::frozen.eq(canonical.clone()),
            draws::people.eq(serde_json::to_string(&secret.people)?),
            draws::salt.eq(secret.salt.clone()),
            draws::seed.eq(secret.seed.clone()),
            draws::made_up_at.eq(at),
            draws::made_up_by.eq(by.to_owned()),
        );
        diesel::insert_into(draws::table).values(row).execute(self.connection)?;
        let link = |item: &String| ItemRow { draw_id: id.clone(), item_id: item.clone() };
        let links: Vec<ItemRow> = plan.items.iter().map(link).collect();
        insert_all!(self.connection, draw_items::table, links);
        Ok(())
    }

    /// A draw without its result.
    pub fn draw_head(&mut self, id: &str) -> Result<Option<Draw>> {
        let query = draws::table.find(id).select(COLUMNS);
        let row: Option<DrawRow> = query.first(self.connection).optional()?;
        row.map(TryInto::try_into).transpose()
    }

    /// A draw, with its result when it has one, each enterprise with the ids of its inspectors.
    pub fn draw(&mut self, id: &str) -> Result<Option<Draw>> {
        let Some(mut draw) = self.draw_head(id)? else { return Ok(None) };
        let query = draws::table.find(id).select((draws::people, draws::result));
        let (people, text): (String, Option<String>) = query.first(self.connection)?;
        let people: BTreeMap<String, String> = serde_json::from_str(&people)?;
        draw.result = text.as_deref().map(result).transpose()?;
        for drawn in draw.result.iter_mut().flatten() {
            for inspector in &mut drawn.inspectors {
                let unknown = || StoreError::Damaged(format!("unknown value {inspector}"));
                *inspector = people.get(inspector).cloned().ok_or_else(unknown)?;
            }
        }
        Ok(Some(draw))
    }

    /// Draws after `cursor`, in the order they were made up; without results.
    pub fn draws(
        &mut self,
        filter: &DrawFilter,
        bounds: &Bounds,
        cursor: &str,
        limit: i64,
    ) -> Result<Vec<Draw>> {
        let mut query = draws::table.filter(draws::id.gt(cursor)).select(COLUMNS).into_boxed();
        if let Some(department) = &filter.department {
            query = query.filter(draws::department_id.eq(department));
        }
        if let Some(state) = filter.state {
            query = query.filter(draws::state.eq(state.as_str()));
        }
        if let Some(departments) = &bounds.departments {
            query = query.filter(draws::department_id.eq_any(departments));
        }
        // a draw in no area concerns them all
        if let Some(areas) = &bounds.areas {
            query = query.filter(draws::area_id.eq_any(areas));
        }
        let rows: Vec<DrawRow> = query.order(draws::id).limit(limit).load(self.connection)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// A draw of the department for one of the items that is made up and not revealed.
    pub fn unrevealed_draw(&mut self, plan: &SamplingPlan) -> Result<Option<String>> {
        let query = draws::table
            .inner_join(draw_items::table.on(draw_items::draw_id.eq(draws::id)))
            .filter(draws::department_id.eq(&plan.department))
            .filter(draws::state.eq(DrawState::Committed.as_str()))
            .filter(draw_items::item_id.eq_any(&plan.items));
        let query = query.order(draws::id).select(draws::id);
        Ok(query.first(self.connection).optional()?)
    }

    /// How often each enterprise was drawn by the department for one of the items, over draws that
    /// start on a day from `first` to `last`.
    pub fn times_drawn(
        &mut self,
        plan: &SamplingPlan,
        (first, last): (NaiveDate, NaiveDate),
    ) -> Result<BTreeMap<String, i64>> {
        let query = draws::table
            .inner_join(draw_items::table.on(draw_items::draw_id.eq(draws::id)))
            .filter(draws::department_id.eq(&plan.department))
            .filter(draws::start_day.ge(first))
            .filter(draws::start_day.le(last))
            .filter(draw_items::item_id.eq_any(&plan.items));
        let ids: Vec<String> = query.select(draws::id).distinct().load(self.connection)?;
        let query = draw_lots::table.filter(draw_lots::draw_id.eq_any(ids));
        let drawn: Vec<String> = query.select(draw_lots::enterprise_id).load(self.connection)?;
        let mut times = BTreeMap::new();
        for enterprise in drawn {
            *times.entry(enterprise).or_default() += 1;
        }
        Ok(times)
    }

    /// What is frozen of a draw, and its seed, which is for the reveal alone.
    pub fn draw_to_reveal(&mut self, id: &str) -> Result<Option<(Frozen, String)>> {
        let query = draws::table.find(id).select((draws::frozen, draws::seed));
        let row: Option<(String, String)> = query.first(self.connection).optional()?;
        row.map(|(frozen, seed)| Ok((document("draw", id, &frozen)?, seed))).transpose()
    }

    /// Keeps the result of a draw; `false` when it has one already.
    pub fn reveal_draw(
        &mut self,
        id: &str,
        drawn: &[DrawnEnterprise],
        by: &str,
        at: NaiveDateTime,
    ) -> Result<bool> {
        let list: Vec<(&String, &Vec<String>)> =
            drawn.iter().map(|one| (&one.enterprise, &one.inspectors)).collect();
        let target = draws::table
            .filter(draws::id.eq(id))
            .filter(draws::state.eq(DrawState::Committed.as_str()));
        let set = (
            draws::state.eq(DrawState::Revealed.as_str()),
            draws::result.eq(serde_json::to_string(&list)?),
            draws::revealed_at.eq(at),
            draws::revealed_by.eq(by),
        );
        if diesel::update(target).set(set).execute(self.connection)? == 0 {
            return Ok(false);
        }
        let place = open_draws::table.filter(open_draws::draw_id.eq(id));
        diesel::delete(place).execute(self.connection)?;
        let lot = |one: &DrawnEnterprise| LotRow {
            draw_id: id.to_owned(),
            enterprise_id: one.enterprise.clone(),
        };
        let lots: Vec<LotRow> = drawn.iter().map(lot).collect();
        insert_all!(self.connection, draw_lots::table, lots);
        Ok(true)
    }

    /// What anyone may see of a draw.
    pub fn draw_publication(&mut self, id: &str) -> Result<Option<Publication>> {
        let Some(draw) = self.draw_head(id)? else { return Ok(None) };
        let Draw { plan, commitment, made_up_at, revealed_at, seed, .. } = draw;
        let query = draws::table.find(id).select((draws::frozen, draws::result));
        let (frozen, text): (String, Option<String>) = query.first(self.connection)?;
        Ok(Some(Publication {
            format: FORMAT.into(),
            commitment,
            made_up_at,
            frozen: document("draw", id, &frozen)?,
            revealed_at,
            seed,
            result: text.as_deref().map(result).transpose()?,
            others: self.overlapping_draws(id, &plan)?,
        }))
    }

    /// Whether a revealed draw met an enterprise for an item; `None` when there is no such draw or it
    /// is not revealed.
    pub fn draw_covers(&mut self, id: &str, enterprise: &str, item: &str) -> Result<Option<bool>> {
        let state: Option<String> =
            draws::table.find(id).select(draws::state).get_result(self.connection).optional()?;
        if state.as_deref() != Some(DrawState::Revealed.as_str()) {
            return Ok(None);
        }
        let lot: i64 =
            draw_lots::table.find((id, enterprise)).count().get_result(self.connection)?;
        let of_item: i64 =
            draw_items::table.find((id, item)).count().get_result(self.connection)?;
        Ok(Some(lot > 0 && of_item > 0))
    }
}
