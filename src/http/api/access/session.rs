//! Log-in, sessions, and one's own account.

use crate::app::access::{login, tokens, users};
use crate::http::api::{
    Answer, Auth, Body, Knock, PageQuery, Problems, Query, Shared, StrangersBody, call,
};
use crate::wire::access::user::{
    Credentials, IssuedToken, Me, NewPassword, NewToken, Refresh, Session, Token,
};
use crate::wire::paging::Page;
use actix_web::web::{Json, Path};
use actix_web::{HttpResponse, delete, get, post, put};
use utoipa_actix_web::service_config::ServiceConfig;

pub(in crate::http::api) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(start)
        .service(refresh)
        .service(end)
        .service(me)
        .service(set_password)
        .service(list_tokens)
        .service(add_token)
        .service(revoke_token);
}

/// Gives tokens for a name and its password.
#[utoipa::path(
    tag = "session",
    operation_id = "start",
    request_body = Credentials,
    responses((status = OK, body = Session), Problems),
    security(())
)]
#[post("/session")]
async fn start(app: Shared, knock: Knock, body: StrangersBody<Credentials>) -> Answer<Session> {
    let Credentials { name, password } = body.0.into_inner();
    call(&app, move |app| login::log_in(app, &knock.0, &name, &password)).await.map(Json)
}

/// Gives the next tokens of a session. A refresh token is good once: one that comes again has a copy,
/// and ends the session.
#[utoipa::path(
    tag = "session",
    operation_id = "refresh_session",
    request_body = Refresh,
    responses((status = OK, body = Session), Problems),
    security(())
)]
#[post("/session/refresh")]
async fn refresh(app: Shared, knock: Knock, body: StrangersBody<Refresh>) -> Answer<Session> {
    call(&app, move |app| login::refresh(app, &knock.0, &body.0.refresh_token)).await.map(Json)
}

/// Logs out: the session's tokens are good no more.
#[utoipa::path(tag = "session", operation_id = "end_session", responses((status = NO_CONTENT), Problems))]
#[delete("/session")]
async fn end(app: Shared, caller: Auth) -> Result<HttpResponse, crate::http::api::ApiError> {
    call(&app, move |app| login::log_out(app, &caller.0)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Who asks, and what for.
#[utoipa::path(tag = "session", operation_id = "me", responses((status = OK, body = Me), Problems))]
#[get("/me")]
async fn me(app: Shared, caller: Auth) -> Answer<Me> {
    call(&app, move |_| users::me(&caller.0)).await.map(Json)
}

/// Sets one's own password. All sessions end, this one too, and personal tokens unless `keep_tokens` says so.
#[utoipa::path(tag = "session", operation_id = "set_own_password", request_body = NewPassword, responses((status = NO_CONTENT), Problems))]
#[put("/me/password")]
async fn set_password(
    app: Shared,
    caller: Auth,
    _: Knock,
    body: Body<NewPassword>,
) -> Result<HttpResponse, crate::http::api::ApiError> {
    call(&app, move |app| users::set_own_password(app, &caller.0, &body.0)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// One's own personal tokens, in the order they were made.
#[utoipa::path(tag = "session", operation_id = "tokens", params(PageQuery), responses((status = OK, body = Page<Token>), Problems))]
#[get("/me/tokens")]
async fn list_tokens(app: Shared, caller: Auth, query: Query<PageQuery>) -> Answer<Page<Token>> {
    let paging = query.into_inner().paging()?;
    call(&app, move |app| tokens::list(app, &caller.0, &paging)).await.map(Json)
}

/// Makes a personal token for another system. Its text is shown this once.
#[utoipa::path(tag = "session", operation_id = "add_token", request_body = NewToken, responses((status = CREATED, body = IssuedToken), Problems))]
#[post("/me/tokens")]
async fn add_token(
    app: Shared,
    caller: Auth,
    body: Body<NewToken>,
) -> Result<HttpResponse, crate::http::api::ApiError> {
    let issued = call(&app, move |app| tokens::add(app, &caller.0, &body.0)).await?;
    Ok(HttpResponse::Created().json(issued))
}

/// Revokes a personal token.
#[utoipa::path(tag = "session", operation_id = "revoke_token", responses((status = NO_CONTENT), Problems))]
#[delete("/me/tokens/{id}")]
async fn revoke_token(
    app: Shared,
    caller: Auth,
    id: Path<String>,
) -> Result<HttpResponse, crate::http::api::ApiError> {
    call(&app, move |app| tokens::revoke(app, &caller.0, &id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
