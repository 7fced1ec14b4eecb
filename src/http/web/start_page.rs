//! The page at `/`: what this is, and where to go on.

use actix_web::{HttpResponse, get};
use askama::Template;

#[derive(Template)]
#[template(path = "start.html")]
struct StartPage {
    version: &'static str,
}

#[get("/")]
pub(crate) async fn page() -> HttpResponse {
    let page = StartPage { version: env!("CARGO_PKG_VERSION") };
    let html = page.render().expect("a template without conditions renders");
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(html)
}
