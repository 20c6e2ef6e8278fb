//! Whether a body that was kept aside names a shopper. It is as it came: a phone in any notation,
//! a cart with dashes, anywhere in it.

use serde_json::Value;
use shared::domain::rules::erasure::Mask;
use shared::domain::values::identity::{OrderFormId, PhoneKey, Phones};
use shared::domain::values::ids::ReminderId;
use shared::store::erasure::Pointed;

/// What names a shopper.
pub(super) struct Naming<'a> {
    mask: &'a Mask,
    key: &'a PhoneKey,
    phones: Phones<'a>,
    facts: &'a Pointed,
}

impl<'a> Naming<'a> {
    pub(super) const fn new(
        mask: &'a Mask,
        (key, phones): (&'a PhoneKey, Phones<'a>),
        facts: &'a Pointed,
    ) -> Self {
        Self { mask, key, phones, facts }
    }

    /// Whether a body names one of the shopper's identities or facts.
    pub(super) fn names_shopper(&self, body: &str) -> bool {
        any_text(body, &|text| self.is_identity(text) || self.is_fact(text))
    }

    fn is_fact(&self, text: &str) -> bool {
        ReminderId::parse(text).is_ok_and(|id| self.facts.reminders.contains(&id.digest(self.key)))
            || self.facts.orders.iter().any(|group| group.as_str() == text)
    }

    fn is_identity(&self, text: &str) -> bool {
        let erased = self.mask.erased();
        let cart = OrderFormId::optional(text).ok().flatten();
        let phone = self.phones.digest(text);
        erased.user_ids.iter().any(|user| user.as_str() == text)
            || cart.is_some_and(|cart| erased.order_form_ids.contains(&cart))
            || phone.is_some_and(|phone| erased.phones.contains(&phone))
            // A record's images hold digests.
            || erased.phones.iter().any(|phone| phone.as_str() == text)
    }
}

/// Whether a predicate holds for any text, number or key of a JSON body.
fn any_text(body: &str, holds: &dyn Fn(&str) -> bool) -> bool {
    fn walk(value: &Value, holds: &dyn Fn(&str) -> bool) -> bool {
        match value {
            Value::String(text) => holds(text),
            Value::Number(number) => holds(&number.to_string()),
            Value::Array(list) => list.iter().any(|value| walk(value, holds)),
            Value::Object(members) => {
                members.iter().any(|(name, value)| holds(name) || walk(value, holds))
            }
            Value::Bool(_) | Value::Null => false,
        }
    }
    serde_json::from_str(body).is_ok_and(|body| walk(&body, holds))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use shared::domain::values::identity::{Identities, IdentitySets};
    use shared::domain::values::ids::OrderGroup;
    use shared::domain::values::phone::CountryCode;

    use super::*;

    #[test]
    fn every_notation_names_the_shopper() {
        let key = PhoneKey::new("key");
        let phones = key.in_country(CountryCode::BRAZIL);
        let (user, phone, cart) = (Some("ana"), Some("5561999990001"), Some("0f1e-2d3c"));
        let mut erased = IdentitySets::default();
        erased.add(&Identities::named(user, phone, cart, phones).unwrap());
        let mask = Mask::new(erased, &[1; 16]);
        let mut facts = Pointed::default();
        facts.reminders.insert(ReminderId::parse("wamid.1").unwrap().digest(&key));
        facts.orders.insert(OrderGroup::parse("1172").unwrap());
        let naming = Naming::new(&mask, (&key, phones), &facts);
        for body in [
            r#"{"item":{"data":{"userId":"ana"}}}"#,
            r#"{"item":{"data":{"phone":"+55 (61) 99999-0001"}}}"#,
            r#"{"item":{"from":5561999990001}}"#,
            r#"{"item":[["0F1E2D3C"]]}"#,
            r#"{"item":{"context":{"id":"wamid.1"}}}"#,
            r#"{"item":{"orderGroup":"1172"}}"#,
        ] {
            assert!(naming.names_shopper(body), "{body}");
        }
        for body in [r#"{"item":{"userId":"anabel","phone":"999990001"}}"#, "null", "no JSON: ana"]
        {
            assert!(!naming.names_shopper(body), "{body}");
        }
    }
}
