//! The envelope of a webhook: `entry[].changes[].value`, without reading the items that stand in it: an
//! oddity in one of them (a lone surrogate in a chat text, a field of another type) costs none of its
//! neighbours.
//!
//! A body of `WhatsApp`'s shape is read in one pass. Where a level has another shape, each level is read
//! by itself instead, several passes in all, so that this one costs none of its neighbours either.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use shared::domain::values::account::Account;
use shared::domain::values::ids::PhoneNumberId;
use shared::intake::aside::Refused;
use shared::intake::reason::Reason;
use shared::web::Problem;
use shared::web::body::parse_json;

/// The endpoint's name in counts and among what is kept aside.
pub const SOURCE: &str = "whatsapp";

/// Counts of what is not ours, by kind.
pub(super) type Ignored = BTreeMap<&'static str, u64>;

/// The only kind of object that is ours.
const OBJECT: &str = "whatsapp_business_account";
/// The fields of changes that hold items.
const ITEM_FIELDS: [&str; 2] = ["messages", "user_preferences"];

/// The fields of changes that tell something of a business account.
const NEWS_FIELDS: &[&str] = &[
    "account_update",
    "business_capability_update",
    "message_template_quality_update",
    "message_template_status_update",
    "phone_number_quality_update",
    "template_category_update",
];

/// Other fields of changes that are known to be sent; each is counted by its name.
const OTHER_FIELDS: &[&str] = &[
    "account_alerts",
    "account_review_update",
    "history",
    "message_echoes",
    "phone_number_name_update",
    "security",
    "user_id_update",
];

/// What a body holds.
#[derive(Default)]
pub(super) struct Body<'a> {
    /// Everything that may count.
    pub(super) found: Vec<Found<'a>>,
    /// What is told of business accounts.
    pub(super) news: Vec<News<'a>>,
    /// How many statuses, messages, preferences and news there are.
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
    /// `value.user_preferences`
    Preferences,
}

impl WebhookList {
    /// The list that is called so.
    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::Statuses, Self::Messages, Self::Preferences]
            .into_iter()
            .find(|list| list.name() == name)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Statuses => "statuses",
            Self::Messages => "messages",
            Self::Preferences => "user_preferences",
        }
    }
}

/// An item and where it came from.
#[derive(Clone)]
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

/// What a change holds.
enum Field {
    /// Lists of items.
    Items,
    /// Something that is told of a business account, under this name.
    News(&'static str),
}

/// Which business account an entry is about, and when it was told.
#[derive(Clone, Copy)]
pub(super) struct About<'a> {
    pub(super) id: Option<&'a RawValue>,
    pub(super) time: Option<&'a RawValue>,
}

/// Something that is told of a business account: nothing of it is a person's.
pub(super) struct News<'a> {
    /// The field that tells it.
    pub(super) field: &'static str,
    pub(super) about: About<'a>,
    pub(super) event: Option<&'a RawValue>,
    pub(super) name: Option<&'a RawValue>,
    pub(super) language: Option<&'a RawValue>,
    pub(super) reason: Option<&'a RawValue>,
    pub(super) quality: Option<&'a RawValue>,
    pub(super) category: Option<&'a RawValue>,
    /// The business account that it is about, where the entry can be about another.
    pub(super) waba_info: Option<&'a RawValue>,
    /// How much may be sent within a day, the field that holds longest first.
    pub(super) limits: [Option<&'a RawValue>; 3],
}

/// The outermost level. Each level is generic in the form of what it holds: read with it, or left for
/// later.
#[derive(Deserialize)]
struct Webhook<'a, Entries> {
    #[serde(borrow)]
    object: Option<&'a RawValue>,
    entry: Option<Entries>,
}

#[derive(Deserialize)]
struct Entry<'a, Changes> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    time: Option<&'a RawValue>,
    changes: Option<Changes>,
}

#[derive(Deserialize)]
struct Change<'a, V> {
    #[serde(borrow)]
    field: Option<&'a RawValue>,
    value: Option<V>,
}

