//! Attributes: how keys and values become items, and items values.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::StoreError;
use crate::table::key::Key;

/// An item's attributes.
pub type Attributes = HashMap<String, AttributeValue>;

/// A string attribute.
pub(crate) fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

/// A number attribute.
pub(crate) fn n(number: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// The attribute of any other value.
pub(crate) fn value(kind: &'static str, of: &impl Serialize) -> Result<AttributeValue, StoreError> {
    serde_dynamo::to_attribute_value(of).map_err(|error| StoreError::corrupt(kind, error))
}

/// Reads an item as a `T`.
pub(crate) fn read<T: DeserializeOwned>(
    kind: &'static str,
    item: Attributes,
) -> Result<T, StoreError> {
    serde_dynamo::from_item(item).map_err(|error| StoreError::corrupt(kind, error))
}

/// Writes a `T` as an item under `key`.
pub(crate) fn write<T: Serialize>(
    kind: &'static str,
    key: &Key,
    value: &T,
) -> Result<Attributes, StoreError> {
    let mut item: Attributes =
        serde_dynamo::to_item(value).map_err(|error| StoreError::corrupt(kind, error))?;
    item.extend(key.attributes());
    Ok(item)
}

/// Sets `expiresAt` on an item where retention is limited.
pub(crate) fn expire(item: &mut Attributes, expires_at: Option<i64>) {
    if let Some(second) = expires_at {
        item.insert("expiresAt".to_owned(), n(second));
    }
}

impl Key {
    /// The key as attributes.
    #[must_use]
    pub fn attributes(&self) -> Attributes {
        Attributes::from([("pk".to_owned(), s(&self.pk)), ("sk".to_owned(), s(&self.sk))])
    }
}
