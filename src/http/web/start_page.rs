//! The page at `/`: what this is, and where to go on.

use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::{HttpResponse, get};
use askama::Template;

#[derive(Template)]
#[template(path = "start.html")]
struct StartPage {
    version: &'static str,
}

/// The page is text, and a style of our own.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

#[get("/")]
pub(crate) async fn page() -> HttpResponse {
    let page = StartPage { version: env!("CARGO_PKG_VERSION") };
    let html = page.render().expect("a template without conditions renders");
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_SECURITY_POLICY, POLICY));
    response.content_type("text/html; charset=utf-8").body(html)
}

#[get("/start.css")]
pub(crate) async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .body(include_str!("templates/start.css"))
}