#[derive(Deserialize)]
struct Value<'a, Items> {
    #[serde(borrow)]
    metadata: Option<&'a RawValue>,
    statuses: Option<Items>,
    messages: Option<Items>,
    user_preferences: Option<Items>,
    #[serde(borrow)]
    errors: Option<&'a RawValue>,
    #[serde(borrow)]
    user_actions: Option<&'a RawValue>,
    #[serde(borrow)]
    event: Option<&'a RawValue>,
    #[serde(borrow)]
    message_template_name: Option<&'a RawValue>,
    #[serde(borrow)]
    message_template_language: Option<&'a RawValue>,
    #[serde(borrow)]
    reason: Option<&'a RawValue>,
    #[serde(borrow)]
    new_quality_score: Option<&'a RawValue>,
    #[serde(borrow)]
    new_category: Option<&'a RawValue>,
    #[serde(borrow)]
    waba_info: Option<&'a RawValue>,
    #[serde(borrow)]
    max_daily_conversations_per_business: Option<&'a RawValue>,
    #[serde(borrow)]
    current_limit: Option<&'a RawValue>,
    #[serde(borrow)]
    max_daily_conversation_per_phone: Option<&'a RawValue>,
}

impl<I> Value<'_, I> {
    /// What a value is about that holds no items.
    fn other_kind(&self) -> Option<&'static str> {
        let others = [("errors", self.errors), ("user_actions", self.user_actions)];
        let told = |(_, list): &(&str, Option<&RawValue>)| list.is_some_and(|list| !is_empty(list));
        others.into_iter().find(told).map(|(kind, _)| kind)
    }
}

/// Whether a list that nobody reads is as good as missing.
fn is_empty(list: &RawValue) -> bool {
    list.get() == "null" || serde_json::from_str::<[IgnoredAny; 0]>(list.get()).is_ok()
}

#[derive(Deserialize)]
struct Metadata<'a> {
    #[serde(borrow)]
    phone_number_id: Option<&'a RawValue>,
}

type Unread<'a> = &'a RawValue;
/// All levels at once.
type Whole<'a> = Object<Webhook<'a, Vec<Object<Entry<'a, Vec<Object<WholeChange<'a>>>>>>>>;
type WholeChange<'a> = Change<'a, Object<Value<'a, Vec<Unread<'a>>>>>;

/// Reads a body: 400 when it is no JSON. A level of another shape than `WhatsApp`'s is counted as
/// `unreadable` and dropped: what it holds can't be told from chat.
pub(super) fn read(bytes: &[u8]) -> Result<Body<'_>, Problem> {
    let whole = std::str::from_utf8(bytes).ok().and_then(in_one_pass);
    whole.map_or_else(|| by_levels(bytes), Ok)
}

/// None where some level has another shape, or where it is no JSON.
fn in_one_pass(text: &str) -> Option<Body<'_>> {
    let Object(webhook): Whole<'_> = serde_json::from_str(text).ok()?;
    let mut body = Body::default();
    if !body.is_ours(webhook.object) {
        return Some(body);
    }
    for Object(entry) in webhook.entry.unwrap_or_default() {
        let about = About { id: entry.id, time: entry.time };
        for Object(change) in entry.changes.unwrap_or_default() {
            let Some(field) = body.field(change.field) else { continue };
            let Some(Object(value)) = change.value else {
                body.unreadable();
                continue;
            };
            if let Field::News(field) = field {
                body.add_news(field, about, &value);
                continue;
            }
            let (phone_number_id, other) = (phone_number_id(value.metadata), value.other_kind());
            let (statuses, messages) = (value.statuses, value.messages);
            let lists = [
                (WebhookList::Statuses, statuses.unwrap_or_default()),
                (WebhookList::Messages, messages.unwrap_or_default()),
                (WebhookList::Preferences, value.user_preferences.unwrap_or_default()),
            ];
            body.add_value(phone_number_id.as_ref(), lists, other);
        }
    }
    Some(body)
}

fn by_levels(bytes: &[u8]) -> Result<Body<'_>, Problem> {
    // Syntax first and to the end; the walk below borrows from the same bytes.
    let _: IgnoredAny = parse_json(bytes)?;
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Problem::malformed_json("the body is not in UTF-8"))?;
    let mut body = Body::default();
    let Some(webhook) = object::<Webhook<'_, Unread<'_>>>(text) else {
        body.unreadable();
        return Ok(body);
    };
    if !body.is_ours(webhook.object) {
        return Ok(body);
    }
    for entry in body.list(webhook.entry) {
        let Some(entry) = object::<Entry<'_, Unread<'_>>>(entry.get()) else {
            body.unreadable();
            continue;
        };
        let about = About { id: entry.id, time: entry.time };
        for change in body.list(entry.changes) {
            body.add_change(about, change);
        }
    }
    Ok(body)
}

