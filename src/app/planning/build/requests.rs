//! The requests of a draft.

use super::builder::Builder;
use super::facts::Facts;
use super::penalty::penalty;
use crate::app::law::reading;
use crate::app::register::staff::Serving;
use crate::domain::problem::{Due, Keep, Request, Use};
use crate::domain::register::staff::can_staff;
use crate::domain::rules::RuleId;
use crate::domain::words::Worded;
use crate::domain::{Defect, Message};
use crate::message;
use crate::wire::planning::run::Origin;
use crate::wire::register;
use crate::wire::requests::request::{Kind, Request as Filed};
use crate::wire::sentence::kept;
use chrono::Days;

impl Builder<'_> {
    /// Every accepted request that is not settled elsewhere; a defect where no pool serves it.
    pub(super) fn requests(&mut self) -> Vec<Request> {
        let Facts { filed, enterprises, catalogue, pools, .. } = self.facts;
        let serving = Serving::of(pools.iter().map(|row| &row.value));
        let mut requests = Vec::with_capacity(filed.len());
        for (i, request) in filed.iter().enumerate() {
            let enterprise = &enterprises[&request.filed.enterprise];
            let department = &request.filed.department;
            let Some(pool) = serving.pool(department, &enterprise.area) else {
                let message = message!(
                    "no-pool_any-more",
                    department = department,
                    area = &enterprise.area,
                    request = &request.id,
                );
                self.defects.push(Defect::at(format!("/requests/{i}/uses"), message));
                continue;
            };
            // who wants no joint visits is visited by one department at a time
            let scenarios = if enterprise.joint_opt_out {
                Vec::new()
            } else {
                catalogue.scenarios_of(&request.filed.item, &enterprise.industry)
            };
            let mut made = self.request(i, request, enterprise, (pool, scenarios));
            let item = (catalogue.items.get(&request.filed.item), request.filed.kind);
            self.publish(i, &mut made, item);
            requests.push(made);
        }
        requests
    }

    /// Keeps a request to the days on which its item is published, and gives it to nobody when none
    /// is left, or when too few inspectors of its pool may hold it on any of them.
    fn publish(
        &mut self,
        i: usize,
        request: &mut Request,
        (item, kind): (Option<&register::Item>, Kind),
    ) {
        let facts = self.facts;
        let Some(item) = item else { return };
        let by_notice = facts.pack.notice_earliest(facts.today, &reading::item_case(item), kind);
        let begins = item.published_from.map_or(by_notice, |day| day.max(by_notice));
        // a visit that is fixed was announced when it was published
        let is_fixed = self.fixed_visit(&request.id).is_some();
        let earliest = if is_fixed { request.earliest } else { begins.max(request.earliest) };
        let latest = item.published_to.map_or(request.latest, |day| day.min(request.latest));
        let is_published = earliest <= latest;
        if is_published {
            (request.earliest, request.latest) = (earliest, latest);
        }
        let Use { pool, inspectors } = &request.uses[0];
        let is_staffed = facts.staff.get(pool).is_none_or(|staff| {
            let days = earliest.iter_days().take_while(|day| *day <= latest);
            let open = days.filter(|day| !facts.closed_days.contains(day));
            let qualification = item.qualification.as_deref();
            can_staff(staff, &request.enterprise, qualification, *inspectors, open)
        });
        let source = match (is_published, is_staffed) {
            (true, true) => return,
            (false, _) => message!("origin_not-published", item = &item.id),
            (true, false) => message!("origin_too-few-inspectors", pool = pool),
        };
        let nobody = format!("{pool}:nobody");
        let pointer = format!("/requests/{i}/uses/0/pool");
        self.origins.push(Origin { pointer, source: kept(&source) });
        self.nobody.insert(nobody.clone(), request.department.clone());
        request.uses[0].pool = nobody;
    }

    fn request(
        &mut self,
        i: usize,
        request: &Filed,
        enterprise: &register::Enterprise,
        (pool, scenarios): (&str, Vec<String>),
    ) -> Request {
        let within = self.facts.within;
        let filed = &request.filed;
        let at = |field: &str| format!("/requests/{i}/{field}");
        let minutes = filed.minutes.expect("stored requests have their defaults");
        let minutes_source = self.as_filed(request, "minutes", |item| item.minutes);
        let (penalty, steps) = penalty(self.record, request, enterprise, within.first);
        let (kind, reason) = (filed.kind, filed.reason);
        let pack = &self.facts.pack;
        // as it was filed, as far as the law of today spares it
        let exempt = filed.exempt.unwrap_or(false) && pack.is_spared(filed.contact, kind, reason);
        let quiet_exempt =
            filed.quiet_exempt.unwrap_or(false) && pack.is_quiet_exempt(kind, reason);
        // a group's members that are fixed in a visit bind nobody who was filed since
        let visit = self.fixed_visit(&request.id).map_or("", |visit| visit.visit.as_str());
        let together = filed.together.as_ref();
        let together = together.map(|group| format!("{}/{group}/{visit}", filed.department));
        let crew = self.crew(i, request);
        Request {
            id: request.id.clone(),
            enterprise: filed.enterprise.clone(),
            department: filed.department.clone(),
            earliest: filed.earliest.max(within.first),
            latest: filed.latest.min(within.last),
            minutes: self.from(at("minutes"), minutes, &minutes_source),
            uses: vec![Use { pool: pool.into(), inspectors: crew }],
            scenarios,
            penalty: self.from(at("penalty"), penalty, &steps),
            exempt,
            quiet_exempt: Some(quiet_exempt),
            together,
            deferrable: filed.latest > within.last,
            solo: filed.solo,
            // days that passed before the horizon raise the penalty; on every day they are spent alike
            due: filed.due.map(|date| Due {
                date: date.max(within.first - Days::new(1)),
                late_cost: self.priced(
                    at("late_cost"),
                    self.record.policy.late_cost[&kind],
                    &format!("late_cost.{}", kind.as_str()),
                ),
            }),
            keep: self.keep(i, request),
        }
    }

    /// Where a number of a request comes from that its item has too.
    fn as_filed(
        &self,
        request: &Filed,
        field: &str,
        number: fn(&register::Item) -> register::Assumable,
    ) -> Message {
        let (id, item) = (&request.id, self.facts.catalogue.items.get(&request.filed.item));
        let Some(item) = item else {
            return message!("origin_filed", request = id, field = field);
        };
        let (item, usual) = (&item.id, number(item));
        let register::Assumable { value, assumed } = usual;
        if assumed {
            message!(
                "origin_filed-item-assumed",
                request = id,
                field = field,
                item = item,
                usual = value,
            )
        } else {
            message!("origin_filed-item", request = id, field = field, item = item, usual = value)
        }
    }

    /// Inspectors of a request: as filed, and as many as the law asks for at least.
    fn crew(&mut self, i: usize, request: &Filed) -> i64 {
        let inspectors = request.filed.inspectors.expect("stored requests have their defaults");
        let crew = self.facts.pack.crew(inspectors);
        let pointer = format!("/requests/{i}/uses/0/inspectors");
        if crew == inspectors {
            let source = self.as_filed(request, "inspectors", |item| item.inspectors);
            self.from(pointer, inspectors, &source)
        } else {
            self.lawful(pointer, crew, RuleId::R03, message!("law_officers", officers = crew))
        }
    }

    /// The day on which the schedule has a request, where that may be changed at a cost.
    fn keep(&mut self, i: usize, request: &Filed) -> Option<Keep> {
        if self.fixed_visit(&request.id).is_some() {
            return None;
        }
        let visit = self.scheduled(&request.id)?;
        let (date, why) = (visit.day, self.released.get(&visit.visit).cloned());
        let (version, cost) = (self.record.version, self.record.policy.keep_cost);
        let pointer = format!("/requests/{i}/keep/cost");
        let cost = match why {
            None => self.priced(pointer, cost, "keep_cost"),
            Some(why) => {
                let source =
                    message!("origin_released", version = version, value = cost, why = why);
                self.from(pointer, cost, &source)
            }
        };
        Some(Keep { date, cost })
    }
}
