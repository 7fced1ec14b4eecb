//! What becomes of a request after it was filed.

use crate::app::requests::{advice, counters as counting, handling};
use crate::http::api::{Answer, Auth, Body, PageQuery, Problems, Query, Shared, call};
use crate::wire::paging::Page;
use crate::wire::requests::advice::{Advice, Eligibility};
use crate::wire::requests::counters::Counters;
use crate::wire::requests::handling::{
    Approval, Because, Merge, Move, OffSiteCheck, OffSiteFinding, OffSiteShare, Step, ToOffSite,
};
use crate::wire::requests::request::Request;
use actix_web::web::{Json, Path};
use actix_web::{get, post};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

pub(in crate::http::api) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(approve)
        .service(refuse)
        .service(cancel)
        .service(move_request)
        .service(merge)
        .service(send_off_site)
        .service(settle)
        .service(escalate)
        .service(history)
        .service(eligibility)
        .service(off_site_queue)
        .service(off_site_share)
        .service(advise)
        .service(counters);
}

/// Approves a request: one that waits is planned from now on; of an urgent one the papers are complete.
#[utoipa::path(tag = "requests", operation_id = "approve_request", request_body = Approval, responses((status = OK, body = Request), Problems))]
#[post("/requests/{id}/approve")]
async fn approve(
    app: Shared,
    caller: Auth,
    id: Path<String>,
    body: Body<Approval>,
) -> Answer<Request> {
    call(&app, move |app| handling::approve(app, &caller.0, &id, &body.0)).await.map(Json)
}

/// Does not approve a request.
#[utoipa::path(tag = "requests", operation_id = "refuse_request", request_body = Because, responses((status = OK, body = Request), Problems))]
#[post("/requests/{id}/refuse")]
async fn refuse(
    app: Shared,
    caller: Auth,
    id: Path<String>,
    body: Body<Because>,
) -> Answer<Request> {
    call(&app, move |app| handling::refuse(app, &caller.0, &id, &body.0)).await.map(Json)
}

/// Calls a request off.
#[utoipa::path(tag = "requests", operation_id = "cancel_request", request_body = Because, responses((status = OK, body = Request), Problems))]
#[post("/requests/{id}/cancel")]
async fn cancel(
    app: Shared,
    caller: Auth,
    id: Path<String>,
    body: Body<Because>,
) -> Answer<Request> {
    call(&app, move |app| handling::cancel(app, &caller.0, &id, &body.0)).await.map(Json)
}

/// Gives a request another window; the rules must allow it like one that is filed.
#[utoipa::path(tag = "requests", operation_id = "move_request", request_body = Move, responses((status = OK, body = Request), Problems))]
#[post("/requests/{id}/move")]
async fn move_request(
    app: Shared,
    caller: Auth,
    id: Path<String>,
    body: Body<Move>,
) -> Answer<Request> {
    call(&app, move |app| handling::move_to(app, &caller.0, &id, &body.0)).await.map(Json)
}

/// Has requests of one enterprise held together: they get the days that all of them allow.
#[utoipa::path(tag = "requests", operation_id = "merge_requests", request_body = Merge, responses((status = OK, body = Vec<Request>), Problems))]
#[post("/requests/{id}/merge")]
async fn merge(
    app: Shared,
    caller: Auth,
    id: Path<String>,
    body: Body<Merge>,
) -> Answer<Vec<Request>> {
    call(&app, move |app| handling::merge(app, &caller.0, &id, &body.0)).await.map(Json)
}

/// Sends a request to be settled from papers or data; its item must allow it.
#[utoipa::path(tag = "requests", operation_id = "send_request_off_site", request_body = ToOffSite, responses((status = OK, body = Request), Problems))]
#[post("/requests/{id}/off-site")]
async fn send_off_site(
    app: Shared,
    caller: Auth,
    id: Path<String>,
    body: Body<ToOffSite>,
) -> Answer<Request> {
    call(&app, move |app| handling::send_off_site(app, &caller.0, &id, &body.0)).await.map(Json)
}

/// Settles a request of the off-site queue.
#[utoipa::path(tag = "requests", operation_id = "settle_request", request_body = OffSiteFinding, responses((status = OK, body = Request), Problems))]
#[post("/requests/{id}/settle")]
async fn settle(
    app: Shared,
    caller: Auth,
    id: Path<String>,
    body: Body<OffSiteFinding>,
) -> Answer<Request> {
    call(&app, move |app| handling::settle(app, &caller.0, &id, &body.0)).await.map(Json)
}

