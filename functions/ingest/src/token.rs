//! Tokens of tracked links.

use shared::domain::values::account::Account;
use shared::domain::values::ids::LinkToken;
use shared::runtime::random::{NoRandomness, Randomness};

/// A fresh token of an account.
pub(crate) fn draw(randomness: &Randomness, account: &Account) -> Result<LinkToken, NoRandomness> {
    randomness.bytes().map(|bytes| LinkToken::new(&bytes, &account.tag()))
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
        let account = Account::parse("acme").unwrap();
        let token = format!("-_v7-_v7-_v7-_v7-_v7-w{}", account.tag());
        assert_eq!(draw(&fixed, &account).unwrap().as_str(), token);
        let system = Randomness::system();
        assert_ne!(draw(&system, &account).unwrap(), draw(&system, &account).unwrap());
    }
}
