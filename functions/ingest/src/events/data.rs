//! The data of the four events as senders write it. Fields that are not named
//! here are allowed and not read.
//!
//! None of these types has a `Debug`: they hold phone numbers.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use shared::domain::facts::cart::Beat;
use shared::domain::facts::event::{
    ClickKind, OrderUpdated, Receipt, ReminderClicked, ReminderSent, ReminderStatus,
};
use shared::domain::values::identity::{Identities, OddIdentity, Phones, UserId};
use shared::domain::values::ids::{
    CampaignId, ClickId, LinkToken, OrderGroup, OrderId, ReminderId,
};
use shared::domain::values::instant::Instant;
use shared::domain::values::item::ItemList;
use shared::domain::values::limits::AMOUNT_MAX;
use shared::domain::values::money::Currency;
use shared::domain::values::order_form::OrderForm;
use shared::domain::values::order_status::OrderStatus;
use shared::intake::reason::{Code, Reason};
use shared::store::carts::data::CartField;
use utoipa::ToSchema;

use crate::carts::CartUpdated;

/// `reminder.sent`: one message was sent to one shopper about one cart. It must name at least one
/// of `userId`, `phone` and `orderFormId`.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SentData {
    /// The provider's message id.
    #[schema(value_type = String, example = "wamid.HBgNNTU2MTk5OTk5MDAwMRUCABEYEjA=")]
    reminder_id: ReminderId,
    /// One of the account's campaigns.
    #[schema(value_type = String)]
    campaign_id: CampaignId,
    /// The store's id of the shopper; one of more than 100 characters is none. So are placeholders: blanks,
    /// zeros, `null`, `undefined`, `none`, `nan`, an all-zero UUID, anything with a `*`.
    #[serde(default)]
    user_id: Option<String>,
    /// The phone number in any notation: international with `+` or `00`, else national where the account's
    /// country has such a number, else international. Fewer than 8 digits are none, and so are placeholders.
    #[serde(default)]
    phone: Option<String>,
    /// The cart, with or without dashes, in either case; a placeholder is none.
    order_form_id: String,
    /// The cart's items, which are only shown: of what is odd there a detail, or an item, is left out, as are
    /// all beyond the 500th.
    #[serde(default)]
    #[schema(value_type = Vec<ItemData>, required)]
    checkout_items: Option<Box<RawValue>>,
    /// The token that `POST /sends/{account}` answered, when the message carries its link.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    link_token: Option<LinkToken>,
}

/// `reminder.status`: a receipt.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StatusData {
    /// The reminder.
    #[schema(value_type = String)]
    reminder_id: ReminderId,
    /// `delivered`, `read` (or `played`) or `failed`; `sent`, `deleted` and `warning`, which `WhatsApp` says,
    /// too, are accepted and not used. Any other word is kept aside.
    #[schema(example = "delivered")]
    pub(crate) status: String,
}

/// `reminder.clicked`: a tap, for senders with links of their own.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClickedData {
    /// The reminder.
    #[schema(value_type = String)]
    reminder_id: ReminderId,
    /// The sender's id of the tap; one tap has one.
    #[schema(value_type = String)]
    click_id: ClickId,
    /// `link` or `reply`.
    #[schema(value_type = String, example = "link")]
    kind: ClickedKind,
}

/// What was tapped, as a sender may tell it.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ClickedKind {
    /// A link.
    Link,
    /// A quick-reply button.
    Reply,
}

impl From<ClickedKind> for ClickKind {
    fn from(kind: ClickedKind) -> Self {
        match kind {
            ClickedKind::Link => Self::Link,
            ClickedKind::Reply => Self::Reply,
        }
    }
}

/// `order.updated`: the state of one part of a purchase.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrderData {
    /// The purchase.
    #[schema(value_type = String, example = "1172452900788")]
    order_group: OrderGroup,
    /// The part.
    #[schema(value_type = String, example = "1172452900788-01")]
    order_id: OrderId,
    /// `incomplete` (or null, or empty), `created`, `canceled` or any VTEX workflow state. Dead are `canceled`,
    /// `cancelled`, `cancel`, `replaced`, `payment-denied`, `order-create-error`, `order-creation-error`; all
    /// others but `incomplete` count.
    #[serde(deserialize_with = "present")]
    #[schema(example = "payment-approved")]
    status: Option<String>,
    /// When the part was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it changed into this state.
    #[schema(format = DateTime)]
    changed_at: String,
    /// The store's id of the shopper; one of more than 100 characters is none. So are placeholders: blanks,
    /// zeros, `null`, `undefined`, `none`, `nan`, an all-zero UUID, anything with a `*`.
    #[serde(default)]
    user_id: Option<String>,
    /// The phone number in any notation: international with `+` or `00`, else national where the account's
    /// country has such a number, else international. Fewer than 8 digits are none, and so are placeholders.
    #[serde(default)]
    phone: Option<String>,
    /// The cart, with or without dashes, in either case; a placeholder is none.
    #[serde(default)]
    order_form_id: Option<String>,
    /// ISO 4217.
    #[schema(value_type = String, example = "BRL")]
    currency: Currency,
    /// Minor units, with freight and discounts.
    #[schema(minimum = 0, example = 19990)]
    value: i64,
    /// The part's items, which are only shown: of what is odd there a detail, or an item, is left out, as are
    /// all beyond the 500th.
    #[serde(default)]
    #[schema(value_type = Vec<ItemData>, required)]
    items: Option<Box<RawValue>>,
}

