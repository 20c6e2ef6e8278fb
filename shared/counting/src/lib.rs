//! What follows from facts.

pub mod count;
pub mod derive;
pub mod erase;
pub mod fact;
pub mod record;
pub mod recount;
