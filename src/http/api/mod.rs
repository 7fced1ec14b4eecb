//! REST, one file a resource. Handlers read the request, call one use case on a thread that may
//! block, and write its answer.

mod access;
mod body;
mod error;
mod health;
mod identity;
mod law;
mod planning;
mod register;
mod requests;
mod visits;

pub(super) use body::as_sent;
use body::{Body, FileBody, StrangersBody};
pub(super) use error::finish;
pub(super) use identity::identify;
use identity::{Auth, Knock};

use crate::app::paging::Paging;
use crate::app::requests::answers::Key;
use crate::app::{self, App};
use crate::domain::{Argument, Message};
use crate::message;
use crate::text::{reader, speaking};
use crate::wire::json;
use actix_web::http::header::{ETAG, IF_MATCH, LOCATION};
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, web};
use actix_web_lab::extract;
use chrono::NaiveDate;
use error::{ApiError, Problems};
use serde::{Deserialize, Serialize};
use std::future::{Ready, ready};
use std::sync::Arc;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{IntoParams, Modify, OpenApi};
use utoipa_actix_web::service_config::ServiceConfig;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "onevisit",
        description = "Packs the inspection requests of different departments into joint visits, \
                       and proves how good the plan is. 综合查一次：进一次门，查该查的事。\n\n\
                       Days are `YYYY-MM-DD`, instants RFC 3339 in UTC, minutes and costs whole \
                       numbers. Lists come in pages: give `next` as `cursor` for the next one. What \
                       has an `ETag` is changed with `If-Match`. Errors are problem documents (RFC \
                       9457) with a stable `code`, all defects of the input with JSON pointers, and \
                       the id of the request.\n\n\
                       Sentences for people (`detail`, `message`, `remedy` and the like) are in Chinese \
                       or English, as `Accept-Language` asks (`zh` or `en`; else in the server's \
                       language), and `Content-Language` names theirs. Programs go by codes, pointers \
                       and fields: those are the same in every language, and sentences may change.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    security(("token" = [])),
    modifiers(&Components),
    tags(
        (name = "session", description = "Log-in, sessions, and one's own account"),
        (name = "users", description = "Who may do what"),
        (name = "register", description = "Areas, departments, pools, enterprises, items, scenarios"),
        (name = "requests", description = "What departments ask for, and the plans and draws it rests on"),
        (name = "rules", description = "The law of the place, as data"),
        (name = "policies", description = "Where prices come from, and what should be covered"),
        (name = "planning", description = "Runs, problems and plans"),
        (name = "schedule", description = "Visits that teams pull"),
        (name = "supervision", description = "The audit log, and alarms of repeated visits"),
        (name = "health", description = "For monitors")
    )
)]
struct Document;

/// What routes refer to.
struct Components;

impl Modify for Components {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = Http::builder().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
        error::add_problems(components);
    }
}

/// The document before the routes are in it.
pub fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// Every route.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.configure(health::routes).service(
        utoipa_actix_web::scope("/api/v1")
            .configure(access::session::routes)
            .configure(access::users::routes)
            .configure(register::routes)
            .configure(register::files::routes)
            .configure(requests::routes)
            .configure(requests::handling::routes)
            .configure(law::rules::routes)
            .configure(law::draws::routes)
            .configure(law::campaigns::routes)
            .configure(planning::policies::routes)
            .configure(planning::runs::routes)
            .configure(planning::plans::routes)
            .configure(visits::schedule::routes)
            .configure(visits::supervision::routes),
    );
}

type Shared = web::Data<Arc<App>>;
type Answer<T> = Result<web::Json<T>, ApiError>;

/// Calls a use case on a thread that may block.
async fn call<T: Send + 'static>(
    app: &Shared,
    work: impl FnOnce(&App) -> app::Result<T> + Send + 'static,
) -> Result<T, ApiError> {
    let (app, language) = (Arc::clone(app), reader());
    let done = web::block(move || speaking(language, || work(&app))).await;
    let gone = |_| app::Error::Internal("the thread of a use case ended early".into());
    Ok(done.map_err(gone)??)
}

/// What the caller calls this call (`Idempotency-Key`): the same call under the same key is answered as
/// it was the first time, and does nothing again.
struct IdempotencyKey(Option<String>);

/// Longest key.
const KEY_CHARS_MAX: usize = 200;

impl IdempotencyKey {
    /// The key of a call of this route with this body.
    fn key(self, route: &str, hash: &str) -> Option<Key> {
        Some(Key { name: self.0?, fingerprint: format!("{route} {hash}") })
    }
}

