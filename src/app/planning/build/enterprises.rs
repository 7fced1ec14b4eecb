//! The enterprises of a draft, with everything that caps their visits.

use super::builder::Builder;
use crate::app::law::reading;
use crate::app::law::reading::Asked;
use crate::app::planning::sites::Site;
use crate::domain::problem::{Cap, ProblemEnterprise, Request, Span};
use crate::domain::register::days;
use crate::domain::rules::feed::YearCap;
use crate::domain::rules::{ListAllows, RuleId};
use crate::domain::words::Worded;
use crate::message;
use crate::wire::register;
use crate::wire::register::Listing;
use chrono::{Days, NaiveDate};
use std::collections::BTreeMap;

/// Who leads each scenario.
type Leads = BTreeMap<String, String>;

/// What requests ask of each enterprise.
fn asked(requests: &[Request]) -> BTreeMap<&str, Asked<'_>> {
    let mut all: BTreeMap<&str, Asked<'_>> = BTreeMap::new();
    for request in requests {
        let asked = all.entry(&request.enterprise).or_default();
        *asked.counted.entry(&request.department).or_default() += i64::from(!request.exempt);
        asked.scenarios.extend(request.scenarios.iter().map(String::as_str));
    }
    for asked in all.values_mut() {
        asked.scenarios.sort_unstable();
        asked.scenarios.dedup();
    }
    all
}

impl Builder<'_> {
    /// Every enterprise at which something is asked for.
    pub(super) fn enterprises(
        &mut self,
        mut sites: BTreeMap<&str, Site<'_>>,
        requests: &[Request],
    ) -> Vec<ProblemEnterprise> {
        let facts = self.facts;
        let mut asked = asked(requests);
        let leads = facts.catalogue.scenarios.iter().map(|s| (s.id.clone(), s.lead.clone()));
        let leads: Leads = leads.collect();
        let mut drafts = Vec::with_capacity(facts.enterprises.len());
        for (i, enterprise) in facts.enterprises.values().enumerate() {
            let site = sites.remove(enterprise.id.as_str()).expect("every enterprise has its site");
            let asked = asked.remove(enterprise.id.as_str()).unwrap_or_default();
            let caps = self.caps(i, (&enterprise.id, &site), &asked, &leads);
            drafts.push(self.enterprise(i, enterprise, site, caps));
        }
        drafts
    }

    fn enterprise(
        &mut self,
        i: usize,
        enterprise: &register::Enterprise,
        site: Site<'_>,
        caps: Vec<Cap>,
    ) -> ProblemEnterprise {
        let register::Enterprise {
            id,
            name: _,
            area,
            industry,
            risk,
            credit_grade,
            last_counted,
            subject: _,
            longitude_microdegrees: _,
            latitude_microdegrees: _,
            joint_opt_out: _, // of its requests
            open_weekdays: _,
            safety_level: _, // of its case
            designated: _,
        } = enterprise;
        let limits = &self.record.policy.limits;
        let (visit_cap, gap) = (limits.visit_cap[risk], limits.min_gap_days);
        let visit_cost = self.record.policy.visit_cost[credit_grade];
        let registered = last_counted.filter(|day| *day < self.facts.within.first);
        let held_before = self.facts.held_before.get(id).map(|held| held.1);
        let at = |field: &str| format!("/enterprises/{i}/{field}");
        ProblemEnterprise {
            id: id.clone(),
            area: area.clone(),
            industry: industry.clone(),
            risk: *risk,
            visit_cost: self.priced(
                at("visit_cost"),
                visit_cost,
                &format!("visit_cost.{}", credit_grade.as_str()),
            ),
            visit_cap: self.priced(
                at("visit_cap"),
                visit_cap,
                &format!("limits.visit_cap.{}", risk.as_str()),
            ),
            min_gap_days: self.priced(at("min_gap_days"), gap, "limits.min_gap_days"),
            last_counted: registered.max(held_before),
            closed: site.closed,
            quiet: site.quiet,
            department_caps: BTreeMap::new(),
            caps,
        }
    }

    /// What caps the visits of an enterprise over spans of days: its next visit, lists, the law.
    fn caps(
        &mut self,
        i: usize,
        (id, site): (&str, &Site<'_>),
        asked: &Asked<'_>,
        leads: &Leads,
    ) -> Vec<Cap> {
        let facts = self.facts;
        let mut caps: Vec<Cap> = Vec::new();
        if let Some(held) = facts.held_after.get(id) {
            caps.push(self.cap_before(i, held.0));
        }
        for listing in &site.listings {
            caps.extend(self.cap_of(listing, i, caps.len()));
        }
        let parts = facts.parts.get(id).map_or(&[][..], Vec::as_slice);
        let (history, levels) = ((parts, leads), &facts.levels);
        for (cap, source) in
            reading::caps(&facts.pack, &site.case, asked, levels, history, facts.within)
        {
            let pointer = format!("/enterprises/{i}/caps/{}/at_most", caps.len());
            let at_most = self.from(pointer, cap.at_most, &source);
            let YearCap { span, department, scenario, .. } = cap;
            caps.push(Cap { span, department, scenario, at_most });
        }
        caps
    }

    /// No counted visit while a list spares the enterprise.
    fn cap_of(&mut self, listing: &Listing, i: usize, k: usize) -> Option<Cap> {
        if !self.facts.pack.binds(RuleId::R23)
            || self.facts.pack.list_allows(listing.list, None) == ListAllows::Everything
        {
            return None;
        }
        let within = self.facts.within;
        let last = listing.to.unwrap_or(within.last);
        let span = days::part(Span { first: listing.from, last }, within)?;
        let source = message!(
            "origin_list",
            list = listing.list.as_str(),
            enterprise = &listing.enterprise,
            from = listing.from,
        );
        let at_most = self.from(format!("/enterprises/{i}/caps/{k}/at_most"), 0, &source);
        Some(Cap { span, department: listing.department.clone(), scenario: None, at_most })
    }

    /// No counted visit so shortly before one that is on the schedule after the horizon.
    fn cap_before(&mut self, i: usize, next: NaiveDate) -> Cap {
        let gap = self.record.policy.limits.min_gap_days.max(1) as u64;
        let version = self.record.version;
        let source = message!("origin_gap-before", version = version, next = next);
        let span = Span { first: next - Days::new(gap - 1), last: self.facts.within.last };
        let at_most = self.from(format!("/enterprises/{i}/caps/0/at_most"), 0, &source);
        Cap { span, department: None, scenario: None, at_most }
    }
}
