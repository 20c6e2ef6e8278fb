//! The one error of parsing a value at the edge.

/// A value that its type doesn't admit. `rule` says what would have been right; the value
/// itself is never repeated (it may be personal data).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be {rule}")]
pub struct Invalid {
    /// The type's name in the words of the API.
    pub what: &'static str,
    /// What is admitted, to stand behind "must be".
    pub rule: &'static str,
}

impl Invalid {
    /// `what` must be `rule`.
    #[must_use]
    pub const fn new(what: &'static str, rule: &'static str) -> Self {
        Self { what, rule }
    }
}
