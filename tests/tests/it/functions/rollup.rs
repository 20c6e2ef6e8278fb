//! The rollup against the embedded engine, whose stream is cut into shards and whose calls fail,
//! wait and get lost as the tests say.

mod chaos;
mod check;
mod convergence;
mod cost;
mod failures;
mod history;
mod kinds;
mod told;
mod traps;
mod world;
