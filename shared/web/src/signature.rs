//! Who sent a webhook: signatures over the raw body, and secrets in headers.
//!
//! Everything here compares in constant time, takes a list of secrets (several are valid during a
//! rotation), and judges the bytes as they came, before any parsing.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName};
use subtle::ConstantTimeEq as _;

use crate::problem::Problem;
use domain::values::digest::{DIGEST_BYTES, hex, hmac};
use domain::values::instant::Instant;
use runtime::config::Secret;

/// Where `WhatsApp` puts its signature.
pub const X_HUB_SIGNATURE_256: HeaderName = HeaderName::from_static("x-hub-signature-256");
/// Standard Webhooks: the id of the message.
pub const WEBHOOK_ID: HeaderName = HeaderName::from_static("webhook-id");
/// Standard Webhooks: when it was sent, in epoch seconds.
pub const WEBHOOK_TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
/// Standard Webhooks: its signatures.
pub const WEBHOOK_SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// How far a Standard Webhooks timestamp may lie before or after our clock, inclusive: five minutes,
/// as its specification's libraries have it. Clocks differ, and a captured request dies soon.
pub const TOLERANCE_SECS: u64 = 5 * 60;

/// Why a sender isn't believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The header isn't there.
    #[error("the header {0} is missing")]
    Missing(HeaderName),
    /// The header is there twice, or doesn't have its form.
    #[error("the header {0} doesn't have its form")]
    Malformed(HeaderName),
    /// No secret makes this signature.
    #[error("the signature in {0} is wrong")]
    Mismatch(HeaderName),
    /// The timestamp is more than [`TOLERANCE_SECS`] old.
    #[error("the timestamp is too old")]
    TooOld,
    /// The timestamp is more than [`TOLERANCE_SECS`] ahead.
    #[error("the timestamp is too far ahead")]
    TooNew,
}

impl SignatureError {
    /// The header at fault.
    #[must_use]
    pub fn header(&self) -> &str {
        match self {
            Self::Missing(name) | Self::Malformed(name) | Self::Mismatch(name) => name.as_str(),
            Self::TooOld | Self::TooNew => "webhook-timestamp",
        }
    }
}

impl From<SignatureError> for Problem {
    /// 401 `invalid-signature` with the header at fault as the field.
    fn from(error: SignatureError) -> Self {
        Self::unauthorized("invalid-signature", error.to_string()).at(error.header())
    }
}

/// `WhatsApp`'s signature: `sha256=` and the hex HMAC-SHA256 of the raw body under the app secret.
/// Hex digits of either case are taken; the prefix has one form.
///
/// No timestamp is signed, so a captured request can be sent again: facts are idempotent (R2).
pub fn verify_hub(
    headers: &HeaderMap,
    body: &[u8],
    secrets: &[Secret],
) -> Result<(), SignatureError> {
    let given = one(headers, &X_HUB_SIGNATURE_256)?
        .strip_prefix("sha256=")
        .and_then(digest_from_hex)
        .ok_or(SignatureError::Malformed(X_HUB_SIGNATURE_256))?;
    let right = secrets
        .iter()
        .map(|secret| hmac(secret.expose().as_bytes(), &[body]))
        .any(|expected| expected.ct_eq(&given).into());
    if right { Ok(()) } else { Err(SignatureError::Mismatch(X_HUB_SIGNATURE_256)) }
}

/// What [`verify_hub`] expects: for the demo store and for tests.
#[must_use]
pub fn sign_hub(secret: &Secret, body: &[u8]) -> String {
    format!("sha256={}", hex(&hmac(secret.expose().as_bytes(), &[body])))
}

/// A Standard Webhooks signature: one of the `v1` entries of `webhook-signature` must be the
/// HMAC-SHA256 of `id.timestamp.body` under one of `secrets`, and the timestamp within
/// [`TOLERANCE_SECS`] of `now`. Entries of other versions are passed over.
pub fn verify_standard(
    headers: &HeaderMap,
    body: &[u8],
    secrets: &[SigningSecret],
    now: Instant,
) -> Result<(), SignatureError> {
    let id = one(headers, &WEBHOOK_ID)?;
    let timestamp = one(headers, &WEBHOOK_TIMESTAMP)?;
    let signatures = one(headers, &WEBHOOK_SIGNATURE)?;
    within_tolerance(timestamp, now)?;
    let given: Vec<Vec<u8>> = signatures
        .split(' ')
        .filter_map(|entry| entry.strip_prefix("v1,"))
        .filter_map(|text| STANDARD.decode(text).ok())
        .collect();
    if given.is_empty() {
        return Err(SignatureError::Malformed(WEBHOOK_SIGNATURE));
    }
    let right = secrets
        .iter()
        .map(|secret| secret.digest(id, timestamp, body))
        .any(|expected| given.iter().any(|given| expected.ct_eq(given.as_slice()).into()));
    if right { Ok(()) } else { Err(SignatureError::Mismatch(WEBHOOK_SIGNATURE)) }
}

