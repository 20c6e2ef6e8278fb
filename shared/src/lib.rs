//! The common crates under one name, so that a function names one dependency.
//!
//! Each uses only those above it. The compiler refuses circles, and `tests/tests/it/layers.rs` a
//! manifest that names a crate below:
//!
//! - [`domain`]: the rules (R1-R20) and the words they are made of, pure,
//! - [`telemetry`]: logs and counters,
//! - [`runtime`]: clock, settings, secrets, AWS clients,
//! - [`store`]: facts, rollups and settings in the `DynamoDB` table, and the shape of its stream,
//! - [`counting`]: what follows from facts,
//! - [`web`]: HTTP conventions: errors, claims, signatures, bodies,
//! - [`graph`]: Meta's Graph API: messages, templates, and what its answers mean,
//! - [`vtex`]: VTEX's API and what its documents mean here,
//! - [`intake`]: what comes in becomes facts: what every way in shares,
//! - [`judging`]: what the gate of a cart is judged by.

pub use counting;
pub use domain;
pub use graph;
pub use intake;
pub use judging;
pub use runtime;
pub use store;
pub use telemetry;
pub use vtex;
pub use web;
