//! Users.

use crate::app::access::users;
use crate::http::api::{
    Answer, ApiError, Auth, Body, IfMatch, PageQuery, Problems, Query, Shared, call, created,
    versioned,
};
use crate::wire::access::user::{NewPassword, NewUser, User, UserChange};
use crate::wire::paging::Page;
use actix_web::web::{Json, Path};
use actix_web::{HttpResponse, get, post, put};
use utoipa_actix_web::service_config::ServiceConfig;

pub(in crate::http::api) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list).service(get).service(add).service(change).service(set_password);
}

type Response = Result<HttpResponse, ApiError>;

/// Users in the order they were added.
#[utoipa::path(tag = "users", operation_id = "users", params(PageQuery), responses((status = OK, body = Page<User>), Problems))]
#[get("/users")]
async fn list(app: Shared, caller: Auth, query: Query<PageQuery>) -> Answer<Page<User>> {
    let paging = query.into_inner().paging()?;
    call(&app, move |app| users::list(app, &caller.0, &paging)).await.map(Json)
}

/// A user, with the ETag that a change needs.
#[utoipa::path(tag = "users", operation_id = "user", responses((status = OK, body = User, headers(("ETag" = String, description = "Its version, for If-Match"))), Problems))]
#[get("/users/{id}")]
async fn get(app: Shared, caller: Auth, id: Path<String>) -> Response {
    let found = call(&app, move |app| users::get(app, &caller.0, &id)).await?;
    Ok(versioned(found.version, &found.value))
}

/// Adds a user.
#[utoipa::path(tag = "users", operation_id = "add_user", request_body = NewUser, responses((status = CREATED, body = User, headers(("Location" = String, description = "Its address"))), Problems))]
#[post("/users")]
async fn add(app: Shared, caller: Auth, body: Body<NewUser>) -> Response {
    let added = call(&app, move |app| users::add(app, &caller.0, &body.0)).await?;
    Ok(created("users", &added.value.id, &added.value))
}

/// Sets what a user may do, or shuts the user out.
#[utoipa::path(
    tag = "users",
    operation_id = "change_user",
    request_body = UserChange,
    params(("If-Match" = String, Header, description = "The ETag it was read with")),
    responses((status = OK, body = User, headers(("ETag" = String, description = "Its version, for If-Match"))), Problems)
)]
#[put("/users/{id}")]
async fn change(
    app: Shared,
    caller: Auth,
    id: Path<String>,
    version: IfMatch,
    body: Body<UserChange>,
) -> Response {
    let work = move |app: &_| users::change(app, &caller.0, &id, &body.0, version.0);
    let changed = call(&app, work).await?;
    Ok(versioned(changed.version, &changed.value))
}

/// Sets a user's password; all sessions of the user end, and personal tokens unless `keep_tokens` says
/// so. `old` is not looked at.
#[utoipa::path(tag = "users", operation_id = "set_password", request_body = NewPassword, responses((status = NO_CONTENT), Problems))]
#[put("/users/{id}/password")]
async fn set_password(
    app: Shared,
    caller: Auth,
    id: Path<String>,
    body: Body<NewPassword>,
) -> Response {
    call(&app, move |app| users::set_password(app, &caller.0, &id, &body.0)).await?;
    Ok(HttpResponse::NoContent().finish())
}
