//! The table's stream cut into shards, which the embedded engine doesn't do: its records are real,
//! their shards are made here. Shards split; a child starts when its parent is done.

use dynoxide::Database;
use dynoxide::actions::describe_stream::DescribeStreamRequest;
use dynoxide::actions::describe_table::DescribeTableRequest;
use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use serde::Deserialize as _;
use shared::store::key::{CLICK, CLICKS, FACT, LINK};
use shared::store::stream::{StreamEvent, StreamRecord, StreamResponse};

use crate::{Engine, Error, TABLE_NAME};

/// A page of the engine's stream.
const PAGE: usize = 1_000;

/// The stream of the table, delivered shard by shard.
pub struct FakeStream {
    database: Database,
    arn: String,
    source: String,
    position: Option<String>,
    shards: Vec<Shard>,
}

/// A part of the keys, and what happened to them.
struct Shard {
    id: String,
    parent: Option<usize>,
    /// The hashes that it holds; both ends belong to it.
    hashes: (u64, u64),
    split: bool,
    records: Vec<StreamRecord>,
    /// How many of them are done.
    done: usize,
    /// Everything that happened to its keys, also what the mapping doesn't pass.
    log: Vec<StreamRecord>,
}

/// Records of one shard, as one invocation gets them.
#[derive(Debug, Clone)]
pub struct Batch {
    shard: usize,
    start: usize,
    /// The invocation's event.
    pub event: StreamEvent,
}

impl FakeStream {
    /// The stream of an engine's table from its beginning, in so many shards.
    ///
    /// # Errors
    /// When the engine has no such stream.
    pub fn of(engine: &Engine, shards: u64) -> Result<Self, Error> {
        let database = engine.database.clone();
        let table = DescribeTableRequest { table_name: TABLE_NAME.to_owned() };
        let table = database.describe_table(table)?.table;
        let arn = table.latest_stream_arn.ok_or("the table has no stream")?;
        let stream = DescribeStreamRequest { stream_arn: arn.clone(), ..Default::default() };
        let stream = database.describe_stream(stream)?.stream_description;
        let source = stream.shards.into_iter().next().ok_or("the stream has no shard")?.shard_id;
        let width = u64::MAX / shards;
        let shards = (0..shards).map(|n| {
            let to = if n + 1 == shards { u64::MAX } else { (n + 1) * width - 1 };
            Shard::new(format!("shardId-{n}"), None, (n * width, to))
        });
        Ok(Self { database, arn, source, position: None, shards: shards.collect() })
    }

    /// Reads what happened since and sends it to its shards; as the mapping does, it passes facts,
    /// clicks and links alone. Returns how many records came.
    ///
    /// # Errors
    /// When the stream can't be read.
    pub fn pull(&mut self) -> Result<usize, Error> {
        let mut pulled = 0;
        loop {
            let page = self.page()?;
            let Some(last) = page.last() else { return Ok(pulled) };
            self.position = Some(last.dynamodb.sequence_number.as_str().to_owned());
            for record in page {
                pulled += usize::from(self.route(record));
            }
        }
    }

    fn page(&self) -> Result<Vec<StreamRecord>, Error> {
        let kind = if self.position.is_some() { "AFTER_SEQUENCE_NUMBER" } else { "TRIM_HORIZON" };
        let iterator = self.database.get_shard_iterator(GetShardIteratorRequest {
            stream_arn: self.arn.clone(),
            shard_id: self.source.clone(),
            shard_iterator_type: kind.to_owned(),
            sequence_number: self.position.clone(),
        })?;
        let shard_iterator = iterator.shard_iterator.unwrap_or_default();
        let request = GetRecordsRequest { shard_iterator, limit: Some(PAGE) };
        let records = self.database.get_records(request)?.records;
        let read = |record| -> Result<StreamRecord, Error> {
            let json = serde_json::to_value(record)?;
            Ok(StreamRecord::deserialize(json)?)
        };
        records.iter().map(read).collect()
    }