fn phone_number_id(metadata: Option<&RawValue>) -> Option<PhoneNumberId> {
    let metadata = object::<Metadata<'_>>(metadata?.get())?;
    PhoneNumberId::parse(&text_or_number(metadata.phone_number_id?)?).ok()
}

impl<'a> Body<'a> {
    fn is_ours(&mut self, object: Option<&RawValue>) -> bool {
        let ours = word(object).as_deref() == Some(OBJECT);
        if !ours {
            self.ignore("other-object");
        }
        ours
    }

    /// What a change of this field holds; none where that is not ours.
    fn field(&mut self, field: Option<&RawValue>) -> Option<Field> {
        let field = word(field);
        let known = |names: &'static [&'static str]| {
            names.iter().copied().find(|known| Some(*known) == field.as_deref())
        };
        if known(&ITEM_FIELDS).is_some() {
            return Some(Field::Items);
        }
        if let Some(field) = known(NEWS_FIELDS) {
            return Some(Field::News(field));
        }
        self.ignore(known(OTHER_FIELDS).unwrap_or("other-field"));
        None
    }

    fn add_news<I>(&mut self, field: &'static str, about: About<'a>, value: &Value<'a, I>) {
        self.items += 1;
        self.news.push(News {
            field,
            about,
            event: value.event,
            name: value.message_template_name,
            language: value.message_template_language,
            reason: value.reason,
            quality: value.new_quality_score,
            category: value.new_category,
            waba_info: value.waba_info,
            limits: [
                value.max_daily_conversations_per_business,
                value.current_limit,
                value.max_daily_conversation_per_phone,
            ],
        });
    }

    fn add_change(&mut self, about: About<'a>, change: Unread<'a>) {
        let Some(change) = object::<Change<'_, Unread<'_>>>(change.get()) else {
            return self.unreadable();
        };
        let Some(field) = self.field(change.field) else { return };
        let value = change.value.and_then(|value| object::<Value<'_, Unread<'_>>>(value.get()));
        let Some(value) = value else { return self.unreadable() };
        if let Field::News(field) = field {
            return self.add_news(field, about, &value);
        }
        let (phone_number_id, other) = (phone_number_id(value.metadata), value.other_kind());
        let lists = [
            (WebhookList::Statuses, self.list(value.statuses)),
            (WebhookList::Messages, self.list(value.messages)),
            (WebhookList::Preferences, self.list(value.user_preferences)),
        ];
        self.add_value(phone_number_id.as_ref(), lists, other);
    }

    /// Adds the items of a value; one that has none is counted by what else it is about, if anything.
    fn add_value(
        &mut self,
        from: Option<&PhoneNumberId>,
        lists: [(WebhookList, Vec<Unread<'a>>); 3],
        other: Option<&'static str>,
    ) {
        if lists.iter().all(|(_, items)| items.is_empty())
            && let Some(kind) = other
        {
            self.ignore(kind);
        }
        for (list, items) in lists {
            self.add(from, list, items);
        }
    }

    fn add(&mut self, from: Option<&PhoneNumberId>, list: WebhookList, items: Vec<Unread<'a>>) {
        self.items += items.len();
        let found = items.into_iter();
        self.found.extend(found.map(|item| Found { phone_number_id: from.cloned(), list, item }));
    }

    /// A list that can be missing or null.
    fn list(&mut self, raw: Option<Unread<'a>>) -> Vec<Unread<'a>> {
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

/// What must be an object. A struct alone could be read from an array, too, which is none of
/// `WhatsApp`'s shapes.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields(PhantomData)).map(Self)
    }
}

/// Reads a `T` from an object's fields.
struct Fields<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(fields))
    }
}

/// Reads an object's fields.
pub(super) fn object<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    serde_json::from_str(text).ok().map(|Object(fields)| fields)
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

#[cfg(test)]
mod tests;
