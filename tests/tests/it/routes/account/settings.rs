//! `GET` and `PUT /account` (R1).

use serde_json::{Value, json};
use shared::domain::values::limits::{
    MESSAGE_PRICES_PER_ACCOUNT, PHONE_NUMBERS_PER_ACCOUNT, REPORT_DOMAINS_PER_ACCOUNT,
};

use crate::store::{Store, asked_settings};

fn with(field: &str, value: Value) -> Value {
    let mut settings = asked_settings();
    settings[field] = value;
    settings
}

#[tokio::test]
async fn an_account_is_set_up_and_read() {
    let store = Store::unset().await;
    insta::assert_json_snapshot!("account_not_set_up", store.get("/account").await.shown());
    let full = json!({
        "timeZone": "America/Sao_Paulo", "language": "pt-BR",
        "phoneNumberIds": ["222", "111", "222"], "storeUrl": "https://shop.example/loja",
        "reportDomains": ["Store.example", "agency.example", "store.example"],
        "messagePrices": [{"currency": "USD", "price": "0.0625"}, {"currency": "BRL", "price": "0.35"}],
    });
    let created = store.put("/account", full.clone()).await;
    insta::assert_json_snapshot!("account_created", created.shown());
    let again = store.put("/account", full).await;
    assert_eq!((again.status, &again.body), (200, &created.body));
    assert_eq!(store.get("/account").await.body, created.body);
    // Settings are replaced as a whole.
    let replaced = store.put("/account", asked_settings()).await;
    insta::assert_json_snapshot!("account_replaced", replaced.shown());
}

#[tokio::test]
async fn a_bad_setting_is_named() {
    let store = Store::unset().await;
    for (field, value, named) in [
        ("timeZone", json!("America/Atlantis"), "timeZone"),
        ("timeZone", json!(""), "timeZone"),
        ("timeZone", json!(-3), "timeZone"),
        ("timeZone", Value::Null, "timeZone"),
        ("countryCode", json!("BR"), "countryCode"),
        ("countryCode", json!("999"), "countryCode"),
        ("countryCode", json!("+55"), "countryCode"),
        ("countryCode", json!(""), "countryCode"),
        ("countryCode", json!(55), "countryCode"),
        ("language", json!("pt"), "language"),
        ("phoneNumberIds", json!("111"), "phoneNumberIds"),
        ("phoneNumberIds", json!(["111", "+55"]), "phoneNumberIds[1]"),
        ("phoneNumberIds", json!([111]), "phoneNumberIds[0]"),
        ("storeUrl", json!("http://shop.example"), "storeUrl"),
        ("storeUrl", json!("https://ana@shop.example"), "storeUrl"),
        ("storeUrl", json!("shop.example"), "storeUrl"),
        ("reportDomains", json!([]), "reportDomains"),
        ("reportDomains", json!(["store"]), "reportDomains[0]"),
        ("reportDomains", json!(["a.example", "ana@store.example"]), "reportDomains[1]"),
        ("reportDomains", json!(["https://store.example"]), "reportDomains[0]"),
        ("reportDomains", json!(["*.example"]), "reportDomains[0]"),
        ("reportDomains", json!(["10.0.0.1"]), "reportDomains[0]"),
        ("reportDomains", json!(["gmail.com"]), "reportDomains[0]"),
        ("reportDomains", json!(["com.br"]), "reportDomains[0]"),
        ("reportDomains", json!(["loja.exämple"]), "reportDomains[0]"),
        ("messagePrices", json!({"BRL": "0.35"}), "messagePrices"),
        ("messagePrices", json!([{"currency": "R$", "price": "1"}]), "messagePrices[0].currency"),
        ("messagePrices", json!([{"currency": "BRL", "price": 1}]), "messagePrices[0].price"),
        ("messagePrices", json!([{"currency": "BRL", "price": "0"}]), "messagePrices[0].price"),
        ("messagePrices", json!([{"currency": "BRL", "price": "0.000"}]), "messagePrices[0].price"),
        ("messagePrices", json!([{"currency": "BRL", "price": "-1"}]), "messagePrices[0].price"),
        ("messagePrices", json!([{"currency": "BRL", "price": "0,35"}]), "messagePrices[0].price"),
        ("messagePrices", json!([{"currency": "BRL", "price": "1."}]), "messagePrices[0].price"),
        (
            "messagePrices",
            json!([{"currency": "BRL", "price": "0.0000001"}]),
            "messagePrices[0].price",
        ),
        (
            "messagePrices",
            json!([{"currency": "BRL", "price": "1000000"}]),
            "messagePrices[0].price",
        ),
        ("account", json!("other"), "account"),
    ] {
        let answer = store.put("/account", with(field, value.clone())).await;
        assert_eq!(answer.problem(), (422, "invalid-field", named), "{field} {value}: {answer:?}");
    }
    for field in ["timeZone", "language", "phoneNumberIds", "storeUrl"] {
        let mut body = asked_settings();
        body.as_object_mut().unwrap().remove(field);
        assert_eq!(store.put("/account", body).await.problem(), (422, "invalid-field", field));
    }
    let unknown = store.put("/account", with("timeZone", json!("America/Atlantis"))).await;
    insta::assert_json_snapshot!("unknown_zone", unknown.shown());
    // Nothing of all this made an account.
    assert_eq!(store.get("/account").await.status, 404);
}

