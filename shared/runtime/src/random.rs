//! The one source of randomness: ids, tokens and secrets are drawn from a [`Randomness`], so that a
//! test can choose what is drawn.

use std::fmt;
use std::sync::Arc;

type Fill = dyn Fn(&mut [u8]) -> Result<(), getrandom::Error> + Send + Sync;

/// Where random bytes come from. Cheap to clone; clones share the source.
#[derive(Clone)]
pub struct Randomness(Source);

#[derive(Clone)]
enum Source {
    System,
    Given(Arc<Fill>),
}

/// The source failed: nothing was drawn.
#[derive(Debug, thiserror::Error)]
#[error("no random bytes could be drawn")]
pub struct NoRandomness {
    #[source]
    source: getrandom::Error,
}

impl Randomness {
    /// The system's.
    #[must_use]
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// Bytes that `fill` writes, for tests.
    #[must_use]
    pub fn from_fn(
        fill: impl Fn(&mut [u8]) -> Result<(), getrandom::Error> + Send + Sync + 'static,
    ) -> Self {
        Self(Source::Given(Arc::new(fill)))
    }

    /// Fresh bytes.
    pub fn bytes<const N: usize>(&self) -> Result<[u8; N], NoRandomness> {
        let mut bytes = [0; N];
        let filled = match &self.0 {
            Source::System => getrandom::fill(&mut bytes),
            Source::Given(fill) => fill(&mut bytes),
        };
        filled.map(|()| bytes).map_err(|source| NoRandomness { source })
    }
}

impl fmt::Debug for Randomness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Randomness(…)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_test_chooses_what_is_drawn() {
        let fixed = Randomness::from_fn(|bytes| {
            bytes.fill(0xfb);
            Ok(())
        });
        assert_eq!(fixed.bytes().unwrap(), [0xfb; 3]);
        let broken = Randomness::from_fn(|_| Err(getrandom::Error::UNSUPPORTED));
        assert!(broken.bytes::<16>().is_err());
    }

    #[test]
    fn the_system_never_draws_the_same_twice() {
        let system = Randomness::system();
        assert_ne!(system.bytes::<16>().unwrap(), system.bytes::<16>().unwrap());
    }
}