/// Sends a request of the off-site queue to a visit after all, with the reason.
#[utoipa::path(tag = "requests", operation_id = "escalate_request", request_body = OffSiteFinding, responses((status = OK, body = Request), Problems))]
#[post("/requests/{id}/escalate")]
async fn escalate(
    app: Shared,
    caller: Auth,
    id: Path<String>,
    body: Body<OffSiteFinding>,
) -> Answer<Request> {
    call(&app, move |app| handling::escalate(app, &caller.0, &id, &body.0)).await.map(Json)
}

/// What was done to a request, by whom, when and why, the newest first.
#[utoipa::path(tag = "requests", operation_id = "request_history", params(PageQuery), responses((status = OK, body = Page<Step>), Problems))]
#[get("/requests/{id}/history")]
async fn history(
    app: Shared,
    caller: Auth,
    id: Path<String>,
    query: Query<PageQuery>,
) -> Answer<Page<Step>> {
    let paging = query.into_inner().paging()?;
    call(&app, move |app| handling::history(app, &caller.0, &id, &paging)).await.map(Json)
}

/// When a request could be served at all, by the law, the calendar and the inspectors: spans of days with
/// what rules each out.
#[utoipa::path(tag = "requests", operation_id = "request_eligibility", responses((status = OK, body = Eligibility), Problems))]
#[get("/requests/{id}/eligibility")]
async fn eligibility(app: Shared, caller: Auth, id: Path<String>) -> Answer<Eligibility> {
    call(&app, move |app| advice::eligibility(app, &caller.0, &id)).await.map(Json)
}

/// The off-site queue, the most urgent first.
#[utoipa::path(tag = "requests", operation_id = "off_site_queue", params(PageQuery), responses((status = OK, body = Page<OffSiteCheck>), Problems))]
#[get("/off-site")]
async fn off_site_queue(
    app: Shared,
    caller: Auth,
    query: Query<PageQuery>,
) -> Answer<Page<OffSiteCheck>> {
    let paging = query.into_inner().paging()?;
    call(&app, move |app| handling::off_site_queue(app, &caller.0, &paging)).await.map(Json)
}

/// How much is settled without going there.
#[utoipa::path(tag = "requests", operation_id = "off_site_share", responses((status = OK, body = OffSiteShare), Problems))]
#[get("/off-site/share")]
async fn off_site_share(app: Shared, caller: Auth) -> Answer<OffSiteShare> {
    call(&app, move |app| handling::off_site_share(app, &caller.0)).await.map(Json)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct AdviceQuery {
    /// Unified social credit code of the enterprise.
    enterprise: String,
    /// Id of the item.
    item: String,
    /// Weeks to look ahead, 1 to 26; absent: 13.
    #[param(minimum = 1, maximum = 26)]
    weeks: Option<i64>,
}

/// Before filing: in which weeks other departments plan or hold visits there, and what each choice costs
/// or saves.
#[utoipa::path(tag = "requests", operation_id = "advice", params(AdviceQuery), responses((status = OK, body = Advice), Problems))]
#[get("/advice")]
async fn advise(app: Shared, caller: Auth, query: Query<AdviceQuery>) -> Answer<Advice> {
    let AdviceQuery { enterprise, item, weeks } = query.into_inner();
    let work = move |app: &_| advice::advise(app, &caller.0, &enterprise, &item, weeks);
    call(&app, work).await.map(Json)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct YearQuery {
    /// The calendar year; absent: this one.
    #[param(minimum = 2000, maximum = 2999)]
    year: Option<i32>,
}

/// How often an enterprise is visited in a calendar year, by department and in all: with and without the
/// visits that are exempt from caps, and how often it may be.
#[utoipa::path(tag = "requests", operation_id = "visit_counters", params(YearQuery), responses((status = OK, body = Counters), Problems))]
#[get("/enterprises/{id}/counters")]
async fn counters(
    app: Shared,
    caller: Auth,
    id: Path<String>,
    query: Query<YearQuery>,
) -> Answer<Counters> {
    let year = query.into_inner().year;
    call(&app, move |app| counting::of_enterprise(app, &caller.0, &id, year)).await.map(Json)
}
