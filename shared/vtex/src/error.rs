//! What can go wrong with a call of VTEX.

use std::error::Error;

use http::StatusCode;

/// A failure of a call. The first question is whether the same call may succeed later.
#[derive(Debug, thiserror::Error)]
pub enum VtexError {
    /// No answer, or none in time.
    #[error("VTEX did not answer {operation} in time")]
    Unreachable {
        /// The call.
        operation: &'static str,
        /// The client's error, without the address.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// It answered that it can't for now: 429, 5xx, or a redirect, which is never followed, since the
    /// keys would go with it.
    #[error("VTEX could not complete {operation} for now ({status})")]
    Busy {
        /// The call.
        operation: &'static str,
        /// The answer's status.
        status: StatusCode,
    },
    /// The answer can't be read as what was asked for: a maintenance page, a cut body.
    #[error("VTEX's answer to {operation} can't be read")]
    Unreadable {
        /// The call.
        operation: &'static str,
        /// What is wrong with it.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// The app key and token are not valid, or lack a permission. Nothing is wrong with what was asked
    /// for: it succeeds once the keys are mended.
    #[error("VTEX refused the keys for {operation} ({status})")]
    KeysRefused {
        /// The call.
        operation: &'static str,
        /// The answer's status.
        status: StatusCode,
    },
    /// There is no such thing.
    #[error("VTEX knows nothing of what {operation} asked for")]
    NotFound {
        /// The call.
        operation: &'static str,
    },
    /// The call is refused for good.
    #[error("VTEX refused {operation} ({status})")]
    Refused {
        /// The call.
        operation: &'static str,
        /// The answer's status.
        status: StatusCode,
    },
    /// The answer passes a limit of ours.
    #[error("VTEX's answer to {operation} is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The call.
        operation: &'static str,
        /// The limit.
        limit_bytes: usize,
    },
    /// The client can't be built, or an address can't be formed: a fault of ours.
    #[error("{operation} could not be sent")]
    Unsendable {
        /// The call.
        operation: &'static str,
        /// The cause.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}

impl VtexError {
    /// Whether the same call may succeed later. The hook answers 5xx then, so that VTEX delivers
    /// again.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::Busy { .. }
            | Self::Unreadable { .. }
            | Self::KeysRefused { .. }
            | Self::Unsendable { .. } => true,
            Self::NotFound { .. } | Self::Refused { .. } | Self::TooLarge { .. } => false,
        }
    }

    /// What an answer's status says; none for a success.
    pub(super) fn of_status(operation: &'static str, status: StatusCode) -> Option<Self> {
        match status.as_u16() {
            200..=299 => None,
            401 | 403 => Some(Self::KeysRefused { operation, status }),
            404 | 410 => Some(Self::NotFound { operation }),
            408 | 425 | 429 => Some(Self::Busy { operation, status }),
            400..=499 => Some(Self::Refused { operation, status }),
            _ => Some(Self::Busy { operation, status }),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn of(status: u16) -> Option<VtexError> {
        VtexError::of_status("read an order", StatusCode::from_u16(status).unwrap())
    }

    #[test]
    fn a_status_says_whether_to_come_again() {
        assert!(of(200).is_none() && of(204).is_none());
        for status in [301, 302, 401, 403, 408, 425, 429, 500, 502, 503, 504, 599] {
            assert!(of(status).unwrap().is_transient(), "{status}");
        }
        for status in [400, 404, 405, 409, 410, 414, 422] {
            assert!(!of(status).unwrap().is_transient(), "{status}");
        }
        assert!(matches!(of(404), Some(VtexError::NotFound { .. })));
        assert!(matches!(of(403), Some(VtexError::KeysRefused { .. })));
        assert!(matches!(of(429), Some(VtexError::Busy { .. })));
        assert!(matches!(of(400), Some(VtexError::Refused { .. })));
    }
}
