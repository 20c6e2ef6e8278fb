//! The table's stream as a Lambda receives it, and what the Lambda answers.
//!
//! Written here because `aws_lambda_events` reads an event as a whole: with its `TimeWindowEvent`,
//! one record that can't be read costs all its neighbours (R12).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};
use serde_dynamo::Item;
use serde_json::{Map, Value};

use telemetry::Unquoted;

/// One invocation: a batch of records of one shard, with the fields of its tumbling window.
///
/// The last invocation of a window can have no records.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "RawEvent", into = "RawEvent")]
pub struct StreamEvent {
    /// The records that could be read, in the order of the shard.
    pub records: Vec<StreamRecord>,
    /// The records that could not, each with what is known of it. One of them never costs its
    /// neighbours (R12).
    pub unreadable: Vec<UnreadableRecord>,
    /// The shard; only an event source mapping with a tumbling window tells it.
    pub shard_id: Option<String>,
    /// The stream.
    pub event_source_arn: Option<String>,
    /// The tumbling window.
    pub window: Option<Window>,
    /// What the window's previous invocation answered; handed back untouched.
    pub state: Map<String, Value>,
    /// Whether the window ends with this invocation.
    pub is_final_invoke_for_window: bool,
    /// Whether the window ended because its state grew too large.
    pub is_window_terminated_early: bool,
}

/// A tumbling window; both ends are RFC 3339 texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Its first instant.
    pub start: String,
    /// Its end, exclusive.
    pub end: String,
}

/// A record that doesn't have the shape of one.
#[derive(Clone, PartialEq)]
pub struct UnreadableRecord {
    /// Its position, where at least that could be read.
    pub sequence_number: Option<SequenceNumber>,
    /// Why it can't be read, without the value at fault.
    pub reason: String,
    /// The record as it came.
    pub raw: Value,
}

impl fmt::Debug for UnreadableRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnreadableRecord")
            .field("sequence_number", &self.sequence_number)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

/// One change of one item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamRecord {
    /// Unique within the stream.
    #[serde(rename = "eventID", default)]
    pub event_id: String,
    /// What happened to the item.
    pub event_name: EventName,
    /// The change itself.
    pub dynamodb: ItemChange,
    /// Who made it, when it was no client: the service, on an expiry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_identity: Option<UserIdentity>,
}

impl StreamRecord {
    /// Whether the item expired (TTL) rather than being deleted by a client.
    #[must_use]
    pub fn is_expiry(&self) -> bool {
        self.event_name == EventName::Remove
            && self.user_identity.as_ref().is_some_and(|identity| {
                identity.kind == "Service" && identity.principal_id == "dynamodb.amazonaws.com"
            })
    }

    /// A text attribute of the item's key: `pk` or `sk`.
    #[must_use]
    pub fn key(&self, name: &str) -> Option<&str> {
        match self.dynamodb.keys.get(name)? {
            serde_dynamo::AttributeValue::S(text) => Some(text),
            _ => None,
        }
    }
}

/// What happened to an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum EventName {
    /// It was created.
    Insert,
    /// It was changed.
    Modify,
    /// It was deleted, or expired.
    Remove,
    /// A word that the service didn't use when this was written.
    Other(String),
}

impl From<String> for EventName {
    fn from(text: String) -> Self {
        match text.as_str() {
            "INSERT" => Self::Insert,
            "MODIFY" => Self::Modify,
            "REMOVE" => Self::Remove,
            _ => Self::Other(text),
        }
    }
}

impl From<EventName> for String {
    fn from(name: EventName) -> Self {
        match name {
            EventName::Insert => "INSERT".to_owned(),
            EventName::Modify => "MODIFY".to_owned(),
            EventName::Remove => "REMOVE".to_owned(),
            EventName::Other(text) => text,
        }
    }
}

/// The change that a record tells. `Debug` leaves the images out: they hold personal data.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ItemChange {
    /// About when it was made, in epoch seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approximate_creation_date_time: Option<f64>,
    /// The item's key.
    pub keys: Item,
    /// The item after the change; none after a removal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_image: Option<Item>,
    /// The item before the change; none before an insertion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_image: Option<Item>,
    /// The record's position in its shard.
    pub sequence_number: SequenceNumber,
    /// The size of keys and images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<u64>,
    /// Which images the stream carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream_view_type: Option<String>,
}

impl fmt::Debug for ItemChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ItemChange")
            .field("sequence_number", &self.sequence_number)
            .field("new_image", &self.new_image.is_some())
            .field("old_image", &self.old_image.is_some())
            .finish_non_exhaustive()
    }
}

/// Who made a change that no client made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserIdentity {
    /// `Service` for an expiry.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// `dynamodb.amazonaws.com` for an expiry.
    #[serde(default)]
    pub principal_id: String,
}

/// The position of a record in its shard: a number of up to 40 digits, more than any integer type
/// and more than a `DynamoDB` number holds. Compares as the number, so that a padded one equals the
/// one it was padded from; prints as it came.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SequenceNumber(String);

/// The most digits that a sequence number has.
pub const SEQUENCE_NUMBER_MAX_DIGITS: usize = 40;

