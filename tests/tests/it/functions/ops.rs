//! What an operator does by hand.

mod recount;
mod rederive;
mod replay;
