//! An error with all its causes.

use std::error::Error;
use std::fmt::Write as _;

/// An error and all its sources as one text, outermost first.
#[must_use]
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        // Writing into a String never fails.
        let _ = write!(text, ": {inner}");
        source = inner.source();
    }
    text
}
