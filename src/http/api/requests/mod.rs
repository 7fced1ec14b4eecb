//! Requests.

pub(super) mod handling;

use super::register::files::{FileQuery as FormQuery, download};
use super::{
    Answer, ApiError, Auth, Body, FileBody, IdempotencyKey, PageQuery, Problems, Query, Shared,
    call,
};
use crate::app::requests::answers::Answer as Answered;
use crate::app::requests::filing;
use crate::app::{self, RequestFilter, requests};
use crate::wire::access::user::Team;
use crate::wire::paging::Page;
use crate::wire::requests::filing::{Batch, BatchReport, Filed, Tried};
use crate::wire::requests::request::{Kind, NewRequest, Request, RequestState};
use crate::wire::tabular::ImportReport;
use actix_web::http::header::{ContentType, LOCATION};
use actix_web::web::{Json, Path};
use actix_web::{HttpResponse, delete, get, post, put};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list)
        .service(template)
        .service(get)
        .service(file)
        .service(file_batch)
        .service(import)
        .service(withdraw)
        .service(team)
        .service(set_team);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct RequestQuery {
    /// Only those of this department.
    department: Option<String>,
    /// Only those at this enterprise.
    enterprise: Option<String>,
    /// Only those for this item.
    item: Option<String>,
    /// Only those of this kind.
    #[param(inline)]
    kind: Option<Kind>,
    /// Only those in this state.
    #[param(inline)]
    state: Option<RequestState>,
    /// Only those whose window ends on this day or later.
    #[serde(default, deserialize_with = "super::day_if")]
    from: Option<NaiveDate>,
    /// Only those whose window begins on this day or earlier.
    #[serde(default, deserialize_with = "super::day_if")]
    to: Option<NaiveDate>,
    /// The last page's `next`.
    cursor: Option<String>,
    /// Elements of the page, 1 to 1,000; absent: 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
}

/// Requests in the order they were filed.
#[utoipa::path(tag = "requests", operation_id = "requests", params(RequestQuery), responses((status = OK, body = Page<Request>), Problems))]
#[get("/requests")]
async fn list(app: Shared, caller: Auth, query: Query<RequestQuery>) -> Answer<Page<Request>> {
    let RequestQuery { department, enterprise, item, kind, state, from, to, cursor, limit } =
        query.into_inner();
    let paging = PageQuery { cursor, limit }.paging()?;
    let filter = RequestFilter { department, enterprise, item, kind, state, from, to };
    call(&app, move |app| requests::list(app, &caller.0, &filter, &paging)).await.map(Json)
}

/// A request, and what the published plan does with it: when and with whom, or why not.
#[utoipa::path(tag = "requests", operation_id = "request", responses((status = OK, body = Request), Problems))]
#[get("/requests/{id}")]
async fn get(app: Shared, caller: Auth, id: Path<String>) -> Answer<Request> {
    call(&app, move |app| requests::get(app, &caller.0, &id)).await.map(Json)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct FilingQuery {
    /// Only report what would come of it; nothing is changed.
    #[serde(default)]
    validate_only: bool,
}

/// Files a request. Filing the same one again under the same `reference` changes nothing; a call sent
/// again under the same `Idempotency-Key` is answered as it was the first time. The law of the place may
/// refuse it: each finding names its rule, its source, and what would make it admissible.
#[utoipa::path(
    tag = "requests",
    operation_id = "file_request",
    params(FilingQuery, ("Idempotency-Key" = Option<String>, Header, description = "The caller's name for this call")),
    request_body = NewRequest,
    responses(
        (status = CREATED, body = Filed, headers(("Location" = String, description = "Its address"))),
        (status = OK, body = FiledOrTried, description = "It was filed before, under this reference; or what would come of it"),
        Problems
    )
)]
#[post("/requests")]
async fn file(
    app: Shared,
    caller: Auth,
    query: Query<FilingQuery>,
    once: IdempotencyKey,
    body: Body<NewRequest>,
) -> Result<HttpResponse, ApiError> {
    let Body(new, hash) = body;
    if query.into_inner().validate_only {
        let tried = call(&app, move |app| filing::try_one(app, &caller.0, &new)).await?;
        return Ok(HttpResponse::Ok().json(tried));
    }
    let key = once.key("POST /requests", &hash);
    let done = call(&app, move |app| filing::file_once(app, &caller.0, &new, key.as_ref())).await?;
    let Answered { id, is_new, body } = done;
    let mut response = if is_new { HttpResponse::Created() } else { HttpResponse::Ok() };
    if is_new {
        response.insert_header((LOCATION, format!("/api/v1/requests/{id}")));
    }
    Ok(response.content_type(ContentType::json()).body(body))
}

