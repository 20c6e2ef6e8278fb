//! Ids that are keyed digests: who reads the table learns nobody's number from them, and can't try all
//! numbers either.

use crate::values::identity::{OrderFormId, PhoneKey};
use crate::values::phone::Phone;
use crate::values::text::text_type;

const fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

fn is_keyed(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(is_base64url)
}

text_type!(
    /// Whom messages go to: a canonical phone number (R5), however it was written. It differs from the
    /// digest by which facts are matched, so that neither table of digests tells of the other.
    ContactId, "contact", "a keyed digest", is_keyed
);
text_type!(
    /// The cart of an order form.
    CartId, "cart", "a keyed digest", is_keyed
);
text_type!(
    /// Whom `WhatsApp` names by a user id of the business's own, without a phone number.
    BusinessUserId, "businessUser", "a keyed digest", is_keyed
);

impl PhoneKey {
    /// The contact of a number.
    #[must_use]
    pub fn contact(&self, phone: &Phone) -> ContactId {
        ContactId(self.digest_of(&format!("contact#{}", phone.digits())))
    }

    /// The cart of an order form.
    #[must_use]
    pub fn cart(&self, order_form_id: &OrderFormId) -> CartId {
        CartId(self.digest_of(&format!("cart#{order_form_id}")))
    }

    /// The digest of a business-scoped user id, as `WhatsApp` writes it.
    #[must_use]
    pub fn business_user(&self, user_id: &str) -> BusinessUserId {
        BusinessUserId(self.digest_of(&format!("bsuid#{user_id}")))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::values::phone::CountryCode;

    fn key() -> PhoneKey {
        PhoneKey::new("system-secret")
    }

    fn contact(text: &str) -> ContactId {
        let country = CountryCode::of_zone(chrono_tz::Tz::America__Sao_Paulo);
        key().contact(&Phone::parse(text, country).unwrap())
    }

    #[test]
    fn ninth_digit_variants_are_one_contact() {
        assert_eq!(contact("+55 11 5555-0107"), contact("551155550107"));
        assert_eq!(contact("+55 (11) 98555-0107"), contact("11 8555-0107"));
        assert_ne!(contact("+55 11 98555-0107"), contact("+55 11 98555-0108"));
    }

    #[test]
    fn one_value_has_another_digest_for_each_use() {
        let cart = OrderFormId::parse("551155550107").unwrap();
        let country = CountryCode::of_zone(chrono_tz::Tz::America__Sao_Paulo);
        let phone = Phone::parse("+551155550107", country).unwrap();
        let digests = [
            key().contact(&phone).to_string(),
            key().cart(&cart).to_string(),
            key().business_user("551155550107").to_string(),
            key().digest(&phone).to_string(),
        ];
        let mut distinct = digests.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), digests.len());
        assert!(ContactId::parse(&digests[0]).is_ok());
    }

    #[test]
    fn what_is_no_digest_is_no_id() {
        for text in
            ["", "5511985550107", &"a".repeat(42), &"a".repeat(44), &format!("{}#", "a".repeat(42))]
        {
            assert!(ContactId::parse(text).is_err(), "{text}");
        }
    }
}
