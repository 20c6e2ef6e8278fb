//! Who a reminder went to and who ordered (R5), by every way in: placeholders are nobody, and a phone number
//! is one however it is written.

use serde_json::{Value, json};
use shared::domain::facts::event::Receipt;
use vtex_stand_in::documents::order_with;

use crate::store::hook::Hook;
use crate::store::told::{order, sent};
use crate::store::{NOW_SECS, Store, asked_settings, at};

/// The event with these identities alone.
fn of(mut event: Value, identities: &Value) -> Value {
    let data = event["data"].as_object_mut().unwrap();
    for field in ["userId", "phone", "orderFormId"] {
        let named = identities.get(field).cloned();
        data.insert(
            field.to_owned(),
            named.unwrap_or(if field == "orderFormId" { json!("") } else { Value::Null }),
        );
    }
    event
}

/// Sends a reminder that is delivered an hour before now.
async fn reminded(store: &Store, id: &str, identities: &Value) {
    let answer = store.event(&of(sent(id, NOW_SECS - 7_200), identities)).await;
    assert_eq!(answer.ok()["keptAside"], json!([]), "{identities}");
    let delivered = at(crate::store::NOW).minus(shared::domain::values::span::Span::hours(1));
    store.receipt(id, Receipt::Delivered, &delivered.to_string()).await;
}

/// What an order of now with these identities is: `assisted`, or `no-candidate`.
async fn verdict(store: &Store, group: &str, identities: &Value) -> String {
    let answer = store.event(&of(order(group, "01", NOW_SECS), identities)).await;
    assert_eq!(answer.ok()["keptAside"], json!([]), "{identities}");
    told(store, group).await
}

async fn told(store: &Store, group: &str) -> String {
    let answer = store.get(&format!("/orders/{group}")).await;
    answer.ok()["verdict"]["code"].as_str().unwrap().to_owned()
}

const PLACEHOLDERS: [&str; 9] = [
    "undefined",
    "null",
    "None",
    "NaN",
    "0",
    " ",
    "00000000-0000-0000-0000-000000000000",
    "+55*****345678",
    "+5500000000000",
];

#[tokio::test]
async fn strangers_with_one_placeholder_are_strangers() {
    let store = Store::open().await;
    for (number, placeholder) in PLACEHOLDERS.iter().enumerate() {
        // As a user id a number of zeros behind a calling code is somebody's, who knows.
        let user = if placeholder.starts_with("+55000") { "undefined" } else { placeholder };
        let named =
            json!({"userId": user, "phone": placeholder, "orderFormId": format!("a{number}")});
        reminded(&store, &format!("wamid.{number}"), &named).await;
        let named =
            json!({"userId": user, "phone": placeholder, "orderFormId": format!("b{number}")});
        let verdict = verdict(&store, &format!("o{number}"), &named).await;
        assert_eq!(verdict, "no-candidate", "{placeholder}");
    }
}

#[tokio::test]
async fn a_reminder_to_a_placeholder_alone_is_to_nobody() {
    let store = Store::open().await;
    for nobody in PLACEHOLDERS {
        let named = json!({"userId": "undefined", "phone": nobody, "orderFormId": "null"});
        let answer = store.event(&of(sent("wamid.1", NOW_SECS), &named)).await;
        let aside = &answer.ok()["keptAside"][0];
        assert_eq!(
            (&aside["code"], &aside["field"]),
            (&json!("invalid-field"), &json!("data.orderFormId"))
        );
    }
}

#[tokio::test]
async fn one_phone_is_one_shopper_however_it_is_written() {
    let store = Store::open().await;
    for (number, (reminder, order)) in [
        ("551187654321", "+5511987654321"),
        ("5511987654321", "(11) 98765-4321"),
        ("+55 11 8765-4322", "11987654322"),
        ("(11) 98765-4323", "011 8765-4323"),
        ("5491123456789", "+54 11 2345-6789"),
        ("5215512345678", "+52 55 1234 5678"),
        ("+1 202 555 0107", "12025550107"),
    ]
    .into_iter()
    .enumerate()
    {
        let (one, other) = (json!({"phone": reminder}), json!({"phone": order}));
        reminded(&store, &format!("wamid.{number}"), &one).await;
        assert_eq!(
            verdict(&store, &format!("o{number}"), &other).await,
            "assisted",
            "{reminder} {order}"
        );
    }
    reminded(&store, "wamid.landline", &json!({"phone": "(11) 3333-4444"})).await;
    let other = json!({"phone": "+55 11 93333-4444"});
    assert_eq!(verdict(&store, "landline", &other).await, "no-candidate");
}

/// Where a number says no country, it is the store's.
#[tokio::test]
async fn the_accounts_country_tells_whose_a_national_number_is() {
    let store = Store::open().await;
    for (number, (code, reminder)) in
        [("351", "+351 912 345 678"), ("57", "+57 312 3456789"), ("55", "+55 91 2345-6789")]
            .into_iter()
            .enumerate()
    {
        let mut settings = asked_settings();
        settings["countryCode"] = json!(code);
        assert_eq!(store.put("/account", settings).await.status, 200);
        let national = reminder.split_once(' ').unwrap().1;
        reminded(&store, &format!("wamid.{number}"), &json!({"phone": reminder})).await;
        // The settings of a minute ago are still used.
        store.pass(shared::domain::values::span::Span::seconds(61));
        let verdict = verdict(&store, &format!("o{number}"), &json!({"phone": national})).await;
        assert_eq!(verdict, "assisted", "{code} {national}");
    }
}

/// VTEX tells people as the store's own events do.
#[tokio::test]
async fn orders_of_vtex_name_the_same_people() {
    let hook = Hook::open().await;
    let store = &hook.store;
    reminded(store, "wamid.1", &json!({"phone": "551187654321", "userId": "undefined"})).await;
    for (number, (phone, user, expected)) in [
        ("+5511987654321", "null", "assisted"),
        ("(11) 98765-4321", "ana", "assisted"),
        ("+5511987654322", "undefined", "no-candidate"),
        ("+5511*****4321", " ", "no-candidate"),
    ]
    .into_iter()
    .enumerate()
    {
        let group = format!("vtex{number}");
        hook.change(order_with(json!({
            "orderGroup": group, "orderId": format!("{group}-01"), "orderFormId": "00000000000000000000000000000000",
            "creationDate": crate::store::NOW, "lastChange": crate::store::NOW,
            "clientProfileData": {"phone": phone, "userProfileId": user},
        })))
        .await
        .is_empty();
        assert_eq!(told(store, &group).await, expected, "{phone} {user}");
    }
}

/// A cart is its id in any notation. A capital without a lower case is taken as it is.
#[tokio::test]
async fn carts_of_any_letters_are_taken() {
    let store = Store::open().await;
    for (number, (reminder, order)) in
        [("\u{1d540}-1", "\u{1d540}1"), ("\u{3a3}-\u{3a3}", "\u{3c3}\u{3c3}"), ("ABC-1", "abc1")]
            .into_iter()
            .enumerate()
    {
        reminded(&store, &format!("wamid.{number}"), &json!({"orderFormId": reminder})).await;
        let verdict = verdict(&store, &format!("o{number}"), &json!({"orderFormId": order})).await;
        assert_eq!(verdict, "assisted", "{reminder} {order}");
    }
}
