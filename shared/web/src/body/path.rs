//! From serde's words to the field that the caller must mend.

/// The longest detail that an answer quotes: a caller's own value may be part of it.
const DETAIL_MAX_CHARS: usize = 300;

/// The name that stands for the whole body when no field of it is at fault.
pub(super) const WHOLE: &str = "body";

/// The path of the field at fault and what is wrong with it, from serde's path (`.` for the root)
/// and message. A missing or unknown field is named itself, not the object that should hold it.
pub(super) fn at_fault(path: &str, message: &str) -> (String, String) {
    let detail = without_position(message);
    let parent = if path == "." { "" } else { path };
    let own_name = detail
        .strip_prefix("missing field `")
        .or_else(|| detail.strip_prefix("unknown field `"))
        .or_else(|| detail.strip_prefix("duplicate field `"))
        .and_then(|rest| rest.split_once('`'))
        .map(|(name, _)| name);
    let field = match own_name {
        Some(name) if parent.is_empty() => name.to_owned(),
        // The path can end in the field already: an unknown one was read as a key.
        Some(name) if parent == name || parent.ends_with(&format!(".{name}")) => parent.to_owned(),
        Some(name) => format!("{parent}.{name}"),
        None if parent.is_empty() => WHOLE.to_owned(),
        None => parent.to_owned(),
    };
    (cut(&field), cut(detail))
}

/// `serde_json` ends its messages in a position, which says less than the path does.
fn without_position(message: &str) -> &str {
    message.rsplit_once(" at line ").map_or(message, |(text, _)| text)
}

fn cut(text: &str) -> String {
    text.chars().take(DETAIL_MAX_CHARS).collect()
}
