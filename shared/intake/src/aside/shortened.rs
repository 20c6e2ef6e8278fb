//! Items too long to be kept as they came, without what doesn't count of them.

use std::borrow::Cow;

use domain::values::limits::ITEM_NAME_CHARS;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

/// The longest form of an item that fits: as it came; its texts cut where the names of items are
/// (longer ones count cut, or not at all), so that a replay leads to the same fact; without its
/// lists, which still says what it was about. `None` when not even that fits.
pub(super) fn to_fit(item: Cow<'_, RawValue>, bytes: usize) -> Option<Cow<'_, RawValue>> {
    let fits = |item: &RawValue| item.get().len() <= bytes;
    if fits(&item) {
        return Some(item);
    }
    let mut value: Value = serde_json::from_str(item.get()).ok()?;
    for shorten in [cut_texts, drop_lists] {
        shorten(&mut value);
        let shorter = to_raw_value(&value).ok()?;
        if fits(&shorter) {
            return Some(Cow::Owned(shorter));
        }
    }
    None
}

fn cut_texts(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some((end, _)) = text.char_indices().nth(ITEM_NAME_CHARS) {
                text.truncate(end);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(cut_texts),
        Value::Object(fields) => fields.values_mut().for_each(cut_texts),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn drop_lists(value: &mut Value) {
    if let Value::Object(fields) = value {
        fields.retain(|_, field| !field.is_array());
        fields.values_mut().for_each(drop_lists);
    }
}
