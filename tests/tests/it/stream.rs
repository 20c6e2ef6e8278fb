//! The table's stream: deriving and counting against the embedded engine, whose stream is cut into shards
//! and whose calls fail, wait and get lost as the tests say.

pub(crate) mod bounds;
pub(crate) mod chaos;
pub(crate) mod check;
pub(crate) mod convergence;
pub(crate) mod cost;
pub(crate) mod crashes;
pub(crate) mod erasures;
pub(crate) mod failures;
pub(crate) mod history;
pub(crate) mod kinds;
pub(crate) mod told;
pub(crate) mod traps;
