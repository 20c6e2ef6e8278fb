//! Writes on a condition. A condition that doesn't hold is an answer, not a failure.

use std::error::Error;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::delete_item::builders::DeleteItemFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::builders::PutBuilder;
use aws_sdk_dynamodb::types::{Put, ReturnConsumedCapacity};

use crate::table::attributes::{Attributes, n};
use crate::table::key::Key;
use crate::{StoreError, Table};

/// Whether a write changed anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// The item is new or moved.
    Changed,
    /// The table knew it already, or something that goes before it.
    Unchanged,
}

impl Written {
    /// Whether it did.
    #[must_use]
    pub const fn is_changed(self) -> bool {
        matches!(self, Self::Changed)
    }
}

/// What a write on a condition answered; none when the condition didn't hold.
pub(crate) fn if_condition_held<T, E, R>(
    operation: &'static str,
    result: Result<T, SdkError<E, R>>,
) -> Result<Option<T>, StoreError>
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    match result {
        Ok(output) => Ok(Some(output)),
        Err(error) if is_condition_failed(&error) => Ok(None),
        Err(error) => Err(StoreError::of_call(operation, error)),
    }
}

/// Whether a write on a condition changed anything.
pub(crate) fn unless_condition_failed<T, E, R>(
    operation: &'static str,
    result: Result<T, SdkError<E, R>>,
) -> Result<Written, StoreError>
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    let held = if_condition_held(operation, result)?;
    Ok(if held.is_some() { Written::Changed } else { Written::Unchanged })
}

/// What became of an update on a condition that asks for the item against which it doesn't hold
/// (`ReturnValuesOnConditionCheckFailure::AllOld`).
pub(crate) enum Tried {
    /// The condition held.
    Written,
    /// It didn't hold of the item that stands there.
    Held(Attributes),
    /// It didn't hold, and nothing stands there.
    Gone,
}

impl Tried {
    pub(crate) fn of<T, R>(
        operation: &'static str,
        result: Result<T, SdkError<UpdateItemError, R>>,
    ) -> Result<Self, StoreError>
    where
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        let Err(error) = result else { return Ok(Self::Written) };
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                Ok(failed.item.clone().map_or(Self::Gone, Self::Held))
            }
            _ => Err(StoreError::of_call(operation, error)),
        }
    }
}

fn is_condition_failed<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    code(error) == Some("ConditionalCheckFailedException")
}

fn code<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Option<&str> {
    error.as_service_error().and_then(ProvideErrorMetadata::code)
}

/// The condition on which version `version` of an item may be written: the version before it stands
/// there, and nothing before the first.
fn on_version(version: u64) -> (&'static str, Option<Attributes>) {
    match version.checked_sub(1) {
        None | Some(0) => ("attribute_not_exists(pk)", None),
        Some(held) => ("version = :held", Some(Attributes::from([(":held".to_owned(), n(held))]))),
    }
}

impl Table {
    /// An update of one item.
    pub(crate) fn update_item(&self, key: &Key) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key.attributes()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    /// A deletion of one item.
    pub(crate) fn delete_item(&self, key: &Key) -> DeleteItemFluentBuilder {
        self.client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(key.attributes()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    /// Writes an item on the version before its own; [`Written::Unchanged`] when another was faster. A
    /// transaction that is at the same item is another, too: the SDK doesn't try such a write again.
    pub(crate) async fn put_on_version(
        &self,
        operation: &'static str,
        item: Attributes,
        version: u64,
    ) -> Result<Written, StoreError> {
        let (condition, values) = on_version(version);
        let result = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression(condition)
            .set_expression_attribute_values(values)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        match result {
            Err(error) if code(&error) == Some("TransactionConflictException") => {
                Ok(Written::Unchanged)
            }
            result => unless_condition_failed(operation, result),
        }
    }

    /// [`put_on_version`](Self::put_on_version) as a part of a transaction.
    pub(crate) fn put_of_version(&self, item: Attributes, version: u64) -> PutBuilder {
        let (condition, values) = on_version(version);
        Put::builder()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression(condition)
            .set_expression_attribute_values(values)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use aws_sdk_dynamodb::error::ErrorMetadata;
    use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
    use aws_sdk_dynamodb::operation::put_item::PutItemError;

    use super::*;

    fn failed<E>(error: E) -> Result<(), SdkError<E, ()>> {
        Err(SdkError::service_error(error, ()))
    }

    fn coded(code: &str) -> ErrorMetadata {
        ErrorMetadata::builder().code(code).build()
    }

    #[test]
    fn a_failed_condition_is_an_answer_of_any_call() {
        let code = "ConditionalCheckFailedException";
        let put = failed(PutItemError::generic(coded(code)));
        let delete = failed(DeleteItemError::generic(coded(code)));
        assert_eq!(unless_condition_failed("put", put).unwrap(), Written::Unchanged);
        assert_eq!(if_condition_held("delete", delete).unwrap(), None);
        let held: Result<u8, SdkError<PutItemError, ()>> = Ok(7);
        assert_eq!(if_condition_held("put", held).unwrap(), Some(7));
    }

    #[test]
    fn anything_else_is_a_failure() {
        for (code, transient) in [("ValidationException", false), ("ThrottlingException", true)] {
            let error = failed(PutItemError::generic(coded(code)));
            let error = unless_condition_failed("put", error).unwrap_err();
            assert_eq!(error.is_transient(), transient, "{code}");
        }
    }

    #[test]
    fn a_version_stands_on_the_one_before_it() {
        assert_eq!(on_version(1), ("attribute_not_exists(pk)", None));
        let held = Attributes::from([(":held".to_owned(), n(6))]);
        assert_eq!(on_version(7), ("version = :held", Some(held)));
    }
}
