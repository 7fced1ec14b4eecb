//! Who may inspect: certificates, qualifications, absences and recusals.

use crate::domain::problem::Span;
use crate::domain::words::Worded;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use strum::{EnumProperty, EnumString, IntoStaticStr, VariantArray, VariantNames};
use utoipa::ToSchema;

/// The qualification of who may decide on penalties: the national law licence.
pub const LAW_LICENCE: &str = "law_licence";

/// What a body may do (R01).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[derive(EnumProperty, EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum BodyRole {
    /// It inspects.
    #[strum(props(
        zh = "行政检查主体",
        en = "inspecting body",
        also = "检查主体|执法主体|行政执法主体|检查"
    ))]
    Inspects,
    /// It coordinates: it may convene others, and is never counted as inspecting.
    #[strum(props(
        zh = "统筹机构",
        en = "coordinator",
        also = "统筹|统筹主体|召集机构|coordinating body"
    ))]
    Convenes,
}

impl Worded for BodyRole {}

/// An inspector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspector {
    /// Minutes of an ordinary working day.
    pub minutes: i64,
    /// Days on which the certificate is good. Without one nobody inspects (R01, R03).
    pub certificate: Span,
    /// What he or she is qualified for.
    pub qualifications: BTreeSet<String>,
    /// Absences.
    pub away: Vec<Span>,
    /// Enterprises from which he or she is recused.
    pub recused: BTreeSet<String>,
}

impl Inspector {
    /// Whether he or she is here with a good certificate.
    pub fn is_present(&self, day: NaiveDate) -> bool {
        self.certificate.contains(day) && !self.away.iter().any(|span| span.contains(day))
    }

    /// Whether he or she may inspect an enterprise for what asks for a qualification.
    pub fn may_inspect(&self, enterprise: &str, qualification: Option<&str>) -> bool {
        !self.recused.contains(enterprise)
            && qualification.is_none_or(|wanted| self.qualifications.contains(wanted))
    }
}

/// The minutes that a pool of `minutes` lacks on a day because inspectors are away or without a good
/// certificate, and how many they are. Never more than the pool has.
pub fn lacking(inspectors: &[Inspector], minutes: i64, day: NaiveDate) -> (i64, usize) {
    let away: Vec<&Inspector> = inspectors.iter().filter(|i| !i.is_present(day)).collect();
    (away.iter().map(|inspector| inspector.minutes).sum::<i64>().min(minutes), away.len())
}

/// Whether `crew` inspectors who may inspect this are present on some day of `days`.
pub fn can_staff(
    inspectors: &[Inspector],
    enterprise: &str,
    qualification: Option<&str>,
    crew: i64,
    mut days: impl Iterator<Item = NaiveDate>,
) -> bool {
    let eligible: Vec<&Inspector> =
        inspectors.iter().filter(|i| i.may_inspect(enterprise, qualification)).collect();
    let is_enough = |n: usize| n as i64 >= crew;
    is_enough(eligible.len())
        && days.any(|day| is_enough(eligible.iter().filter(|i| i.is_present(day)).count()))
}
