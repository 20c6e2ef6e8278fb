//! Tokens of tracked links.

use shared::domain::values::ids::LinkToken;
use shared::runtime::random::{NoRandomness, Randomness};

/// A fresh token.
pub(crate) fn draw(randomness: &Randomness) -> Result<LinkToken, NoRandomness> {
    randomness.bytes().map(|bytes| LinkToken::new(&bytes))
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
        assert_eq!(draw(&fixed).unwrap().as_str(), "-_v7-_v7-_v7-_v7-_v7-w");
        let system = Randomness::system();
        assert_ne!(draw(&system).unwrap(), draw(&system).unwrap());
    }
}
