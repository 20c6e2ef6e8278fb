//! Who makes the changes of a request, for the entries that they leave (`activity`).

use std::fmt;
use std::sync::Arc;

use crate::Table;
use domain::values::digest::base64url;
use domain::values::instant::Instant;
use runtime::random::Randomness;

/// Who changes something in one request, and when. `Debug` leaves out who.
#[derive(Clone)]
pub(crate) struct Author {
    pub(crate) by: Arc<str>,
    pub(crate) at: Instant,
    /// Tells the request's entry from others of the instant.
    pub(crate) token: String,
}

impl fmt::Debug for Author {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Author").field("at", &self.at).finish_non_exhaustive()
    }
}

impl Table {
    /// The table for a request in which `subject` changes something at `at`: the change leaves an entry.
    #[must_use]
    pub fn by(&self, subject: &str, at: Instant) -> Self {
        // Without randomness two requests of one millisecond may share an entry.
        let random = Randomness::system().bytes::<9>().unwrap_or_default();
        let author = Author { by: subject.into(), at, token: base64url(&random) };
        Self { author: Some(author), ..self.clone() }
    }
}
