//! The envelope of a `CloudEvent`, read attribute by attribute so that whatever is wrong with
//! one, the others still tell which event it was.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use shared::domain::facts::event::Event;
use shared::domain::values::identity::Phones;
use shared::domain::values::instant::Instant;
use shared::intake::dates::Dates;
use shared::intake::reason::{Code, Reason};
use shared::web::body::parse_json;
use utoipa::ToSchema;

use crate::events::data::{CartData, ClickedData, OrderData, SentData, StatusData};
use crate::events::encoded::DATA_BASE64;
use crate::meaning::Meaning;
use crate::status::Status;

/// The only version of `CloudEvents` there is.
const SPEC_VERSION: &str = "1.0";

/// A `CloudEvent` 1.0. Attributes that are not named here are allowed and not read.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents what `EventEnvelope` reads attribute by attribute")]
pub(crate) struct CloudEvent {
    /// `1.0`.
    #[schema(example = "1.0")]
    specversion: String,
    /// The sender's id of the event.
    #[schema(example = "018f6b1e-1")]
    id: String,
    /// The system that sends it.
    #[schema(example = "https://store.example/reminders")]
    source: String,
    /// `reminder.sent`, `reminder.status`, `reminder.clicked`, `order.updated` or `cart.updated`.
    #[schema(example = "reminder.sent")]
    r#type: String,
    /// When it happened; needed for reminders. An order's instants are in its data.
    #[schema(format = DateTime, example = "2026-11-01T12:00:00Z")]
    time: Option<String>,
    /// What the type asks for; in its place, `data_base64` holds the same JSON as base64.
    data: EventData,
}

/// The data of an event, by its type.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "documents what `read` tells apart by the type")]
pub(crate) enum EventData {
    /// `reminder.sent`
    Sent(SentData),
    /// `reminder.status`
    Status(StatusData),
    /// `reminder.clicked`
    Clicked(ClickedData),
    /// `order.updated`
    Order(OrderData),
    /// `cart.updated`
    Cart(CartData),
}

#[derive(Deserialize)]
struct EventEnvelope<'a> {
    #[serde(borrow, default)]
    specversion: Option<&'a RawValue>,
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    source: Option<&'a RawValue>,
    #[serde(borrow, default)]
    r#type: Option<&'a RawValue>,
    #[serde(borrow, default)]
    time: Option<&'a RawValue>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(borrow, default)]
    data_base64: Option<&'a RawValue>,
}

impl<'a> EventEnvelope<'a> {
    fn of(item: &'a RawValue) -> Option<Self> {
        // Only an object: a struct could be read from an array, too.
        if item.get().starts_with('{') { serde_json::from_str(item.get()).ok() } else { None }
    }

    /// When it happened; only reminders need it.
    fn time(&self) -> Result<Instant, Reason> {
        let text = text(self.time, "time")?;
        Instant::parse_rfc3339(&text).map_err(|_| Reason::at(Code::ImpossibleDate, "time"))
    }
}

/// The `id` of an event, if that much of it can be read.
pub(crate) fn id(item: &RawValue) -> Option<String> {
    text(EventEnvelope::of(item)?.id, "id").ok()
}

/// Reads an event and judges its dates, or says why it can't count. `phones` are read as its account's are.
pub fn read(phones: Phones<'_>, dates: Dates, item: &RawValue) -> Result<Meaning, Reason> {
    let envelope = EventEnvelope::of(item).ok_or(Reason::of(Code::InvalidField))?;
    if text(envelope.specversion, "specversion")? != SPEC_VERSION {
        return Err(Reason::invalid("specversion"));
    }
    text(envelope.id, "id")?;
    text(envelope.source, "source")?;
    let kind = text(envelope.r#type, "type")?;
    let event = match kind.as_str() {
        "reminder.sent" => {
            let sent = data::<SentData>(&envelope)?;
            Event::Sent(sent.into_event(envelope.time()?, phones)?)
        }
        "reminder.status" => {
            let status = data::<StatusData>(&envelope)?;
            match Status::of(&status.status) {
                Status::Ignored(kind) => return Ok(Meaning::Ignored(kind)),
                Status::Unknown => return Err(Reason::invalid("data.status")),
                Status::Receipt(receipt) => {
                    Event::Status(status.into_event(receipt, envelope.time()?))
                }
            }
        }
        "reminder.clicked" => {
            Event::Clicked(data::<ClickedData>(&envelope)?.into_event(envelope.time()?))
        }
        "order.updated" => Event::Order(data::<OrderData>(&envelope)?.into_event(phones)?),
        "cart.updated" => {
            let updated =
                data::<CartData>(&envelope)?.into_event(phones, envelope.time()?.min(dates.now))?;
            let field = "data.lastActivityAt";
            dates.judge_subject(updated.beat.at).map_err(|code| Reason::at(code, field))?;
            return Ok(Meaning::Cart(updated));
        }
        _ => return Err(Reason::at(Code::UnknownEventType, "type")),
    };
    judge_dates(dates, &event)?;
    Ok(Meaning::Fact(event))
}

fn judge_dates(dates: Dates, event: &Event) -> Result<(), Reason> {
    let (subject, field) = match event {
        Event::Sent(sent) => (sent.at, "time"),
        Event::Status(status) => (status.at, "time"),
        Event::Clicked(click) => (click.at, "time"),
        Event::Order(order) => (order.created_at, "data.createdAt"),
    };
    dates.judge_subject(subject).map_err(|code| Reason::at(code, field))?;
    match event {
        Event::Order(order) => {
            dates.judge(order.changed_at).map_err(|code| Reason::at(code, "data.changedAt"))
        }
        Event::Sent(_) | Event::Status(_) | Event::Clicked(_) => Ok(()),
    }
}

/// A required attribute: a text that isn't empty.
fn text(raw: Option<&RawValue>, name: &'static str) -> Result<String, Reason> {
    raw.and_then(|raw| serde_json::from_str::<String>(raw.get()).ok())
        .filter(|text| !text.is_empty())
        .ok_or_else(|| Reason::invalid(name))
}

fn data<T: DeserializeOwned>(envelope: &EventEnvelope<'_>) -> Result<T, Reason> {
    // One that could be decoded stands as `data` by now.
    if envelope.data_base64.is_some_and(|encoded| encoded.get() != "null") {
        return Err(Reason::invalid(DATA_BASE64));
    }
    let raw = envelope.data.map(RawValue::get).filter(|text| text.starts_with('{'));
    let raw = raw.ok_or_else(|| Reason::invalid("data"))?;
    parse_json(raw.as_bytes()).map_err(|problem| match problem.field() {
        Some(field) if field != "body" => Reason::invalid(format!("data.{field}")),
        _ => Reason::invalid("data"),
    })
}
