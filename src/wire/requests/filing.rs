//! Filing several requests at once, each with a result of its own.

use super::request::{NewRequest, Request, RequestState};
use crate::domain::Defect;
use crate::domain::Message;
use crate::message;
use crate::text::say;
use crate::wire::json::{Fields, Node, Read, element};
use crate::wire::law::rule_pack::RuleFinding;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Most requests of a batch.
pub const BATCH_MAX: usize = 10_000;
/// Most defects that are reported of one of them.
const DEFECTS_MAX: usize = 20;

/// A request that was filed or would be, with what the rules had to say.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Filed {
    /// As it is now.
    #[serde(flatten)]
    pub request: Request,
    /// Warnings and notes of the rules.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<RuleFinding>,
}

/// What filing would come to.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Tried {
    /// The state that it would be in.
    pub state: RequestState,
    /// Id and version of the rule pack that was applied.
    pub pack: String,
    /// Warnings and notes of the rules.
    pub findings: Vec<RuleFinding>,
}

/// Requests to file. One that cannot be read spoils no other.
#[derive(Clone, Debug, PartialEq, ToSchema)]
pub struct Batch {
    /// The requests, at most 10,000.
    #[schema(value_type = Vec<NewRequest>, max_items = 10000, min_items = 1)]
    pub requests: Vec<Result<NewRequest, Vec<Defect>>>,
}

fn one(
    node: Node<'_>,
    pointer: String,
    _: &mut Vec<Defect>,
) -> Option<Result<NewRequest, Vec<Defect>>> {
    let mut defects = Vec::new();
    match element(node, pointer, &mut defects) {
        Some(request) if defects.is_empty() => Some(Ok(request)),
        _ => {
            defects.truncate(DEFECTS_MAX);
            defects.shrink_to_fit();
            Some(Err(defects))
        }
    }
}

impl Read for Batch {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let requests = f.list("requests", BATCH_MAX, one);
        if requests.is_empty() && !f.is_reported("requests") {
            f.report_at("requests", message!("out-of-range_empty-batch"));
        }
        Some(Self { requests })
    }
}

/// What became of one of several requests, without its particulars. In a report it is a number: the
/// status with which the same request alone is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "u16", try_from = "u16")]
pub enum FilingOutcome {
    /// It was filed, or would be.
    New,
    /// The same was filed before, under its reference.
    Known,
    /// The caller may not file it.
    Forbidden,
    /// It is at odds with what is filed.
    Conflict,
    /// Its form, the register or the law refuses it.
    Refused,
    /// The server failed at it.
    Failed,
    /// It was not tried, because the database failed before.
    NotTried,
}

impl FilingOutcome {
    const ALL: [Self; 7] = [
        Self::New,
        Self::Known,
        Self::Forbidden,
        Self::Conflict,
        Self::Refused,
        Self::Failed,
        Self::NotTried,
    ];

    /// The HTTP status of such a request alone.
    pub fn status(self) -> u16 {
        match self {
            Self::New => 201,
            Self::Known => 200,
            Self::Forbidden => 403,
            Self::Conflict => 409,
            Self::Refused => 422,
            Self::Failed => 500,
            Self::NotTried => 503,
        }
    }
}

impl From<FilingOutcome> for u16 {
    fn from(outcome: FilingOutcome) -> Self {
        outcome.status()
    }
}

impl TryFrom<u16> for FilingOutcome {
    type Error = String;

    fn try_from(status: u16) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|outcome| outcome.status() == status);
        found.ok_or_else(|| format!("no request that is filed comes to {status}"))
    }
}

/// What became of one request of a batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BatchResult {
    /// Its place in the batch, from 0.
    pub index: usize,
    /// As the same request alone would be answered: 201, 200, 403, 409 or 422; 503 where it was not tried
    /// for want of the database.
    #[serde(rename = "status")]
    #[schema(value_type = u16)]
    pub outcome: FilingOutcome,
    /// Id of the request, where it is filed; not when it was only tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The state that it is in, or would be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<RequestState>,
    /// Stable code of what was wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What was wrong and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Defects of its form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<BatchError>,
    /// What the rules had to say, refusals first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<RuleFinding>,
}

impl BatchResult {
    /// An outcome alone.
    pub fn new(index: usize, outcome: FilingOutcome) -> Self {
        Self {
            index,
            outcome,
            id: None,
            state: None,
            code: None,
            detail: None,
            errors: Vec::new(),
            findings: Vec::new(),
        }
    }
}

impl BatchResult {
    /// A status, and what was wrong.
    pub fn with(index: usize, outcome: FilingOutcome, message: &Message) -> Self {
        let code = Some(message.code().to_owned());
        Self { code, detail: Some(say(message)), ..Self::new(index, outcome) }
    }
}

/// A defect of a request's form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BatchError {
    /// Stable code.
    pub code: String,
    /// JSON pointer into the batch.
    pub pointer: String,
    /// What is wrong and what to do.
    pub detail: String,
}

impl From<&Defect> for BatchError {
    fn from(defect: &Defect) -> Self {
        let Defect { pointer, message } = defect;
        Self { code: message.code().into(), pointer: pointer.clone(), detail: say(message) }
    }
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct BatchReport {
    /// How many were filed, or would be.
    pub filed: usize,
    /// How many existed already.
    pub known: usize,
    /// How many were refused.
    pub refused: usize,
    /// How many were not tried, because the database failed on the way: the same batch sent again under
    /// its `Idempotency-Key` goes on with them.
    pub not_tried: usize,
    /// One for each, in the batch's order.
    pub results: Vec<BatchResult>,
}

impl From<Vec<BatchResult>> for BatchReport {
    fn from(results: Vec<BatchResult>) -> Self {
        let count = |outcome| results.iter().filter(|result| result.outcome == outcome).count();
        let (filed, known) = (count(FilingOutcome::New), count(FilingOutcome::Known));
        let not_tried = count(FilingOutcome::NotTried);
        let refused = results.len() - filed - known - not_tried;
        Self { filed, known, refused, not_tried, results }
    }
}
