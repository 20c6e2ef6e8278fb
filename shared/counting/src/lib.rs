//! What follows from facts: credits, cohorts and totals.
//!
//! A fact is what the outside world told us; ingestion stores it and does nothing else. Everything
//! that the figures are made of follows from stored facts here, and nowhere else: the Lambda
//! `rollup`, an operator's commands, an erasure and the tests all call this crate. It uses the table
//! and what lies below it, and knows no HTTP, no Lambda and no command line.
//!
//! # From a fact to a figure
//!
//! Each write of a fact makes a record in the table's stream. The rollup handles records in two
//! steps:
//!
//! 1. **Derive.** A reminder's clicks give it its first click and take their day and campaign from
//!    it; it is entered among the reminders that its shopper clicked; clicks go to the reminder that
//!    their link belongs to; an order is credited to one of the reminders that it shares an identity
//!    with. All of this is written into the facts themselves, but for a shopper's list, which is an
//!    item of its own.
//! 2. **Count.** Every fact, and every such list, contributes to the totals of its days and campaigns
//!    (`domain::rules::contribution`), by itself: nothing else need be read. A record adds what its
//!    new image contributes less what its old one did.
//!
//! # Why it converges
//!
//! A fact is stored before its record is derived, and derivations read strongly. So of several
//! workers at one subject whoever reads last sees all facts. What a slower one writes after that is
//! stale, but its write makes a record of its own, which is derived again, from all facts. A
//! derivation that changes nothing writes nothing, and so this ends. Orders are written on the
//! version that was read, a first click goes up only from where it was read, and a click's cohort is
//! its reminder's: none depends on what came first. A reminder is held against an order's credit
//! without the other candidates being read; why that is enough is told in [`derive::order`].
//!
//! # What it costs
//!
//! A record costs what it can have changed, not what its shopper or link gathered: the orders of a
//! reminder's windows, found by the instants in their pointers' keys. What a reminder, a shopper and
//! one derivation may take is limited (`domain::values::limits`), and a batch ends before its Lambda
//! does.
//!
//! # Why totals are exact
//!
//! A shard's checkpoint says which of its records are counted. It moves in one transaction with the
//! totals, and only from where it stood when the records were chosen. So a batch that comes again,
//! cut differently, or beside another that timed out and still runs, counts each record once. All
//! derivations of a record end before the transaction that covers it, since it may never come again.
//!
//! # When something went wrong all the same
//!
//! - A total is off (a fault of ours, a hand in the table): a *recount* sums the facts as of the
//!   checkpoints and adds the difference, beside traffic.
//! - Records were lost before they were handled: their facts are in the table, but nothing derives
//!   them. *Rederive* derives a period's facts anew; then a recount counts them.
//!
//! # Modules
//!
//! - [`fact`]: an item as the fact that it is, and what it contributes,
//! - [`record`]: a stream record, read: the fact that changed, before and after,
//! - [`mod@derive`]: what follows from one reminder, link or order,
//! - [`count`]: totals and checkpoint,
//! - [`recount`]: the totals judged by the facts, and repaired,
//! - [`rederive`]: the facts of a period derived anew,
//! - [`erase`]: a shopper's values renamed wherever they stand (LGPD art. 18).
//!
//! Reading order: [`mod@derive`], [`record`], [`count`]; the rest is built on these.

use domain::values::digest::hex;
use runtime::random::{NoRandomness, Randomness};

pub mod count;
pub mod derive;
pub mod erase;
pub mod fact;
pub mod record;
pub mod recount;
pub mod rederive;

/// 128 random bits as a text.
fn random_name() -> Result<String, NoRandomness> {
    let bits: [u8; 16] = Randomness::system().bytes()?;
    Ok(hex(&bits))
}
