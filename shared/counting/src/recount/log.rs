//! The table's stream as a log of changes, read beside the rollup.

use store::stream::{SequenceNumber, StreamRecord};

/// Any failure of the log.
pub type LogError = Box<dyn std::error::Error + Send + Sync>;

/// A page of a shard.
#[derive(Debug, Default)]
pub struct Page {
    /// Its records, in order. An empty page doesn't mean that there are no more.
    pub records: Vec<StreamRecord>,
    /// Where the next page starts; none: the shard is closed and ends here.
    pub next: Option<String>,
}

/// A log of all changes of a table, in shards; a shard holds the changes of an item in order.
pub trait ChangeLog: Sync {
    /// The ids of the shards that the log still has, open and closed.
    fn shards(&self) -> impl Future<Output = Result<Vec<String>, LogError>> + Send;

    /// Where the records of a shard start, or those after `after`. Where `after` itself is
    /// forgotten already, it is where what is left starts.
    fn start(
        &self,
        shard: &str,
        after: Option<&SequenceNumber>,
    ) -> impl Future<Output = Result<String, LogError>> + Send;

    /// The page at a place.
    fn page(&self, place: &str) -> impl Future<Output = Result<Page, LogError>> + Send;
}