/// A text that is no sequence number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a sequence number has 1 to {SEQUENCE_NUMBER_MAX_DIGITS} digits and nothing else")]
pub struct NotASequenceNumber;

impl SequenceNumber {
    /// Reads one. The service documents 21 to 40 digits; fewer are taken, since nothing depends on
    /// that bound, and an item's padded checkpoint is read back with this, too.
    pub fn parse(text: &str) -> Result<Self, NotASequenceNumber> {
        let fits = (1..=SEQUENCE_NUMBER_MAX_DIGITS).contains(&text.len());
        if fits && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotASequenceNumber)
        }
    }

    /// The text as it came: what a batch failure must name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Zero-padded to 40 digits: texts of this form order as the numbers do.
    #[must_use]
    pub fn padded(&self) -> String {
        format!("{:0>width$}", self.0, width = SEQUENCE_NUMBER_MAX_DIGITS)
    }

    fn significant(&self) -> &str {
        self.0.trim_start_matches('0')
    }
}

impl Ord for SequenceNumber {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let (ours, theirs) = (self.significant(), other.significant());
        (ours.len(), ours).cmp(&(theirs.len(), theirs))
    }
}

impl PartialEq for SequenceNumber {
    fn eq(&self, other: &Self) -> bool {
        self.significant() == other.significant()
    }
}

impl Eq for SequenceNumber {}

impl std::hash::Hash for SequenceNumber {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.significant().hash(state);
    }
}

impl PartialOrd for SequenceNumber {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for SequenceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for SequenceNumber {
    type Err = NotASequenceNumber;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<String> for SequenceNumber {
    type Error = NotASequenceNumber;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<SequenceNumber> for String {
    fn from(number: SequenceNumber) -> Self {
        number.0
    }
}

/// What a stream Lambda answers. An empty list of failures means that the whole batch is done;
/// `state` is always there, since a mapping with a tumbling window refuses an answer without it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamResponse {
    /// Handed to the window's next invocation.
    #[serde(default, deserialize_with = "null_is_default")]
    pub state: Map<String, Value>,
    /// The first of these is where the stream is read again from.
    #[serde(default, deserialize_with = "null_is_default")]
    pub batch_item_failures: Vec<BatchItemFailure>,
}

/// One record that must come again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchItemFailure {
    /// Its sequence number.
    pub item_identifier: String,
}

impl StreamResponse {
    /// The whole batch is done.
    #[must_use]
    pub fn done(state: Map<String, Value>) -> Self {
        Self { state, batch_item_failures: Vec::new() }
    }

    /// Everything before `first` is done; `first` and what follows must come again.
    #[must_use]
    pub fn retry_from(state: Map<String, Value>, first: &SequenceNumber) -> Self {
        let failure = BatchItemFailure { item_identifier: first.as_str().to_owned() };
        Self { state, batch_item_failures: vec![failure] }
    }
}

/// The event as it stands on the wire.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawEvent {
    #[serde(rename = "Records", default, deserialize_with = "null_is_default")]
    records: Vec<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    window: Option<Window>,
    #[serde(default, deserialize_with = "null_is_default")]
    state: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shard_id: Option<String>,
    #[serde(rename = "eventSourceARN", default, skip_serializing_if = "Option::is_none")]
    event_source_arn: Option<String>,
    #[serde(default, deserialize_with = "null_is_default")]
    is_final_invoke_for_window: bool,
    #[serde(default, deserialize_with = "null_is_default")]
    is_window_terminated_early: bool,
}

fn null_is_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl From<RawEvent> for StreamEvent {
    fn from(raw: RawEvent) -> Self {
        let (mut records, mut unreadable) = (Vec::with_capacity(raw.records.len()), Vec::new());
        for value in raw.records {
            match StreamRecord::deserialize(&value) {
                Ok(record) => records.push(record),
                Err(error) => unreadable.push(UnreadableRecord {
                    sequence_number: value
                        .pointer("/dynamodb/SequenceNumber")
                        .and_then(Value::as_str)
                        .and_then(|text| SequenceNumber::parse(text).ok()),
                    reason: Unquoted::of(&error).to_string(),
                    raw: value,
                }),
            }
        }
        Self {
            records,
            unreadable,
            shard_id: raw.shard_id,
            event_source_arn: raw.event_source_arn,
            window: raw.window,
            state: raw.state,
            is_final_invoke_for_window: raw.is_final_invoke_for_window,
            is_window_terminated_early: raw.is_window_terminated_early,
        }
    }
}

impl From<StreamEvent> for RawEvent {
    #[expect(clippy::expect_used, reason = "maps, texts and numbers have a JSON form")]
    fn from(event: StreamEvent) -> Self {
        let readable = event.records.iter().map(|record| {
            serde_json::to_value(record).expect("maps, texts and numbers have a JSON form")
        });
        Self {
            records: readable.chain(event.unreadable.into_iter().map(|r| r.raw)).collect(),
            window: event.window,
            state: event.state,
            shard_id: event.shard_id,
            event_source_arn: event.event_source_arn,
            is_final_invoke_for_window: event.is_final_invoke_for_window,
            is_window_terminated_early: event.is_window_terminated_early,
        }
    }
}

#[cfg(test)]
mod tests;
