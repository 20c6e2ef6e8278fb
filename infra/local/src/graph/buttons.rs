//! What Meta asks of a template's buttons, and of the buttons of a message.

use std::collections::BTreeSet;

use serde_json::Value;

use super::phone::{list, text};

/// The buttons of a template.
fn of_template(components: &Value) -> &[Value] {
    let mut parts = list(components, "").iter();
    let buttons = parts.find(|part| text(part, "/type").as_deref() == Some("BUTTONS"));
    buttons.map(|part| list(part, "/buttons")).unwrap_or_default()
}

/// Whether quick replies stand in one group and all others in another (Meta, *Template components*, "Quick reply
/// buttons").
pub(super) fn are_grouped(components: &Value) -> bool {
    let buttons = of_template(components).iter();
    let replies: Vec<bool> =
        buttons.map(|button| text(button, "/type").as_deref() == Some("QUICK_REPLY")).collect();
    replies.iter().zip(replies.iter().skip(1)).filter(|(one, next)| one != next).count() <= 1
}

/// Whether a button takes something of its message: without it that isn't sent.
fn takes_parameter(button: &Value) -> bool {
    match text(button, "/type").as_deref() {
        Some("COPY_CODE") => true,
        Some("URL") => text(button, "/url").is_some_and(|url| url.contains("{{1}}")),
        _ => false,
    }
}

/// Whether each button of a message is its template's of the same place and kind, and none is missing; Meta's code where
/// that isn't so.
pub(super) fn fit(components: &Value, asked: &Value) -> Result<(), u32> {
    const OTHERWISE: u32 = 132_018;
    const MISSING: u32 = 132_000;
    let buttons = of_template(components);
    let mut given = BTreeSet::new();
    let parts = list(asked, "/template/components").iter();
    for part in parts.filter(|part| text(part, "/type").as_deref() == Some("button")) {
        let index = text(part, "/index").and_then(|index| index.parse::<usize>().ok());
        let index = index.ok_or(OTHERWISE)?;
        let kind = buttons.get(index).and_then(|button| text(button, "/type"));
        let kind = kind.map(|kind| kind.to_ascii_lowercase());
        let is_its = kind.is_some() && kind == text(part, "/sub_type");
        if !is_its || list(part, "/parameters").len() != 1 || !given.insert(index) {
            return Err(OTHERWISE);
        }
    }
    let mut wanted = buttons.iter().enumerate().filter(|(_, button)| takes_parameter(button));
    if wanted.all(|(index, _)| given.contains(&index)) { Ok(()) } else { Err(MISSING) }
}
