//! UUIDs of version 7 as texts: ids that sort as they were made.

use crate::values::instant::Instant;

/// Whether `text` is 32 hex digits in lower case.
pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// A UUID of version 7 made at `at`.
#[expect(clippy::expect_used, reason = "no instant lies before 1970")]
pub(crate) fn uuid_at(at: Instant, random: &[u8; 10]) -> String {
    let millis = u64::try_from(at.millis()).expect("no instant lies before 1970");
    uuid::Builder::from_unix_timestamp_millis(millis, random).into_uuid().simple().to_string()
}
