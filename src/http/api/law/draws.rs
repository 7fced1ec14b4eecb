//! Random draws.

use crate::app::DrawFilter;
use crate::app::law::draws;
use crate::http::api::{
    Answer, ApiError, Auth, Body, PageQuery, Problems, Query, Shared, call, created,
};
use crate::wire::law::draw::{Draw, DrawState, Publication, SamplingPlan};
use crate::wire::paging::Page;
use actix_web::web::{Json, Path};
use actix_web::{HttpResponse, get, post};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

pub(in crate::http::api) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list).service(make_up).service(get).service(reveal).service(publication);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct DrawQuery {
    /// Only those of this department.
    department: Option<String>,
    /// Only those in this state.
    #[param(inline)]
    state: Option<DrawState>,
    /// The last page's `next`.
    cursor: Option<String>,
    /// Elements of the page, 1 to 1,000; absent: 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
}

/// Draws in the order they were made up, without results.
#[utoipa::path(tag = "requests", operation_id = "draws", params(DrawQuery), responses((status = OK, body = Page<Draw>), Problems))]
#[get("/draws")]
async fn list(app: Shared, caller: Auth, query: Query<DrawQuery>) -> Answer<Page<Draw>> {
    let DrawQuery { department, state, cursor, limit } = query.into_inner();
    let filter = DrawFilter { department, state };
    let paging = PageQuery { cursor, limit }.paging()?;
    call(&app, move |app| draws::list(app, &caller.0, &filter, &paging)).await.map(Json)
}

/// Makes a draw up: freezes the registers, and commits to a seed that nobody is shown before the reveal.
#[utoipa::path(
    tag = "requests",
    operation_id = "make_up_draw",
    request_body = SamplingPlan,
    responses((status = CREATED, body = Draw), Problems)
)]
#[post("/draws")]
async fn make_up(
    app: Shared,
    caller: Auth,
    body: Body<SamplingPlan>,
) -> Result<HttpResponse, ApiError> {
    let draw = call(&app, move |app| draws::make_up(app, &caller.0, &body.0)).await?;
    Ok(created("draws", &draw.id, &draw))
}

/// A draw, with its result when it is revealed.
#[utoipa::path(tag = "requests", operation_id = "draw", responses((status = OK, body = Draw), Problems))]
#[get("/draws/{id}")]
async fn get(app: Shared, caller: Auth, id: Path<String>) -> Answer<Draw> {
    call(&app, move |app| draws::get(app, &caller.0, &id)).await.map(Json)
}

/// Reveals a draw: publishes the seed, and draws enterprises and inspectors with it.
#[utoipa::path(tag = "requests", operation_id = "reveal_draw", responses((status = OK, body = Draw), Problems))]
#[post("/draws/{id}/reveal")]
async fn reveal(app: Shared, caller: Auth, id: Path<String>) -> Answer<Draw> {
    call(&app, move |app| draws::reveal(app, &caller.0, &id)).await.map(Json)
}

/// What anyone may see of a draw, and needs to draw again (`onevisit draw replay`): the frozen registers
/// and the commitment, after the reveal with seed and result. Nobody is named in it.
#[utoipa::path(tag = "requests", operation_id = "draw_publication", responses((status = OK, body = Publication), Problems))]
#[get("/draws/{id}/publication")]
async fn publication(app: Shared, caller: Auth, id: Path<String>) -> Answer<Publication> {
    call(&app, move |app| draws::publication(app, &caller.0, &id)).await.map(Json)
}
