//! How the worker waits. A test waits for nothing: it is told that a pause was made.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;

type Wait = dyn Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync;

/// A way to wait. Cheap to clone.
#[derive(Clone)]
pub struct Pause(Arc<Wait>);

impl Pause {
    /// Waits as long as it is told.
    #[must_use]
    pub fn system() -> Self {
        Self::from_fn(|span| Box::pin(tokio::time::sleep(span)))
    }

    /// Does `wait` instead.
    #[must_use]
    pub fn from_fn(
        wait: impl Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(wait))
    }

    /// Waits for `span`.
    pub(crate) async fn pause(&self, span: Duration) {
        (self.0)(span).await;
    }
}

impl fmt::Debug for Pause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pause")
    }
}
