//! Errors as problem documents (RFC 9457): one place where the kinds of error meet status codes.

use super::Shared;
use crate::app::Error;
use crate::domain::Defect;
use crate::domain::rules::Finding;
use crate::domain::{Language, Message};
use crate::http::server::{DOCUMENT, openapi};
use crate::message;
use crate::text::{say, speaking, speaking_while};
use crate::wire::law::rule_pack::RuleFinding;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    ACCEPT_ENCODING, ALLOW, AcceptLanguage, CONTENT_ENCODING, CONTENT_LANGUAGE,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, Header, HeaderName, HeaderValue, REFERRER_POLICY,
    RETRY_AFTER, VARY, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpResponse, ResponseError};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use tracing_actix_web::RequestId;
use utoipa::openapi::{Components, Content, Ref, RefOr, Response};
use utoipa::{IntoResponses, PartialSchema, ToSchema};

/// Most defects reported of one input.
const DEFECTS_MAX: usize = 100;

/// What went wrong, as RFC 9457 has it.
#[derive(Clone, Serialize, ToSchema)]
pub(super) struct Problem {
    /// Always `about:blank`: `code` distinguishes the kinds.
    r#type: &'static str,
    /// The status in words.
    title: String,
    /// The status.
    status: u16,
    /// What went wrong and what to do.
    detail: String,
    /// Stable code.
    code: String,
    /// Every defect of the input, at most 100.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ProblemError>,
    /// Number of defects beyond those.
    #[serde(skip_serializing_if = "Option::is_none")]
    more_errors: Option<usize>,
    /// Id of the request, as in the server's log and the header `x-request-id`.
    request_id: String,
}

impl Problem {
    /// Without defects; the middleware below adds the request's id.
    fn new(status: StatusCode, code: &str, detail: String) -> Self {
        Self {
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or("Error").into(),
            status: status.as_u16(),
            detail,
            code: code.into(),
            errors: Vec::new(),
            more_errors: None,
            request_id: String::new(),
        }
    }
}

/// One defect of the input.
#[derive(Clone, Serialize, ToSchema)]
pub(super) struct ProblemError {
    /// Stable code.
    code: String,
    /// JSON pointer into the body, or `/name` of a query parameter.
    pointer: String,
    /// What is wrong and what to do.
    detail: String,
    /// What the law of the place says, where that is it: the rule, and what would make it admissible.
    #[serde(skip_serializing_if = "Option::is_none")]
    finding: Option<RuleFinding>,
}

impl From<&Defect> for ProblemError {
    fn from(defect: &Defect) -> Self {
        let Defect { pointer, message } = defect;
        let (code, pointer, detail) = (message.code().into(), pointer.clone(), say(message));
        Self { code, pointer, detail, finding: None }
    }
}

impl From<&Finding> for ProblemError {
    fn from(finding: &Finding) -> Self {
        let pointer = if finding.field.is_empty() || finding.field.starts_with('/') {
            finding.field.clone()
        } else {
            format!("/{}", finding.field)
        };
        Self {
            code: finding.code().into(),
            pointer,
            detail: say(&finding.message()),
            finding: Some(finding.clone().into()),
        }
    }
}

/// A use case's error on its way out.
pub(super) struct ApiError(Error);

