//! Who may inspect whom: R01, R03, R28, R33.

use crate::domain::rules::{Case, Finding, Pack, Remedy, RuleId, Severity};
use crate::message;

/// R01: the department has a body that inspects.
pub(super) fn r01_body(case: &Case, pack: &Pack) -> Vec<Finding> {
    if case.body.inspects != Some(false) {
        return Vec::new();
    }
    let what = message!("no-inspecting-body", department = case.body.department);
    let remedy = Remedy::words(message!("remedy_inspecting-department"));
    vec![pack.finds(RuleId::R01, "department", what).with(remedy)]
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
    let what = message!("crew-too-small", inspectors = n, least = least);
    let finding = pack.finds(RuleId::R03, "inspectors", what);
    let finding = if is_too_few { finding } else { finding.at_most(Severity::Warn) };
    vec![finding.with(Remedy::words(message!("remedy_more-inspectors", least = least)))]
}

/// R28: the enterprise lies in an area that the body is of, or an agreement says so.
pub(super) fn r28_jurisdiction(case: &Case, pack: &Pack) -> Vec<Finding> {
    let areas = &case.body.areas;
    let is_inside = areas.is_empty() || case.enterprise.areas.iter().any(|a| areas.contains(a));
    if is_inside || case.request.agreement.is_some() {
        return Vec::new();
    }
    // the smallest first; there is always one
    let area = case.enterprise.areas.first().copied().unwrap_or_default();
    let what = message!(
        "outside-jurisdiction",
        area = area,
        department = case.body.department,
        areas = areas.clone(),
    );
    let remedy = Remedy::words(message!("remedy_cross-area"));
    vec![pack.finds(RuleId::R28, "department", what).with(remedy)]
}

/// R33: whether caps and quiet days speak of this kind of subject. It only notes it.
pub(super) fn r33_subject(case: &Case, pack: &Pack) -> Vec<Finding> {
    if pack.is_in_scope(&case.enterprise) {
        return Vec::new();
    }
    let what = message!("subject-out-of-scope", subject = case.enterprise.subject.in_words());
    vec![pack.finds(RuleId::R33, "enterprise", what).at_most(Severity::Record)]
}
