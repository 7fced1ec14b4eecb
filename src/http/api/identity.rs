//! Who calls, and from where: worked out once, before the route is known to need it.

use super::{ApiError, Shared};
use crate::app::access::Origin;
use crate::app::access::tokens;
use crate::app::{Caller, Error};
use crate::http::limits::{Call, Limits};
use crate::message;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use std::future::{Ready, ready};
use std::sync::Arc;
use tracing_actix_web::RequestId;

/// Longest reason, in characters.
const REASON_CHARS_MAX: usize = 500;

/// Who asks: every route but log-in, health and the documents takes one.
pub(super) struct Auth(pub(super) Caller);

/// Where a call comes from that tries a password or a refresh token. Its address may do so only so often,
/// whoever's token is sent along; it is counted before the body is read.
pub(super) struct Knock(pub(super) Origin);

/// What [`identify`] found, for one extractor to take.
struct Identified(Result<Caller, Error>);

impl FromRequest for Auth {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let missing = Error::Unauthenticated(message!("token-missing"));
        let found = request.extensions_mut().remove::<Identified>();
        ready(found.map_or(Err(missing), |found| found.0).map(Auth).map_err(ApiError::from))
    }
}

impl FromRequest for Knock {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let limits = request.app_data::<web::Data<Arc<Limits>>>().expect("the server has limits");
        let origin = request.extensions().get::<Origin>().cloned().unwrap_or_default();
        let address = origin.address.as_ref().and_then(|address| address.parse().ok());
        ready(limits.count(address, Call::LogIn).map(|()| Knock(origin)).map_err(ApiError::from))
    }
}

/// Works out who calls, and counts calls without a token. A token that is none is reported only where one
/// is needed.
pub async fn identify(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let app = request.app_data::<Shared>().expect("the server has its app").clone();
    let limits = request.app_data::<web::Data<Arc<Limits>>>().expect("and its limits").clone();
    let header = |name: &str| request.headers().get(name).map(|value| value.as_bytes().to_vec());
    let text = |name: &str| header(name).and_then(|bytes| String::from_utf8(bytes).ok());
    let peer = request.peer_addr().map(|peer| peer.ip());
    let forwarded = request.headers().get_all("x-forwarded-for").map(|line| line.as_bytes());
    let address = limits.address(peer, forwarded);
    let reason = text("x-reason").filter(|reason| !reason.trim().is_empty());
    let origin = Origin {
        channel: "api".into(),
        address: address.map(|address| address.to_string()),
        request: request.extensions().get::<RequestId>().map(ToString::to_string),
        reason: reason.map(|reason| reason.chars().take(REASON_CHARS_MAX).collect()),
    };
    let token = text("authorization").and_then(|text| {
        let (scheme, token) = text.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
    });
    if token.is_none()
        && let Err(refused) = limits.count(address, Call::Public)
    {
        return Ok(request.error_response(ApiError::from(refused)).map_into_boxed_body());
    }
    request.extensions_mut().insert(origin.clone());
    if let Some(token) = token {
        let app = Arc::clone(&app);
        let found = web::block(move || tokens::authenticate(&app, &token)).await;
        let gone = |_| Error::Internal("the thread of a use case ended early".into());
        let found = found.map_err(gone).and_then(|found| found);
        // guessing tokens is no cheaper than calling without one
        if found.is_err()
            && let Err(refused) = limits.count(address, Call::Public)
        {
            return Ok(request.error_response(ApiError::from(refused)).map_into_boxed_body());
        }
        request.extensions_mut().insert(Identified(found.map(|caller| caller.from(origin))));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}
