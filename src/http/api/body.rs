//! Bodies as handlers take them: read as they were sent, within limits of length, room and time.

use super::ApiError;
use super::error::Refusal;
use crate::app;
use crate::http::bodies::{BodyKind, Reserved};
use crate::http::limits::Limits;
use crate::message;
use crate::wire::access::audit::sha256;
use crate::wire::json::{Read, from_body};
use actix_web::body::{BodyStream, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpRequest, web};
use std::future::{Future, poll_fn};
use std::ops::Deref;
use std::pin::{Pin, pin};
use std::sync::Arc;
use tokio::time::{Instant, timeout_at};

/// Bytes of JSON that are read where they come in.
const SOON_READ: usize = 16 * 1024;

type Soon<T> = Pin<Box<dyn Future<Output = Result<T, actix_web::Error>>>>;

/// What a body became, with the room that it was given: a use case that takes it keeps the room for as
/// long as it works.
pub(super) struct Held<T> {
    value: T,
    reserved: Reserved,
}

impl<T> Held<T> {
    /// Without the room, for what is soon done.
    pub(super) fn into_inner(self) -> T {
        self.value
    }
}

impl<T> Deref for Held<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// JSON of a known caller, read with every defect reported, and its SHA-256.
pub(super) struct Body<T>(pub(super) Held<T>, pub(super) String);

impl<T: Read + Send + 'static> FromRequest for Body<T> {
    type Error = actix_web::Error;
    type Future = Soon<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let (held, hash) = json(&request, payload, BodyKind::Json).await?;
            Ok(Self(held, hash))
        })
    }
}

/// JSON of somebody who is not known yet: short.
pub(super) struct StrangersBody<T>(pub(super) Held<T>);

impl<T: Read + Send + 'static> FromRequest for StrangersBody<T> {
    type Error = actix_web::Error;
    type Future = Soon<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let (held, _) = json(&request, payload, BodyKind::Stranger).await?;
            Ok(Self(held))
        })
    }
}

/// A file of a known caller.
pub(super) struct FileBody(pub(super) Held<Vec<u8>>);

impl FromRequest for FileBody {
    type Error = actix_web::Error;
    type Future = Soon<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move { Ok(Self(received(&request, payload, BodyKind::File).await?)) })
    }
}

async fn json<T: Read + Send + 'static>(
    request: &HttpRequest,
    payload: Payload,
    kind: BodyKind,
) -> Result<(Held<T>, String), actix_web::Error> {
    let held = received(request, payload, kind).await?;
    let length = held.value.len();
    // the room goes with the bytes, even when the caller has gone meanwhile
    let work = move || {
        let Held { value: bytes, reserved } = held;
        from_body(&bytes).map(|value| (Held { value, reserved }, sha256(&bytes)))
    };
    // what is soon read is not worth another thread
    let read = if length <= SOON_READ { work() } else { web::block(work).await? };
    Ok(read.map_err(|defects| ApiError::from(app::Error::Invalid(defects)))?)
}

/// Reads a body: its length and the room for it are looked at before its first byte.
async fn received(
    request: &HttpRequest,
    payload: Payload,
    kind: BodyKind,
) -> Result<Held<Vec<u8>>, Refusal> {
    let limits = request.app_data::<web::Data<Arc<Limits>>>().expect("the server has its limits");
    let bodies = &limits.bodies;
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    let announced: usize = announced.and_then(|length| length.parse().ok()).unwrap_or_default();
    if announced > kind.bytes_max() {
        return Err(too_large(kind));
    }
    let mut reserved = bodies.reserve(kind, announced).ok_or_else(busy)?;
    let start = Instant::now();
    let mut bytes = Vec::with_capacity(announced);
    let mut stream = pin!(BodyStream::new(payload));
    loop {
        let next = poll_fn(|context| stream.as_mut().poll_next(context));
        let chunk = match bodies.patience(bytes.len()) {
            Some(patience) => timeout_at(start + patience, next).await.map_err(|_| too_slow())?,
            None => next.await,
        };
        let Some(chunk) = chunk else { break };
        let chunk = chunk.map_err(|_| cut_short())?;
        let length = bytes.len() + chunk.len();
        if length > kind.bytes_max() {
            return Err(too_large(kind));
        }
        if !bodies.extend(kind, &mut reserved, length) {
            return Err(busy());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Held { value: bytes, reserved })
}

fn too_large(kind: BodyKind) -> Refusal {
    let kib = kind.bytes_max() / 1024;
    let size = if kib < 1024 { format!("{kib} KiB") } else { format!("{} MiB", kib / 1024) };
    Refusal::of(StatusCode::PAYLOAD_TOO_LARGE, message!("too-large_body", most = size))
}

fn busy() -> Refusal {
    Refusal::of(StatusCode::SERVICE_UNAVAILABLE, message!("too-many-bodies"))
}

fn too_slow() -> Refusal {
    Refusal::of(StatusCode::REQUEST_TIMEOUT, message!("body-too-slow"))
}

fn cut_short() -> Refusal {
    Refusal::of(StatusCode::BAD_REQUEST, message!("bad-request_cut-short"))
}

/// Refuses packed bodies, before anything is read: few bytes could become very many.
pub async fn as_sent(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let mut codings = request.headers().get_all(CONTENT_ENCODING);
    let is_plain = |value: &[u8]| value.trim_ascii().eq_ignore_ascii_case(b"identity");
    if codings.all(|value| is_plain(value.as_bytes())) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let refusal = Refusal::of(StatusCode::UNSUPPORTED_MEDIA_TYPE, message!("packed-body"));
    Ok(request.error_response(refusal).map_into_boxed_body())
}