/// `cart.updated`: what a store's backend knows of a cart. A field that is left out says nothing, null says
/// that there is none; what was said last of each holds, by the event's time.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CartData {
    /// The cart, as the store writes it.
    #[schema(value_type = String, example = "0f1e2d3c4b5a69788796a5b4c3d2e1f0")]
    order_form_id: OrderForm,
    /// When the shopper was last active in it; no later than now.
    #[schema(format = DateTime)]
    last_activity_at: String,
    /// Whether they came to the payment page.
    reached_payment: bool,
    /// The store's id of the shopper.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    user_id: Option<Box<RawValue>>,
    /// Their phone number in any notation.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    phone: Option<Box<RawValue>>,
    /// Their first name.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    first_name: Option<Box<RawValue>>,
    /// Their language, such as `pt-BR`.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    language: Option<Box<RawValue>>,
    /// ISO 4217.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    currency: Option<Box<RawValue>>,
    /// What the cart is worth, in minor units.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<i64>, minimum = 0)]
    value: Option<Box<RawValue>>,
    /// Its items.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<Vec<ItemData>>)]
    items: Option<Box<RawValue>>,
    /// Where the message's link leads: within the store. Absent: to the cart.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    url: Option<Box<RawValue>>,
    /// Whether the shopper agreed to messages.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<ConsentData>)]
    consent: Option<Box<RawValue>>,
}

/// Whether a shopper agreed to messages.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ConsentData {
    /// Whether they did.
    granted: bool,
    /// When they said so.
    #[schema(format = DateTime)]
    at: String,
    /// Where.
    #[expect(dead_code, reason = "free text, which nothing asks for: it isn't kept")]
    #[serde(default)]
    source: Option<String>,
}

/// A field that is there, null or not.
fn said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::<RawValue>::deserialize(deserializer).map(Some)
}

/// Characters of a text that a cart's field holds.
const CART_TEXT_CHARS: usize = 2_000;

impl CartData {
    /// What was told at `at`.
    pub(crate) fn into_event(self, phones: Phones<'_>, at: Instant) -> Result<CartUpdated, Reason> {
        let active_at = instant(&self.last_activity_at, "data.lastActivityAt")?;
        let texts = [
            (CartField::UserId, self.user_id, "data.userId"),
            (CartField::Phone, self.phone, "data.phone"),
            (CartField::FirstName, self.first_name, "data.firstName"),
            (CartField::Language, self.language, "data.language"),
            (CartField::Currency, self.currency, "data.currency"),
            (CartField::Url, self.url, "data.url"),
        ];
        let mut fields = Vec::new();
        for (field, told, name) in texts {
            let Some(told) = told else { continue };
            let text: Option<String> =
                serde_json::from_str(told.get()).map_err(|_| Reason::invalid(name))?;
            if text.as_ref().is_some_and(|text| text.chars().nth(CART_TEXT_CHARS).is_some()) {
                return Err(Reason::invalid(name));
            }
            fields.push((field, at, text));
        }
        if let Some(told) = self.value {
            let value: Option<i64> =
                serde_json::from_str(told.get()).map_err(|_| Reason::invalid("data.value"))?;
            if value.is_some_and(|value| !(0..=AMOUNT_MAX).contains(&value)) {
                return Err(Reason::invalid("data.value"));
            }
            fields.push((CartField::Value, at, value.map(|value| value.to_string())));
        }
        if let Some(told) = self.items {
            let is_some = told.get() != "null";
            let items = is_some.then(|| item_list(Some(told.as_ref())).to_json());
            fields.push((CartField::Items, at, items));
        }
        if let Some(told) = self.consent {
            let consent: Option<ConsentData> =
                serde_json::from_str(told.get()).map_err(|_| Reason::invalid("data.consent"))?;
            let consent_at = match &consent {
                Some(consent) => instant(&consent.at, "data.consent.at")?.min(at),
                None => at,
            };
            // Where it was given is free text, which nothing asks for: it isn't kept.
            let text = consent.map(|consent| {
                serde_json::json!({"granted": consent.granted, "at": consent_at}).to_string()
            });
            fields.push((CartField::Consent, consent_at, text));
        }
        let beat = Beat { at: active_at, payment: self.reached_payment };
        let said = |wanted: CartField| {
            let found = fields.iter().find(|(field, ..)| *field == wanted);
            found.and_then(|(.., text)| text.as_deref())
        };
        let order_form_id = Some(self.order_form_id.id());
        // One that is odd names nobody.
        let user_id = said(CartField::UserId).and_then(|id| UserId::optional(id).ok().flatten());
        let phone = said(CartField::Phone).and_then(|phone| phones.digest(phone));
        let named = Identities { user_id, phone, order_form_id };
        Ok(CartUpdated { order_form: self.order_form_id, beat, named, fields })
    }
}

