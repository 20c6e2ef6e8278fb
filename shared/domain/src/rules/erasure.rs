//! What an erasure puts in the place of a shopper's identities (LGPD art. 18).
//!
//! Each identity becomes one random value of its kind, the same wherever it stood. So facts that
//! shared an identity still share one: whoever was one shopper stays one, and two stay two (R4),
//! and a fact that names somebody else, too, still matches what it matched by them (R5). The
//! values are made of a seed that is forgotten when the erasure is done: nothing leads back.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::facts::order::{Named, Order, Part};
use crate::values::digest::{base64url, first, hex, hmac};
use crate::values::identity::{Identities, IdentitySets, OrderFormId, PhoneDigest, UserId};

/// The identities of a shopper and the seed of what takes their place. `Debug` leaves both out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mask {
    seed: String,
    erased: IdentitySets,
}

impl std::fmt::Debug for Mask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mask(…)")
    }
}

impl Mask {
    /// A mask of these identities, made of 128 random bits.
    #[must_use]
    pub fn new(erased: IdentitySets, seed: &[u8; 16]) -> Self {
        Self { seed: base64url(seed), erased }
    }

    /// The identities that it hides.
    #[must_use]
    pub const fn erased(&self) -> &IdentitySets {
        &self.erased
    }

    /// Whether a reminder names one of them.
    #[must_use]
    pub fn is_named_by(&self, named: &Identities) -> bool {
        self.erased.matches(named)
    }

    /// Whether an order names one of them.
    #[must_use]
    pub fn is_named_by_any(&self, named: &IdentitySets) -> bool {
        !self.erased.user_ids.is_disjoint(&named.user_ids)
            || !self.erased.phones.is_disjoint(&named.phones)
            || !self.erased.order_form_ids.is_disjoint(&named.order_form_ids)
    }

    /// A reminder's or a part's identities without the shopper's.
    #[must_use]
    pub fn identities(&self, named: &Identities) -> Identities {
        Identities {
            user_id: named.user_id.as_ref().map(|user| self.user(user)),
            phone: named.phone.as_ref().map(|phone| self.phone(phone)),
            order_form_id: named.order_form_id.as_ref().map(|cart| self.cart(cart)),
        }
    }

    /// An order without the shopper's identities.
    #[must_use]
    pub fn order(&self, order: &Order) -> Order {
        let parts = order.parts.iter().map(|(id, part)| {
            let identities = self.identities(&part.identities);
            (id.clone(), Part { identities, ..part.clone() })
        });
        let named = |sets: &IdentitySets| IdentitySets {
            user_ids: sets.user_ids.iter().map(|user| self.user(user)).collect::<BTreeSet<_>>(),
            phones: sets.phones.iter().map(|phone| self.phone(phone)).collect(),
            order_form_ids: sets.order_form_ids.iter().map(|cart| self.cart(cart)).collect(),
        };
        Order {
            parts: parts.collect(),
            identities: named(&order.identities),
            named_user: order
                .named_user
                .as_ref()
                .map(|named| Named { value: self.user(&named.value), ..named.clone() }),
            named_cart: order
                .named_cart
                .as_ref()
                .map(|named| Named { value: self.cart(&named.value), ..named.clone() }),
            ..order.clone()
        }
    }

    #[expect(clippy::expect_used, reason = "39 characters are a user id")]
    fn user(&self, user: &UserId) -> UserId {
        if !self.erased.user_ids.contains(user) {
            return user.clone();
        }
        let text = format!("erased-{}", hex(&first::<16>(&self.tag("user", user.as_str()))));
        UserId::parse(&text).expect("39 characters are a user id")
    }

    #[expect(clippy::expect_used, reason = "32 lower-case hex digits are a cart's id")]
    fn cart(&self, cart: &OrderFormId) -> OrderFormId {
        if !self.erased.order_form_ids.contains(cart) {
            return cart.clone();
        }
        let text = hex(&first::<16>(&self.tag("cart", cart.as_str())));
        OrderFormId::parse(&text).expect("32 lower-case hex digits are a cart's id")
    }

    #[expect(clippy::expect_used, reason = "32 bytes in base64url are a phone's digest")]
    fn phone(&self, phone: &PhoneDigest) -> PhoneDigest {
        if !self.erased.phones.contains(phone) {
            return phone.clone();
        }
        let text = base64url(&self.tag("phone", phone.as_str()));
        PhoneDigest::parse(&text).expect("32 bytes in base64url are a phone's digest")
    }

    fn tag(&self, kind: &str, value: &str) -> [u8; 32] {
        hmac(self.seed.as_bytes(), &[kind.as_bytes(), b"#", value.as_bytes()])
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn named(user: &str, cart: &str) -> Identities {
        Identities {
            user_id: UserId::optional(user).unwrap(),
            phone: None,
            order_form_id: OrderFormId::optional(cart).unwrap(),
        }
    }

    fn mask(seed: u8) -> Mask {
        let mut erased = IdentitySets::default();
        erased.add(&named("ana", "c1"));
        erased.add(&named("", "c2"));
        Mask::new(erased, &[seed; 16])
    }

    #[test]
    fn equal_ones_stay_equal_and_others_stay_apart() {
        let mask = mask(1);
        let hidden = mask.identities(&named("ana", "c1"));
        assert_eq!(hidden.user_id, mask.identities(&named("ana", "")).user_id);
        assert_ne!(hidden.order_form_id, mask.identities(&named("", "c2")).order_form_id);
        assert!(hidden.user_id.unwrap().as_str().starts_with("erased-"));
    }

    #[test]
    fn others_stay_as_they_are() {
        assert_eq!(mask(1).identities(&named("bia", "c3")), named("bia", "c3"));
        assert!(!mask(1).is_named_by(&named("bia", "c3")));
        assert!(mask(1).is_named_by(&named("bia", "c2")));
    }

    #[test]
    fn another_seed_makes_other_values() {
        assert_ne!(mask(1).identities(&named("ana", "")), mask(2).identities(&named("ana", "")));
        assert!(!format!("{:?}", mask(1)).contains("ana"));
    }
}