/// R5: the country of phone numbers that name none; the zone tells it, or Brazil is taken.
#[tokio::test]
async fn a_country_code_is_the_zones_unless_it_is_told() {
    let store = Store::unset().await;
    for (zone, code) in [
        ("America/Sao_Paulo", "55"),
        ("America/Mexico_City", "52"),
        ("Europe/Lisbon", "351"),
        ("UTC", "55"),
    ] {
        let answer = store.put("/account", with("timeZone", json!(zone))).await;
        assert_eq!(answer.body["countryCode"], code, "{zone}");
    }
    let told = store.put("/account", with("countryCode", json!("54"))).await;
    assert_eq!((told.status, &told.body["countryCode"]), (200, &json!("54")));
    assert_eq!(store.get("/account").await.body["countryCode"], "54");
    // Settings are replaced as a whole, and null is nothing told.
    let replaced = store.put("/account", with("countryCode", Value::Null)).await;
    assert_eq!(replaced.body["countryCode"], "55");
}

#[tokio::test]
async fn no_list_of_domains_is_no_list() {
    let store = Store::unset().await;
    let answer = store.put("/account", with("reportDomains", Value::Null)).await;
    assert_eq!((answer.status, answer.body.get("reportDomains")), (201, None));
}

#[tokio::test]
async fn lists_are_limited_by_their_distinct_entries() {
    let store = Store::unset().await;
    let numbers = |n: usize| (0..n).map(|n| json!(n.to_string())).collect::<Vec<_>>();
    let domains = |n: usize| (0..n).map(|n| json!(format!("d{n}.example"))).collect::<Vec<_>>();
    for (field, most, entries) in [
        ("phoneNumberIds", PHONE_NUMBERS_PER_ACCOUNT, &numbers as &dyn Fn(usize) -> Vec<Value>),
        ("reportDomains", REPORT_DOMAINS_PER_ACCOUNT, &domains),
    ] {
        let mut at_the_limit = entries(most);
        at_the_limit.push(at_the_limit[0].clone());
        let answer = store.put("/account", with(field, at_the_limit.into())).await;
        assert!([200, 201].contains(&answer.status), "{field}: {answer:?}");
        assert_eq!(answer.body[field].as_array().unwrap().len(), most);
        let past = store.put("/account", with(field, entries(most + 1).into())).await;
        assert_eq!(past.problem(), (422, "invalid-field", field));
    }
}

