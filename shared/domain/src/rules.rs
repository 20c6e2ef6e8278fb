//! Rules: what follows from facts. They know facts and values, and are pure.

pub mod contribution;
pub mod credit;
pub mod distinct;
pub mod erasure;
pub mod retention;
