//! `/reports` and what lies below it; `/d/{token}`.

pub(crate) mod download;
pub(crate) mod limits;
pub(crate) mod list;
pub(crate) mod refusals;
pub(crate) mod repeats;
pub(crate) mod request;
