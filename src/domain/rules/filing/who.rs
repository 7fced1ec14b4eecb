//! Who may inspect whom: R01, R03, R28, R33.

use crate::domain::rules::{Case, Finding, Pack, Remedy, RuleId, Severity};

/// R01: the department has a body that inspects.
pub(super) fn r01_body(case: &Case, pack: &Pack) -> Vec<Finding> {
    if case.body.inspects != Some(false) {
        return Vec::new();
    }
    let what = format!(
        "{} has coordinators only, which may convene but not inspect",
        case.body.department
    );
    let remedy = Remedy::text("File it for a department that has a body which inspects.");
    vec![pack.finding(RuleId::R01, "no-inspecting-body", "department", what).with(remedy)]
}

/// R03: enough officers. A department may send fewer than a visit needs where the pack lets it take part
/// with fewer; then it is planned with as many as a visit needs, unless it comes alone by its own wish.
pub(super) fn r03_crew(case: &Case, pack: &Pack) -> Vec<Finding> {
    let (crews, n) = (&pack.terms.r03, case.request.inspectors);
    if n >= crews.min_per_department.max(crews.min_per_visit) {
        return Vec::new();
    }
    let is_too_few = n < crews.min_per_department || case.request.is_solo;
    let least = if case.request.is_solo {
        crews.min_per_department.max(crews.min_per_visit)
    } else if is_too_few {
        crews.min_per_department
    } else {
        crews.min_per_visit
    };
    let what =
        format!("{n} inspectors are asked for; at least {least} certified officers are needed");
    let finding = pack.finding(RuleId::R03, "crew-too-small", "inspectors", what);
    let finding = if is_too_few { finding } else { finding.at_most(Severity::Warn) };
    vec![finding.with(Remedy::text(format!("Ask for {least} inspectors.")))]
}

/// R28: the enterprise lies in an area that the body is of, or an agreement says so.
pub(super) fn r28_jurisdiction(case: &Case, pack: &Pack) -> Vec<Finding> {
    let areas = &case.body.areas;
    let is_inside = areas.is_empty() || case.enterprise.areas.iter().any(|a| areas.contains(a));
    if is_inside || case.request.agreement.is_some() {
        return Vec::new();
    }
    let what = format!(
        "The enterprise lies in {}, outside the area of {} ({})",
        case.enterprise.areas.first().unwrap_or(&"no area"),
        case.body.department,
        areas.join(", ")
    );
    let remedy =
        Remedy::text("Name the cross-area agreement, or let the body of that area file it.");
    vec![pack.finding(RuleId::R28, "outside-jurisdiction", "department", what).with(remedy)]
}

/// R33: whether caps and quiet days speak of this kind of subject. It only notes it.
pub(super) fn r33_subject(case: &Case, pack: &Pack) -> Vec<Finding> {
    if pack.is_in_scope(&case.enterprise) {
        return Vec::new();
    }
    let subject = case.enterprise.subject.as_str();
    let what = format!("Caps and monthly quiet days do not speak of a subject of kind {subject}");
    let finding = pack.finding(RuleId::R33, "subject-out-of-scope", "enterprise", what);
    vec![finding.at_most(Severity::Record)]
}
