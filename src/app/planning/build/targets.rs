//! The scenarios and the targets of a draft.

use super::builder::Builder;
use crate::domain::problem::{Already, Request, Scenario, Target};
use crate::message;
use crate::wire::register::Assumable;
use std::collections::BTreeSet;

impl Builder<'_> {
    /// The scenarios that requests or targets name.
    pub(super) fn scenarios(&mut self, requests: &[Request]) -> Vec<Scenario> {
        let by_requests = requests.iter().flat_map(|r| &r.scenarios);
        let by_targets =
            self.record.policy.targets.iter().filter_map(|target| target.scenario.as_ref());
        let named: BTreeSet<&String> = by_requests.chain(by_targets).collect();
        let named =
            self.facts.catalogue.scenarios.iter().filter(|scenario| named.contains(&scenario.id));
        let lawful = self.facts.pack.joint_limits();
        let mut drafts = Vec::new();
        for (i, scenario) in named.enumerate() {
            let mut limit = |field: &str, number: Assumable| {
                let id = &scenario.id;
                let source = if number.assumed {
                    message!("origin_scenario-assumed", scenario = id, field = field)
                } else {
                    message!("origin_scenario", scenario = id, field = field)
                };
                self.from(format!("/scenarios/{i}/{field}"), number.value, &source)
            };
            let limits = scenario.limits;
            let least = |number: Assumable, most: Option<i64>| Assumable {
                value: most.map_or(number.value, |most| most.min(number.value)),
                ..number
            };
            drafts.push(Scenario {
                id: scenario.id.clone(),
                max_departments: limit(
                    "max_departments",
                    least(limits.max_departments, lawful.max_departments),
                ),
                max_inspectors: limit(
                    "max_inspectors",
                    least(limits.max_inspectors, lawful.max_officers),
                ),
                max_minutes: limit("max_minutes", limits.max_minutes),
            });
        }
        drafts
    }

    /// The targets of the policy.
    pub(super) fn targets(&mut self) -> Vec<Target> {
        let mut drafts = Vec::new();
        for (i, target) in self.record.policy.targets.iter().enumerate() {
            let share = target.share();
            let source = message!(
                "origin_policy",
                version = self.record.version,
                path = format!("targets.{}.at_least", target.id),
                value = target.at_least.to_string(),
            );
            self.from(format!("/targets/{i}/at_least"), share.0, &source);
            drafts.push(Target {
                id: target.id.clone(),
                measure: target.measure,
                department: target.department.clone(),
                scenario: target.scenario.clone(),
                area: target.area.clone(),
                risk: target.risk,
                at_least: share,
                shortfall_cost: self.priced(
                    format!("/targets/{i}/shortfall_cost"),
                    target.shortfall_cost,
                    &format!("targets.{}.shortfall_cost", target.id),
                ),
                already: Already::default(),
            });
        }
        drafts
    }
}
