//! What supervisors look at: the audit log, and alarms.

use crate::app::EventFilter;
use crate::app::access::audit;
use crate::app::visits::alarms;
use crate::app::visits::alarms::AlarmFilter;
use crate::domain::alarms::Alarm;
use crate::http::api::{Answer, Auth, PageQuery, Problems, Query, Shared, call};
use crate::wire::access::audit::EventRecord;
use crate::wire::paging::Page;
use actix_web::get;
use actix_web::web::Json;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

pub(in crate::http::api) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(events).service(list_alarms);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct EventQuery {
    /// Only what this user, by id, or part of the service did.
    actor: Option<String>,
    /// Only what was done to things of this kind.
    kind: Option<String>,
    /// Only what was done to the thing of this id.
    id: Option<String>,
    /// Only from this instant on.
    from: Option<DateTime<Utc>>,
    /// Only before this instant.
    to: Option<DateTime<Utc>>,
    /// The last page's `next`.
    cursor: Option<String>,
    /// Elements of the page, 1 to 1,000; absent: 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
}

/// The audit log: what was done by whom, newest first.
#[utoipa::path(tag = "supervision", operation_id = "events", params(EventQuery), responses((status = OK, body = Page<EventRecord>), Problems))]
#[get("/audit")]
async fn events(app: Shared, caller: Auth, query: Query<EventQuery>) -> Answer<Page<EventRecord>> {
    let EventQuery { actor, kind, id, from, to, cursor, limit } = query.into_inner();
    let paging = PageQuery { cursor, limit }.paging()?;
    let instant = |at: Option<DateTime<Utc>>| at.map(|at| at.naive_utc());
    let filter = EventFilter { actor, kind, id, from: instant(from), to: instant(to) };
    call(&app, move |app| audit::list(app, &caller.0, &filter, &paging)).await.map(Json)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct AlarmQuery {
    /// Over visits from this day on; absent: a year back.
    #[serde(default, deserialize_with = "crate::http::api::day_if")]
    from: Option<NaiveDate>,
    /// Over visits up to this day; absent: a year on.
    #[serde(default, deserialize_with = "crate::http::api::day_if")]
    to: Option<NaiveDate>,
    /// Only those of this area.
    area: Option<String>,
    /// Only those of this enterprise.
    enterprise: Option<String>,
    /// The last page's `next`.
    cursor: Option<String>,
    /// Elements of the page, 1 to 1,000; absent: 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
}

/// Alarms of repeated visits over the schedule, with the visits they rest on.
#[utoipa::path(tag = "supervision", operation_id = "alarms", params(AlarmQuery), responses((status = OK, body = Page<Alarm>), Problems))]
#[get("/alarms")]
async fn list_alarms(app: Shared, caller: Auth, query: Query<AlarmQuery>) -> Answer<Page<Alarm>> {
    let AlarmQuery { from, to, area, enterprise, cursor, limit } = query.into_inner();
    let paging = PageQuery { cursor, limit }.paging()?;
    let filter = AlarmFilter { from, to, area, enterprise };
    call(&app, move |app| alarms::list(app, &caller.0, &filter, &paging)).await.map(Json)
}
