//! What a process needs to run: the clock, randomness, its settings and secrets, and how its AWS clients are made.
//!
//! Uses [`domain`] and [`telemetry`].

pub mod clock;
pub mod config;
pub mod random;
pub mod sealing;
pub mod secrets;
