//! Rules: what follows from facts. They know facts and values, and are pure.

pub mod answer;
pub mod contribution;
pub mod credit;
pub mod cure;
pub mod distinct;
pub mod due;
pub mod erasure;
pub mod gate;
pub mod retention;
