//! Annual plans and campaigns.

use crate::app::InspectionPlanFilter;
use crate::app::law::campaigns;
use crate::http::api::{
    Answer, ApiError, Auth, Body, IfMatch, PageQuery, Problems, Query, Shared, call, created, etag,
    versioned,
};
use crate::wire::law::campaign::{
    Closing, DoneOn, InspectionPlan, InspectionPlanKind, InspectionPlanState, NewApproval,
    NewInspectionPlan,
};
use crate::wire::paging::Page;
use actix_web::web::{Json, Path};
use actix_web::{HttpResponse, get, post, put};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

pub(in crate::http::api) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list)
        .service(draft)
        .service(get)
        .service(change)
        .service(approve)
        .service(file)
        .service(publish)
        .service(close);
}

type Response = Result<HttpResponse, ApiError>;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct InspectionPlanQuery {
    /// Only those of this department.
    department: Option<String>,
    /// Only those of this kind.
    #[param(inline)]
    kind: Option<InspectionPlanKind>,
    /// Only those of this year.
    year: Option<i64>,
    /// Only those in this state.
    #[param(inline)]
    state: Option<InspectionPlanState>,
    /// The last page's `next`.
    cursor: Option<String>,
    /// Elements of the page, 1 to 1,000; absent: 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
}

/// Annual plans and campaigns, in the order they were drawn up.
#[utoipa::path(tag = "requests", operation_id = "inspection_plans", params(InspectionPlanQuery), responses((status = OK, body = Page<InspectionPlan>), Problems))]
#[get("/inspection-plans")]
async fn list(
    app: Shared,
    caller: Auth,
    query: Query<InspectionPlanQuery>,
) -> Answer<Page<InspectionPlan>> {
    let InspectionPlanQuery { department, kind, year, state, cursor, limit } = query.into_inner();
    let filter = InspectionPlanFilter { department, kind, year, state };
    let paging = PageQuery { cursor, limit }.paging()?;
    call(&app, move |app| campaigns::list(app, &caller.0, &filter, &paging)).await.map(Json)
}

/// Draws a plan up.
#[utoipa::path(
    tag = "requests",
    operation_id = "draft_inspection_plan",
    request_body = NewInspectionPlan,
    responses((status = CREATED, body = InspectionPlan), Problems)
)]
#[post("/inspection-plans")]
async fn draft(app: Shared, caller: Auth, body: Body<NewInspectionPlan>) -> Response {
    let plan = call(&app, move |app| campaigns::draft(app, &caller.0, &body.0)).await?;
    let mut response = created("inspection-plans", &plan.value.id, &plan.value);
    let (name, version) = etag(plan.version);
    if let Ok(version) = version.parse() {
        response.headers_mut().insert(name, version);
    }
    Ok(response)
}

/// A plan, with the ETag that changes need.
#[utoipa::path(tag = "requests", operation_id = "inspection_plan", responses((status = OK, body = InspectionPlan, headers(("ETag" = String, description = "Its version, for If-Match"))), Problems))]
#[get("/inspection-plans/{id}")]
async fn get(app: Shared, caller: Auth, id: Path<String>) -> Response {
    let plan = call(&app, move |app| campaigns::get(app, &caller.0, &id)).await?;
    Ok(versioned(plan.version, &plan.value))
}

/// Puts another text in place of a draft.
#[utoipa::path(
    tag = "requests",
    operation_id = "change_inspection_plan",
    request_body = NewInspectionPlan,
    params(("If-Match" = String, Header, description = "The ETag it was read with")),
    responses((status = OK, body = InspectionPlan, headers(("ETag" = String, description = "Its version, for If-Match"))), Problems)
)]
#[put("/inspection-plans/{id}")]
async fn change(
    app: Shared,
    caller: Auth,
    id: Path<String>,
    version: IfMatch,
    body: Body<NewInspectionPlan>,
) -> Response {
    let work = move |app: &_| campaigns::change(app, &caller.0, &id, &body.0, version.0);
    let plan = call(&app, work).await?;
    Ok(versioned(plan.version, &plan.value))
}

/// Notes that a draft was approved: an annual plan by the head of the department, a campaign above it.
#[utoipa::path(
    tag = "requests",
    operation_id = "approve_inspection_plan",
    request_body = NewApproval,
    params(("If-Match" = String, Header, description = "The ETag it was read with")),
    responses((status = OK, body = InspectionPlan, headers(("ETag" = String, description = "Its version, for If-Match"))), Problems)
)]
#[post("/inspection-plans/{id}/approve")]
async fn approve(
    app: Shared,
    caller: Auth,
    id: Path<String>,
    version: IfMatch,
    body: Body<NewApproval>,
) -> Response {
    let work = move |app: &_| campaigns::approve(app, &caller.0, &id, &body.0, version.0);
    let plan = call(&app, work).await?;
    Ok(versioned(plan.version, &plan.value))
}

/// Notes that an approved plan was filed with the justice department and the superior body.
#[utoipa::path(
    tag = "requests",
    operation_id = "file_inspection_plan",
    request_body = DoneOn,
    params(("If-Match" = String, Header, description = "The ETag it was read with")),
    responses((status = OK, body = InspectionPlan, headers(("ETag" = String, description = "Its version, for If-Match"))), Problems)
)]
#[post("/inspection-plans/{id}/file")]
async fn file(
    app: Shared,
    caller: Auth,
    id: Path<String>,
    version: IfMatch,
    body: Body<DoneOn>,
) -> Response {
    let work = move |app: &_| campaigns::file(app, &caller.0, &id, &body.0, version.0);
    let plan = call(&app, work).await?;
    Ok(versioned(plan.version, &plan.value))
}

/// Notes that a filed plan was published: from now on requests may name it, and only closing changes it.
#[utoipa::path(
    tag = "requests",
    operation_id = "publish_inspection_plan",
    request_body = DoneOn,
    params(("If-Match" = String, Header, description = "The ETag it was read with")),
    responses((status = OK, body = InspectionPlan, headers(("ETag" = String, description = "Its version, for If-Match"))), Problems)
)]
#[post("/inspection-plans/{id}/publish")]
async fn publish(
    app: Shared,
    caller: Auth,
    id: Path<String>,
    version: IfMatch,
    body: Body<DoneOn>,
) -> Response {
    let work = move |app: &_| campaigns::publish(app, &caller.0, &id, &body.0, version.0);
    let plan = call(&app, work).await?;
    Ok(versioned(plan.version, &plan.value))
}

/// Ends a plan, or gives it up.
#[utoipa::path(
    tag = "requests",
    operation_id = "close_inspection_plan",
    request_body = Closing,
    params(("If-Match" = String, Header, description = "The ETag it was read with")),
    responses((status = OK, body = InspectionPlan, headers(("ETag" = String, description = "Its version, for If-Match"))), Problems)
)]
#[post("/inspection-plans/{id}/close")]
async fn close(
    app: Shared,
    caller: Auth,
    id: Path<String>,
    version: IfMatch,
    body: Body<Closing>,
) -> Response {
    let work = move |app: &_| campaigns::close(app, &caller.0, &id, &body.0, version.0);
    let plan = call(&app, work).await?;
    Ok(versioned(plan.version, &plan.value))
}
