//! Several writes, all or nothing.

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::builders::{DeleteBuilder, PutBuilder, UpdateBuilder};
use aws_sdk_dynamodb::types::{Delete, Put, ReturnConsumedCapacity, TransactWriteItem, Update};

use crate::table::attributes::Attributes;
use crate::table::key::Key;
use crate::table::retry::Attempts;
use crate::{StoreError, Table};

/// What became of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub(crate) enum Transacted {
    /// All of it is written.
    Done,
    /// The conditions of the actions at these places didn't hold; nothing is written.
    ConditionFailed(Vec<usize>),
}

impl Transacted {
    /// Whether it is written.
    pub(crate) const fn is_done(&self) -> bool {
        matches!(self, Self::Done)
    }
}

/// What the reasons of a canceled transaction mean.
#[derive(Debug, PartialEq, Eq)]
enum Canceled {
    /// The conditions of the actions at these places didn't hold.
    ConditionFailed(Vec<usize>),
    /// An action is invalid: the transaction never succeeds.
    Refused,
    /// Conflicts and throttles: the same transaction may succeed later.
    Passing,
}

impl Canceled {
    /// Judges the codes of the reasons, one for each action in their order. A failed condition goes
    /// first: the caller's picture of the table is old, and what it makes of a new one may be valid.
    fn of(codes: &[Option<&str>]) -> Self {
        let is = |code: Option<&str>, expected: &[&str]| {
            code.is_some_and(|code| expected.contains(&code))
        };
        let places = codes.iter().enumerate();
        let failed: Vec<usize> = places
            .filter(|(_, code)| is(**code, &["ConditionalCheckFailed"]))
            .map(|(place, _)| place)
            .collect();
        if !failed.is_empty() {
            return Self::ConditionFailed(failed);
        }
        let invalid = ["ValidationError", "ItemCollectionSizeLimitExceeded"];
        if codes.iter().any(|code| is(*code, &invalid)) { Self::Refused } else { Self::Passing }
    }
}

impl Table {
    /// Writes `actions`, all or nothing. Conflicts and throttles are tried again.
    pub(crate) async fn transact(
        &self,
        operation: &'static str,
        actions: Vec<TransactWriteItem>,
    ) -> Result<Transacted, StoreError> {
        let mut attempts = Attempts::at(operation);
        loop {
            attempts.next().await?;
            let result = self
                .client
                .transact_write_items()
                .set_transact_items(Some(actions.clone()))
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await;
            let Err(error) = result else { return Ok(Transacted::Done) };
            let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) =
                error.as_service_error()
            else {
                return Err(StoreError::of_call(operation, error));
            };
            let codes: Vec<Option<&str>> =
                canceled.cancellation_reasons().iter().map(|reason| reason.code()).collect();
            match Canceled::of(&codes) {
                Canceled::ConditionFailed(places) => {
                    return Ok(Transacted::ConditionFailed(places));
                }
                Canceled::Refused => {
                    return Err(StoreError::Refused { operation, source: Box::new(error) });
                }
                Canceled::Passing => {}
            }
        }
    }

    /// A put, to be an action.
    pub(crate) fn put_of(&self, item: Attributes) -> PutBuilder {
        Put::builder().table_name(&self.name).set_item(Some(item))
    }

    /// An update, to be an action.
    pub(crate) fn update_of(&self, key: &Key) -> UpdateBuilder {
        Update::builder().table_name(&self.name).set_key(Some(key.attributes()))
    }

    /// A deletion, to be an action.
    pub(crate) fn delete_of(&self, key: &Key) -> DeleteBuilder {
        Delete::builder().table_name(&self.name).set_key(Some(key.attributes()))
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
    StoreError::Refused { operation: "an incomplete action", source: Box::new(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONDITION: Option<&str> = Some("ConditionalCheckFailed");
    const INVALID: Option<&str> = Some("ValidationError");
    const CONFLICT: Option<&str> = Some("TransactionConflict");
    const NONE: Option<&str> = Some("None");

    #[test]
    fn a_failed_condition_names_its_actions() {
        let failed = |places: &[usize]| Canceled::ConditionFailed(places.to_vec());
        assert_eq!(Canceled::of(&[CONDITION, NONE]), failed(&[0]));
        assert_eq!(Canceled::of(&[NONE, CONDITION, CONFLICT, CONDITION]), failed(&[1, 3]));
        assert_eq!(Canceled::of(&[INVALID, CONDITION]), failed(&[1]));
    }

    #[test]
    fn what_is_invalid_is_not_tried_again() {
        assert_eq!(Canceled::of(&[NONE, INVALID]), Canceled::Refused);
        assert_eq!(Canceled::of(&[INVALID, CONFLICT]), Canceled::Refused);
        let large = Some("ItemCollectionSizeLimitExceeded");
        assert_eq!(Canceled::of(&[large]), Canceled::Refused);
    }

    #[test]
    fn the_rest_passes() {
        for code in ["TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"] {
            assert_eq!(Canceled::of(&[NONE, Some(code), None]), Canceled::Passing, "{code}");
        }
        assert_eq!(Canceled::of(&[]), Canceled::Passing);
    }
}
