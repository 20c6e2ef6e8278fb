#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use domain::values::item::Item;
use serde_json::{Value, json, value::to_raw_value};

use super::*;

/// A document with all that is read of it, and some of what isn't.
fn document() -> Value {
    json!({
        "orderId": "1172452900788-01",
        "sequence": "502556",
        "origin": "Marketplace",
        "status": "payment-approved",
        "statusDescription": "Pagamento Aprovado",
        "value": 19990,
        "creationDate": "2026-11-01T12:00:00.1234567+00:00",
        "lastChange": "2026-11-01T12:05:30.7654321+00:00",
        "orderGroup": "1172452900788",
        "totals": [{"id": "Items", "value": 18990}, {"id": "Shipping", "value": 1000}],
        "items": [
            {"uniqueId": "A1", "id": "287611", "productId": "5837", "name": "Camiseta", "quantity": 2,
             "listPrice": 10500, "price": 10000, "sellingPrice": 9495},
        ],
        "clientProfileData": {
            "email": "4d1f9a-123@ct.vtex.com.br", "firstName": "Ana", "document": "21133355524",
            "phone": "+5561999990001", "userProfileId": "rubens@loja"},
        "isCompleted": true,
        "orderFormId": "0A5BE4B4B1F14E6DB4C4D1D3C2B1A099",
        "storePreferencesData": {
            "countryCode": "BRA", "currencyCode": "BRL", "timeZone": "E. South America Standard Time"},
    })
}

fn changed(change: impl FnOnce(&mut Value)) -> Box<RawValue> {
    let mut document = document();
    change(&mut document);
    to_raw_value(&document).unwrap()
}

fn read_changed(change: impl FnOnce(&mut Value)) -> Result<OrderUpdated, Unusable> {
    read(&changed(change), &key())
}

fn key() -> PhoneKey {
    PhoneKey::new("secret")
}

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

fn field(change: impl FnOnce(&mut Value)) -> String {
    match read_changed(change).unwrap_err() {
        Unusable::Field { field } => field,
        Unusable::Date { field } => format!("date {field}"),
    }
}

#[test]
fn a_document_is_an_event() {
    let event = read_changed(|_| ()).unwrap();
    let identities = Identities {
        user_id: Some(UserId::parse("rubens@loja").unwrap()),
        phone: Some(key().digest(&Phone::digits_of("5561999990001").unwrap())),
        order_form_id: Some(OrderFormId::parse("0a5be4b4b1f14e6db4c4d1d3c2b1a099").unwrap()),
    };
    let item =
        Item { id: "287611".to_owned(), name: "Camiseta".to_owned(), quantity: 2, price: 9495 };
    let expected = OrderUpdated {
        order_group: OrderGroup::parse("1172452900788").unwrap(),
        order_id: OrderId::parse("1172452900788-01").unwrap(),
        status: OrderStatus::parse("payment-approved").unwrap(),
        // Seven digits, cut and not rounded.
        created_at: at("2026-11-01T12:00:00.123Z"),
        changed_at: at("2026-11-01T12:05:30.765Z"),
        identities,
        currency: Currency::parse("BRL").unwrap(),
        value: 19990,
        items: ItemList::new(vec![item]),
    };
    assert_eq!(event, expected);
    assert_eq!(time_zone(&changed(|_| ())).unwrap(), "E. South America Standard Time");
}

#[test]
fn a_state_is_taken_as_it_is() {
    let phase = |status: Value| read_changed(|d| d["status"] = status).unwrap().status.phase();
    for incomplete in [json!(null), json!(""), json!(" "), json!("incomplete")] {
        assert_eq!(phase(incomplete.clone()), Phase::Incomplete, "{incomplete}");
    }
    for dead in ["canceled", "cancel", "replaced", "payment-denied", "order-create-error"] {
        assert_eq!(phase(json!(dead)), Phase::Dead, "{dead}");
    }
    for live in ["request-cancel", "cancellation-requested", "never-heard-of"] {
        assert_eq!(phase(json!(live)), Phase::Live, "{live}");
    }
    assert_eq!(field(|d| d["status"] = json!("x".repeat(51))), "status");
    let absent = read_changed(|d| drop(d.as_object_mut().unwrap().remove("status")));
    assert_eq!(absent.unwrap().status.phase(), Phase::Incomplete);
}

