//! Runs, their progress, and the problems they plan.

use crate::app::Caller;
use crate::app::access::tokens;
use crate::app::planning::runs;
use crate::http::api::{Answer, ApiError, Auth, Body, PageQuery, Problems, Query, Shared, call};
use crate::wire::paging::Page;
use crate::wire::planning::run::{NewRun, Origin, Run, RunState};
use actix_web::http::header::{ContentType, LOCATION};
use actix_web::web::{Json, Path};
use actix_web::{HttpResponse, Responder, get, post};
use actix_web_lab::sse;
use serde::Deserialize;
use std::time::Duration;
use tokio::sync::mpsc;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

pub(in crate::http::api) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list)
        .service(submit)
        .service(get)
        .service(events)
        .service(cancel)
        .service(problem_file)
        .service(sources);
}

/// How often a watched run is looked at.
const LOOK: Duration = Duration::from_millis(500);

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct RunQuery {
    /// Only those in this state.
    #[param(inline)]
    state: Option<RunState>,
    /// The last page's `next`.
    cursor: Option<String>,
    /// Elements of the page, 1 to 1,000; absent: 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
}

/// Runs, newest first.
#[utoipa::path(tag = "planning", operation_id = "runs", params(RunQuery), responses((status = OK, body = Page<Run>), Problems))]
#[get("/runs")]
async fn list(app: Shared, caller: Auth, query: Query<RunQuery>) -> Answer<Page<Run>> {
    let RunQuery { state, cursor, limit } = query.into_inner();
    let paging = PageQuery { cursor, limit }.paging()?;
    call(&app, move |app| runs::list(app, &caller.0, state, &paging)).await.map(Json)
}

/// Queues a run on the problem of a horizon, which is built from the register when a planner begins with
/// it, or when it is first asked for.
#[utoipa::path(
    tag = "planning",
    operation_id = "start_run",
    request_body = NewRun,
    responses(
        (status = ACCEPTED, body = Run, description = "Queued", headers(("Location" = String, description = "Its address"))),
        Problems
    )
)]
#[post("/runs")]
async fn submit(app: Shared, caller: Auth, body: Body<NewRun>) -> Result<HttpResponse, ApiError> {
    let run = call(&app, move |app| runs::submit(app, &caller.0, &body.0)).await?;
    let address = format!("/api/v1/runs/{}", run.id);
    Ok(HttpResponse::Accepted().insert_header((LOCATION, address)).json(run))
}

/// A run as it is now.
#[utoipa::path(tag = "planning", operation_id = "run", responses((status = OK, body = Run), Problems))]
#[get("/runs/{id}")]
async fn get(app: Shared, caller: Auth, id: Path<String>) -> Answer<Run> {
    call(&app, move |app| runs::get(app, &caller.0, &id)).await.map(Json)
}

/// A run as it goes on: server-sent events named `run`, each a run as it is now, until it has ended
/// or whoever asks is shut out.
#[utoipa::path(
    tag = "planning",
    operation_id = "run_events",
    responses(
        (status = OK, content_type = "text/event-stream", body = Run),
        Problems
    )
)]
#[get("/runs/{id}/events")]
async fn events(app: Shared, caller: Auth, id: Path<String>) -> Result<impl Responder, ApiError> {
    let (id, caller) = (id.into_inner(), caller.0);
    // an unknown run is reported before the stream begins
    let run = look(&app, &caller, &id).await?;
    let (to, from) = mpsc::channel(4);
    actix_web::rt::spawn(watch(app, caller, run, to));
    Ok(sse::Sse::from_infallible_receiver(from).with_keep_alive(Duration::from_secs(15)))
}

/// The run as it is now, for the caller as of now.
async fn look(app: &Shared, caller: &Caller, id: &str) -> Result<Run, ApiError> {
    let (caller, id) = (caller.clone(), id.to_owned());
    call(app, move |app| runs::get(app, &tokens::again(app, &caller)?, &id)).await
}

/// Sends a run whenever it has changed, until it has ended, nobody listens, or the caller may no more.
async fn watch(app: Shared, caller: Caller, mut run: Run, to: mpsc::Sender<sse::Event>) {
    let mut is_new = true;
    loop {
        if is_new {
            let Ok(data) = sse::Data::new_json(&run) else { return };
            if to.send(data.event("run").into()).await.is_err() {
                return;
            }
        }
        if matches!(run.state, RunState::Done | RunState::Failed) {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = to.closed() => return,
        }
        // a database that is away for a moment ends no stream; a session that has ended does
        is_new = match look(&app, &caller, &run.id).await {
            Ok(now) => {
                let is_changed = now != run;
                run = now;
                is_changed
            }
            Err(error) if error.is_refusal() => return,
            Err(_) => false,
        };
    }
}

/// Asks a run to stop and keep its best plan.
#[utoipa::path(tag = "planning", operation_id = "cancel_run", responses((status = ACCEPTED, body = Run), Problems))]
#[post("/runs/{id}/cancel")]
async fn cancel(app: Shared, caller: Auth, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let run = call(&app, move |app| runs::cancel(app, &caller.0, &id)).await?;
    Ok(HttpResponse::Accepted().json(run))
}

/// The problem file that a run planned.
#[utoipa::path(
    tag = "planning",
    operation_id = "problem",
    responses((status = OK, content_type = "application/json", body = Object, description = "onevisit-problem/1"), Problems)
)]
#[get("/problems/{id}")]
async fn problem_file(
    app: Shared,
    caller: Auth,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let file = call(&app, move |app| runs::problem_file(app, &caller.0, &id)).await?;
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(file))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct OriginQuery {
    /// Only numbers at this JSON pointer or below it.
    pointer: Option<String>,
    /// Only the numbers of this request.
    request: Option<String>,
    /// The last page's `next`.
    cursor: Option<String>,
    /// Elements of the page, 1 to 1,000; absent: 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
}

/// Where a problem's numbers came from: policy, register or request, with the arithmetic.
#[utoipa::path(tag = "planning", operation_id = "problem_sources", params(OriginQuery), responses((status = OK, body = Page<Origin>), Problems))]
#[get("/problems/{id}/sources")]
async fn sources(
    app: Shared,
    caller: Auth,
    id: Path<String>,
    query: Query<OriginQuery>,
) -> Answer<Page<Origin>> {
    let OriginQuery { pointer, request, cursor, limit } = query.into_inner();
    let paging = PageQuery { cursor, limit }.paging()?;
    let work = move |app: &_| {
        runs::origins(app, &caller.0, &id, pointer.as_deref(), request.as_deref(), &paging)
    };
    call(&app, work).await.map(Json)
}