/// What filing answers with 200.
#[derive(ToSchema, serde::Serialize)]
#[serde(untagged)]
#[expect(dead_code, reason = "it is only in the document")]
enum FiledOrTried {
    Filed(Box<Filed>),
    Tried(Tried),
}

/// Files many requests at once, each with a result of its own: a bad one spoils no other.
#[utoipa::path(
    tag = "requests",
    operation_id = "file_requests",
    params(FilingQuery, ("Idempotency-Key" = Option<String>, Header, description = "The caller's name for this call")),
    request_body = Batch,
    responses((status = OK, body = BatchReport), Problems)
)]
#[post("/requests/batch")]
async fn file_batch(
    app: Shared,
    caller: Auth,
    query: Query<FilingQuery>,
    once: IdempotencyKey,
    body: Body<Batch>,
) -> Result<HttpResponse, ApiError> {
    let Body(batch, hash) = body;
    let is_trial = query.into_inner().validate_only;
    let key = once.key("POST /requests/batch", &hash).filter(|_| !is_trial);
    let work = move |app: &_| {
        let report = filing::file_batch(app, &caller.0, &batch, is_trial, key.as_ref())?;
        // a long one is written here, where nobody waits for it
        serde_json::to_vec(&report).map_err(|error| app::Error::Internal(error.to_string()))
    };
    let body = call(&app, work).await?;
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(body))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct FileQuery {
    /// Take exactly the rows without a defect; absent: all of the file or nothing.
    #[serde(default)]
    accept_good: bool,
}

/// Files the requests of a CSV file (UTF-8 or GB18030) or an Excel workbook, at most 50,000. The report
/// lists every defective row with its remedy, and has those rows as a file to mend.
#[utoipa::path(
    tag = "requests",
    operation_id = "import_requests",
    params(FileQuery),
    request_body(content((Vec<u8> = "application/octet-stream"), (Vec<u8> = "text/csv"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
    responses((status = OK, body = ImportReport), Problems)
)]
#[post("/requests/import")]
async fn import(
    app: Shared,
    caller: Auth,
    query: Query<FileQuery>,
    body: FileBody,
) -> Result<HttpResponse, ApiError> {
    let accept_good = query.into_inner().accept_good;
    let work = move |app: &_| filing::file_table(app, &caller.0, &body.0, accept_good);
    Ok(HttpResponse::Ok().json(call(&app, work).await?))
}

/// An empty file of requests to fill in: in Excel with drop-down lists and comments.
#[utoipa::path(tag = "requests", operation_id = "request_template", params(FormQuery), responses((status = OK, body = Vec<u8>, content_type = "application/octet-stream"), Problems))]
#[get("/requests/template")]
async fn template(app: Shared, _: Auth, query: Query<FormQuery>) -> Result<HttpResponse, ApiError> {
    let wanted = query.into_inner().wanted();
    let bytes = call(&app, move |_| {
        let mut bytes = Vec::new();
        filing::template(wanted, &mut bytes).map(|()| bytes)
    });
    Ok(download("requests", "-template", wanted.0, bytes.await?))
}

/// Takes a request back. A visit that is announced stays on the schedule until the next plan.
#[utoipa::path(tag = "requests", operation_id = "withdraw_request", responses((status = OK, body = Request), Problems))]
#[delete("/requests/{id}")]
async fn withdraw(app: Shared, caller: Auth, id: Path<String>) -> Answer<Request> {
    call(&app, move |app| app::requests::handling::withdraw(app, &caller.0, &id)).await.map(Json)
}

/// Who goes for a request.
#[utoipa::path(tag = "requests", operation_id = "request_team", responses((status = OK, body = Team), Problems))]
#[get("/requests/{id}/team")]
async fn team(app: Shared, caller: Auth, id: Path<String>) -> Answer<Team> {
    call(&app, move |app| requests::team(app, &caller.0, &id)).await.map(Json)
}

/// Says who goes for a request: users who act for its department. They see the visit that it is in.
#[utoipa::path(tag = "requests", operation_id = "set_request_team", request_body = Team, responses((status = OK, body = Team), Problems))]
#[put("/requests/{id}/team")]
async fn set_team(app: Shared, caller: Auth, id: Path<String>, body: Body<Team>) -> Answer<Team> {
    call(&app, move |app| requests::set_team(app, &caller.0, &id, &body.0)).await.map(Json)
}
