//! An order form's id as its store writes it.

use crate::values::identity::OrderFormId;
use crate::values::limits;
use crate::values::text::text_type;

/// What stands for an order form that was erased.
const ERASED: &str = "erased";

text_type!(
    /// An order form's id as its store writes it, fit for an address. Matching goes by [`OrderForm::id`].
    OrderForm, "orderFormId", "1-100 letters, digits or -",
    |t| (1..=limits::IDENTITY_CHARS).contains(&t.len())
        && t.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !t.bytes().all(|b| b == b'-')
);

impl OrderForm {
    /// What stands for one that was erased. It leads to no cart of a store.
    #[must_use]
    pub fn erased() -> Self {
        Self(ERASED.to_owned())
    }

    /// Whether it was erased.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        self.as_str() == ERASED
    }

    /// The id by which it is matched (R5): lower case, without dashes.
    #[must_use]
    #[expect(clippy::expect_used, reason = "letters and digits are an order form's id")]
    pub fn id(&self) -> OrderFormId {
        let normal = self.as_str().replace('-', "").to_ascii_lowercase();
        OrderFormId::parse(&normal).expect("letters and digits are an order form's id")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn an_order_form_has_one_id_however_it_is_written() {
        let ids = ["0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", "0F1E2D3C4B5A69788796A5B4C3D2E1F0"]
            .map(|text| OrderForm::parse(text).unwrap().id().to_string());
        assert_eq!(ids, ["0f1e2d3c4b5a69788796a5b4c3d2e1f0"; 2]);
    }

    #[test]
    fn what_no_address_can_hold_is_none() {
        let (longest, longer) =
            ("a".repeat(limits::IDENTITY_CHARS), "a".repeat(limits::IDENTITY_CHARS + 1));
        assert!(OrderForm::parse(&longest).is_ok() && OrderForm::parse(&longer).is_err());
        for text in ["", "-", "---", "a/b", "..", "a#b", "a%b", "ação", "a b"] {
            assert!(OrderForm::parse(text).is_err(), "{text}");
        }
    }
}
