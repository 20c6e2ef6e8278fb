//! The table as template.yaml defines it.

use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::describe_table::DescribeTableError,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, Projection,
        StreamSpecification, TimeToLiveSpecification,
    },
};

use super::{AwsError, TABLE_NAME};
use crate::template::{IndexDefinition, KeyElement, TableDefinition};

/// Creates the table if there is none.
pub(super) async fn ensure(dynamodb: &Client, table: &TableDefinition) -> Result<(), AwsError> {
    match dynamodb.describe_table().table_name(TABLE_NAME).send().await {
        Ok(_) => Ok(()),
        Err(SdkError::ServiceError(error))
            if matches!(error.err(), DescribeTableError::ResourceNotFoundException(_)) =>
        {
            create(dynamodb, table).await
        }
        Err(error) => Err(failed(error)),
    }
}

async fn create(dynamodb: &Client, table: &TableDefinition) -> Result<(), AwsError> {
    let attributes = table
        .attribute_definitions
        .iter()
        .map(|attribute| {
            AttributeDefinition::builder()
                .attribute_name(&attribute.attribute_name)
                .attribute_type(attribute.attribute_type.as_str().into())
                .build()
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    let stream = StreamSpecification::builder()
        .stream_enabled(true)
        .stream_view_type(table.stream_specification.stream_view_type.as_str().into())
        .build()
        .map_err(failed)?;
    let indexes =
        table.global_secondary_indexes.iter().map(index).collect::<Result<Vec<_>, _>>()?;
    dynamodb
        .create_table()
        .table_name(TABLE_NAME)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(attributes))
        .set_key_schema(Some(key(&table.key_schema)?))
        .set_global_secondary_indexes((!indexes.is_empty()).then_some(indexes))
        .stream_specification(stream)
        .send()
        .await
        .map_err(failed)?;

    let expiry = &table.time_to_live_specification;
    let expiry = TimeToLiveSpecification::builder()
        .attribute_name(&expiry.attribute_name)
        .enabled(expiry.enabled)
        .build()
        .map_err(failed)?;
    dynamodb
        .update_time_to_live()
        .table_name(TABLE_NAME)
        .time_to_live_specification(expiry)
        .send()
        .await
        .map(drop)
        .map_err(failed)
}

fn index(definition: &IndexDefinition) -> Result<GlobalSecondaryIndex, AwsError> {
    let projection = Projection::builder()
        .projection_type(definition.projection.projection_type.as_str().into())
        .build();
    GlobalSecondaryIndex::builder()
        .index_name(&definition.index_name)
        .set_key_schema(Some(key(&definition.key_schema)?))
        .projection(projection)
        .build()
        .map_err(failed)
}

fn key(elements: &[KeyElement]) -> Result<Vec<KeySchemaElement>, AwsError> {
    elements
        .iter()
        .map(|element| {
            KeySchemaElement::builder()
                .attribute_name(&element.attribute_name)
                .key_type(element.key_type.as_str().into())
                .build()
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)
}

fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> AwsError {
    AwsError::Table(error.into())
}
