#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use crate::samples::{digest, identities};

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
    // Some capitals have no small letter, and one has two letters for it.
    for capital in ["\u{1d540}", "\u{1d54f}-\u{2102}"] {
        assert_eq!(cart(capital), Some(capital.replace('-', "")));
    }
    assert_eq!(cart("\u{130}").as_deref(), Some("i\u{307}"));
    // A dash ends no word: a sigma's lower case would depend on it.
    assert_eq!(cart("\u{3a3}\u{3a3}-A"), cart("\u{3a3}\u{3a3}A"));
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

/// By whatever way they come, placeholders are nobody: else strangers would be one shopper.
#[test]
fn r5_placeholders_name_nobody() {
    for nobody in [
        "",
        " ",
        "\t\r\n",
        "\u{a0}\u{2003}",
        "\u{200b}\u{feff}",
        "\u{0}",
        "null",
        "NULL",
        " null ",
        "undefined",
        "Undefined",
        "none",
        "None",
        "nan",
        "NaN",
        "0",
        "000000",
        "-",
        "00000000-0000-0000-0000-000000000000",
        "00000000000000000000000000000000",
        "{00000000-0000-0000-0000-000000000000}",
        "*",
        "********",
        "a***@shop.example",
        "+55*****345678",
        "+55119999****01",
    ] {
        assert!(identities(nobody, nobody, nobody).is_empty(), "{nobody:?}");
    }
    // What only resembles one is somebody.
    for somebody in [
        "nulls",
        "0a",
        "1",
        "00000000-0000-0000-0000-000000000001",
        "non",
        "anna",
        "undefined@shop.example",
        " a ",
    ] {
        assert!(UserId::optional(somebody).unwrap().is_some(), "{somebody:?}");
        assert!(OrderFormId::optional(somebody).unwrap().is_some(), "{somebody:?}");
    }
    assert_ne!(UserId::optional(" a ").unwrap(), UserId::optional("a").unwrap());
}

#[test]
fn a_cart_that_is_too_long_is_named_and_a_user_id_left_out() {
    let key = PhoneKey::new("secret");
    let phones = key.in_country(CountryCode::BRAZIL);
    let named = |user: &str, cart: &str| {
        Identities::named(Some(user), Some("+5561999990001"), Some(cart), phones)
    };
    let long = "u".repeat(101);
    assert_eq!(named(&long, ""), Ok(identities("", "+5561999990001", "")));
    assert_eq!(named("", &long), Err(OddIdentity::OrderFormId));
    assert_eq!(named("ana", "c"), Ok(identities("ana", "+5561999990001", "c")));
    assert_eq!(Identities::named(None, None, None, phones), Ok(Identities::default()));
}

#[test]
fn a_phone_is_kept_as_its_keyed_digest() {
    let digest = |text: &str| PhoneKey::new("secret").in_country(CountryCode::BRAZIL).digest(text);
    // The keyed digest as another implementation computes it: stored data depends on it.
    let expected = Some("8CiwDatgyuSXj-wsAvHdk1Kuj0PCYYwkWhWTTqBGuHs".to_owned());
    for text in ["5561999990001", "+55 61 99999-0001", "(61) 9999-0001", "tel:5561999990001"] {
        assert_eq!(digest(text).map(String::from), expected, "{text}");
    }
    assert_eq!(digest("400-2892"), None);
    let other = PhoneKey::new("other").in_country(CountryCode::BRAZIL).digest("5561999990001");
    assert_ne!(other.map(String::from), expected);
}

#[test]
fn the_key_stays_out_of_logs() {
    let key = PhoneKey::new("secret");
    assert_eq!(format!("{key:?}"), "PhoneKey(\u{2026})");
    assert!(!format!("{:?}", key.in_country(CountryCode::BRAZIL)).contains("secret"));
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
    let unnamed = |id| Shopper::unnamed(&digest(id));
    assert_eq!(unnamed("r1"), unnamed("r1"));
    assert_ne!(unnamed("r1"), unnamed("r2"));
    assert_ne!(Some(unnamed("r1")), identities("r1", "", "").shopper());
}
