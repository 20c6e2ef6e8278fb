//! What a status or a message means: a receipt, a tap, or nothing that is ours.

use serde::Deserialize;
use serde_json::value::RawValue;
use shared::domain::facts::cart::SendId;
use shared::domain::facts::event::{ClickKind, Event, ReminderClicked, ReminderStatus};
use shared::domain::values::ids::{ClickId, ReminderId};
use shared::domain::values::instant::Instant;
use shared::domain::values::stop_word::is_stop_word;
use shared::graph::message::{is_tried_out, send_of};

use crate::meaning::Meaning;
use crate::status::Status;
use crate::whatsapp::envelope::{Found, WebhookList, object, text_or_number, word};
use shared::intake::dates::Dates;
use shared::intake::reason::{Code, Reason};

/// Types of messages that are known to be chat; each is counted by its name. A type that is not
/// here counts as `other-message`.
const CHAT: &[&str] = &[
    "audio",
    "contacts",
    "document",
    "image",
    "location",
    "order",
    "reaction",
    "request_welcome",
    "sticker",
    "system",
    "text",
    "unsupported",
    "video",
];

/// The type of a message's status where it is told; most leave it out.
const MESSAGE: &str = "message";

#[derive(Deserialize)]
struct StatusItem<'a> {
    #[serde(borrow, default)]
    r#type: Option<&'a RawValue>,
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    status: Option<&'a RawValue>,
    #[serde(borrow, default)]
    timestamp: Option<&'a RawValue>,
    #[serde(borrow, default)]
    biz_opaque_callback_data: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct MessageItem<'a> {
    #[serde(borrow, default)]
    r#type: Option<&'a RawValue>,
    #[serde(borrow, default)]
    interactive: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct TapItem<'a> {
    #[serde(borrow, default)]
    button: Option<&'a RawValue>,
    #[serde(borrow, default)]
    interactive: Option<&'a RawValue>,
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    timestamp: Option<&'a RawValue>,
    #[serde(borrow, default)]
    context: Option<&'a RawValue>,
}

/// What a button says: a template's quick reply by `payload` and `text`, a session's by `id` and `title`.
#[derive(Deserialize)]
struct Button<'a> {
    #[serde(borrow, default)]
    payload: Option<&'a RawValue>,
    #[serde(borrow, default)]
    text: Option<&'a RawValue>,
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    title: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Interactive<'a> {
    #[serde(borrow, default)]
    button_reply: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Context<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
}

/// Reads an item and judges its date.
pub(super) fn read(dates: Dates, found: &Found<'_>) -> Result<Meaning, Reason> {
    match found.list {
        WebhookList::Statuses => status(dates, found.item.get()),
        WebhookList::Messages => message(dates, found.item.get()),
        // It is no fact; `heard` takes what it says.
        WebhookList::Preferences => Ok(Meaning::Ignored("user_preferences")),
    }
}

fn status(dates: Dates, item: &str) -> Result<Meaning, Reason> {
    let status: StatusItem<'_> = object(item).ok_or(Reason::of(Code::InvalidField))?;
    if let Some(kind) = other_type(status.r#type) {
        return Ok(Meaning::Ignored(kind));
    }
    // Nobody's: somebody tried a message out.
    if word(status.biz_opaque_callback_data).is_some_and(|callback| is_tried_out(&callback)) {
        return Ok(Meaning::Ignored("test-message"));
    }
    let said = word(status.status).ok_or_else(|| Reason::invalid("status"))?;
    let receipt = match Status::of(&said) {
        Status::Receipt(receipt) => receipt,
        Status::Ignored(kind) => return Ok(Meaning::Ignored(kind)),
        Status::Unknown => return Ok(Meaning::Ignored("other-status")),
    };
    let reminder_id = parsed(status.id, ReminderId::parse).ok_or_else(|| Reason::invalid("id"))?;
    let at = instant(dates, status.timestamp)?;
    Ok(Meaning::Fact(Event::Status(ReminderStatus { reminder_id, receipt, at })))
}

/// What a status is about when it is no message: its words mean something else then (`failed` is a
/// payment's, too).
fn other_type(told: Option<&RawValue>) -> Option<&'static str> {
    let told = told.filter(|told| told.get() != "null")?;
    match word(Some(told)).as_deref() {
        Some(MESSAGE) => None,
        Some("payment") => Some("payment"),
        _ => Some("other-status-type"),
    }
}