#[test]
fn whoever_is_not_named_is_nobody() {
    let named = |change: &dyn Fn(&mut Value)| read_changed(change).unwrap().identities;
    let without_profile = named(&|d| d["clientProfileData"] = json!(null));
    assert!(without_profile.user_id.is_none() && without_profile.phone.is_none());
    assert!(without_profile.order_form_id.is_some());
    let absent = named(&|d| {
        d.as_object_mut().unwrap().remove("clientProfileData");
        d["orderFormId"] = json!(null);
    });
    assert!(absent.is_empty());
    let nulls = named(&|d| {
        d["clientProfileData"] = json!({"email": null, "phone": null, "userProfileId": null});
        d["orderFormId"] = json!("");
    });
    assert!(nulls.is_empty());
}

#[test]
fn masks_and_placeholders_name_nobody() {
    let profile = |profile: Value| {
        let event = read_changed(|d| d["clientProfileData"] = profile).unwrap();
        (event.identities.user_id, event.identities.phone)
    };
    // More than eight digits are left of this one.
    assert_eq!(profile(json!({"phone": "+55119999****01"})).1, None);
    assert_eq!(profile(json!({"phone": "123"})).1, None);
    assert_eq!(profile(json!({"userProfileId": "********"})).0, None);
    for zeros in ["00000000-0000-0000-0000-000000000000", "00000000000000000000000000000000"] {
        assert_eq!(profile(json!({"userProfileId": zeros})).0, None);
    }
    assert_eq!(profile(json!({"email": "x@ct.vtex.com.br"})), (None, None));
}

#[test]
fn a_user_profile_id_is_any_text() {
    let user = |id: Value| {
        let event = read_changed(|d| d["clientProfileData"]["userProfileId"] = id).unwrap();
        event.identities.user_id.unwrap().as_str().to_owned()
    };
    for id in ["6f2d3a30-4c1b-4f3e-9b53-1df0c2c2f7a1", "ANA", "ana maria#1%", "é", "{x}"] {
        assert_eq!(user(json!(id)), id);
    }
    assert_eq!(user(json!(1234)), "1234");
    let long = read_changed(|d| d["clientProfileData"]["userProfileId"] = json!("x".repeat(101)));
    assert_eq!(long.unwrap().identities.user_id, None);
}

#[test]
fn a_cart_is_one_with_dashes_and_without() {
    let cart = |id: &str| {
        let event = read_changed(|d| d["orderFormId"] = json!(id)).unwrap();
        event.identities.order_form_id.unwrap().to_string()
    };
    let plain = "0a5be4b4b1f14e6db4c4d1d3c2b1a099";
    assert_eq!(cart(plain), plain);
    assert_eq!(cart("0A5BE4B4-B1F1-4E6D-B4C4-D1D3C2B1A099"), plain);
}

#[test]
fn cents_become_minor_units_of_the_currency() {
    let amounts = |currency: &str, cents: Value| {
        let event = read_changed(|d| {
            d["storePreferencesData"]["currencyCode"] = json!(currency);
            d["value"] = cents.clone();
            d["items"][0]["sellingPrice"] = cents;
        })
        .unwrap();
        assert_eq!(event.items.items()[0].price, event.value);
        event.value
    };
    assert_eq!(amounts("BRL", json!(19990)), 19990);
    assert_eq!(amounts("BRL", json!(19990.0)), 19990);
    assert_eq!(amounts("CLP", json!(500_000)), 5_000);
    assert_eq!(amounts("CLP", json!(500_049)), 5_000);
    assert_eq!(amounts("CLP", json!(500_050)), 5_001);
    assert_eq!(amounts("KWD", json!(150)), 1_500);
    assert_eq!(amounts("BRL", json!(0)), 0);
    assert_eq!(amounts("BRL", json!(AMOUNT_MAX)), AMOUNT_MAX);
    assert_eq!(field(|d| d["value"] = json!(AMOUNT_MAX + 1)), "value");
    for bad in [json!(-1), json!(i64::MAX)] {
        assert_eq!(field(|d| d["value"] = bad.clone()), "value");
    }
    for bad in [json!(1.5), json!("19990"), json!(1e300)] {
        assert_eq!(field(|d| d["value"] = bad), "value");
    }
}

