//! What a browser sees. So far the page of a plan, which the command line writes as a file.

pub mod web;
