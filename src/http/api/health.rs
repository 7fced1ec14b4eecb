//! For monitors.

use super::{Shared, call};
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(alive).service(ready);
}

/// How the server is.
#[derive(Serialize, ToSchema)]
struct Health {
    /// `ok`.
    status: &'static str,
    /// Version of the program.
    version: &'static str,
}

impl Health {
    const OK: Health = Health { status: "ok", version: env!("CARGO_PKG_VERSION") };
}

/// The process runs.
#[utoipa::path(tag = "health", responses((status = OK, body = Health)), security(()))]
#[get("/healthz")]
async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(Health::OK)
}

/// The database answers within two seconds, and takes what is to be kept.
#[utoipa::path(
    tag = "health",
    responses(
        (status = OK, body = Health),
        (status = SERVICE_UNAVAILABLE, description = "The database does not answer, or takes no writes",
         content_type = "application/problem+json", body = super::error::Problem)
    ),
    security(())
)]
#[get("/readyz")]
async fn ready(app: Shared) -> Result<HttpResponse, super::ApiError> {
    call(&app, |app| app.is_ready()).await?;
    Ok(HttpResponse::Ok().json(Health::OK))
}
