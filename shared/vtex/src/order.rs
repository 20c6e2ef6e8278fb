//! An order's document as the event that it means.
//!
//! Documents that differ in what they can't tell (a guest without a profile, a null phone, a cart
//! that is gone) are all sound; what can't count at all is told with its field, to be kept aside.

use serde::Deserialize;
use serde_json::value::RawValue;

use domain::facts::event::OrderUpdated;
use domain::values::identity::{Identities, OddIdentity, Phones};
use domain::values::ids::{OrderGroup, OrderId};
use domain::values::instant::Instant;
use domain::values::item::ItemList;
use domain::values::limits::AMOUNT_MAX;
use domain::values::money::Currency;
use domain::values::order_status::{OrderStatus, Phase};

pub(crate) mod loose;

use loose::Whole;

/// A document that can't count, and its field at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// A field is missing or holds what it may not hold.
    #[error("{field} is missing or holds what it may not hold")]
    Field {
        /// The field's path in the document.
        field: String,
    },
    /// A date is none.
    #[error("{field} is no date")]
    Date {
        /// The field's path in the document.
        field: &'static str,
    },
}

impl Unusable {
    fn field(field: impl Into<String>) -> Self {
        Self::Field { field: field.into() }
    }
}

/// An order's document. It has no `Debug`: it holds a phone number.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    order_id: String,
    #[serde(default)]
    order_group: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    value: Option<Whole>,
    creation_date: String,
    #[serde(default)]
    last_change: Option<String>,
    #[serde(default)]
    order_form_id: Option<String>,
    #[serde(default)]
    client_profile_data: Option<ClientProfile>,
    #[serde(borrow, default)]
    items: Option<&'a RawValue>,
    store_preferences_data: StorePreferences,
}

/// Whom VTEX names. E-mail addresses are not read: nothing is matched by them (R5), and VTEX masks
/// them.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientProfile {
    #[serde(default, deserialize_with = "loose::text")]
    user_profile_id: Option<String>,
    #[serde(default, deserialize_with = "loose::text")]
    phone: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StorePreferences {
    currency_code: String,
    #[serde(default)]
    time_zone: Option<String>,
}

/// The event that a document means: the state of one part, changed when VTEX changed it last. An
/// error names the field for which the document can't count. `phones` are read as the account's are.
pub fn read(document: &RawValue, phones: Phones<'_>) -> Result<OrderUpdated, Unusable> {
    let document: Document<'_> = parse(document)?;
    let status = OrderStatus::parse(document.status.as_deref().unwrap_or_default().trim())
        .map_err(|_| Unusable::field("status"))?;
    let currency = Currency::parse(&document.store_preferences_data.currency_code)
        .map_err(|_| Unusable::field("storePreferencesData.currencyCode"))?;
    let created_at = instant(&document.creation_date, "creationDate")?;
    let changed_at = match &document.last_change {
        Some(text) => instant(text, "lastChange")?,
        // It never changed since.
        None => created_at,
    };
    let value = match document.value {
        Some(Whole(cents)) => amount(&currency, cents).ok_or_else(|| Unusable::field("value"))?,
        // Nothing is counted of an order that isn't one yet.
        None if status.phase() == Phase::Incomplete => 0,
        None => return Err(Unusable::field("value")),
    };
    Ok(OrderUpdated {
        order_group: group(document.order_group, &document.order_id)?,
        order_id: OrderId::parse(&document.order_id).map_err(|_| Unusable::field("orderId"))?,
        status,
        created_at,
        changed_at,
        identities: identities(
            &document.client_profile_data.unwrap_or_default(),
            document.order_form_id.as_deref(),
            phones,
        )?,
        items: items(document.items, &currency),
        currency,
        value,
    })
}

/// Whether VTEX's word for where an order comes from (`origin`, a notification's `Domain`) says that it was
/// sold elsewhere and is only delivered by this store.
#[must_use]
pub fn is_fulfillment(word: &str) -> bool {
    word.trim().eq_ignore_ascii_case("fulfillment")
}