/// Short: the framework logs it, and an input may have very many defects.
impl std::fmt::Debug for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl ApiError {
    /// Whether the caller may not, as against the server cannot.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self.0, Error::Unauthenticated { .. } | Error::Forbidden { .. })
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        match &self.0 {
            Error::NotFound { .. } => StatusCode::NOT_FOUND,
            Error::Invalid(defects) if defects.iter().any(|d| is_malformed(d.code())) => {
                StatusCode::BAD_REQUEST
            }
            Error::Invalid(_) | Error::Refused { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Error::Conflict { .. } => StatusCode::CONFLICT,
            Error::VersionMissing => StatusCode::PRECONDITION_REQUIRED,
            Error::VersionChanged { .. } => StatusCode::PRECONDITION_FAILED,
            Error::Unauthenticated { .. } => StatusCode::UNAUTHORIZED,
            Error::Forbidden { .. } => StatusCode::FORBIDDEN,
            Error::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Error::StorageFull(_) => StatusCode::INSUFFICIENT_STORAGE,
            Error::Unavailable(_) | Error::Uncertain(_) | Error::Unfinished(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The middleware below writes the body, for it knows the request's id.
    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        let message = self.0.message();
        let code = self.0.code();
        if let Some(cause) = self.0.cause() {
            tracing::error!(code, cause, "a request failed");
        }
        let defects: &[Defect] = if let Error::Invalid(found) = &self.0 { found } else { &[] };
        let errors: Vec<ProblemError> = match &self.0 {
            Error::Refused { findings, .. } => findings.iter().map(Into::into).collect(),
            _ => defects.iter().take(DEFECTS_MAX).map(Into::into).collect(),
        };
        let problem = Problem {
            errors,
            more_errors: defects.len().checked_sub(DEFECTS_MAX).filter(|more| *more > 0),
            ..Problem::new(status, code, say(&message))
        };
        let mut response = HttpResponse::new(status);
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE || status == StatusCode::INSUFFICIENT_STORAGE {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
        }
        if let Error::TooMany { seconds, .. } = &self.0 {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*seconds));
        }
        response.extensions_mut().insert(problem);
        response
    }
}

/// What the front door refuses before any use case is asked.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    message: Message,
}

impl Refusal {
    /// With what to do.
    pub(super) fn of(status: StatusCode, message: Message) -> Self {
        Self { status, message }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.message.fmt(f)
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let problem = Problem::new(self.status, self.message.code(), say(&self.message));
        let mut response = HttpResponse::new(self.status);
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
        }
        if self.status == StatusCode::UNSUPPORTED_MEDIA_TYPE {
            response.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        response.extensions_mut().insert(problem);
        response
    }
}

/// Not even readable, as against readable and wrong.
fn is_malformed(code: &str) -> bool {
    [
        "not-json",
        "not-utf-8",
        "too-deep",
        "too-many-values",
        "bad-query",
        "bad-if-match",
        "bad-cursor",
    ]
    .contains(&code)
}

/// Gives every answer the request's id, and every error the form of a problem document, wherever it
/// was raised.
pub async fn finish(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let start = std::time::Instant::now();
    let language = language_of(&request);
    let id = request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default();
    // what answers GET answers HEAD; the body is left out when the answer is written
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    // no database takes a NUL within a text
    let mut response = if request.uri().to_string().contains("%00") {
        request.into_response(HttpResponse::BadRequest().finish()).map_into_boxed_body()
    } else {
        speaking_while(language, next.call(request)).await?.map_into_boxed_body()
    };
    let mut status = response.status();
    let reported = response.response().extensions().get::<Problem>().cloned();
    if status == StatusCode::NOT_FOUND && reported.is_none() {
        let allowed = methods_at(response.request().path());
        if let Ok(allowed) = HeaderValue::from_str(&allowed.join(", "))
            && !allowed.is_empty()
        {
            status = StatusCode::METHOD_NOT_ALLOWED;
            *response.response_mut().status_mut() = status;
            response.headers_mut().insert(ALLOW, allowed);
        }
    }
    if status.is_client_error() || status.is_server_error() {
        let mut problem = reported.unwrap_or_else(|| speaking(language, || by_status(status)));
        problem.request_id.clone_from(&id);
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        response = response.map_body(|_, _| BoxBody::new(body));
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(CONTENT_TYPE, kind);
        response.headers_mut().remove(CONTENT_ENCODING);
    }
    name_language(&mut response, language);
    guard(&mut response);
    let (method, path) = (response.request().method(), response.request().path());
    let ms = start.elapsed().as_millis() as u64;
    tracing::info!(%method, path, status = status.as_u16(), ms, request_id = id, "answered");
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), id);
    }
    Ok(response)
}

/// The language that the caller asks for (`Accept-Language`) and we speak, else the server's.
fn language_of(request: &ServiceRequest) -> Language {
    let app = request.app_data::<Shared>().expect("the server has its app");
    let asked = AcceptLanguage::parse(request).ok().and_then(|accepted| {
        let ranked = accepted.ranked().into_iter();
        ranked.filter_map(|wish| Language::of_tag(wish.item()?.as_str())).next()
    });
    asked.unwrap_or_else(|| app.language())
}

