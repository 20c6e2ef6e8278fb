#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use crate::samples::identities;

#[test]
fn r5_carts_match_in_every_notation() {
    let cart = |text: &str| OrderFormId::optional(text).unwrap().map(|cart| cart.to_string());
    let plain = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
    for text in
        [plain, "0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0", "-0f1e2d3c4b5a69788796a5b4c3d2e1f0-"]
    {
        assert_eq!(cart(text).as_deref(), Some(plain));
    }
    assert_eq!((cart(""), cart("-"), cart("----")), (None, None, None));
    assert!(OrderFormId::optional(&("c".repeat(100) + "--")).is_ok());
    assert!(OrderFormId::optional(&"c".repeat(101)).is_err());
    // Some capitals have no small letter.
    assert_eq!(cart("\u{1d540}").as_deref(), Some("\u{1d540}"));
    // Only the normal form can be built at all.
    assert!(OrderFormId::parse("A").is_err() && OrderFormId::parse("a-b").is_err());
}

#[test]
fn r5_users_match_by_exact_bytes() {
    let user = |text: &str| UserId::optional(text).unwrap();
    assert_eq!(user(""), None);
    for (one, other) in [("ana", "Ana"), ("ana", " ana"), ("\u{e9}", "e\u{301}")] {
        assert_ne!(user(one), user(other));
    }
    assert!(UserId::optional(&"\u{f1}".repeat(100)).is_ok());
    assert_eq!(user(&"u".repeat(101)), None);
    assert!(UserId::parse(&"u".repeat(101)).is_err());
}

#[test]
fn r5_phones_match_by_digits_at_least_8() {
    let digest = |text: &str| Phone::digits_of(text).map(|p| PhoneKey::new("secret").digest(&p));
    // The keyed digest as another implementation computes it: stored data depends on it.
    let expected = Some("8CiwDatgyuSXj-wsAvHdk1Kuj0PCYYwkWhWTTqBGuHs".to_owned());
    for text in ["5561999990001", "+55 61 99999-0001", "+55 (61) 9.9999.0001", "tel:5561999990001"]
    {
        assert_eq!(digest(text).map(String::from), expected, "{text}");
    }
    assert!(digest("4002-8922").is_some());
    for text in ["", "+", "400-2892", "\u{664}\u{660}\u{660}\u{662}\u{668}\u{669}\u{662}\u{662}"] {
        assert_eq!(digest(text), None, "{text}");
    }
    let other = PhoneKey::new("other").digest(&Phone::digits_of("5561999990001").unwrap());
    assert_ne!(Some(String::from(other)), expected);
}

#[test]
fn phones_and_their_key_stay_out_of_logs() {
    let phone = Phone::digits_of("5561999990001").unwrap();
    assert_eq!(format!("{phone:?}"), "Phone(\u{2026})");
    assert_eq!(format!("{:?}", PhoneKey::new("secret")), "PhoneKey(\u{2026})");
}

#[test]
fn r5_one_common_identity_is_enough() {
    let mut order = IdentitySets::default();
    order.add(&identities("ana", "", "c1"));
    order.add(&identities("", "5561999990001", "c2"));
    for reminder in [
        identities("ana", "", ""),
        identities("", "+55 61 99999 0001", ""),
        identities("", "", "C-1"),
        identities("bea", "4002-8922", "c2"),
    ] {
        assert!(order.matches(&reminder), "{reminder:?}");
    }
    for reminder in
        [identities("", "", ""), identities("c1", "", ""), identities("bea", "4002-8922", "ana")]
    {
        assert!(!order.matches(&reminder), "{reminder:?}");
    }
    assert!(!IdentitySets::default().matches(&identities("", "", "")));
}

#[test]
fn identity_sets_keep_the_smallest_of_each_kind() {
    let mut order = IdentitySets::default();
    for named in
        [identities("cleo", "", "c1"), identities("ana", "", "c2"), identities("bea", "", "")]
    {
        order.add(&named);
    }
    assert_eq!(order.missing(&identities("cleo", "", "c1")), None);
    order.keep_smallest(2);
    assert_eq!(order.missing(&identities("ana", "", "c2")), None);
    assert_eq!(order.missing(&identities("cleo", "", "c1")), Some("userId"));
    order.keep_smallest(1);
    assert_eq!(order.missing(&identities("bea", "4002-8922", "")), Some("userId"));
    assert_eq!(order.missing(&identities("ana", "4002-8922", "c2")), Some("phone"));
    assert_eq!(order.missing(&identities("ana", "", "c2")), Some("orderFormId"));
    assert_eq!(order.missing(&identities("", "", "")), None);
}

#[test]
fn a_shopper_is_the_user_else_the_phone_else_the_cart() {
    let shopper = |user, phone, cart| identities(user, phone, cart).shopper();
    let (phone, other) = ("5561999990001", "5561999990002");
    assert_eq!(shopper("ana", phone, "c").unwrap().as_str(), "SUPQruZyVoHRogL_ya3tAQ");
    assert_eq!(shopper("ana", phone, "c"), shopper("ana", other, "d"));
    assert_eq!(shopper("", phone, "c"), shopper("", "+55 61 99999-0001", "d"));
    assert_eq!(shopper("", "", "c"), shopper("", "400", "C"));
    // The same text as user and as cart is two shoppers.
    assert_ne!(shopper("c", "", ""), shopper("", "", "c"));
    assert_eq!(shopper("", "", ""), None);
    assert!(identities("", "400", "-").is_empty());
}

#[test]
fn r4_reminders_that_name_nobody_went_to_one_shopper_each() {
    let unnamed = |id| Shopper::unnamed(&ReminderId::parse(id).unwrap());
    assert_eq!(unnamed("r1"), unnamed("r1"));
    assert_ne!(unnamed("r1"), unnamed("r2"));
    assert_ne!(Some(unnamed("r1")), identities("r1", "", "").shopper());
}
