#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;

#[test]
fn an_account_is_a_vtex_account_name() {
    for name in ["a", "store-1", &"x".repeat(50)] {
        assert!(Account::parse(name).is_ok(), "{name}");
    }
    for name in ["", &"x".repeat(51), "Store", "a_b", "a#b", "a/b", "a b", "\u{e3}"] {
        assert!(Account::parse(name).is_err(), "{name}");
    }
}

#[test]
fn a_store_address_is_plain_https() {
    for url in ["https://store.example", "https://store.example:8443/pt/", "HTTPS://Store.Example"]
    {
        assert!(StoreUrl::parse(url).is_ok(), "{url}");
    }
    for url in [
        "",
        "store.example",
        "//store.example",
        "http://store.example",
        "https://",
        "https://ana@store.example",
        "https://:pw@store.example",
        "https://store.example?a=1",
        "https://store.example#a",
        "javascript:alert(1)",
    ] {
        assert!(StoreUrl::parse(url).is_err(), "{url}");
    }
    let of_length = |length: usize| format!("https://store.example/{}", "p".repeat(length - 22));
    assert!(StoreUrl::parse(&of_length(500)).is_ok());
    assert!(StoreUrl::parse(&of_length(501)).is_err());
}

#[test]
fn a_link_leads_into_the_store() {
    let store = StoreUrl::parse("https://store.example").unwrap();
    for (target, normal) in [
        ("https://store.example", "https://store.example/"),
        (
            "https://store.example/checkout?orderFormId=1#/cart",
            "https://store.example/checkout?orderFormId=1#/cart",
        ),
        ("https://STORE.example:443/a b", "https://store.example/a%20b"),
        ("https://store.example//evil.example", "https://store.example//evil.example"),
        // What browsers do with backslashes happens here, before the check.
        ("https:\\\\store.example\\@evil.example", "https://store.example/@evil.example"),
        ("\thttps://store.example/ ", "https://store.example/"),
    ] {
        assert_eq!(store.target(target).as_deref(), Ok(normal), "{target}");
    }
}

#[test]
fn a_link_leads_nowhere_else() {
    let store = StoreUrl::parse("https://store.example").unwrap();
    for target in [
        "",
        "/cart",
        "//evil.example",
        "//store.example/cart",
        "\\\\evil.example",
        "https:///evil.example",
        "https:\\\\evil.example\\store.example",
        "https://evil.example",
        "https://store.example@evil.example",
        "https://store.example:pw@evil.example",
        "https://evil.example/https://store.example",
        "https://evil.example\\@store.example",
        "https://evil.example#@store.example",
        "https://evil.example?@store.example",
        "https://store.example.evil.example",
        "https://evilstore.example",
        "https://a.store.example",
        "https://store.example.",
        "https://store.example:8443",
        "https://store.example:80",
        "https://ana@store.example",
        "https://:pw@store.example",
        "http://store.example",
        "ht\ntp://store.example",
        "ftp://store.example",
        "blob:https://store.example/1",
        "filesystem:https://store.example/1",
        "view-source:https://store.example/",
        "javascript://store.example/%0aalert(1)",
        "data:text/html,https://store.example",
        "https://xn--stre-0ra.example",
        "https://st\u{f6}re.example",
        "https://store%2eexample.evil.example",
        "https://[::1]",
    ] {
        assert!(store.target(target).is_err(), "{target}");
    }
    let other_port = StoreUrl::parse("https://store.example:8443").unwrap();
    assert!(other_port.target("https://store.example:8443/a").is_ok());
    assert!(other_port.target("https://store.example/a").is_err());
}

#[test]
fn a_link_has_2000_characters_at_most() {
    let store = StoreUrl::parse("https://store.example").unwrap();
    let of_length = |length: usize| format!("https://store.example/{}", "p".repeat(length - 22));
    assert!(store.target(&of_length(2_000)).is_ok());
    assert!(store.target(&of_length(2_001)).is_err());
}

#[test]
fn settings_are_stored_and_read_as_they_are() {
    let settings = AccountSettings {
        time_zone: Tz::America__Sao_Paulo,
        country_code: None,
        language: Language::PtBr,
        phone_number_ids: vec![PhoneNumberId::parse("1").unwrap()],
        store_url: StoreUrl::parse("https://store.example").unwrap(),
        report_domains: None,
        message_prices: std::collections::BTreeMap::new(),
    };
    let json = serde_json::to_string(&settings).unwrap();
    assert!(json.contains(r#""timeZone":"America/Sao_Paulo""#), "{json}");
    assert_eq!(serde_json::from_str::<AccountSettings>(&json).unwrap(), settings);
}
