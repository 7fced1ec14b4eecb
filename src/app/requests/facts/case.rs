//! What was gathered of a request, as the case that the rules judge.

use super::Facts;
use crate::app::law::reading;
use crate::domain::problem::Span;
use crate::domain::register::authority::{Entry, Matrix};
use crate::domain::rules::{Case, Pack, case};
use crate::wire::law::campaign::InspectionPlan;
use crate::wire::register;
use crate::wire::register::BodyRole;
use crate::wire::requests::request::Request;
use chrono::{Days, NaiveDate};
use std::collections::BTreeSet;

impl Facts {
    /// The case that the rules judge.
    pub(in crate::app) fn case<'c>(
        &'c self,
        pack: &Pack,
        is_workday: &'c dyn Fn(NaiveDate) -> bool,
    ) -> Case<'c> {
        let (minutes, inspectors) = self.effort(pack);
        let filed = &self.filed;
        Case {
            today: self.today,
            request: case::Filing {
                department: &filed.department,
                kind: filed.kind,
                reason: filed.reason,
                contact: filed.contact,
                earliest: filed.earliest,
                latest: filed.latest,
                inspectors,
                minutes,
                is_solo: filed.solo,
                plan: self.plan.as_deref().map(|plan| inspection_plan_case(plan, self.plan_used)),
                // one that did not draw it was reported before
                draw: filed.draw.as_deref().map(|id| case::DrawRef { id, covers: true }),
                agreement: filed.agreement.as_deref(),
                on_site_reason: filed.on_site_reason.as_deref(),
                // intake keeps that gate itself, by the request's state
                is_approved: true,
            },
            item: reading::item_case(&self.item),
            enterprise: self.enterprise_case(),
            body: self.body(),
            visits: reading::held(&self.parts, &self.leads),
            open: self.open.iter().map(|request| self.open_case(request)).collect(),
            is_workday,
        }
    }

    fn enterprise_case(&self) -> case::EnterpriseCase<'_> {
        let id = &self.enterprise.id;
        let listings = self.sparing.listings.iter().filter(|listing| listing.enterprise == *id);
        let listings: Vec<&register::Listing> = listings.collect();
        reading::enterprise_case(&self.enterprise, self.areas(), &listings, self.quiet())
    }

    /// The enterprise's area and those around it, the smallest first.
    fn areas(&self) -> Vec<&str> {
        self.tree.chain(&self.enterprise.area)
    }

    fn quiet(&self) -> Vec<Span> {
        let (within, areas) = (super::looked_at(self.today, &self.filed), self.areas());
        let own = |period: &&register::QuietPeriod| {
            period.enterprise.as_ref() == Some(&self.enterprise.id)
                || period.area.as_ref().is_some_and(|area| areas.contains(&area.as_str()))
        };
        let all = self.sparing.quiet.iter().chain(self.quiet_areas.iter());
        all.filter(own).flat_map(|p| reading::quiet_spans(p, within)).collect()
    }

    fn body(&self) -> case::BodyCase<'_> {
        let roles: Vec<BodyRole> = self.bodies.iter().map(|body| body.role).collect();
        let inspecting = self.bodies.iter().filter(|body| body.role == BodyRole::Inspects);
        let mut areas: Vec<&str> = inspecting.clone().map(|body| body.area.as_str()).collect();
        if areas.is_empty() {
            areas.extend(self.department.area.as_deref());
        }
        case::BodyCase {
            department: &self.department.id,
            level: self.department.level,
            inspects: (!roles.is_empty()).then(|| roles.contains(&BodyRole::Inspects)),
            areas,
            holds: self.holds(),
        }
    }

    /// Days on which a body of the department holds the item here, as far as a remedy is looked for.
    fn holds(&self) -> Option<Vec<Span>> {
        if self.authorities.is_empty() {
            return None;
        }
        let entries: Vec<Entry> = self.authorities.iter().map(Entry::from).collect();
        let matrix = Matrix::new(&self.tree, &entries);
        let own: BTreeSet<&str> = self.bodies.iter().map(|body| body.id.as_str()).collect();
        let within = super::looked_at(self.today, &self.filed);
        // between the days on which an entry begins or has ended nothing changes
        let changes = entries
            .iter()
            .flat_map(|entry| [Some(entry.from), entry.until.and_then(|day| day.succ_opt())]);
        let mut firsts: BTreeSet<NaiveDate> = changes.flatten().collect();
        firsts.retain(|day| within.contains(*day));
        firsts.insert(within.first);
        let mut spans: Vec<Span> = Vec::new();
        for first in firsts.iter().copied() {
            let next = firsts.range(first + Days::new(1)..).next();
            let last = next.map_or(within.last, |next| *next - Days::new(1));
            let holders = matrix.holders(&self.item.id, &self.enterprise.area, first);
            if holders.iter().any(|holding| own.contains(holding.body)) {
                spans.push(Span { first, last });
            }
        }
        Some(spans)
    }

    fn open_case<'c>(&'c self, request: &'c Request) -> case::Open<'c> {
        let filed = &request.filed;
        case::Open {
            id: &request.id,
            department: &filed.department,
            level: self.levels.get(&filed.department).copied().flatten(),
            item: &filed.item,
            kind: filed.kind,
            reason: filed.reason,
            earliest: filed.earliest,
            latest: filed.latest,
            minutes: filed.minutes.unwrap_or(0),
        }
    }
}

/// A plan or campaign as the rules look at it.
pub(super) fn inspection_plan_case(
    existing: &InspectionPlan,
    more: i64,
) -> case::InspectionPlanRef<'_> {
    let InspectionPlan { id, plan, approval, filed_on, published_on, used, .. } = existing;
    case::InspectionPlanRef {
        id,
        kind: plan.kind,
        year: i32::try_from(plan.year).unwrap_or_default(),
        filed_on: *filed_on,
        published_on: *published_on,
        approval_number: approval.as_ref().and_then(|given| given.approval_number.as_deref()),
        quota_left: plan.quota.map(|quota| (quota - used.unwrap_or(0) - more).max(0)),
        items: plan.items.iter().map(String::as_str).collect(),
        steps: plan.steps.taken().into_iter().map(|(step, _)| step).collect(),
    }
}
