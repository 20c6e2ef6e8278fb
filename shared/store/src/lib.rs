//! The table: facts, rollups, settings and what was set aside, on one `DynamoDB` table.
//!
//! - [`keys`]: every composite key is built and parsed there,
//! - [`facts`], [`orders`], [`links`]: how facts are written, so that any order of arrival, any
//!   duplication and any crash end in the same items (R2),
//! - [`derived`]: what the rollup writes: click cohorts, first clicks, credits,
//! - [`lookups`]: strongly consistent reads of facts,
//! - [`rollups`]: exactly-once totals, and their reading,
//! - [`scan`], [`rederivation`]: all facts of an account, and how far they are derived anew,
//! - [`by_day`]: the index of a day's clicks and conversions,
//! - [`reports`], [`schedules`]: report requests and what becomes of them,
//! - [`accounts`], [`campaigns`], [`aside`]: settings, campaigns, what was kept aside,
//! - [`vtex`]: what connects an account to its VTEX store.

pub mod accounts;
pub mod aside;
pub mod by_day;
pub mod campaigns;
mod connect;
pub mod derived;
pub mod erasure;
mod error;
pub mod facts;
pub mod links;
pub mod lookups;
pub mod orders;
pub mod rederivation;
pub mod reports;
pub mod rollups;
pub mod scan;
pub mod schedules;
pub mod stream;
pub mod table;
pub mod vtex;

pub use error::StoreError;
pub use table::Table;
pub use table::{key, retry};
