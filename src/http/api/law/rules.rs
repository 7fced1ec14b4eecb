//! Rule packs.

use crate::app::law::{rules, trial};
use crate::http::api::{Answer, Auth, Body, Problems, Query, Shared, call};
use crate::wire::law::in_force::{InForce, NewInForce, NewTrial, PackListing, Trial};
use crate::wire::law::rule_pack::RulePack;
use actix_web::web::{Json, Path};
use actix_web::{HttpResponse, get, post};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

pub(in crate::http::api) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list)
        .service(holding)
        .service(activations)
        .service(put)
        .service(try_out)
        .service(get);
}

/// The shipped rule packs.
#[utoipa::path(tag = "rules", operation_id = "rule_packs", responses((status = OK, body = Vec<PackListing>), Problems))]
#[get("/rules")]
async fn list(app: Shared, caller: Auth) -> Answer<Vec<PackListing>> {
    call(&app, move |_| rules::list(&caller.0)).await.map(Json)
}

/// A shipped rule pack with every rule, its parameters and sources.
#[utoipa::path(tag = "rules", operation_id = "rule_pack", responses((status = OK, body = RulePack), Problems))]
#[get("/rules/packs/{id}")]
async fn get(app: Shared, caller: Auth, id: Path<String>) -> Answer<RulePack> {
    call(&app, move |_| rules::get(&caller.0, &id)).await.map(Json)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct DayQuery {
    /// The day; absent: today.
    #[serde(default, deserialize_with = "crate::http::api::day_if")]
    day: Option<NaiveDate>,
}

/// The rule pack that holds on a day, with every rule, its parameters and sources.
#[utoipa::path(tag = "rules", operation_id = "rule_pack_in_force", params(DayQuery), responses((status = OK, body = RulePack), Problems))]
#[get("/rules/in-force")]
async fn holding(app: Shared, caller: Auth, query: Query<DayQuery>) -> Answer<RulePack> {
    let day = query.into_inner().day;
    call(&app, move |app| rules::holding(app, &caller.0, day)).await.map(Json)
}

/// Which rule packs were put into force, from when on and why, the newest first.
#[utoipa::path(tag = "rules", operation_id = "rule_packs_in_force", responses((status = OK, body = Vec<InForce>), Problems))]
#[get("/rules/activations")]
async fn activations(app: Shared, caller: Auth) -> Answer<Vec<InForce>> {
    call(&app, move |app| rules::activations(app, &caller.0)).await.map(Json)
}

/// Puts a rule pack into force from a day on: a shipped one, or a document.
#[utoipa::path(tag = "rules", operation_id = "put_rule_pack", request_body = NewInForce, responses((status = CREATED, body = InForce), Problems))]
#[post("/rules/activations")]
async fn put(
    app: Shared,
    caller: Auth,
    body: Body<NewInForce>,
) -> Result<HttpResponse, crate::http::api::ApiError> {
    let done = call(&app, move |app| rules::put(app, &caller.0, &body.0)).await?;
    Ok(HttpResponse::Created().json(done))
}

/// What a draft would have done to the requests of some months, against the pack in force: what it would
/// have refused, by rule and department, and what that costs at the policy's prices.
#[utoipa::path(tag = "rules", operation_id = "try_rule_pack", request_body = NewTrial, responses((status = OK, body = Trial), Problems))]
#[post("/rules/trials")]
async fn try_out(app: Shared, caller: Auth, body: Body<NewTrial>) -> Answer<Trial> {
    call(&app, move |app| trial::run(app, &caller.0, &body.0)).await.map(Json)
}
