//! What is in a cart: as its store tells it now, completed by what the store's backend told of it.

use domain::facts::decision::Reason;
use domain::rules::gate::{Contents, Form};
use domain::values::campaign::Language;
use domain::values::identity::{Identities, PhoneKey, UserId};
use domain::values::item::{Item, ItemList};
use domain::values::keyed_id::CartId;
use domain::values::money::{Currency, Money};
use domain::values::phone::{CountryCode, Phone};
use serde::Deserialize;
use store::StoreError;
use store::carts::CartRecord;
use store::carts::data::{CartField, CartSaid};
use telemetry::{Counter, count};
use vtex::order_form;
use vtex::{Stores, VtexError};

use crate::Judging;
use crate::account::Known;

/// What is known of a cart's contents and of its shopper. No `Debug`: it holds a phone number.
pub struct CartForm {
    /// As the gate judges it.
    pub gate: Form,
    /// The number that the message would go to.
    pub phone: Option<Phone>,
    /// The shopper's first name.
    pub first_name: Option<String>,
    /// The store's id of the shopper.
    pub user_id: Option<String>,
    /// What is in it.
    pub items: ItemList,
    /// Where the message's link leads, where the store's backend says so.
    pub url: Option<String>,
}

impl CartForm {
    fn unknown(gate: Form) -> Self {
        Self {
            gate,
            phone: None,
            first_name: None,
            user_id: None,
            items: ItemList::default(),
            url: None,
        }
    }

    /// Whom the cart's reminder names (R5).
    #[must_use]
    pub fn identities(&self, phone_key: &PhoneKey, record: &CartRecord) -> Identities {
        Identities {
            user_id: self.user_id.as_deref().and_then(|id| UserId::optional(id).ok().flatten()),
            phone: self.phone.as_ref().map(|phone| phone_key.digest(phone)),
            order_form_id: Some(record.order_form.id()),
        }
    }
}

/// Reads what is in a cart. A store that doesn't answer, or refuses its keys, may do so later.
pub(crate) async fn read<S: Stores>(
    judging: &Judging<'_, S>,
    known: &Known,
    (id, record): (&CartId, &CartRecord),
) -> Result<CartForm, StoreError> {
    let account = &known.account;
    let said = judging.table.cart_said(account, id, judging.sealing, judging.clock.now()).await?;
    let country = known.record.settings.country();
    let Some(keys) = &known.vtex else {
        // A store without a connection tells its carts by its backend, or not at all.
        return Ok(if said.is_empty() {
            CartForm::unknown(Form::Unreachable)
        } else {
            complete(order_form::OrderFormDocument::default(), &said, country, false)
        });
    };
    let told = judging.stores.order_form(account, keys, &record.order_form).await;
    let told = match told {
        Ok(document) => order_form::read(&document),
        // An id that VTEX calls none is no cart of the store's either.
        Err(VtexError::NotFound { .. } | VtexError::Refused { .. }) => {
            known.carts_read.note(true);
            return Ok(CartForm::unknown(Form::Gone));
        }
        Err(error) => {
            let counter = match &error {
                VtexError::KeysRefused { .. } => Counter::VtexKeysRefused,
                _ => Counter::VtexUnavailable,
            };
            count(counter, 1);
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, %account, "an order form could not be read");
            None
        }
    };
    Ok(match told {
        Some(document) => {
            known.carts_read.note(false);
            complete(document, &said, country, true)
        }
        None => CartForm::unknown(Form::Unreachable),
    })
}

/// What a store's backend says of consent.
#[derive(Deserialize)]
struct Consent {
    granted: bool,
}

/// The store's document, completed by what its backend said. Where the document is what VTEX told (`by_store`), it
/// alone says what is in the cart and what that is worth; the backend completes who the shopper is, their language
/// and where the link leads.
fn complete(
    document: order_form::OrderFormDocument,
    said: &CartSaid,
    country: CountryCode,
    by_store: bool,
) -> CartForm {
    let text = |field: CartField| said.get(field);
    let parsed_items = || -> Option<ItemList> {
        let items: Vec<Item> = serde_json::from_str(text(CartField::Items)?).ok()?;
        Some(ItemList::new(items))
    };
    let items = if by_store { document.items } else { parsed_items().unwrap_or_default() };
    let worth_said = || {
        let currency = Currency::parse(text(CartField::Currency)?).ok()?;
        Some(Money { currency, minor_units: text(CartField::Value)?.parse().ok()? })
    };
    // A backend may tell a cart's worth and not its items.
    let is_empty = items.items().is_empty() && (by_store || text(CartField::Value).is_none());
    let language = text(CartField::Language).and_then(Language::of_meta);
    let consent = text(CartField::Consent)
        .and_then(|consent| serde_json::from_str::<Consent>(consent).ok())
        .map_or(document.opt_in, |consent| consent.granted);
    let phone_text = document.phone.as_deref().filter(|text| !text.trim().is_empty());
    let phone = number(phone_text.or_else(|| text(CartField::Phone)), country);
    let contents = Contents {
        is_empty,
        language: document.language.or(language),
        worth: if by_store { document.worth } else { worth_said() },
        phone: phone.as_ref().map(|_| ()).map_err(|reason| *reason),
        consent,
    };
    let owned = |field: CartField| text(field).map(str::to_owned);
    CartForm {
        gate: Form::Known(contents),
        phone: phone.ok(),
        first_name: document.first_name.or_else(|| owned(CartField::FirstName)),
        user_id: document.user_id.or_else(|| owned(CartField::UserId)),
        items,
        url: owned(CartField::Url),
    }
}

/// R15: the number that a text is, or why none can be written to.
fn number(text: Option<&str>, country: CountryCode) -> Result<Phone, Reason> {
    let text = text.filter(|text| !text.trim().is_empty()).ok_or(Reason::NoPhone)?;
    if text.contains('*') {
        return Err(Reason::PhoneMasked);
    }
    let phone = Phone::parse(text, country).ok_or(Reason::PhoneInvalid)?;
    if phone.is_of_united_states() { Err(Reason::CountryUnsupported) } else { Ok(phone) }
}

/// Whose orders count as the shopper's.
pub(crate) fn person(form: &CartForm, phone_key: &PhoneKey, record: &CartRecord) -> Identities {
    Identities { order_form_id: None, ..form.identities(phone_key, record) }
}

/// Spreads carts: a number that stays with the cart.
pub(crate) fn spread(id: &CartId) -> u64 {
    id.as_str().bytes().fold(0, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)))
}
