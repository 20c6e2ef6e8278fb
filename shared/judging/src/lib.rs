//! What the gate of a cart is judged by (R15), read as far as it asks for it.
//!
//! The sender decides by this, and the Admin explains by this, so that both say the same of the same. The sender reads no
//! more than its gate asks for and stops at a quiet hour; an explanation reads all. Nothing here writes.
//!
//! - [`account`]: what is known of the account,
//! - [`form`]: what is in the cart, as its store tells it,
//! - [`cart`]: the cart's orders and its shopper, and the gate itself.

use domain::values::identity::PhoneKey;
use runtime::clock::Clock;
use runtime::sealing::SealingKey;
use store::Table;

pub mod account;
pub mod cart;
pub mod form;

/// What is read with.
#[derive(Debug)]
pub struct Judging<'a, S> {
    /// The table.
    pub table: &'a Table,
    /// The clock: a gate is judged as of the instant after its reads.
    pub clock: &'a Clock,
    /// The secret under which phone numbers and order forms are digested.
    pub phone_key: &'a PhoneKey,
    /// What opens the keys of stores, and what a backend told of a shopper.
    pub sealing: &'a SealingKey,
    /// The stores.
    pub stores: &'a S,
}

impl<S> Clone for Judging<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Judging<'_, S> {}
