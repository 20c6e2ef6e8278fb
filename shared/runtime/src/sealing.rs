//! Sealing: what the table mustn't hold in clear is encrypted under a key that the table doesn't hold.
//!
//! AES-256-GCM with a random nonce. The key follows from the system's secret by HKDF (RFC 5869). For whom
//! and for what a value is sealed is authenticated with it: moved to another account or put to another
//! use, it doesn't open.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::config::Secret;
use domain::values::account::Account;
use domain::values::digest::base64url;

/// The salt of the derivation: it keeps keys apart that others derive from the same secret.
const SALT: &[u8] = b"campaigns sealing v1";
/// Bytes of a key's id: enough to tell one key from another.
const ID_BYTES: usize = 6;

/// A key that seals and opens. Cheap to clone; clones are the same key. `Debug` shows its id alone.
#[derive(Clone)]
pub struct SealingKey(Arc<Inner>);

struct Inner {
    id: String,
    key: RandomizedNonceKey,
}

/// What a value is sealed for.
#[derive(Debug, Clone, Copy)]
pub struct SealedFor<'a> {
    /// Whose it is.
    pub account: &'a Account,
    /// What it is: a constant word.
    pub purpose: &'static str,
}

/// A sealed value as it is stored: whoever reads it learns its length and which key opens it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sealed {
    /// The id of the key that opens it.
    key_id: String,
    /// Nonce, ciphertext and tag in base64url.
    sealed: String,
}

/// A value couldn't be sealed: there was no randomness.
#[derive(Debug, thiserror::Error)]
#[error("a value could not be sealed")]
pub struct NotSealed;

/// Why a sealed value doesn't open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotOpened {
    /// Another key sealed it: the system's secret is another one than it was.
    #[error("it is sealed under the key {held}, and the key of this system's secret is {ours}")]
    OtherKey {
        /// The key that sealed it.
        held: String,
        /// The key at hand.
        ours: String,
    },
    /// It was changed, or sealed for another account or purpose.
    #[error("it was changed since it was sealed, or sealed for another account or purpose")]
    Forged,
}

/// The length of a key's id, for its derivation.
struct IdLength;

impl KeyType for IdLength {
    fn len(&self) -> usize {
        ID_BYTES
    }
}

impl SealingKey {
    /// The key that follows from the system's secret.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the lengths are constants that HKDF and AES-256 have")]
    pub fn derive(system_secret: &Secret) -> Self {
        let secret = Salt::new(HKDF_SHA256, SALT).extract(system_secret.expose().as_bytes());
        let key: [u8; 32] = expanded(&secret, b"key", &AES_256_GCM).expect("a key has 32 bytes");
        let id: [u8; ID_BYTES] =
            expanded(&secret, b"key id", IdLength).expect("an id has its length");
        let key = RandomizedNonceKey::new(&AES_256_GCM, &key).expect("AES-256 takes 32 bytes");
        Self(Arc::new(Inner { id: base64url(&id), key }))
    }

    /// The key's id: it tells nothing of the key.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// Seals a secret. Two sealed values of one secret differ.
    pub fn seal(&self, of: SealedFor<'_>, secret: &Secret) -> Result<Sealed, NotSealed> {
        let mut bytes = secret.expose().as_bytes().to_vec();
        let nonce = self.0.key.seal_in_place_append_tag(of.associated(), &mut bytes);
        let mut sealed = nonce.map_err(|_| NotSealed)?.as_ref().to_vec();
        sealed.extend(bytes);
        Ok(Sealed { key_id: self.0.id.clone(), sealed: base64url(&sealed) })
    }

    /// Opens what was sealed for the same account and purpose.
    pub fn open(&self, of: SealedFor<'_>, sealed: &Sealed) -> Result<Secret, NotOpened> {
        if sealed.key_id != self.0.id {
            let (held, ours) = (sealed.key_id.clone(), self.0.id.clone());
            return Err(NotOpened::OtherKey { held, ours });
        }
        let bytes = URL_SAFE_NO_PAD.decode(&sealed.sealed).map_err(|_| NotOpened::Forged)?;
        let (nonce, content) = bytes.split_first_chunk::<NONCE_LEN>().ok_or(NotOpened::Forged)?;
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let mut content = content.to_vec();
        let opened = self.0.key.open_in_place(nonce, of.associated(), &mut content);
        let text = std::str::from_utf8(opened.map_err(|_| NotOpened::Forged)?);
        text.map(Secret::new).map_err(|_| NotOpened::Forged)
    }
}

impl SealedFor<'_> {
    /// Neither an account's name nor a purpose holds a line's end.
    fn associated(self) -> Aad<String> {
        Aad::from(format!("{}\n{}", self.account, self.purpose))
    }
}

