//! The table's stream at AWS as a log of changes, for a recount.

use aws_sdk_dynamodbstreams::Client;
use aws_sdk_dynamodbstreams::operation::get_shard_iterator::GetShardIteratorError;
use aws_sdk_dynamodbstreams::types::{
    AttributeValue, OperationType, Record, ShardIteratorType, StreamRecord as SdkChange,
};
use serde_dynamo::Item;
use shared::counting::recount::{ChangeLog, LogError, Page};
use shared::store::stream::{EventName, ItemChange, SequenceNumber, StreamRecord};

/// The stream of a table at AWS.
#[derive(Debug, Clone)]
pub struct TableStream {
    client: Client,
    arn: String,
}

impl TableStream {
    /// The stream `arn`.
    #[must_use]
    pub fn new(client: Client, arn: impl Into<String>) -> Self {
        Self { client, arn: arn.into() }
    }

    async fn iterator(
        &self,
        shard: &str,
        kind: ShardIteratorType,
        after: Option<&SequenceNumber>,
    ) -> Result<Option<String>, aws_sdk_dynamodbstreams::error::SdkError<GetShardIteratorError>>
    {
        let request = self.client.get_shard_iterator().stream_arn(&self.arn).shard_id(shard);
        let request = request.shard_iterator_type(kind).set_sequence_number(after.map(as_issued));
        Ok(request.send().await?.shard_iterator)
    }
}

/// The service's numbers have 21 digits or more, and a checkpoint is padded with more zeros than it
/// knows.
fn as_issued(sequence: &SequenceNumber) -> String {
    format!("{:0>21}", sequence.as_str().trim_start_matches('0'))
}

impl ChangeLog for TableStream {
    async fn shards(&self) -> Result<Vec<String>, LogError> {
        let mut shards = Vec::new();
        let mut from: Option<String> = None;
        loop {
            let request = self.client.describe_stream().stream_arn(&self.arn);
            let output = request.set_exclusive_start_shard_id(from.take()).send().await?;
            let Some(stream) = output.stream_description else { return Ok(shards) };
            let found = stream.shards.unwrap_or_default().into_iter();
            shards.extend(found.filter_map(|shard| shard.shard_id));
            from = stream.last_evaluated_shard_id;
            if from.is_none() {
                return Ok(shards);
            }
        }
    }

    async fn start(&self, shard: &str, after: Option<&SequenceNumber>) -> Result<String, LogError> {
        let kind = match after {
            Some(_) => ShardIteratorType::AfterSequenceNumber,
            None => ShardIteratorType::TrimHorizon,
        };
        let iterator = match self.iterator(shard, kind, after).await {
            // What was trimmed unread is lost to the rollup, too: it is part of the difference.
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(GetShardIteratorError::is_trimmed_data_access_exception) =>
            {
                self.iterator(shard, ShardIteratorType::TrimHorizon, None).await?
            }
            other => other?,
        };
        Ok(iterator.ok_or("the stream gave no iterator")?)
    }

    async fn page(&self, place: &str) -> Result<Page, LogError> {
        let output = self.client.get_records().shard_iterator(place).send().await?;
        let records = output.records.unwrap_or_default().into_iter().map(record);
        Ok(Page {
            records: records.collect::<Result<_, LogError>>()?,
            next: output.next_shard_iterator,
        })
    }
}

/// A record as the rollup is given it.
fn record(record: Record) -> Result<StreamRecord, LogError> {
    let change: SdkChange = record.dynamodb.ok_or("a record without its change")?;
    let event_name = match record.event_name {
        Some(OperationType::Insert) => EventName::Insert,
        Some(OperationType::Modify) => EventName::Modify,
        Some(OperationType::Remove) => EventName::Remove,
        other => EventName::Other(other.map(|name| name.as_str().to_owned()).unwrap_or_default()),
    };
    Ok(StreamRecord {
        event_id: record.event_id.unwrap_or_default(),
        event_name,
        dynamodb: ItemChange {
            approximate_creation_date_time: None,
            keys: change.keys.map(item).unwrap_or_default(),
            new_image: change.new_image.map(item),
            old_image: change.old_image.map(item),
            sequence_number: SequenceNumber::parse(&change.sequence_number.unwrap_or_default())?,
            size_bytes: None,
            stream_view_type: None,
        },
        user_identity: None,
    })
}

fn item(attributes: std::collections::HashMap<String, AttributeValue>) -> Item {
    let values = attributes.into_iter().map(|(name, value)| (name, self::value(value)));
    values.collect::<std::collections::HashMap<_, _>>().into()
}

fn value(value: AttributeValue) -> serde_dynamo::AttributeValue {
    use serde_dynamo::AttributeValue as Plain;
    match value {
        AttributeValue::S(text) => Plain::S(text),
        AttributeValue::N(number) => Plain::N(number),
        AttributeValue::Bool(yes) => Plain::Bool(yes),
        AttributeValue::B(bytes) => Plain::B(bytes.into_inner()),
        AttributeValue::L(list) => Plain::L(list.into_iter().map(self::value).collect()),
        AttributeValue::M(map) => {
            Plain::M(map.into_iter().map(|(name, value)| (name, self::value(value))).collect())
        }
        AttributeValue::Ss(texts) => Plain::Ss(texts),
        AttributeValue::Ns(numbers) => Plain::Ns(numbers),
        AttributeValue::Bs(list) => Plain::Bs(
            list.into_iter().map(aws_sdk_dynamodbstreams::primitives::Blob::into_inner).collect(),
        ),
        // What isn't known here is none of our items' attributes.
        _ => Plain::Null(true),
    }
}