/// Names the language of answers that may carry sentences, which are all in JSON but the document, and has
/// caches heed that it was asked for.
fn name_language<B>(response: &mut ServiceResponse<B>, language: Language) {
    let is_json = |kind: &HeaderValue| {
        kind.to_str().is_ok_and(|kind| kind.starts_with("application/") && kind.contains("json"))
    };
    let is_document = response.request().path() == DOCUMENT;
    let headers = response.headers_mut();
    if is_document || !headers.get(CONTENT_TYPE).is_some_and(is_json) {
        return;
    }
    let name = HeaderValue::from_static(language.as_str());
    headers.insert(CONTENT_LANGUAGE, name);
    // others may vary by more
    headers.append(VARY, HeaderValue::from_static("accept-language"));
}

/// What the browsable document needs: its own scripts, pictures within its styles, and styles that its
/// scripts write.
const DOCS_POLICY: &str = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; \
                           base-uri 'none'; form-action 'self'; object-src 'none'; \
                           frame-ancestors 'none'";
/// What anything else needs that no page said more of: nothing.
const POLICY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Makes browsers take an answer for what it says it is, load nothing from elsewhere, show it in
/// no other page's frame, and report to nobody where they come from.
fn guard<B>(response: &mut ServiceResponse<B>) {
    let is_docs = response.request().path().starts_with("/docs/");
    let policy = if is_docs { DOCS_POLICY } else { POLICY };
    let headers = response.headers_mut();
    if !headers.contains_key(CONTENT_SECURITY_POLICY) {
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}

/// The methods that some route takes at an address.
fn methods_at(path: &str) -> Vec<String> {
    static ROUTES: LazyLock<Vec<(String, Vec<String>)>> = LazyLock::new(|| {
        let document = serde_json::to_value(openapi()).unwrap_or_default();
        let paths = document["paths"].as_object().cloned().unwrap_or_default();
        let methods = |item: serde_json::Value| {
            let item = item.as_object().cloned().unwrap_or_default();
            item.keys().map(|method| method.to_uppercase()).collect()
        };
        paths.into_iter().map(|(path, item)| (path, methods(item))).collect()
    });
    let fits = |template: &str| {
        let (mut given, mut wanted) = (path.split('/'), template.split('/'));
        loop {
            match (given.next(), wanted.next()) {
                (None, None) => return true,
                (Some(a), Some(b)) if a == b || (b.starts_with('{') && !a.is_empty()) => {}
                _ => return false,
            }
        }
    };
    let found = ROUTES.iter().filter(|(template, _)| fits(template));
    found.flat_map(|(_, methods)| methods.clone()).collect()
}

/// What the framework refused before a handler saw it.
fn by_status(status: StatusCode) -> Problem {
    let message = match status {
        StatusCode::NOT_FOUND => message!("no-such-route"),
        StatusCode::METHOD_NOT_ALLOWED => message!("method-not-allowed"),
        StatusCode::BAD_REQUEST => message!("bad-request"),
        _ => message!("error"),
    };
    Problem::new(status, message.code(), say(&message))
}

/// The problem documents that any route may answer with.
pub(super) struct Problems;

const PROBLEMS: [(&str, &str, &str); 5] = [
    ("401", "Unauthenticated", "No token, or none of ours"),
    ("403", "Forbidden", "None of the caller's roles may do this, or the thing is another's"),
    ("429", "TooMany", "Too many calls without a token, or too many wrong passwords"),
    ("4XX", "AtFault", "The request is at fault; `code` and `errors` say how"),
    ("5XX", "Unable", "The server is at fault; nothing was changed"),
];

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let reference = |name: &str| RefOr::Ref(Ref::from_response_name(name));
        PROBLEMS.iter().map(|(status, name, _)| ((*status).to_owned(), reference(name))).collect()
    }
}

/// Puts what [`Problems`] refers to into the document.
pub(super) fn add_problems(components: &mut Components) {
    for (_, name, description) in PROBLEMS {
        let content = Content::new(Some(Ref::from_schema_name("Problem")));
        let response = Response::builder().description(description);
        let response = response.content("application/problem+json", content).build();
        components.responses.insert(name.into(), RefOr::T(response));
    }
    let mut schemas = vec![("Problem".into(), Problem::schema())];
    Problem::schemas(&mut schemas);
    components.schemas.extend(schemas);
}
