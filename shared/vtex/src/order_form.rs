//! An order form's document: what is in a cart, and whose it is.
//!
//! Shapes: VTEX, *Checkout API: Get current cart*. Whatever is odd in it is none: a cart that can't be told
//! from an empty one is one.

use domain::values::campaign::Language;
use domain::values::item::ItemList;
use domain::values::money::{Currency, Money};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::order::loose::{self, Whole};
use crate::order::{amount, items};

/// What a document says. No `Debug`: it holds a phone number.
#[derive(Default)]
pub struct OrderFormDocument {
    /// The shopper's language.
    pub language: Option<Language>,
    /// What the cart is worth.
    pub worth: Option<Money>,
    /// The phone number as it stands there.
    pub phone: Option<String>,
    /// The shopper's first name.
    pub first_name: Option<String>,
    /// The store's id of the shopper.
    pub user_id: Option<String>,
    /// Whether the shopper agreed to messages of the store.
    pub opt_in: bool,
    /// What is in the cart.
    pub items: ItemList,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    #[serde(default, deserialize_with = "loose::text")]
    user_profile_id: Option<String>,
    #[serde(default)]
    value: Option<Whole>,
    #[serde(borrow, default)]
    client_profile_data: Option<&'a RawValue>,
    #[serde(borrow, default)]
    client_preferences_data: Option<&'a RawValue>,
    #[serde(borrow, default)]
    store_preferences_data: Option<&'a RawValue>,
    #[serde(borrow, default)]
    items: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Profile {
    #[serde(default, deserialize_with = "loose::text")]
    first_name: Option<String>,
    #[serde(default, deserialize_with = "loose::text")]
    phone: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Preferences {
    #[serde(default)]
    locale: Option<String>,
    #[serde(default)]
    opt_in_newsletter: Option<bool>,
    #[serde(default)]
    optin_news_letter: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StorePreferences {
    #[serde(default)]
    currency_code: Option<String>,
}

fn part<'a, T: Default + Deserialize<'a>>(part: Option<&'a RawValue>) -> T {
    part.and_then(|part| serde_json::from_str(part.get()).ok()).unwrap_or_default()
}

/// What a document says; none for what is no document.
#[must_use]
pub fn read(document: &RawValue) -> Option<OrderFormDocument> {
    if !document.get().starts_with('{') {
        return None;
    }
    let document: Document<'_> = serde_json::from_str(document.get()).ok()?;
    let profile: Profile = part(document.client_profile_data);
    let preferences: Preferences = part(document.client_preferences_data);
    let store: StorePreferences = part(document.store_preferences_data);
    let currency = store.currency_code.and_then(|code| Currency::parse(&code).ok());
    let worth = currency.as_ref().zip(document.value).and_then(|(currency, Whole(cents))| {
        let minor_units = amount(currency, cents)?;
        Some(Money { currency: currency.clone(), minor_units })
    });
    let opt_in = preferences.optin_news_letter.or(preferences.opt_in_newsletter);
    Some(OrderFormDocument {
        language: preferences.locale.as_deref().and_then(Language::of_meta),
        worth,
        phone: profile.phone,
        first_name: profile.first_name,
        user_id: document.user_profile_id,
        opt_in: opt_in.unwrap_or(false),
        items: currency.map_or_else(ItemList::default, |currency| items(document.items, &currency)),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use serde_json::{Value, json};

    fn read_value(document: &Value) -> Option<OrderFormDocument> {
        let raw = RawValue::from_string(document.to_string()).unwrap();
        read(&raw)
    }

    fn cart() -> Value {
        json!({
            "orderFormId": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
            "userProfileId": "shopper-7", "value": 11980,
            "clientProfileData": {"email": "ana@shop.example", "firstName": "Ana", "phone": "+5511985550107"},
            "clientPreferencesData": {"locale": "pt-BR", "optinNewsLetter": true},
            "storePreferencesData": {"currencyCode": "BRL"},
            "items": [{"id": "101", "name": "Cotton shirt", "quantity": 2, "price": 5990, "sellingPrice": 5990}],
        })
    }

    #[test]
    fn a_cart_says_what_is_in_it_and_whose_it_is() {
        let read = read_value(&cart()).unwrap();
        assert_eq!(read.language, Some(Language::PtBr));
        assert_eq!(read.worth.unwrap().minor_units, 11_980);
        assert_eq!(read.phone.as_deref(), Some("+5511985550107"));
        assert_eq!(
            (read.first_name.as_deref(), read.user_id.as_deref()),
            (Some("Ana"), Some("shopper-7"))
        );
        assert!(read.opt_in);
        assert_eq!(read.items.items().len(), 1);
    }

    #[test]
    fn what_a_guests_cart_leaves_out_is_none() {
        let guest = json!({"orderFormId": "0f", "userProfileId": null, "clientProfileData": null, "items": []});
        let read = read_value(&guest).unwrap();
        assert!(read.phone.is_none() && read.worth.is_none() && !read.opt_in);
        assert!(read.items.items().is_empty());
        assert!(read_value(&json!([])).is_none() && read_value(&json!(null)).is_none());
    }

    #[test]
    fn an_odd_part_spoils_no_other() {
        let mut odd = cart();
        odd["clientPreferencesData"] = json!("odd");
        odd["clientProfileData"]["firstName"] = json!({});
        let read = read_value(&odd).unwrap();
        assert_eq!((read.language, read.opt_in), (None, false));
        assert_eq!(read.worth.unwrap().minor_units, 11_980);
    }
}