/// A secret that the sender puts into a header of its own.
pub fn verify_header_secret(
    headers: &HeaderMap,
    name: &HeaderName,
    secrets: &[Secret],
) -> Result<(), SignatureError> {
    let given = one(headers, name)?;
    let right = secrets.iter().any(|secret| secret.matches(given.as_bytes()));
    if right { Ok(()) } else { Err(SignatureError::Mismatch(name.clone())) }
}

fn within_tolerance(timestamp: &str, now: Instant) -> Result<(), SignatureError> {
    let malformed = || SignatureError::Malformed(WEBHOOK_TIMESTAMP);
    if timestamp.is_empty() || !timestamp.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(malformed());
    }
    let sent: i64 = timestamp.parse().map_err(|_| malformed())?;
    let now = now.millis().div_euclid(1_000);
    match (now.abs_diff(sent) > TOLERANCE_SECS, sent < now) {
        (false, _) => Ok(()),
        (true, true) => Err(SignatureError::TooOld),
        (true, false) => Err(SignatureError::TooNew),
    }
}

/// The header's only value; a second one would leave open which of them was judged.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<&'a str, SignatureError> {
    let mut values = headers.get_all(name).iter();
    let first = values.next().ok_or_else(|| SignatureError::Missing(name.clone()))?;
    match (first.to_str(), values.next()) {
        (Ok(text), None) if !text.is_empty() => Ok(text),
        _ => Err(SignatureError::Malformed(name.clone())),
    }
}

fn digest_from_hex(text: &str) -> Option<[u8; DIGEST_BYTES]> {
    if text.len() != 2 * DIGEST_BYTES || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut digest = [0; DIGEST_BYTES];
    for (byte, at) in digest.iter_mut().zip((0..text.len()).step_by(2)) {
        *byte = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
    }
    Some(digest)
}

/// The secret that an account's senders sign with: `whsec_` and the base64 of 32 bytes.
#[derive(Clone)]
pub struct SigningSecret([u8; SigningSecret::BYTES]);

/// A text that is no signing secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a signing secret is `whsec_` and the base64 of 32 bytes")]
pub struct NotASigningSecret;

impl SigningSecret {
    /// The length of a secret.
    pub const BYTES: usize = 32;
    const PREFIX: &str = "whsec_";

    /// Makes a secret of `random` bytes; the caller draws them.
    #[must_use]
    pub const fn from_bytes(random: [u8; Self::BYTES]) -> Self {
        Self(random)
    }

    /// Reads a secret from its text.
    pub fn parse(text: &str) -> Result<Self, NotASigningSecret> {
        let encoded = text.strip_prefix(Self::PREFIX).ok_or(NotASigningSecret)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| NotASigningSecret)?;
        bytes.try_into().map(Self).map_err(|_| NotASigningSecret)
    }

    /// The secret's text, for its owner and for storage; never for a log.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{}{}", Self::PREFIX, STANDARD.encode(self.0))
    }

    /// The value of `webhook-signature` for a message sent at `timestamp_secs`.
    #[must_use]
    pub fn sign(&self, id: &str, timestamp_secs: i64, body: &[u8]) -> String {
        let digest = self.digest(id, &timestamp_secs.to_string(), body);
        format!("v1,{}", STANDARD.encode(digest))
    }

    fn digest(&self, id: &str, timestamp: &str, body: &[u8]) -> [u8; DIGEST_BYTES] {
        hmac(&self.0, &[id.as_bytes(), b".", timestamp.as_bytes(), b".", body])
    }
}

impl PartialEq for SigningSecret {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for SigningSecret {}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(…)")
    }
}

#[cfg(test)]
mod tests;
