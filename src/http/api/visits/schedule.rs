//! Visits that teams pull, and those of plans.

use crate::app::VisitFilter;
use crate::app::made::MadePage;
use crate::app::visits::schedule;
use crate::http::api::{Answer, ApiError, Auth, PageQuery, Problems, Query, Shared, call};
use crate::wire::paging::Page;
use crate::wire::visits::visit::VisitRecord;
use actix_web::http::header::{AcceptEncoding, ContentEncoding, ContentType, Encoding, VARY};
use actix_web::web::{Bytes, Header, Json, Path};
use actix_web::{HttpResponse, get};
use chrono::NaiveDate;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

pub(in crate::http::api) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(visits).service(plan_visits).service(visit);
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
        let made = schedule::published(app, &caller.0, &filter, &paging)?;
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
    call(&app, move |app| schedule::list(app, &caller.0, &filter, &paging)).await.map(Json)
}

/// A visit.
#[utoipa::path(tag = "schedule", operation_id = "visit", responses((status = OK, body = VisitRecord), Problems))]
#[get("/visits/{id}")]
async fn visit(app: Shared, caller: Auth, id: Path<String>) -> Answer<VisitRecord> {
    call(&app, move |app| schedule::get(app, &caller.0, &id)).await.map(Json)
}
