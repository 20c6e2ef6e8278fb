//! The envelope of a webhook: `entry[].changes[].value`, walked without reading what stands in it.
//!
//! Every level is read by itself, so that an oddity in one item (a lone surrogate in a chat text, a
//! field of another type) costs none of its neighbours.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use shared::domain::values::account::Account;
use shared::domain::values::ids::PhoneNumberId;
use shared::web::Problem;
use shared::web::body::parse_json;

use crate::aside::Refused;
use crate::reason::Reason;

/// The endpoint's name in counts and among what is kept aside.
pub const SOURCE: &str = "whatsapp";

/// Counts of what is not ours, by kind.
pub(super) type Ignored = BTreeMap<&'static str, u64>;

/// The only kind of object that is ours.
const OBJECT: &str = "whatsapp_business_account";
/// The only field of changes that is ours.
const FIELD: &str = "messages";

/// Other fields of changes that are known to be sent; each is counted by its name.
const OTHER_FIELDS: &[&str] = &[
    "account_alerts",
    "account_review_update",
    "account_update",
    "business_capability_update",
    "history",
    "message_echoes",
    "message_template_quality_update",
    "message_template_status_update",
    "phone_number_name_update",
    "phone_number_quality_update",
    "security",
    "template_category_update",
    "user_id_update",
    "user_preferences",
];

/// What a body holds.
#[derive(Default)]
pub(super) struct Body<'a> {
    /// Everything that may count.
    pub(super) found: Vec<Found<'a>>,
    /// How many statuses and messages there are.
    pub(super) items: usize,
    /// What is not ours.
    pub(super) ignored: Ignored,
}

/// The list that an item stood in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WebhookList {
    /// `value.statuses`
    Statuses,
    /// `value.messages`
    Messages,
}

impl WebhookList {
    /// The list that is called so.
    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::Statuses, Self::Messages].into_iter().find(|list| list.name() == name)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Statuses => "statuses",
            Self::Messages => "messages",
        }
    }
}

/// An item and where it came from.
pub(super) struct Found<'a> {
    pub(super) phone_number_id: Option<PhoneNumberId>,
    pub(super) list: WebhookList,
    pub(super) item: &'a RawValue,
}

impl<'a> Found<'a> {
    /// The item on its way aside.
    pub(super) fn refused(self, account: Option<Account>, reason: Reason) -> Refused<'a> {
        Refused {
            source: SOURCE,
            reason,
            account,
            phone_number_id: self.phone_number_id,
            list: Some(self.list.name()),
            item: Some(Cow::Borrowed(self.item)),
        }
    }
}

#[derive(Deserialize)]
struct WebhookEnvelope<'a> {
    #[serde(borrow, default)]
    object: Option<&'a RawValue>,
    #[serde(borrow, default)]
    entry: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow, default)]
    changes: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct EntryChange<'a> {
    #[serde(borrow, default)]
    field: Option<&'a RawValue>,
    #[serde(borrow, default)]
    value: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Value<'a> {
    #[serde(borrow, default)]
    metadata: Option<&'a RawValue>,
    #[serde(borrow, default)]
    statuses: Option<&'a RawValue>,
    #[serde(borrow, default)]
    messages: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Metadata<'a> {
    #[serde(borrow, default)]
    phone_number_id: Option<&'a RawValue>,
}

/// Walks a body: 400 when it is no JSON. A level of another shape than `WhatsApp`'s is counted as
/// `unreadable` and dropped: what it holds can't be told from chat.
pub(super) fn read(bytes: &[u8]) -> Result<Body<'_>, Problem> {
    // Syntax first and to the end; the walk below borrows from the same bytes.
    let _: serde::de::IgnoredAny = parse_json(bytes)?;
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Problem::malformed_json("the body is not in UTF-8"))?;
    let mut body = Body::default();
    let Some(envelope) = object::<WebhookEnvelope<'_>>(text.trim_ascii_start()) else {
        body.unreadable();
        return Ok(body);
    };
    if word(envelope.object).as_deref() != Some(OBJECT) {
        body.ignore("other-object");
        return Ok(body);
    }
    for entry in body.list(envelope.entry) {
        match object::<Entry<'_>>(entry.get()) {
            Some(entry) => {
                for change in body.list(entry.changes) {
                    body.add(change);
                }
            }
            None => body.unreadable(),
        }
    }
    Ok(body)
}

impl<'a> Body<'a> {
    fn add(&mut self, change: &'a RawValue) {
        let Some(change) = object::<EntryChange<'_>>(change.get()) else {
            return self.unreadable();
        };
        let field = word(change.field);
        if field.as_deref() != Some(FIELD) {
            let known = OTHER_FIELDS.iter().find(|known| Some(**known) == field.as_deref());
            return self.ignore(known.copied().unwrap_or("other-field"));
        }
        let Some(value) = change.value.and_then(|value| object::<Value<'_>>(value.get())) else {
            return self.unreadable();
        };
        let phone_number_id = value
            .metadata
            .and_then(|metadata| object::<Metadata<'_>>(metadata.get()))
            .and_then(|metadata| text_or_number(metadata.phone_number_id?))
            .and_then(|text| PhoneNumberId::parse(&text).ok());
        for (list, items) in
            [(WebhookList::Statuses, value.statuses), (WebhookList::Messages, value.messages)]
        {
            let items = self.list(items);
            self.items += items.len();
            self.found.extend(items.into_iter().map(|item| Found {
                phone_number_id: phone_number_id.clone(),
                list,
                item,
            }));
        }
    }

    /// A list that can be missing or null.
    fn list(&mut self, raw: Option<&'a RawValue>) -> Vec<&'a RawValue> {
        let Some(raw) = raw else { return Vec::new() };
        serde_json::from_str(raw.get()).unwrap_or_else(|_| {
            self.unreadable();
            Vec::new()
        })
    }

    fn ignore(&mut self, kind: &'static str) {
        *self.ignored.entry(kind).or_default() += 1;
    }

    fn unreadable(&mut self) {
        self.ignore("unreadable");
    }
}

/// Reads an object's fields. A struct could be read from an array, too, which is none of
/// `WhatsApp`'s shapes.
pub(super) fn object<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    if text.starts_with('{') { serde_json::from_str(text).ok() } else { None }
}

/// A text.
pub(super) fn word(raw: Option<&RawValue>) -> Option<String> {
    serde_json::from_str(raw?.get()).ok()
}

/// A text, or a number's digits: the same field comes as either.
pub(super) fn text_or_number(raw: &RawValue) -> Option<String> {
    match raw.get().as_bytes().first()? {
        b'"' => word(Some(raw)),
        b'-' | b'0'..=b'9' => Some(raw.get().to_owned()),
        _ => None,
    }
}
