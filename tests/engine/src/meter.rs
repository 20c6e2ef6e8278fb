//! What calls of the table cost, as the engine tells it: cost is counted in tests, never timed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::client::http::{
    HttpConnector as _, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use serde_json::Value;

use crate::wire::{Layer, layered, operation};

/// Sums up consumed capacity by operation. Clones share the sums. Calls that fail tell no
/// capacity and count as calls alone.
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<Mutex<BTreeMap<String, Usage>>>);

/// What one operation was used for.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Usage {
    /// How often it was called, retries included.
    pub calls: u64,
    /// Capacity units of its successful calls.
    pub units: f64,
}

impl Meter {
    /// `inner`, metered.
    #[must_use]
    pub fn around(&self, inner: SharedHttpClient) -> SharedHttpClient {
        layered(self.clone(), inner)
    }

    /// All operations that were called.
    #[must_use]
    pub fn usage(&self) -> BTreeMap<String, Usage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What `operation` (`PutItem`, ...) was used for.
    #[must_use]
    pub fn of(&self, operation: &str) -> Usage {
        self.usage().remove(operation).unwrap_or_default()
    }

    /// Calls of all operations.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.usage().values().map(|usage| usage.calls).sum()
    }

    /// Read units of all operations.
    #[must_use]
    pub fn read_units(&self) -> f64 {
        self.sum(is_read)
    }

    /// Write units of all operations.
    #[must_use]
    pub fn write_units(&self) -> f64 {
        self.sum(|operation| !is_read(operation))
    }

    /// Starts over from zero.
    pub fn reset(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn sum(&self, counts: impl Fn(&str) -> bool) -> f64 {
        let usage = self.usage();
        usage.iter().filter(|(operation, _)| counts(operation)).map(|(_, usage)| usage.units).sum()
    }

    fn add(&self, operation: &str, units: f64) {
        let mut usage = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let usage = usage.entry(operation.to_owned()).or_default();
        usage.calls += 1;
        usage.units += units;
    }
}

fn is_read(operation: &str) -> bool {
    matches!(operation, "GetItem" | "BatchGetItem" | "Query" | "Scan" | "TransactGetItems")
}

impl Layer for Meter {
    fn call(&self, request: HttpRequest, inner: SharedHttpConnector) -> HttpConnectorFuture {
        let meter = self.clone();
        let operation = operation(&request);
        HttpConnectorFuture::new(async move {
            let mut response = match inner.call(request).await {
                Ok(response) => response,
                Err(error) => {
                    meter.add(&operation, 0.0);
                    return Err(error);
                }
            };
            let read = ByteStream::new(response.take_body()).collect().await;
            let bytes = read.map_err(|error| ConnectorError::io(error.into()))?.into_bytes();
            meter.add(&operation, consumed(&bytes));
            *response.body_mut() = SdkBody::from(bytes);
            Ok(response)
        })
    }
}

/// The units that an answer tells: one object, or a list of one for each table.
fn consumed(answer: &[u8]) -> f64 {
    let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
    let units = |capacity: &Value| {
        capacity.get("CapacityUnits").and_then(Value::as_f64).unwrap_or_default()
    };
    match answer.get("ConsumedCapacity") {
        Some(Value::Array(tables)) => tables.iter().map(units).sum(),
        Some(capacity) => units(capacity),
        None => 0.0,
    }
}
