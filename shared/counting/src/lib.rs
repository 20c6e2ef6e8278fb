//! What follows from facts.
