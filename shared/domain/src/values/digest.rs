//! Digests, and how bytes are written as text.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

/// Bytes of a digest.
pub const DIGEST_BYTES: usize = 32;

/// The SHA-256 of `bytes`.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; DIGEST_BYTES] {
    Sha256::digest(bytes).into()
}

/// The HMAC-SHA256 of `parts` one after the other: nobody without `key` can tell it.
#[must_use]
#[expect(clippy::expect_used, reason = "HMAC takes a key of any length (RFC 2104)")]
pub fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; DIGEST_BYTES] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The first `N` bytes of a digest: 16 of them are as good as unique, and half as long.
#[must_use]
#[expect(clippy::expect_used, reason = "the compiler checks that a digest has so many")]
pub fn first<const N: usize>(digest: &[u8; DIGEST_BYTES]) -> [u8; N] {
    const { assert!(N <= DIGEST_BYTES) };
    *digest.first_chunk().expect("a digest has so many bytes")
}

/// Bytes as lower-case hex digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |value: u8| DIGITS.into_iter().nth(usize::from(value));
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).flatten().collect()
}

/// Bytes as base64url without padding: fit for keys and addresses.
#[must_use]
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of FIPS 180-2 and RFC 4231.
    #[test]
    fn digests_are_what_their_standards_say() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex(&sha256(b"abc")), abc);
        assert_eq!(hex(&first::<4>(&sha256(b"abc"))), "ba7816bf");
        let tag = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hex(&hmac(b"Jefe", &[b"what do ya want ", b"for nothing?"])), tag);
        let long = "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54";
        let text: &[u8] = b"Test Using Larger Than Block-Size Key - Hash Key First";
        assert_eq!(hex(&hmac(&[0xaa; 131], &[text])), long);
    }

    #[test]
    fn bytes_are_written_one_way() {
        assert_eq!(hex(&[0x00, 0x0a, 0xa0, 0xff]), "000aa0ff");
        assert_eq!(hex(&[]), "");
        assert_eq!(base64url(&[0xfb, 0xff]), "-_8");
    }
}
