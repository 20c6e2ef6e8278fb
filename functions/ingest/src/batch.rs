//! What it means when some items of a body fail.

use shared::store::StoreError;

/// Some items of a body could not be stored for now: the whole of it must come again.
#[derive(Debug, thiserror::Error)]
#[error("{failed} items could not be stored for now")]
pub(crate) struct Incomplete {
    pub(crate) failed: usize,
    #[source]
    pub(crate) first: StoreError,
}

/// Failures of one body, of which the first is told.
#[derive(Debug, Default)]
pub(crate) struct FailedItems(Option<Incomplete>);

impl FailedItems {
    pub(crate) fn add(&mut self, error: StoreError) {
        match &mut self.0 {
            Some(incomplete) => incomplete.failed += 1,
            None => self.0 = Some(Incomplete { failed: 1, first: error }),
        }
    }

    /// An error when anything failed.
    pub(crate) fn into_result(self) -> Result<(), Incomplete> {
        self.0.map_or(Ok(()), Err)
    }
}
