//! Plans.

use crate::app::planning::plans;
use crate::http::api::{
    Answer, ApiError, Auth, IfMatch, PageQuery, Problems, Query, Shared, call, versioned,
};
use crate::wire::paging::Page;
use crate::wire::planning::run::{Comparison, PlanRecord, PlanState};
use actix_web::http::header::ContentType;
use actix_web::web::{Json, Path};
use actix_web::{HttpResponse, get, post};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

pub(in crate::http::api) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list).service(get).service(plan_file).service(compare).service(publish);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct PlanQuery {
    /// Only those in this state.
    #[param(inline)]
    state: Option<PlanState>,
    /// The last page's `next`.
    cursor: Option<String>,
    /// Elements of the page, 1 to 1,000; absent: 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
}

/// Plans, newest first.
#[utoipa::path(tag = "planning", operation_id = "plans", params(PlanQuery), responses((status = OK, body = Page<PlanRecord>), Problems))]
#[get("/plans")]
async fn list(app: Shared, caller: Auth, query: Query<PlanQuery>) -> Answer<Page<PlanRecord>> {
    let PlanQuery { state, cursor, limit } = query.into_inner();
    let paging = PageQuery { cursor, limit }.paging()?;
    call(&app, move |app| plans::list(app, &caller.0, state, &paging)).await.map(Json)
}

/// A plan with its report, and the ETag that publishing needs.
#[utoipa::path(tag = "planning", operation_id = "plan", responses((status = OK, body = PlanRecord, headers(("ETag" = String, description = "Its version, for If-Match"))), Problems))]
#[get("/plans/{id}")]
async fn get(app: Shared, caller: Auth, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let found = call(&app, move |app| plans::get(app, &caller.0, &id)).await?;
    Ok(versioned(found.version, &found.value))
}

/// A plan as a plan file.
#[utoipa::path(
    tag = "planning",
    operation_id = "plan_file",
    responses((status = OK, content_type = "application/json", body = Object, description = "onevisit-plan/1"), Problems)
)]
#[get("/plans/{id}/file")]
async fn plan_file(app: Shared, caller: Auth, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let file = call(&app, move |app| plans::file(app, &caller.0, &id)).await?;
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(file))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct CompareQuery {
    /// Id of the plan to compare with.
    with: String,
}

/// What a plan changes against another, request by request.
#[utoipa::path(tag = "planning", operation_id = "compare_plans", params(CompareQuery), responses((status = OK, body = Comparison), Problems))]
#[get("/plans/{id}/compare")]
async fn compare(
    app: Shared,
    caller: Auth,
    id: Path<String>,
    query: Query<CompareQuery>,
) -> Answer<Comparison> {
    let old = query.into_inner().with;
    call(&app, move |app| plans::compare(app, &caller.0, &old, &id)).await.map(Json)
}

/// Publishes a draft: its visits join the schedule, in place of those that earlier plans hold within
/// its horizon.
#[utoipa::path(
    tag = "planning",
    operation_id = "publish_plan",
    params(("If-Match" = String, Header, description = "The ETag it was read with")),
    responses((status = OK, body = PlanRecord, headers(("ETag" = String, description = "Its version, for If-Match"))), Problems)
)]
#[post("/plans/{id}/publish")]
async fn publish(
    app: Shared,
    caller: Auth,
    id: Path<String>,
    version: IfMatch,
) -> Result<HttpResponse, ApiError> {
    let work = move |app: &_| plans::publish(app, &caller.0, &id, version.0);
    let found = call(&app, work).await?;
    Ok(versioned(found.version, &found.value))
}
