//! A campaign's version as an entity tag, and the condition to edit it on (RFC 9110, 13.1.1).

use http::header::{ETAG, IF_MATCH};
use http::{HeaderMap, HeaderValue};
use shared::web::Problem;

/// The header that tells `version`.
pub(crate) fn etag(version: u64) -> HeaderValue {
    // A quoted number is a header value whatever the number.
    HeaderValue::try_from(tag(version)).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

fn tag(version: u64) -> String {
    format!("\"{version}\"")
}

/// What `If-Match` asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct IfMatch(Vec<String>);

impl IfMatch {
    /// The condition in `headers`.
    ///
    /// 428 when there is none. `*` is none either: it would match whatever somebody else made of the
    /// campaign meanwhile, and an edit has to say which version it edits.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let mut tags = Vec::new();
        for value in headers.get_all(IF_MATCH) {
            // What isn't text is no tag of ours, and matches none.
            let text = value.to_str().unwrap_or("?");
            tags.extend(text.split(',').map(|tag| tag.trim().to_owned()));
        }
        tags.retain(|tag| !tag.is_empty());
        if tags.is_empty() || tags.iter().any(|tag| tag == "*") {
            return Err(Problem::precondition_required());
        }
        Ok(Self(tags))
    }

    /// 412 unless one of the tags is that of `version`. Tags are compared strongly, so a weak one
    /// (`W/"3"`) matches nothing, as does a malformed one.
    pub(crate) fn require(&self, version: u64) -> Result<(), Problem> {
        let current = tag(version);
        if self.0.contains(&current) { Ok(()) } else { Err(stale(version)) }
    }
}

/// 412 with the version that is current now.
pub(crate) fn stale(current: u64) -> Problem {
    Problem::precondition_failed("the campaign was changed meanwhile: read it and edit it again")
        .with_header(ETAG, etag(current))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn judge(values: &[&'static str], version: u64) -> u16 {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(IF_MATCH, HeaderValue::from_static(value));
        }
        let judged = IfMatch::of(&headers).and_then(|condition| condition.require(version));
        judged.map_or_else(|problem| problem.status().as_u16(), |()| 200)
    }

    #[test]
    fn only_the_current_version_matches() {
        assert_eq!(judge(&["\"3\""], 3), 200);
        assert_eq!(judge(&["\"2\""], 3), 412);
        assert_eq!(judge(&["\"4\""], 3), 412);
        assert_eq!(judge(&[" \"2\" , \"3\" "], 3), 200);
        assert_eq!(judge(&["\"2\"", "\"3\""], 3), 200);
    }

    #[test]
    fn no_condition_is_no_condition() {
        for values in [&[][..], &[""], &[" , "], &["*"], &["\"3\", *"], &["*", "\"3\""]] {
            assert_eq!(judge(values, 3), 428, "{values:?}");
        }
    }

    #[test]
    fn what_is_no_tag_of_ours_matches_nothing() {
        for value in ["3", "W/\"3\"", "w/\"3\"", "\"03\"", "\"3", "3\"", "'3'", "\"+3\"", "\"3\"\""]
        {
            assert_eq!(judge(&[value], 3), 412, "{value}");
        }
        let mut headers = HeaderMap::new();
        headers.append(IF_MATCH, HeaderValue::from_bytes(b"\"\x80\"").unwrap());
        assert_eq!(IfMatch::of(&headers).unwrap().require(3).unwrap_err().status(), 412);
    }
}
