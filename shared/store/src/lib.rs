//! The table: facts, rollups, settings and what was kept aside, on one `DynamoDB` table.
//!
//! - [`table`]: the calls that everything else is made of; every composite key is built and parsed
//!   in [`key`], every transaction runs in one loop, every failed condition is one answer,
//! - [`facts`], [`orders`], [`links`]: how facts are written, so that any order of arrival, any
//!   duplication and any crash end in the same items (R2),
//! - [`derived`]: what the rollup writes: click cohorts, first clicks, credits,
//! - [`lookups`]: strongly consistent reads of facts,
//! - [`rollups`]: exactly-once totals, and their reading,
//! - [`scan`], [`rederivation`]: all facts of an account, and how far they are derived anew,
//! - [`by_day`]: the index of a day's conversions,
//! - [`marks`], [`renaming`], [`erasure`]: what was erased, and the jobs that erase,
//! - [`reports`], [`schedules`], [`recipients`]: report requests and what becomes of them, and whom
//!   they go to,
//! - [`accounts`], [`phone_numbers`], [`campaigns`], [`aside`]: settings, whose webhooks a number brings,
//!   campaigns, what was kept aside,
//! - [`activity`]: who changed what of these,
//! - [`vtex`], [`caught_up`]: what connects an account to its VTEX store, and which orders were caught up from it,
//! - [`whatsapp`], [`templates`], [`sending`], [`contacts`]: what the system's own sender goes by,
//! - [`carts`], [`due`], [`sends`], [`decisions`]: carts that were left behind, what leads to them, the messages that they become, and what became of each.
//!
//! Methods of [`Table`] are named after what they work on, then what they do with it: `order_fold`,
//! `report_claim`, `reminder_write_receipt`. Reading has no verb: `order`, `orders`,
//! `order_candidates`. So a list of them is sorted by resource, and a method is found by what one
//! has in hand. The names of what they do say what becomes of an item that is there already:
//!
//! - `write`: it is kept where it goes before the new one: a fact by R2, settings and campaigns by their
//!   version, a token's item since nobody else has the token,
//! - `put`: it is replaced, an order on its version,
//! - `note`, `set`, `fix`: one thing about it is changed, on a condition,
//! - `fold`, `claim`, `touch`, `bind`, `confirm` and the like: as the method itself says.

pub mod accounts;
pub mod activity;
pub mod aside;
pub mod by_day;
pub mod campaigns;
pub mod carts;
pub mod caught_up;
mod connect;
pub mod contacts;
pub mod decisions;
pub mod derived;
pub mod due;
pub mod erasure;
mod error;
pub mod facts;
pub mod links;
pub mod lookups;
pub mod marks;
pub mod names;
pub mod orders;
pub mod phone_numbers;
pub mod recipients;
pub mod rederivation;
pub mod renaming;
pub mod reports;
pub mod rollups;
pub mod scan;
pub mod schedules;
mod sealed;
pub mod sending;
pub mod sends;
pub mod shoppers;
pub mod stream;
pub mod table;
pub mod templates;
pub mod vtex;
pub mod whatsapp;

pub use error::StoreError;
pub use table::Table;
pub use table::allowance::Allowance;
pub use table::{key, retry};
