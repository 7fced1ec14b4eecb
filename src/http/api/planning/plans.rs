//! Plans, and the schedule of visits.

use crate::app::VisitFilter;
use crate::app::made::MadePage;
use crate::app::planning::plans;
use crate::http::api::{
    Answer, ApiError, Auth, IfMatch, PageQuery, Problems, Query, Shared, call, versioned,
};
use crate::wire::paging::Page;
use crate::wire::planning::run::{Comparison, PlanRecord, PlanState, VisitRecord};
use actix_web::http::header::{AcceptEncoding, ContentEncoding, ContentType, Encoding, VARY};
use actix_web::web::{Bytes, Header, Json, Path};
use actix_web::{HttpResponse, get, post};
use chrono::NaiveDate;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

pub(in crate::http::api) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list)
        .service(get)
        .service(plan_file)
        .service(plan_visits)
        .service(compare)
        .service(publish)
        .service(visits)
        .service(visit);
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

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct VisitQuery {
    /// Only those on this day or later.
    #[serde(default, deserialize_with = "crate::http::api::day_if")]
    from: Option<NaiveDate>,
    /// Only those on this day or earlier.
    #[serde(default, deserialize_with = "crate::http::api::day_if")]
    to: Option<NaiveDate>,
    /// Only those in this area.
    area: Option<String>,
    /// Only those in which this department takes part.
    department: Option<String>,
    /// Only those at this enterprise.
    enterprise: Option<String>,
    /// The last page's `next`.
    cursor: Option<String>,
    /// Elements of the page, 1 to 1,000; absent: 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
}

impl VisitQuery {
    fn split(self, plan: Option<String>) -> (VisitFilter, PageQuery) {
        let Self { from, to, area, department, enterprise, cursor, limit } = self;
        let filter = VisitFilter { plan, from, to, area, department, enterprise };
        (filter, PageQuery { cursor, limit })
    }
}

/// The schedule: visits of published plans, by day.
#[utoipa::path(tag = "schedule", operation_id = "visits", params(VisitQuery), responses((status = OK, body = Page<VisitRecord>), Problems))]
#[get("/visits")]
async fn visits(
    app: Shared,
    caller: Auth,
    query: Query<VisitQuery>,
    accepted: Option<Header<AcceptEncoding>>,
) -> Result<HttpResponse, ApiError> {
    let (filter, page) = query.into_inner().split(None);
    let paging = page.paging()?;
    let known = [Encoding::gzip(), Encoding::identity()];
    let wanted = accepted.and_then(|accepted| accepted.0.negotiate(known.iter()));
    let is_packed = wanted == Some(Encoding::gzip());
    let made = call(&app, move |app| {
        let made = plans::schedule(app, &caller.0, &filter, &paging)?;
        Ok(Sent { made, is_packed }.ready())
    });
    let body = Bytes::from_owner(made.await?);
    let mut answer = HttpResponse::Ok();
    answer.content_type(ContentType::json()).insert_header((VARY, "accept-encoding"));
    if is_packed {
        answer.insert_header(ContentEncoding::Gzip);
    }
    Ok(answer.body(body))
}

/// A made page on its way, shared with all others who are sent it.
struct Sent {
    made: Arc<MadePage>,
    is_packed: bool,
}

impl Sent {
    /// Packs it, on the thread that calls, when that is wanted.
    fn ready(self) -> Self {
        let _ = self.as_ref();
        self
    }
}

impl AsRef<[u8]> for Sent {
    fn as_ref(&self) -> &[u8] {
        if self.is_packed { self.made.gzip() } else { self.made.json() }
    }
}

/// The visits of one plan, published or not, by day.
#[utoipa::path(tag = "planning", operation_id = "plan_visits", params(VisitQuery), responses((status = OK, body = Page<VisitRecord>), Problems))]
#[get("/plans/{id}/visits")]
async fn plan_visits(
    app: Shared,
    caller: Auth,
    id: Path<String>,
    query: Query<VisitQuery>,
) -> Answer<Page<VisitRecord>> {
    let (filter, page) = query.into_inner().split(Some(id.into_inner()));
    let paging = page.paging()?;
    call(&app, move |app| plans::visits(app, &caller.0, &filter, &paging)).await.map(Json)
}

/// A visit.
#[utoipa::path(tag = "schedule", operation_id = "visit", responses((status = OK, body = VisitRecord), Problems))]
#[get("/visits/{id}")]
async fn visit(app: Shared, caller: Auth, id: Path<String>) -> Answer<VisitRecord> {
    call(&app, move |app| plans::visit(app, &caller.0, &id)).await.map(Json)
}
