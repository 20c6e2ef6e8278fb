//! What can go wrong with the table.

use std::error::Error;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use telemetry::Unquoted;

type Source = Box<dyn Error + Send + Sync>;

/// A failure of the table. The first question is always whether trying again can help.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The table didn't answer, or was throttled: the same call may succeed later.
    #[error("the table did not complete {operation}")]
    Unavailable {
        /// The call.
        operation: &'static str,
        /// The SDK's error.
        #[source]
        source: Source,
    },
    /// Others kept changing the item: the same call may succeed later.
    #[error("gave up on {operation} after {attempts} conflicts")]
    Contended {
        /// The call.
        operation: &'static str,
        /// How often it was tried.
        attempts: u32,
    },
    /// The table refused the call as invalid: it never succeeds.
    #[error("the table refused {operation}")]
    Refused {
        /// The call.
        operation: &'static str,
        /// The SDK's error.
        #[source]
        source: Source,
    },
    /// More items are involved than one derivation reads: see [`Allowance`](crate::Allowance).
    #[error("{operation} would read more items than one derivation may")]
    TooMany {
        /// What was to be read.
        operation: &'static str,
    },
    /// An item is not what we write: reading it never succeeds.
    #[error("an item of kind {kind} can't be read")]
    Corrupt {
        /// What was to be read.
        kind: &'static str,
        /// What is wrong with it.
        #[source]
        source: Source,
    },
}

impl StoreError {
    /// Whether the same call may succeed later. Ingestion answers 5xx then, so that the
    /// provider delivers again; a stream batch fails then, and only then.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Contended { .. })
    }

    /// An item that isn't what we write. What `source` quotes of the item is left out.
    pub fn corrupt(kind: &'static str, source: impl Into<Source>) -> Self {
        let source: Source = source.into();
        Self::Corrupt { kind, source: Box::new(Unquoted::of(source.as_ref())) }
    }

    /// Judges an SDK error: what the service calls invalid is refused for good, anything else
    /// (throttles, timeouts, a lost connection, missing permissions) may pass.
    pub fn of_call<E, R>(operation: &'static str, error: SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        let refused =
            error.as_service_error().and_then(ProvideErrorMetadata::code).is_some_and(|code| {
                matches!(code, "ValidationException" | "ItemCollectionSizeLimitExceededException")
            });
        let source: Source = Box::new(error);
        if refused {
            Self::Refused { operation, source }
        } else {
            Self::Unavailable { operation, source }
        }
    }
}