impl FromRequest for IdempotencyKey {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(header) = request.headers().get("idempotency-key") else {
            return ready(Ok(Self(None)));
        };
        // the draft has it in quotes, many clients do not
        let text = header.to_str().unwrap_or_default().trim();
        let text = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text);
        let is_sound = (1..=KEY_CHARS_MAX).contains(&text.len())
            && text.chars().all(|c| c.is_ascii_graphic() && c != '"');
        ready(if is_sound {
            Ok(Self(Some(text.to_owned())))
        } else {
            let message = message!("bad-idempotency-key", most = KEY_CHARS_MAX);
            Err(app::Error::defect("", message).into())
        })
    }
}

/// Which part of a list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct PageQuery {
    /// The last page's `next`.
    cursor: Option<String>,
    /// Elements of the page, 1 to 1,000; absent: 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
}

impl PageQuery {
    fn paging(self) -> app::Result<Paging> {
        Paging::new(self.cursor, self.limit)
    }
}

/// The query of the address; what cannot be read is reported with its parameter.
struct Query<T>(T);

impl<T> Query<T> {
    fn into_inner(self) -> T {
        self.0
    }
}

impl<T: serde::de::DeserializeOwned> FromRequest for Query<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let sent = request.query_string();
        let read = extract::Query::<T>::from_query(sent);
        ready(read.map(|query| Query(query.0)).map_err(|error| {
            // "." means the query as a whole
            let parameter = error.path().to_string();
            let pointer = if parameter == "." { String::new() } else { format!("/{parameter}") };
            let message = bad_query(sent, &parameter, &error.source().to_string());
            app::Error::defect(pointer, message).into()
        }))
    }
}

/// What is wrong with a query, by how serde says it (`why`): it names parameters within backquotes where
/// one is unknown or missing; else `parameter` has a value that it does not take, or several.
fn bad_query(sent: &str, parameter: &str, why: &str) -> Message {
    let mut named = why.split('`').skip(1).step_by(2);
    if why.starts_with("unknown field") {
        let unknown = named.next().unwrap_or(parameter);
        return message!(
            "bad-query_unknown",
            parameter = unknown,
            known = named.collect::<Argument>()
        );
    }
    if why.starts_with("missing field") {
        let missing = named.next().unwrap_or(parameter);
        return message!("bad-query_missing", parameter = missing);
    }
    let pairs = web::Query::<Vec<(String, String)>>::from_query(sent);
    let pairs = pairs.map(web::Query::into_inner).unwrap_or_default();
    let mut values = pairs.into_iter().filter(|(name, _)| name == parameter);
    match (values.next(), values.next()) {
        (_, Some(_)) => message!("bad-query_twice", parameter = parameter),
        (first, None) => {
            let value = first.map(|(_, value)| value).unwrap_or_default();
            message!("bad-query", parameter = parameter, value = value)
        }
    }
}

/// The error of a body that names another thing than the address.
fn id_differs(body: &str, address: &str) -> app::Error {
    app::Error::defect("/id", message!("id-differs", body = body, address = address))
}

/// A day in a query, within what days may be.
fn day_if<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<NaiveDate>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    let day = text.map(|text| json::day(&text)).transpose();
    day.map_err(|_| serde::de::Error::custom("no day"))
}

/// The version that `If-Match` names.
struct IfMatch(i64);

impl FromRequest for IfMatch {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(if_match(request))
    }
}

fn if_match(request: &HttpRequest) -> Result<IfMatch, ApiError> {
    let header = request.headers().get(IF_MATCH).ok_or(app::Error::VersionMissing)?;
    let text = header.to_str().unwrap_or_default().trim();
    let version = text.strip_prefix("\"v").and_then(|rest| rest.strip_suffix('"'));
    let version = version.and_then(|digits| digits.parse().ok());
    Ok(IfMatch(
        version.ok_or_else(|| app::Error::defect("", message!("bad-if-match", found = text)))?,
    ))
}

fn etag(version: i64) -> (actix_web::http::header::HeaderName, String) {
    (ETAG, format!("\"v{version}\""))
}

/// 200 with an `ETag`.
fn versioned<T: Serialize>(version: i64, value: &T) -> HttpResponse {
    HttpResponse::Ok().insert_header(etag(version)).json(value)
}

/// 201 with its address.
fn created<T: Serialize>(kind: &str, id: &str, value: &T) -> HttpResponse {
    HttpResponse::Created().insert_header((LOCATION, format!("/api/v1/{kind}/{id}"))).json(value)
}
