//! The function over its router, on an embedded table.

mod account;
mod admin;
mod document;
mod edits;
mod history;
mod listing;
mod secrets;
mod status;
mod tenants;
mod unrouted;
mod vtex;
