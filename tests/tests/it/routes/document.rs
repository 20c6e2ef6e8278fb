//! What the API document says of the routes.

pub(crate) mod campaigns;
pub(crate) mod ingest;
pub(crate) mod reports;
