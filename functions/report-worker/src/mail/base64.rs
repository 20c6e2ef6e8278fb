//! Base64 as mails carry it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Bytes that fill a line of 76 characters (RFC 2045).
const LINE_BYTES: usize = 57;

/// `bytes` in lines of 76 characters.
pub(super) fn lines(bytes: &[u8]) -> Vec<u8> {
    let mut lines = String::with_capacity(bytes.len().div_ceil(LINE_BYTES) * 78);
    for line in bytes.chunks(LINE_BYTES) {
        STANDARD.encode_string(line, &mut lines);
        lines.push_str("\r\n");
    }
    lines.into_bytes()
}
