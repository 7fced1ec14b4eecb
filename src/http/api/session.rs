//! Log-in.

use super::{Answer, Body, Problems, Shared, call};
use crate::app::login::log_in;
use crate::wire::json::{Fields, Read};
use actix_web::{post, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(start);
}

/// Who logs in.
#[derive(Serialize, ToSchema)]
struct Credentials {
    /// Name.
    name: String,
    /// Password.
    password: String,
}

impl Read for Credentials {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        Some(Self { name: f.text("name"), password: f.text("password") })
    }
}

/// A token.
#[derive(Serialize, ToSchema)]
struct Session {
    /// To be sent as `Authorization: Bearer …`.
    token: String,
    /// Until when it is good.
    expires_at: DateTime<Utc>,
}

/// Gives a token for a name and its password.
#[utoipa::path(
    tag = "session",
    request_body = Credentials,
    responses((status = OK, body = Session), Problems),
    security(())
)]
#[post("/session")]
async fn start(app: Shared, body: Body<Credentials>) -> Answer<Session> {
    let Credentials { name, password } = body.0;
    let token = call(&app, move |app| log_in(app, &name, &password)).await?;
    Ok(web::Json(Session { token: token.text, expires_at: token.expires_at }))
}
