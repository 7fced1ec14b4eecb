//! The server: routes, documents and middleware, and how it starts and stops.

use super::api;
use super::limits::{LimitOptions, Limits};
use super::web::{help_page, start_page};
use crate::app::App;
use crate::app::planning::worker::Workers;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{Data, redirect};
use actix_web::{App as ActixApp, HttpServer};
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tracing_actix_web::TracingLogger;
use utoipa::openapi::OpenApi;
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::{Config, SwaggerUi};

/// How long the head of a request may take to come.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a connection is kept for the next request to begin.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

/// Address of the OpenAPI document.
pub(super) const DOCUMENT: &str = "/api/v1/openapi.json";

/// How to serve.
pub struct ServerOptions {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Planning threads: runs planned at once.
    pub planners: usize,
    /// How often an address may call without a token.
    pub limits: LimitOptions,
}

/// The OpenAPI document of every route.
pub fn openapi() -> &'static OpenApi {
    static DOCUMENT: LazyLock<OpenApi> = LazyLock::new(|| {
        let app = ActixApp::new().into_utoipa_app().openapi(api::document());
        app.configure(api::routes).split_for_parts().1
    });
    &DOCUMENT
}

/// The page to browse it; nothing in it asks another server.
fn docs() -> SwaggerUi {
    let config = Config::default().validator_url("none");
    SwaggerUi::new("/docs/{_:.*}").url(DOCUMENT, openapi().clone()).config(config)
}

/// The whole application, for the server and for tests.
pub fn application(
    app: Arc<App>,
    limits: Arc<Limits>,
) -> ActixApp<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    ActixApp::new()
        .app_data(Data::new(app))
        .app_data(Data::new(limits))
        .service(start_page::page)
        .service(start_page::style)
        .service(help_page::index)
        .service(help_page::help)
        .service(redirect("/docs", "/docs/"))
        // before the routes, whose scope would take the document's address for its own
        .service(docs())
        .into_utoipa_app()
        .configure(api::routes)
        .into_app()
        .wrap(Compress::default())
        .wrap(from_fn(api::identify))
        .wrap(from_fn(api::as_sent))
        .wrap(from_fn(api::finish))
        .wrap(TracingLogger::default())
}

/// Serves until the process is asked to stop (SIGINT or SIGTERM); runs in hand go back into the queue.
/// `ready` is called with the address once it listens.
pub fn serve(
    app: &Arc<App>,
    options: &ServerOptions,
    ready: impl FnOnce(SocketAddr),
) -> std::io::Result<()> {
    actix_web::rt::System::new().block_on(async {
        let (shared, limits) = (Arc::clone(app), Arc::new(Limits::new(&options.limits)));
        let server = HttpServer::new(move || application(Arc::clone(&shared), Arc::clone(&limits)))
            .shutdown_timeout(5)
            .client_request_timeout(HEAD_TIMEOUT)
            .keep_alive(KEEP_ALIVE)
            .bind(options.listen)?;
        let address = server.addrs()[0];
        let workers = Workers::start(app, options.planners);
        ready(address);
        let result = server.run().await;
        workers.stop();
        result
    })
}