    /// Sends a record to its shard; whether the mapping passes it.
    fn route(&mut self, record: StreamRecord) -> bool {
        let hash = hash(record.key("pk").unwrap_or_default());
        let holds =
            |shard: &&mut Shard| !shard.split && (shard.hashes.0..=shard.hashes.1).contains(&hash);
        let sort_key = record.key("sk").unwrap_or_default();
        let passes = [FACT, CLICKS, LINK].contains(&sort_key) || sort_key.starts_with(CLICK);
        if let Some(shard) = self.shards.iter_mut().find(holds) {
            shard.log.push(record.clone());
            if passes {
                shard.records.push(record);
            }
        }
        passes
    }

    /// All shards with whether they are closed.
    #[must_use]
    pub fn shards(&self) -> Vec<(String, bool)> {
        self.shards.iter().map(|shard| (shard.id.clone(), shard.split)).collect()
    }

    /// Everything that happened in a shard so far, for those who read the stream beside the
    /// mapping.
    #[must_use]
    pub fn log(&self, shard: &str) -> &[StreamRecord] {
        self.shards.iter().find(|held| held.id == shard).map_or(&[], |held| &held.log)
    }

    /// The shards that have records to deliver now.
    #[must_use]
    pub fn ready(&self) -> Vec<usize> {
        let parent_done = |shard: &Shard| {
            shard.parent.and_then(|parent| self.shards.get(parent)).is_none_or(Shard::is_done)
        };
        let waits = |(_, shard): &(usize, &Shard)| !shard.is_done() && parent_done(shard);
        self.shards.iter().enumerate().filter(waits).map(|(at, _)| at).collect()
    }

    /// The shards that still take records.
    #[must_use]
    pub fn open(&self) -> Vec<usize> {
        let open = self.shards.iter().enumerate().filter(|(_, shard)| !shard.split);
        open.map(|(at, _)| at).collect()
    }

    /// Splits a shard in two: what happens from now on goes to its children.
    pub fn split(&mut self, shard: usize) {
        let Some(parent) = self.shards.get_mut(shard).filter(|parent| !parent.split) else {
            return;
        };
        parent.split = true;
        let (from, to) = parent.hashes;
        let (id, middle) = (parent.id.clone(), from + (to - from) / 2);
        self.shards.push(Shard::new(format!("{id}0"), Some(shard), (from, middle)));
        self.shards.push(Shard::new(format!("{id}1"), Some(shard), (middle.saturating_add(1), to)));
    }

    /// At most `length` records of a shard from the first one on that isn't done, and before it
    /// `again` that are.
    #[must_use]
    pub fn batch(&self, shard: usize, again: usize, length: usize) -> Option<Batch> {
        let held = self.shards.get(shard)?;
        let start = held.done.saturating_sub(again);
        let end = (held.done + length).min(held.records.len());
        let records = held.records.get(start..end).filter(|records| !records.is_empty())?.to_vec();
        let event = StreamEvent {
            records,
            shard_id: Some(held.id.clone()),
            event_source_arn: Some(self.arn.clone()),
            ..StreamEvent::default()
        };
        Some(Batch { shard, start, event })
    }

    /// Takes an answer to a batch: what it names as failed, and all behind it, comes again.
    pub fn settle(&mut self, batch: &Batch, answer: &StreamResponse) {
        let failed = answer.batch_item_failures.first().and_then(|failure| {
            batch.event.records.iter().position(|record| {
                record.dynamodb.sequence_number.as_str() == failure.item_identifier
            })
        });
        // An answer that fails a record which was not in the batch fails all of it.
        let good = if answer.batch_item_failures.is_empty() {
            batch.event.records.len()
        } else {
            failed.unwrap_or_default()
        };
        if let Some(shard) = self.shards.get_mut(batch.shard) {
            shard.done = shard.done.max(batch.start + good);
        }
    }

    /// Whether everything pulled so far is done.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.shards.iter().all(Shard::is_done)
    }

    /// Records pulled so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.records.len()).sum()
    }

    /// Whether nothing was pulled so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Shard {
    const fn new(id: String, parent: Option<usize>, hashes: (u64, u64)) -> Self {
        Self { id, parent, hashes, split: false, records: Vec::new(), done: 0, log: Vec::new() }
    }

    const fn is_done(&self) -> bool {
        self.done == self.records.len()
    }
}

/// FNV-1a: where a partition key belongs.
fn hash(text: &str) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325_u64;
    let spread = text
        .bytes()
        .fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    // Keys that differ at their end alone differ in the low bits alone: mix them upwards.
    crate::dice::Dice::new(spread).next()
}