/// One line of a cart or an order.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents what `ItemList::read` reads, member by member")]
pub(crate) struct ItemData {
    /// The store's id of it; cut at 100 characters.
    id: String,
    /// Its name; cut at 200 characters, earlier where the whole list is longer than 350 KiB.
    name: String,
    /// How many, at most 1,000,000.
    quantity: u32,
    /// Minor units per unit.
    #[schema(minimum = 0)]
    price: i64,
}

/// Null is a value here, absence isn't.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Option::deserialize(deserializer)
}

impl SentData {
    /// The event that happened at `at`.
    pub(crate) fn into_event(
        self,
        at: Instant,
        phones: Phones<'_>,
    ) -> Result<ReminderSent, Reason> {
        let (user_id, phone) = (self.user_id.as_deref(), self.phone.as_deref());
        let identities = identities(user_id, phone, Some(&self.order_form_id), phones)?;
        if identities.is_empty() {
            // Nobody could ever be matched with it (R5).
            return Err(Reason::invalid("data.orderFormId"));
        }
        Ok(ReminderSent {
            reminder_id: self.reminder_id,
            at,
            campaign_id: self.campaign_id,
            identities,
            items: item_list(self.checkout_items.as_deref()),
            link_token: self.link_token,
        })
    }
}

impl StatusData {
    /// The receipt of `at`.
    pub(crate) fn into_event(self, receipt: Receipt, at: Instant) -> ReminderStatus {
        ReminderStatus { reminder_id: self.reminder_id, receipt, at }
    }
}

impl ClickedData {
    /// The tap of `at`.
    pub(crate) fn into_event(self, at: Instant) -> ReminderClicked {
        ReminderClicked {
            reminder_id: self.reminder_id,
            click_id: self.click_id,
            kind: self.kind.into(),
            at,
        }
    }
}

impl OrderData {
    /// The event; an order carries its own instants.
    pub(crate) fn into_event(self, phones: Phones<'_>) -> Result<OrderUpdated, Reason> {
        if !(0..=AMOUNT_MAX).contains(&self.value) {
            return Err(Reason::invalid("data.value"));
        }
        let status = OrderStatus::parse(self.status.as_deref().unwrap_or_default());
        Ok(OrderUpdated {
            order_group: self.order_group,
            order_id: self.order_id,
            status: status.map_err(|_| Reason::invalid("data.status"))?,
            created_at: instant(&self.created_at, "data.createdAt")?,
            changed_at: instant(&self.changed_at, "data.changedAt")?,
            identities: identities(
                self.user_id.as_deref(),
                self.phone.as_deref(),
                self.order_form_id.as_deref(),
                phones,
            )?,
            currency: self.currency,
            value: self.value,
            items: item_list(self.items.as_deref()),
        })
    }
}

fn instant(text: &str, field: &'static str) -> Result<Instant, Reason> {
    Instant::parse_rfc3339(text).map_err(|_| Reason::at(Code::ImpossibleDate, field))
}

fn identities(
    user_id: Option<&str>,
    phone: Option<&str>,
    order_form_id: Option<&str>,
    phones: Phones<'_>,
) -> Result<Identities, Reason> {
    Identities::named(user_id, phone, order_form_id, phones).map_err(|odd| {
        Reason::invalid(match odd {
            OddIdentity::UserId => "data.userId",
            OddIdentity::OrderFormId => "data.orderFormId",
        })
    })
}

#[expect(clippy::redundant_closure_for_method_calls, reason = "the method is of one lifetime")]
fn item_list(items: Option<&RawValue>) -> ItemList {
    ItemList::read(items, |item| item.price())
}
