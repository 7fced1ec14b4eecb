//! Requests.

use super::{Answer, ApiError, Auth, Body, PageQuery, Problems, Query, Shared, call, created};
use crate::app::{RequestFilter, requests};
use crate::wire::request::{Kind, NewRequest, Request, RequestState};
use crate::wire::run::Page;
use crate::wire::user::Team;
use actix_web::web::{Json, Path};
use actix_web::{HttpResponse, delete, get, post, put};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list)
        .service(get)
        .service(file)
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
    from: Option<NaiveDate>,
    /// Only those whose window begins on this day or earlier.
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

/// Files a request. Filing the same one again under the same `reference` changes nothing.
#[utoipa::path(
    tag = "requests",
    operation_id = "file_request",
    request_body = NewRequest,
    responses(
        (status = CREATED, body = Request, headers(("Location" = String, description = "Its address"))),
        (status = OK, body = Request, description = "It was filed before, under this reference"),
        Problems
    )
)]
#[post("/requests")]
async fn file(app: Shared, caller: Auth, body: Body<NewRequest>) -> Result<HttpResponse, ApiError> {
    let filed = call(&app, move |app| requests::file(app, &caller.0, &body.0)).await?;
    if filed.is_new {
        Ok(created("requests", &filed.request.id, &filed.request))
    } else {
        Ok(HttpResponse::Ok().json(filed.request))
    }
}

/// Takes a request back. A visit that is announced stays on the schedule until the next plan.
#[utoipa::path(tag = "requests", operation_id = "withdraw_request", responses((status = OK, body = Request), Problems))]
#[delete("/requests/{id}")]
async fn withdraw(app: Shared, caller: Auth, id: Path<String>) -> Answer<Request> {
    call(&app, move |app| requests::withdraw(app, &caller.0, &id)).await.map(Json)
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
