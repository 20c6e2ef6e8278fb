//! What an operator does by hand.

pub(crate) mod catch_up;
pub(crate) mod number;
pub(crate) mod recount;
pub(crate) mod rederive;
pub(crate) mod replay;