/// Whether a document's order was sold elsewhere ([`is_fulfillment`]). What says nothing of it was sold
/// here: to count an order that is another's would be a mistake, to lose one of our own a worse one.
#[must_use]
pub fn is_sold_elsewhere(document: &RawValue) -> bool {
    #[derive(Deserialize)]
    struct Sold<'a> {
        #[serde(borrow, default)]
        origin: Option<&'a RawValue>,
    }
    let origin = serde_json::from_str::<Sold<'_>>(document.get()).ok().and_then(|sold| sold.origin);
    let word = origin.and_then(|origin| serde_json::from_str::<String>(origin.get()).ok());
    word.is_some_and(|word| is_fulfillment(&word))
}

/// The time zone of the store in which an order was made, as VTEX calls it (a Windows name).
#[must_use]
pub fn time_zone(document: &RawValue) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Zoned {
        store_preferences_data: StorePreferences,
    }
    let zoned: Zoned = serde_json::from_str(document.get()).ok()?;
    zoned.store_preferences_data.time_zone
}

fn parse<'de, T: Deserialize<'de>>(document: &'de RawValue) -> Result<T, Unusable> {
    // Only an object: a struct could be read from an array, too.
    if !document.get().starts_with('{') {
        return Err(Unusable::field(""));
    }
    let mut deserializer = serde_json::Deserializer::from_str(document.get());
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let missing = missing_field(&error.inner().to_string());
        Unusable::field(match (path.as_str(), missing) {
            (".", None) => String::new(),
            (".", Some(name)) => name,
            (path, None) => path.to_owned(),
            (path, Some(name)) => format!("{path}.{name}"),
        })
    })
}

/// The name in serde's message about a missing field, whose path ends one step above it.
fn missing_field(message: &str) -> Option<String> {
    let name = message.strip_prefix("missing field `")?;
    name.split_once('`').map(|(name, _)| name.to_owned())
}

fn instant(text: &str, field: &'static str) -> Result<Instant, Unusable> {
    Instant::parse_rfc3339(text.trim()).map_err(|_| Unusable::Date { field })
}

/// The purchase that a part belongs to: named, or its id without the part's number.
fn group(named: Option<String>, order_id: &str) -> Result<OrderGroup, Unusable> {
    let named = named.filter(|text| !text.is_empty());
    let group = named.as_deref().unwrap_or_else(|| match order_id.rsplit_once('-') {
        Some((group, part)) if !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()) => {
            group
        }
        _ => order_id,
    });
    OrderGroup::parse(group).map_err(|_| Unusable::field("orderGroup"))
}

/// Minor units of VTEX's cents: it writes hundredths in every currency, also in one that has none
/// (5,000 CLP are 500000). What is left of a unit is rounded, half of one up.
pub(crate) fn amount(currency: &Currency, cents: i64) -> Option<i64> {
    let minor_units = match currency.digits() {
        0 => cents.checked_add(50)?.div_euclid(100),
        1 => cents.checked_add(5)?.div_euclid(10),
        digits => {
            let scale = 10_i64.checked_pow(u32::try_from(digits - 2).ok()?)?;
            cents.checked_mul(scale)?
        }
    };
    (cents >= 0 && minor_units <= AMOUNT_MAX).then_some(minor_units)
}

fn identities(
    profile: &ClientProfile,
    order_form_id: Option<&str>,
    phones: Phones<'_>,
) -> Result<Identities, Unusable> {
    let (user_id, phone) = (profile.user_profile_id.as_deref(), profile.phone.as_deref());
    Identities::named(user_id, phone, order_form_id, phones).map_err(|odd| {
        Unusable::field(match odd {
            OddIdentity::UserId => "clientProfileData.userProfileId",
            OddIdentity::OrderFormId => "orderFormId",
        })
    })
}

/// The items at the price that a unit was sold for: after discounts, as the order's value is.
pub(crate) fn items(items: Option<&RawValue>, currency: &Currency) -> ItemList {
    ItemList::read(items, |item| {
        let mut prices = [item.selling_price(), item.price()].into_iter().flatten();
        prices.find_map(|cents| amount(currency, cents))
    })
}

#[cfg(test)]
mod tests;
