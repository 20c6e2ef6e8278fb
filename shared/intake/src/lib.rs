//! What comes in becomes facts: what every way in shares, whichever function it leads through.
//!
//! - [`orders`]: an order is read from VTEX and stored,
//! - [`catch_up`]: the orders of a slice of time, from VTEX's order list,
//! - [`accounts`]: reads of accounts that are used again, by way of a [`cache`],
//! - [`facts`]: what became of a fact that was to be stored,
//! - [`aside`]: what can't count is kept aside,
//! - [`dates`] and [`reason`]: whether an event's dates can be right, and why an item can't count.

pub mod accounts;
pub mod aside;
pub mod cache;
pub mod catch_up;
pub mod dates;
pub mod facts;
pub mod orders;
pub mod reason;

/// Items that are written at a time: a full body takes well under a second, and the connections of one
/// function stay few.
pub const CONCURRENT_WRITES: usize = 32;
