//! What leaving a request out costs.

use crate::domain::Message;
use crate::domain::words::Worded;
use crate::message;
use crate::wire::planning::policy::PolicyRecord;
use crate::wire::register::Enterprise;
use crate::wire::requests::request::Request;
use chrono::NaiveDate;

/// What leaving a request out costs, and how that comes about.
pub(in crate::app) fn penalty(
    policy: &PolicyRecord,
    request: &Request,
    enterprise: &Enterprise,
    start: NaiveDate,
) -> (i64, Message) {
    let penalty = &policy.policy.penalty;
    let kind = request.filed.kind;
    let (base, risk) = (penalty.kinds[&kind], penalty.risk_percent[&enterprise.risk]);
    let credit = penalty.credit_percent[&enterprise.credit_grade];
    let due = request.filed.due.unwrap_or(start);
    let overdue_days = (start - due).num_days().max(0);
    let more = (overdue_days.saturating_mul(penalty.overdue_percent_a_day))
        .min(penalty.overdue_percent_max);
    let value = base * risk * credit * (100 + more) / 1_000_000;
    let steps = message!(
        "origin_penalty",
        version = policy.version,
        kind = kind.as_str(),
        base = base,
        level = enterprise.risk.as_str(),
        risk = risk,
        grade = enterprise.credit_grade.as_str(),
        credit = credit,
        more = more,
        overdue = overdue_days,
        value = value,
    );
    (value, steps)
}
