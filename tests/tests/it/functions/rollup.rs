//! The rollup against the embedded engine, whose stream is cut into shards and whose calls fail,
//! wait and get lost as the tests say.

mod chaos;
pub(crate) mod check;
mod convergence;
mod cost;
mod failures;
pub(crate) mod history;
mod kinds;
pub(crate) mod told;
mod traps;
pub(crate) mod world;