#[tokio::test]
async fn a_phone_number_belongs_to_one_account() {
    let acme = Store::set_up().await;
    let other = acme.of("other");
    let numbers = |list: &[&str]| with("phoneNumberIds", json!(list));
    assert_eq!(acme.put("/account", numbers(&["111", "222"])).await.status, 200);
    let taken = other.put("/account", numbers(&["333", "222"])).await;
    insta::assert_json_snapshot!("phone_number_taken", taken.shown());
    // All or nothing: the account wasn't made, and the free number is still free.
    assert_eq!(other.get("/account").await.status, 404);
    assert_eq!(acme.put("/account", numbers(&["111", "333"])).await.status, 200);
    // What was given up is free.
    assert_eq!(other.put("/account", numbers(&["222"])).await.status, 201);
}

/// R1: the days of its reminders were cut in it.
#[tokio::test]
async fn a_time_zone_is_fixed_once_there_is_a_reminder() {
    let store = Store::set_up().await;
    let moved = with("timeZone", json!("America/Santiago"));
    assert_eq!(store.put("/account", moved.clone()).await.body["timeZone"], "America/Santiago");
    let zone = chrono_tz::America::Santiago;
    assert!(store.table.account_fix_time_zone(&store.account, zone).await.unwrap());
    assert_eq!(store.get("/account").await.body["timeZoneFixed"], true);
    let refused = store.put("/account", asked_settings()).await;
    insta::assert_json_snapshot!("time_zone_fixed", refused.shown());
    assert_eq!(store.get("/account").await.body["timeZone"], "America/Santiago");
    // Everything else can still change.
    let mut other = moved;
    other["language"] = json!("es");
    let answer = store.put("/account", other).await;
    assert_eq!((answer.status, &answer.body["language"]), (200, &json!("es")));
    assert_eq!(answer.body["timeZoneFixed"], true);
}

#[tokio::test]
async fn a_body_is_json_of_a_sane_size() {
    let store = Store::unset().await;
    let put = async |content_type: &str, body: String| {
        store.send("PUT", "/account", &[("content-type", content_type)], Some(body)).await
    };
    let text = asked_settings().to_string();
    let json = async |body: String| store.send("PUT", "/account", &[], Some(body)).await;
    assert_eq!(json("{".to_owned()).await.problem(), (400, "malformed-json", ""));
    assert_eq!(json(text.replace('}', " }")).await.status, 201);
    let padded = |bytes: usize| format!("{text}{}", " ".repeat(bytes - text.len()));
    assert_eq!(json(padded(64 * 1024)).await.status, 200);
    assert_eq!(json(padded(64 * 1024 + 1)).await.problem(), (413, "payload-too-large", ""));
    assert_eq!(
        put("text/plain", text).await.problem(),
        (415, "unsupported-media-type", "Content-Type")
    );
}

/// A price of a message for each currency, and no two of one.
#[tokio::test]
async fn message_prices_are_one_for_each_of_20_currencies() {
    let store = Store::unset().await;
    let codes = [
        "ARS", "AUD", "BOB", "BRL", "CAD", "CHF", "CLP", "COP", "CRC", "EUR", "GBP", "GTQ", "JPY",
        "MXN", "PEN", "PLN", "PYG", "RON", "USD", "UYU", "ZAR",
    ];
    let price = |code: &&str| json!({"currency": code, "price": "999999.000001"});
    let prices: Vec<Value> = codes.iter().map(price).collect();
    let most = &prices[..MESSAGE_PRICES_PER_ACCOUNT];
    let answer = store.put("/account", with("messagePrices", json!(most))).await;
    assert_eq!((answer.status, &answer.body["messagePrices"]), (201, &json!(most)));
    let past = store.put("/account", with("messagePrices", json!(prices))).await;
    assert_eq!(past.problem(), (422, "invalid-field", "messagePrices"));
    let twice = json!([{"currency": "BRL", "price": "0.1"}, {"currency": "BRL", "price": "0.2"}]);
    let twice = store.put("/account", with("messagePrices", twice)).await;
    assert_eq!(twice.problem(), (422, "invalid-field", "messagePrices"));
}
