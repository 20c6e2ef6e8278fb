//! Each route by itself, on an embedded table: a folder for each piece of its path.

pub(crate) mod account;
pub(crate) mod c;
pub(crate) mod campaigns;
pub(crate) mod carts;
pub(crate) mod document;
pub(crate) mod events;
pub(crate) mod incoming;
pub(crate) mod metrics;
pub(crate) mod opt_outs;
pub(crate) mod orders;
pub(crate) mod r;
pub(crate) mod report_schedules;
pub(crate) mod reports;
pub(crate) mod sends;
pub(crate) mod shoppers;
pub(crate) mod templates;
pub(crate) mod u;
pub(crate) mod unrouted;
pub(crate) mod webhooks;
