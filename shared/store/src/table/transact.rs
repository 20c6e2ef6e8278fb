//! Several writes, all or nothing.

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::builders::{DeleteBuilder, PutBuilder, UpdateBuilder};
use aws_sdk_dynamodb::types::{ReturnConsumedCapacity, TransactWriteItem};

use crate::table::retry;
use crate::{StoreError, Table};

impl Table {
    /// Writes `actions`, all or nothing; `false` when a condition of theirs failed. Conflicts
    /// and throttles are tried again.
    pub(crate) async fn transact(
        &self,
        operation: &'static str,
        actions: Vec<TransactWriteItem>,
    ) -> Result<bool, StoreError> {
        for attempt in 1..=retry::ATTEMPTS {
            retry::pause(attempt).await;
            let result = self
                .client
                .transact_write_items()
                .set_transact_items(Some(actions.clone()))
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await;
            let Err(error) = result else { return Ok(true) };
            let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) =
                error.as_service_error()
            else {
                return Err(StoreError::of_call(operation, error));
            };
            let codes: Vec<Option<&str>> =
                canceled.cancellation_reasons().iter().map(|reason| reason.code()).collect();
            if codes.contains(&Some("ValidationError")) {
                return Err(StoreError::Refused { operation, source: Box::new(error) });
            }
            if codes.contains(&Some("ConditionalCheckFailed")) {
                return Ok(false);
            }
            // TransactionConflict, throttles: try again.
        }
        Err(StoreError::Contended { operation, attempts: retry::ATTEMPTS })
    }
}

/// A put as an action.
pub(crate) fn put(put: PutBuilder) -> Result<TransactWriteItem, StoreError> {
    let put = put.build().map_err(incomplete)?;
    Ok(TransactWriteItem::builder().put(put).build())
}

/// An update as an action.
pub(crate) fn update(update: UpdateBuilder) -> Result<TransactWriteItem, StoreError> {
    let update = update.build().map_err(incomplete)?;
    Ok(TransactWriteItem::builder().update(update).build())
}

/// A deletion as an action.
pub(crate) fn delete(delete: DeleteBuilder) -> Result<TransactWriteItem, StoreError> {
    let delete = delete.build().map_err(incomplete)?;
    Ok(TransactWriteItem::builder().delete(delete).build())
}

fn incomplete(error: BuildError) -> StoreError {
    StoreError::corrupt("transaction", error)
}
