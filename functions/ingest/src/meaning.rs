//! What an item of a body means, whichever endpoint it came through.

use shared::domain::facts::event::Event;

use crate::carts::CartUpdated;

/// What an item means.
#[derive(Debug)]
pub enum Meaning {
    /// A fact.
    Fact(Event),
    /// What a store's backend tells of a cart.
    Cart(CartUpdated),
    /// Traffic that is not ours to use, by its kind: counted and dropped unread (R12).
    Ignored(&'static str),
}
