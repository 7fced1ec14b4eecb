//! Policies and targets. Both carry the newest policy's version as their ETag.

use crate::app::Error;
use crate::app::planning::policies;
use crate::http::api::{
    Answer, ApiError, Auth, Body, IfMatch, PageQuery, Problems, Query, Shared, call, id_differs,
    versioned,
};
use crate::message;
use crate::wire::paging::Page;
use crate::wire::planning::policy::{NewPolicy, PolicyRecord, Target};
use actix_web::web::{Json, Path};
use actix_web::{HttpResponse, delete, get, put};
use utoipa_actix_web::service_config::ServiceConfig;

pub(in crate::http::api) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list)
        .service(current)
        .service(set)
        .service(get)
        .service(targets)
        .service(set_target)
        .service(remove_target);
}

type Response = Result<HttpResponse, ApiError>;

/// Policies, newest first.
#[utoipa::path(tag = "policies", operation_id = "policies", params(PageQuery), responses((status = OK, body = Page<PolicyRecord>), Problems))]
#[get("/policies")]
async fn list(app: Shared, caller: Auth, query: Query<PageQuery>) -> Answer<Page<PolicyRecord>> {
    let paging = query.into_inner().paging()?;
    call(&app, move |app| policies::list(app, &caller.0, &paging)).await.map(Json)
}

/// The newest policy, with the ETag that a change needs.
#[utoipa::path(tag = "policies", operation_id = "policy", responses((status = OK, body = PolicyRecord, headers(("ETag" = String, description = "Its version, for If-Match"))), Problems))]
#[get("/policy")]
async fn current(app: Shared, caller: Auth) -> Response {
    let policy = call(&app, move |app| policies::get(app, &caller.0, None)).await?;
    Ok(versioned(policy.version, &policy))
}

/// Sets the policy: a new version. Earlier runs keep the one they were made with.
#[utoipa::path(
    tag = "policies",
    operation_id = "set_policy",
    request_body = NewPolicy,
    params(("If-Match" = String, Header, description = "The ETag it was read with")),
    responses((status = OK, body = PolicyRecord, headers(("ETag" = String, description = "Its version, for If-Match"))), Problems)
)]
#[put("/policy")]
async fn set(app: Shared, caller: Auth, version: IfMatch, body: Body<NewPolicy>) -> Response {
    let NewPolicy { note, policy } = body.0.into_inner();
    let work = move |app: &_| policies::set(app, &caller.0, &policy, &note, version.0);
    let policy = call(&app, work).await?;
    Ok(versioned(policy.version, &policy))
}

/// The policy of a version.
#[utoipa::path(tag = "policies", operation_id = "policy_version", responses((status = OK, body = PolicyRecord), Problems))]
#[get("/policies/{version}")]
async fn get(app: Shared, caller: Auth, version: Path<String>) -> Answer<PolicyRecord> {
    let missing = || Error::NotFound(message!("not-found_policy", version = version.as_str()));
    let number = version.parse().map_err(|_| missing())?;
    call(&app, move |app| policies::get(app, &caller.0, Some(number))).await.map(Json)
}

/// The newest policy's targets, with the ETag that a change needs.
#[utoipa::path(tag = "policies", responses((status = OK, body = Vec<Target>, headers(("ETag" = String, description = "Its version, for If-Match"))), Problems))]
#[get("/targets")]
async fn targets(app: Shared, caller: Auth) -> Response {
    let policy = call(&app, move |app| policies::get(app, &caller.0, None)).await?;
    Ok(versioned(policy.version, &policy.policy.targets))
}

/// Sets a target: a new version of the policy.
#[utoipa::path(
    tag = "policies",
    request_body = Target,
    params(("If-Match" = String, Header, description = "The ETag the targets were read with")),
    responses((status = OK, body = Target, headers(("ETag" = String, description = "Its version, for If-Match"))), Problems)
)]
#[put("/targets/{id}")]
async fn set_target(
    app: Shared,
    caller: Auth,
    id: Path<String>,
    version: IfMatch,
    body: Body<Target>,
) -> Response {
    let target = body.0.into_inner();
    if target.id != *id {
        return Err(id_differs(&target.id, &id).into());
    }
    let value = target.clone();
    let work = move |app: &_| policies::set_target(app, &caller.0, &value, version.0);
    let policy = call(&app, work).await?;
    Ok(versioned(policy.version, &target))
}

/// Removes a target: a new version of the policy.
#[utoipa::path(
    tag = "policies",
    params(("If-Match" = String, Header, description = "The ETag the targets were read with")),
    responses((status = NO_CONTENT), Problems)
)]
#[delete("/targets/{id}")]
async fn remove_target(app: Shared, caller: Auth, id: Path<String>, version: IfMatch) -> Response {
    let work = move |app: &_| policies::remove_target(app, &caller.0, &id, version.0);
    let policy = call(&app, work).await?;
    Ok(HttpResponse::NoContent().insert_header(crate::http::api::etag(policy.version)).finish())
}
