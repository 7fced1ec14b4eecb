//! Problem files, written.

use crate::domain::problem::{
    Already, Cap, Draft, Fixed, Keep, Pool, ProblemEnterprise, Request, Scenario, Share, Span,
    Target, Use,
};
use crate::domain::words::Worded;
use crate::wire::register::Grade;
use chrono::NaiveDate;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use std::collections::BTreeMap;
use std::io::Write;

/// The `format` of a problem file.
pub(super) const FORMAT: &str = "onevisit-problem/1";

fn day(date: NaiveDate) -> String {
    date.to_string()
}

/// Writes a problem. Reading it back gives an equal problem.
pub fn write(draft: &Draft, to: impl Write) -> Result<(), std::io::Error> {
    let mut to = std::io::BufWriter::new(to);
    serde_json::to_writer(&mut to, &Out(draft))?;
    to.write_all(b"\n")?;
    to.flush()
}

/// Something to be written.
struct Out<'a, T>(&'a T);

/// A list to be written.
struct OutList<'a, T>(&'a [T]);

impl<'a, T> Serialize for OutList<'a, T>
where
    Out<'a, T>: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(self.0.len()))?;
        for item in self.0 {
            seq.serialize_element(&Out(item))?;
        }
        seq.end()
    }
}

/// Serialises the named fields in order; `?` writes an optional one only when there is one.
macro_rules! object {
    ($serializer:expr, $($name:literal: $value:expr,)* $(? $optional:literal: $maybe:expr,)*) => {{
        let mut map = $serializer.serialize_map(None)?;
        $(map.serialize_entry($name, &$value)?;)*
        $(if let Some(value) = &$maybe { map.serialize_entry($optional, value)?; })*
        map.end()
    }};
}

fn unless<T: PartialEq>(value: T, default: T) -> Option<T> {
    (value != default).then_some(value)
}

impl Serialize for Out<'_, Draft> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Draft {
            name,
            start,
            end,
            closed_days,
            attendance_cost,
            max_visit_minutes,
            pools,
            scenarios,
            enterprises,
            requests,
            targets,
            fixed,
        } = self.0;
        object!(serializer,
            "format": FORMAT,
            "name": name,
            "start": day(*start),
            "end": day(*end),
            "closed_days": closed_days.iter().map(|d| day(*d)).collect::<Vec<_>>(),
            "attendance_cost": attendance_cost,
            "max_visit_minutes": max_visit_minutes,
            "pools": OutList(pools),
            "scenarios": OutList(scenarios),
            "enterprises": OutList(enterprises),
            "requests": OutList(requests),
            "targets": OutList(targets),
            "fixed": OutList(fixed),
        )
    }
}

impl Serialize for Out<'_, Pool> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Pool {
            id,
            department,
            minutes,
            attendance_minutes,
            exceptions,
            overtime_minutes,
            overtime_cost,
        } = self.0;
        let exceptions: BTreeMap<String, i64> =
            exceptions.iter().map(|(date, minutes)| (day(*date), *minutes)).collect();
        object!(serializer,
            "id": id,
            "department": department,
            "minutes": minutes,
            "attendance_minutes": attendance_minutes,
            ? "exceptions": unless(exceptions, BTreeMap::new()),
            ? "overtime_minutes": unless(*overtime_minutes, 0),
            ? "overtime_cost": unless(*overtime_cost, 0),
        )
    }
}

impl Serialize for Out<'_, Scenario> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Scenario { id, max_departments, max_inspectors, max_minutes } = self.0;
        object!(serializer,
            "id": id,
            "max_departments": max_departments,
            "max_inspectors": max_inspectors,
            "max_minutes": max_minutes,
        )
    }
}

impl Serialize for Out<'_, ProblemEnterprise> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let ProblemEnterprise {
            id,
            area,
            industry,
            risk,
            visit_cost,
            visit_cap,
            min_gap_days,
            last_counted,
            closed,
            quiet,
            department_caps,
            caps,
        } = self.0;
        object!(serializer,
            "id": id,
            "area": area,
            "industry": industry,
            "risk": risk.as_str(),
            "visit_cost": visit_cost,
            "visit_cap": visit_cap,
            "min_gap_days": min_gap_days,
            ? "last_counted": last_counted.map(day),
            ? "closed": (!closed.is_empty()).then_some(OutList(closed)),
            ? "quiet": (!quiet.is_empty()).then_some(OutList(quiet)),
            ? "department_caps": (!department_caps.is_empty()).then_some(department_caps),
            ? "caps": (!caps.is_empty()).then_some(OutList(caps)),
        )
    }
}

impl Serialize for Out<'_, Span> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        [day(self.0.first), day(self.0.last)].serialize(serializer)
    }
}

impl Serialize for Out<'_, Cap> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Cap { span, department, scenario, at_most } = self.0;
        object!(serializer,
            "from": day(span.first),
            "to": day(span.last),
            "at_most": at_most,
            ? "department": department,
            ? "scenario": scenario,
        )
    }
}

impl Serialize for Out<'_, Request> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Request {
            id,
            enterprise,
            department,
            earliest,
            latest,
            minutes,
            uses,
            scenarios,
            penalty,
            exempt,
            quiet_exempt,
            together,
            deferrable,
            solo,
            due,
            keep,
        } = self.0;
        object!(serializer,
            "id": id,
            "enterprise": enterprise,
            "department": department,
            "earliest": day(*earliest),
            "latest": day(*latest),
            "minutes": minutes,
            "uses": OutList(uses),
            "scenarios": scenarios,
            "penalty": penalty,
            ? "exempt": unless(*exempt, false),
            ? "quiet_exempt": quiet_exempt,
            ? "together": together,
            ? "deferrable": unless(*deferrable, false),
            ? "solo": unless(*solo, false),
            ? "due": due.map(|due| day(due.date)),
            ? "late_cost": due.map(|due| due.late_cost),
            ? "keep": keep.as_ref().map(Out),
        )
    }
}

impl Serialize for Out<'_, Use> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Use { pool, inspectors } = self.0;
        object!(serializer, "pool": pool, "inspectors": inspectors,)
    }
}

impl Serialize for Out<'_, Keep> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Keep { date, cost } = self.0;
        object!(serializer, "date": day(*date), "cost": cost,)
    }
}

impl Serialize for Out<'_, Target> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Target {
            id,
            measure,
            department,
            scenario,
            area,
            risk,
            at_least,
            shortfall_cost,
            already,
        } = self.0;
        object!(serializer,
            "id": id,
            "measure": measure.as_str(),
            "at_least": at_least.0 as f64 / Share::ONE.0 as f64,
            "shortfall_cost": shortfall_cost,
            ? "department": department,
            ? "scenario": scenario,
            ? "area": area,
            ? "risk": risk.map(Grade::as_str),
            ? "already": (*already != Already::default()).then_some(Out(already)),
        )
    }
}

impl Serialize for Out<'_, Already> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Already { reached, of } = self.0;
        object!(serializer, "reached": reached, "of": of,)
    }
}

impl Serialize for Out<'_, Fixed> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Fixed { enterprise, date, requests } = self.0;
        object!(serializer, "enterprise": enterprise, "date": day(*date), "requests": requests,)
    }
}
