//! What talks HTTP: the REST interface, its documents, and pages. The only folder that names actix
//! and async.

pub mod api;
mod bodies;
pub mod limits;
pub mod server;
pub mod web;
