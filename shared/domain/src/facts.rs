//! Facts: what the outside world told us, and how it folds (R2, R3, R7). They know values alone.

pub mod cart;
pub mod click;
pub mod contact;
pub mod credit;
pub mod decision;
pub mod event;
pub mod order;
pub mod reminder;
pub mod shopper;
pub mod template;
