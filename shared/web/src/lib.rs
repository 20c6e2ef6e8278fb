//! HTTP conventions: one error envelope, one way to read a body, one way to know the caller.
//!
//! Every function's router passes through [`layer::conventions`], so that an error looks the same
//! whichever function answered it.

pub mod account;
pub mod api;
pub mod auth;
pub mod body;
pub mod cursor;
pub mod layer;
pub mod problem;
mod refusals;
pub mod routes;
pub mod signature;

pub use auth::{Principal, Reader, Writer};
pub use body::{Json, Query, RawBody};
pub use cursor::Cursor;
pub use layer::conventions;
pub use problem::{Problem, ProblemBody};