#[test]
fn an_item_costs_what_it_was_sold_for() {
    let price =
        |item: Value| read_changed(|d| d["items"] = json!([item])).unwrap().items.items()[0].price;
    assert_eq!(price(json!({"id": "1", "quantity": 1, "price": 100, "sellingPrice": 80})), 80);
    assert_eq!(price(json!({"id": "1", "quantity": 1, "price": 100, "sellingPrice": null})), 100);
    assert_eq!(price(json!({"id": "1", "quantity": 1, "price": 100})), 100);
    assert_eq!(price(json!({"id": "1", "quantity": 1, "price": 100, "sellingPrice": 0})), 0);
    let event = read_changed(|d| {
        d["items"] = json!([{"id": 287_611, "name": null, "quantity": 1.0, "price": 5}]);
    });
    let event = event.unwrap();
    let item = &event.items.items()[0];
    assert_eq!((item.id.as_str(), item.name.as_str(), item.quantity), ("287611", "", 1));
    assert!(read_changed(|d| d["items"] = json!(null)).unwrap().items.items().is_empty());
}

/// Items are only shown: none of them, and no member of one, keeps an order from counting.
#[test]
fn r10_odd_items_cost_no_order() {
    let items = |items: Value| read_changed(|d| d["items"] = items).unwrap().items.items().to_vec();
    let item = json!({"id": "1", "name": "a", "quantity": 1, "price": 100, "sellingPrice": 133.33});
    assert_eq!(items(json!([item]))[0].price, 133);
    let with = |name: &str, value: Value| {
        let mut odd = item.clone();
        odd[name] = value;
        items(json!([odd]))
    };
    assert_eq!(with("id", json!(null))[0].id, "");
    assert_eq!(with("name", json!({}))[0].name, "");
    // The next best price.
    assert_eq!(with("sellingPrice", json!(-1))[0].price, 100);
    assert_eq!(with("sellingPrice", json!("80"))[0].price, 100);
    assert_eq!(with("quantity", json!(-1)), []);
    assert_eq!(items(json!([{"id": "1", "quantity": 1}, item])).len(), 1);
    assert_eq!(items(json!(vec![item.clone(); 501])).len(), 500);
    assert_eq!(items(json!("none")), []);
    let mut long = item;
    long["name"] = json!("\u{1f6d2}".repeat(250));
    assert_eq!(items(json!(vec![long; 500])).len(), 500);
}

#[test]
fn a_part_names_its_purchase() {
    let group = |id: &str, group: Value| {
        let event = read_changed(|d| {
            d["orderId"] = json!(id);
            d["orderGroup"] = group;
        });
        event.unwrap().order_group.to_string()
    };
    assert_eq!(group("v71021570str-02", json!("v71021570str")), "v71021570str");
    assert_eq!(group("v71021570str-02", json!(null)), "v71021570str");
    assert_eq!(group("v71021570str-02", json!("")), "v71021570str");
    assert_eq!(group("ABC-v1-x", json!(null)), "ABC-v1-x");
    assert_eq!(group("1172452900788", json!(null)), "1172452900788");
}

#[test]
fn an_order_that_is_none_yet_needs_no_value() {
    let event = read_changed(|d| {
        d["status"] = json!(null);
        d["value"] = json!(null);
        d["items"] = json!([]);
        d["lastChange"] = json!(null);
    });
    let event = event.unwrap();
    assert_eq!((event.value, event.changed_at), (0, event.created_at));
    assert_eq!(field(|d| d["value"] = json!(null)), "value");
}

#[test]
fn the_field_at_fault_is_named() {
    let without = |name: &'static str| field(|d| drop(d.as_object_mut().unwrap().remove(name)));
    assert_eq!(without("orderId"), "orderId");
    assert_eq!(without("creationDate"), "creationDate");
    assert_eq!(without("storePreferencesData"), "storePreferencesData");
    assert_eq!(field(|d| d["orderId"] = json!("a#b")), "orderId");
    assert_eq!(field(|d| d["creationDate"] = json!("2026-11-01 12:00")), "date creationDate");
    assert_eq!(field(|d| d["creationDate"] = json!("2026-11-01T12:00:00")), "date creationDate");
    assert_eq!(field(|d| d["lastChange"] = json!("now")), "date lastChange");
    assert_eq!(
        field(|d| d["storePreferencesData"]["currencyCode"] = json!("R$")),
        "storePreferencesData.currencyCode",
    );
    assert_eq!(
        field(|d| d["storePreferencesData"] = json!({})),
        "storePreferencesData.currencyCode",
    );
    for shape in [json!(null), json!([1]), json!("order"), json!(7)] {
        assert_eq!(field(|d| *d = shape), "");
    }
}
