//! Requests, what is answered to them, and advice.

pub mod advice;
pub mod counters;
pub mod filing;
pub mod handling;
pub mod request;
