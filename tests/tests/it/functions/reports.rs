//! The function over its router, on an embedded table.

mod admin;
mod document;
mod downloads;
mod limits;
mod lists;
mod refusals;
mod repeats;
mod requests;
mod schedules;
