//! `onevisit serve`.

use super::Failure;
use super::terminal::{self, note, whole};
use crate::app::access::login;
use crate::app::access::tokens::Outside;
use crate::app::{Address, App, AppOptions, StoreOptions};
use crate::config::{Database, Door, LogForm, Serve, Service};
use crate::domain::{Argument, Language};
use crate::http::limits::LimitOptions;
use crate::http::server::{self, ServerOptions};
use crate::message;
use std::io::IsTerminal;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use tracing_subscriber::EnvFilter;

pub(super) fn run(args: &Serve, language: Language) -> Result<(), Failure> {
    log(args.service.log, "info");
    let app = open(&args.database, options(&args.service, language)?)?;
    if let Some(password) = &args.service.admin_password {
        if login::ensure_first(&app, &args.service.admin_name, password)? {
            tracing::info!(name = args.service.admin_name, "the first user was made");
        }
    } else if !login::has_users(&app)? {
        return Err(Failure::Refused(message!("no-user-yet")));
    }
    serve(&Arc::new(app), &args.service, |address| {
        tracing::info!(address, database = %args.database.place.database, "listening");
    })
}

/// Serves until asked to stop.
pub(super) fn serve(
    app: &Arc<App>,
    service: &Service,
    ready: impl FnOnce(&str),
) -> Result<(), Failure> {
    let Door { logins_a_minute, public_a_minute, proxy, body_seconds, .. } = &service.door;
    let limits = LimitOptions {
        logins_a_minute: NonZeroU32::new(*logins_a_minute),
        public_a_minute: NonZeroU32::new(*public_a_minute),
        proxy: *proxy,
        body_seconds: NonZeroU32::new(*body_seconds),
    };
    let planners = usize::from(service.planners);
    let options = ServerOptions { listen: service.listen, planners, limits };
    let result = server::serve(app, &options, |address| ready(&format!("http://{address}")));
    result.map_err(|error| cannot_serve(service, &error))
}

/// The failure of a server that cannot listen.
pub(super) fn cannot_serve(service: &Service, error: &std::io::Error) -> Failure {
    let address = service.listen.to_string();
    Failure::Refused(message!("cannot-serve", address = address, cause = whole(error)))
}

/// Opens the database, reporting a backup that was made on the way.
pub(super) fn open(database: &Database, options: AppOptions) -> Result<App, Failure> {
    let store = StoreOptions {
        connections_max: database.connections,
        pages_max: database.pages_max,
        ..StoreOptions::default()
    };
    open_with(&database.place.database, &store, options)
}

/// Opens the database, reporting a backup that was made on the way.
pub(super) fn open_with(
    address: &Address,
    store: &StoreOptions,
    options: AppOptions,
) -> Result<App, Failure> {
    let (app, backup) = App::open(address, store, options)?;
    if let Some(backup) = backup {
        note(&message!("database-brought-up-to-date", backup = terminal::path(&backup)));
    }
    Ok(app)
}

/// Calendars, zone and threads.
pub(super) fn options(service: &Service, language: Language) -> Result<AppOptions, Failure> {
    let (zone, today) = (service.zone, service.today);
    let mut options = AppOptions { zone, today, language, ..AppOptions::default() };
    if let Some(threads) = service.service_threads {
        options.threads = usize::from(threads);
    }
    for path in &service.calendar {
        let text = std::fs::read_to_string(path).map_err(|error| refused(path, whole(error)))?;
        let read = crate::wire::law::calendar::read_year(&text);
        let (year, days) = read.map_err(|what| refused(path, what.into()))?;
        options.calendar.insert(year, days);
    }
    let Door { issuer, issuer_audience, issuer_keys, .. } = &service.door;
    if let (Some(issuer), Some(audience), Some(path)) = (issuer, issuer_audience, issuer_keys) {
        let text = std::fs::read_to_string(path).map_err(|error| refused(path, whole(error)))?;
        let outside = Outside::new(issuer.clone(), audience.clone(), &text);
        options.outside = Some(outside.map_err(|what| refused(path, what.into()))?);
    }
    Ok(options)
}

/// A file named by an option is not what it should be.
fn refused(path: &Path, what: Argument) -> Failure {
    Failure::Usage(message!("file-refused", file = terminal::path(path), what = what))
}

/// Sets the log up: standard error, filtered by ONEVISIT_LOG or, without it, from `level` on.
pub(super) fn log(form: LogForm, level: &str) {
    let filter = EnvFilter::try_from_env("ONEVISIT_LOG").unwrap_or_else(|_| {
        // the framework logs every refused request; those have their line already
        EnvFilter::new(format!("{level},tracing_actix_web=error"))
    });
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    // a second call changes nothing
    let _ = match form {
        LogForm::Text => builder.with_target(false).try_init(),
        LogForm::Json => builder.json().flatten_event(true).try_init(),
    };
}