fn message(dates: Dates, item: &str) -> Result<Meaning, Reason> {
    // Of a message that may be chat no more is read than its type.
    let Some(kind) = object::<MessageItem<'_>>(item) else {
        return Ok(Meaning::Ignored("other-message"));
    };
    match word(kind.r#type).as_deref() {
        Some("button") => tap(dates, item),
        Some("interactive") => {
            let reply = kind.interactive.and_then(|reply| object::<MessageItem<'_>>(reply.get()));
            match reply.and_then(|reply| word(reply.r#type)).as_deref() {
                Some("button_reply") => tap(dates, item),
                _ => Ok(Meaning::Ignored("interactive")),
            }
        }
        other => {
            let known = CHAT.iter().find(|known| Some(**known) == other);
            Ok(Meaning::Ignored(known.copied().unwrap_or("other-message")))
        }
    }
}

fn tap(dates: Dates, item: &str) -> Result<Meaning, Reason> {
    let tap: TapItem<'_> = object(item).ok_or(Reason::of(Code::InvalidField))?;
    let context = tap.context.and_then(|context| object::<Context<'_>>(context.get()));
    let on = context.and_then(|context| context.id);
    let on = on.ok_or_else(|| Reason::at(Code::TapWithoutContext, "context.id"))?;
    let reminder_id =
        parsed(Some(on), ReminderId::parse).ok_or_else(|| Reason::invalid("context.id"))?;
    let click_id = parsed(tap.id, ClickId::parse).ok_or_else(|| Reason::invalid("id"))?;
    let at = instant(dates, tap.timestamp)?;
    let kind = if stops(&tap) { ClickKind::OptOut } else { ClickKind::Reply };
    Ok(Meaning::Fact(Event::Clicked(ReminderClicked { reminder_id, click_id, kind, at })))
}

/// The send that a status names, and its message's id: whatever a status says, Meta took the message (R16).
pub(super) fn send(found: &Found<'_>) -> Option<(SendId, ReminderId)> {
    let item = found.item.get();
    // Most statuses name none: they are looked at no further.
    if !matches!(found.list, WebhookList::Statuses) || !item.contains("s1.") {
        return None;
    }
    let status: StatusItem<'_> = object(item)?;
    if other_type(status.r#type).is_some() {
        return None;
    }
    let send = send_of(&word(status.biz_opaque_callback_data)?)?;
    Some((send, parsed(status.id, ReminderId::parse)?))
}

/// Whether a message is a tap on the stop button.
pub(super) fn is_stop_tap(item: &str) -> bool {
    object::<TapItem<'_>>(item).is_some_and(|tap| stops(&tap))
}

/// R4: whether the button that was tapped is the stop button. No more than its texts are read, and they
/// are not kept.
fn stops(tap: &TapItem<'_>) -> bool {
    let reply = tap.interactive.and_then(|reply| object::<Interactive<'_>>(reply.get()));
    let buttons = [tap.button, reply.and_then(|reply| reply.button_reply)].into_iter().flatten();
    buttons.filter_map(|button| object::<Button<'_>>(button.get())).any(|button| {
        let texts = [button.payload, button.text, button.id, button.title];
        texts.into_iter().any(|text| word(text).is_some_and(|text| is_stop_word(&text)))
    })
}

fn parsed<T, E>(raw: Option<&RawValue>, parse: impl Fn(&str) -> Result<T, E>) -> Option<T> {
    parse(&word(raw)?).ok()
}

/// Whole epoch seconds, as a text or a number.
fn instant(dates: Dates, raw: Option<&RawValue>) -> Result<Instant, Reason> {
    const FIELD: &str = "timestamp";
    let millis = raw
        .and_then(text_or_number)
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|text| text.parse::<i64>().ok()?.checked_mul(1_000))
        .ok_or_else(|| Reason::at(Code::ImpossibleDate, FIELD))?;
    let at = Instant::from_millis(millis);
    dates.judge_subject(at).map_err(|code| Reason::at(code, FIELD))?;
    Ok(at)
}