fn expanded<const N: usize>(
    secret: &Prk,
    info: &[u8],
    length: impl KeyType,
) -> Result<[u8; N], Unspecified> {
    let mut bytes = [0; N];
    secret.expand(&[info], length)?.fill(&mut bytes)?;
    Ok(bytes)
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealingKey").field("id", &self.0.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use domain::values::digest::{hex, hmac};

    use super::*;

    const PURPOSE: &str = "signing-secret";

    fn key(secret: &str) -> SealingKey {
        SealingKey::derive(&Secret::new(secret))
    }

    fn account(name: &str) -> Account {
        Account::parse(name).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_and_shows_nothing() {
        let (key, acme) = (key("system-secret"), account("acme"));
        let of = SealedFor { account: &acme, purpose: PURPOSE };
        for text in ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=", "", "olá"] {
            let secret = Secret::new(text);
            let sealed = key.seal(of, &secret).unwrap();
            assert_eq!(key.open(of, &sealed), Ok(secret.clone()));
            let stored = serde_json::to_string(&sealed).unwrap();
            assert!(text.is_empty() || !stored.contains(text), "{stored}");
            assert_eq!(serde_json::from_str::<Sealed>(&stored).unwrap(), sealed);
            assert_ne!(key.seal(of, &secret).unwrap(), sealed);
        }
        assert!(!format!("{key:?}").contains("system-secret"));
    }

    #[test]
    fn a_value_that_was_moved_does_not_open() {
        let (key, acme, bela) = (key("system-secret"), account("acme"), account("bela"));
        let of = SealedFor { account: &acme, purpose: PURPOSE };
        let sealed = key.seal(of, &Secret::new("s3cret")).unwrap();
        let moved = SealedFor { account: &bela, ..of };
        assert_eq!(key.open(moved, &sealed), Err(NotOpened::Forged));
        let other_use = SealedFor { purpose: "vtex-hook-secret", ..of };
        assert_eq!(key.open(other_use, &sealed), Err(NotOpened::Forged));
    }

    #[test]
    fn a_value_that_was_changed_does_not_open() {
        let (key, acme) = (key("system-secret"), account("acme"));
        let of = SealedFor { account: &acme, purpose: PURPOSE };
        let sealed = key.seal(of, &Secret::new("s3cret")).unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(&sealed.sealed).unwrap();
        for place in 0..bytes.len() {
            let mut flipped = bytes.clone();
            *flipped.get_mut(place).unwrap() ^= 1;
            let changed = Sealed { sealed: base64url(&flipped), ..sealed.clone() };
            assert_eq!(key.open(of, &changed), Err(NotOpened::Forged), "{place}");
        }
        for length in 0..bytes.len() {
            let cut = Sealed { sealed: base64url(bytes.get(..length).unwrap()), ..sealed.clone() };
            assert_eq!(key.open(of, &cut), Err(NotOpened::Forged), "{length}");
        }
        let garbled = Sealed { sealed: "*".to_owned(), ..sealed };
        assert_eq!(key.open(of, &garbled), Err(NotOpened::Forged));
    }

    #[test]
    fn another_key_is_told_by_its_id() {
        let (ours, theirs, acme) = (key("system-secret"), key("another"), account("acme"));
        let of = SealedFor { account: &acme, purpose: PURPOSE };
        let sealed = theirs.seal(of, &Secret::new("s3cret")).unwrap();
        let error = ours.open(of, &sealed).unwrap_err();
        let (held, known) = (theirs.id().to_owned(), ours.id().to_owned());
        assert_eq!(error, NotOpened::OtherKey { held, ours: known });
        let told = error.to_string();
        assert!(told.contains(ours.id()) && told.contains(theirs.id()), "{told}");
        // The id stays what it is: it stands in the table.
        assert_eq!(key("system-secret").id(), ours.id());
    }

    /// RFC 5869 by hand: extract, then expand to one block each.
    #[test]
    fn keys_are_derived_as_the_standard_says() {
        let extracted = hmac(SALT, &[b"system-secret"]);
        let id = hmac(&extracted, &[b"key id", &[1]]);
        assert_eq!(key("system-secret").id(), base64url(id.get(..ID_BYTES).unwrap()));
        let of = SealedFor { account: &account("acme"), purpose: PURPOSE };
        let sealed = key("system-secret").seal(of, &Secret::new("s3cret")).unwrap();
        let by_hand = hmac(&extracted, &[b"key", &[1]]);
        let by_hand = RandomizedNonceKey::new(&AES_256_GCM, &by_hand).unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(&sealed.sealed).unwrap();
        let (nonce, content) = bytes.split_first_chunk::<NONCE_LEN>().unwrap();
        let mut content = content.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = by_hand.open_in_place(nonce, Aad::from("acme\nsigning-secret"), &mut content);
        assert_eq!(opened.unwrap(), b"s3cret", "{}", hex(&extracted));
    }
}
