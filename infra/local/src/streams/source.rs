//! The table's stream, read where Lambda's pollers read it: behind the API that the functions use.

use dynoxide::{
    Database, DynoxideError,
    actions::{
        describe_stream::DescribeStreamRequest, describe_table::DescribeTableRequest,
        get_records::GetRecordsRequest, get_shard_iterator::GetShardIteratorRequest,
    },
};
use serde_json::{Value, json};

use super::StreamsError;
use crate::template::TableDefinition;

/// A page of the stream: what one call of `GetRecords` gives at most.
pub(super) const PAGE: usize = 1_000;

/// A stream with a single shard.
#[derive(Clone)]
pub(crate) struct Source {
    database: Database,
    /// The stream's ARN, which events carry.
    pub(super) arn: String,
    /// Its one shard's id.
    pub(super) shard_id: String,
    /// The attribute by whose value records are spread over parallel calls.
    pub(super) partition_key: String,
}

impl Source {
    /// The stream of a table.
    pub(crate) fn of_table(
        database: Database,
        table_name: &str,
        definition: &TableDefinition,
    ) -> Result<Self, StreamsError> {
        let request = DescribeTableRequest { table_name: table_name.to_owned() };
        let table = database.describe_table(request).map_err(StreamsError::Stream)?;
        let missing =
            || StreamsError::Stream(DynoxideError::ResourceNotFoundException("the stream".into()));
        let arn = table.table.latest_stream_arn.ok_or_else(missing)?;
        let request = DescribeStreamRequest { stream_arn: arn.clone(), ..Default::default() };
        let stream = database.describe_stream(request).map_err(StreamsError::Stream)?;
        let shard = stream.stream_description.shards.into_iter().next().ok_or_else(missing)?;
        let partition_key = definition
            .key_schema
            .iter()
            .find(|element| element.key_type == "HASH")
            .map(|element| element.attribute_name.clone())
            .ok_or_else(missing)?;
        Ok(Self { database, arn, shard_id: shard.shard_id, partition_key })
    }

    /// The records after a sequence number, or from the stream's beginning, as Lambda's events hold them.
    pub(super) async fn after(
        &self,
        position: Option<String>,
    ) -> Result<Vec<Value>, DynoxideError> {
        let source = self.clone();
        let read = tokio::task::spawn_blocking(move || source.read(position)).await;
        read.unwrap_or_else(|error| Err(DynoxideError::InternalServerError(error.to_string())))
    }

    fn read(&self, position: Option<String>) -> Result<Vec<Value>, DynoxideError> {
        let kind = if position.is_some() { "AFTER_SEQUENCE_NUMBER" } else { "TRIM_HORIZON" };
        let iterator = self.database.get_shard_iterator(GetShardIteratorRequest {
            stream_arn: self.arn.clone(),
            shard_id: self.shard_id.clone(),
            shard_iterator_type: kind.to_owned(),
            sequence_number: position,
        })?;
        let shard_iterator = iterator.shard_iterator.unwrap_or_default();
        let answer =
            self.database.get_records(GetRecordsRequest { shard_iterator, limit: Some(PAGE) })?;
        answer
            .records
            .iter()
            .map(|record| {
                let mut record = serde_json::to_value(record)
                    .map_err(|error| DynoxideError::InternalServerError(error.to_string()))?;
                if let Value::Object(members) = &mut record {
                    members.insert("eventSourceARN".into(), json!(self.arn));
                }
                Ok(record)
            })
            .collect()
    }
}

/// A record's sequence number.
pub(super) fn sequence_number(record: &Value) -> &str {
    record.pointer("/dynamodb/SequenceNumber").and_then(Value::as_str).unwrap_or_default()
}
