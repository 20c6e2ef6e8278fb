//! The function `ingest` on an embedded table: every route, every reason to keep aside, and what

//! happens when the table fails.

mod aside;
mod cloud_events;
mod contract;
mod cost;
mod event_facts;
mod event_fields;
mod failures;
mod handshake;
mod links;
mod logs;
mod robustness;
mod rotation;
mod sends;
pub(crate) mod support;
mod vtex;
mod whatsapp_items;
mod whatsapp_signature;
