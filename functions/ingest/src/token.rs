//! Tokens of tracked links.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use shared::domain::values::ids::LinkToken;

/// Random bytes of a token: 128 bits can't be guessed.
const TOKEN_BYTES: usize = 16;

/// No token could be drawn.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TokenError {
    /// The source of randomness failed.
    #[error("no random bytes could be drawn")]
    Draw {
        /// Its error.
        #[source]
        source: getrandom::Error,
    },
    /// The bytes made no token: a fault of ours.
    #[error("random bytes made no token")]
    Form {
        /// What is wrong with it.
        #[source]
        source: shared::domain::values::invalid::Invalid,
    },
}

type Fill = dyn Fn(&mut [u8]) -> Result<(), getrandom::Error> + Send + Sync;

/// Where random bytes come from: the system, or a test.
#[derive(Clone)]
pub struct Randomness(Arc<Fill>);

impl Randomness {
    /// The system's source.
    #[must_use]
    pub fn system() -> Self {
        Self::from_fn(getrandom::fill)
    }

    /// A source that fills a slice.
    pub fn from_fn(
        fill: impl Fn(&mut [u8]) -> Result<(), getrandom::Error> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(fill))
    }

    /// A fresh token.
    pub(crate) fn token(&self) -> Result<LinkToken, TokenError> {
        let mut bytes = [0; TOKEN_BYTES];
        (self.0)(&mut bytes).map_err(|source| TokenError::Draw { source })?;
        LinkToken::parse(&URL_SAFE_NO_PAD.encode(bytes))
            .map_err(|source| TokenError::Form { source })
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
    fn a_token_is_128_bits_of_what_was_drawn() {
        let fixed = Randomness::from_fn(|bytes| {
            bytes.fill(0xfb);
            Ok(())
        });
        assert_eq!(fixed.token().unwrap().as_str(), "-_v7-_v7-_v7-_v7-_v7-w");
        let system = Randomness::system();
        assert_ne!(system.token().unwrap(), system.token().unwrap());
    }

    #[test]
    fn without_randomness_there_is_no_token() {
        let broken = Randomness::from_fn(|_| Err(getrandom::Error::UNSUPPORTED));
        assert!(matches!(broken.token(), Err(TokenError::Draw { .. })));
    }
}
