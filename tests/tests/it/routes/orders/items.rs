//! `GET /orders/{orderGroup+}?items=true`: what was in the cart, and what was bought.

use metric_queries::explanation::ITEMS;
use serde_json::{Value, json};
use shared::domain::facts::event::Receipt;
use shared::domain::values::item::Item;

use crate::store::facts::item;
use crate::store::{NOW, Store};

const SENT: &str = "2026-11-20T10:00:00-03:00";
const ORDERED: &str = "2026-11-20T12:00:00-03:00";

async fn reminded(store: &Store, items: Vec<Item>) {
    store.sent_with("r1", "c1", SENT, "ana", items).await;
    store.receipt("r1", Receipt::Delivered, SENT).await;
}

async fn part(store: &Store, id: &str, status: &str, items: Vec<Item>) {
    let when = (ORDERED, if status == "canceled" { NOW } else { ORDERED });
    store.part_with("o1", (id, status), when, "ana", ("BRL", 1_000), items).await;
}

fn many(count: usize) -> Vec<Item> {
    (0..count).map(|n| item(&n.to_string(), "Sock", 1, 100)).collect()
}

async fn told(store: &Store) -> Value {
    store.get("/orders/o1?items=true").await.ok()["items"].clone()
}

fn count(items: &Value) -> usize {
    items["orderItems"].as_array().unwrap().len()
}

#[tokio::test]
async fn the_cart_and_what_was_bought_are_told_when_asked_for() {
    let store = Store::open().await;
    reminded(&store, vec![item("7", "Shirt", 2, 5_990)]).await;
    part(&store, "01", "created", vec![item("7", "Shirt", 1, 5_490)]).await;
    part(&store, "02", "invoiced", vec![item("8", "Belt", 1, 990)]).await;
    part(&store, "03", "canceled", vec![item("9", "Hat", 1, 1_990)]).await;
    store.settle().await;
    let expected = json!({
        "currency": "BRL",
        "checkoutItems": [{"id": "7", "name": "Shirt", "quantity": 2, "price": "59.90"}],
        "orderItems": [
            {"id": "7", "name": "Shirt", "quantity": 1, "price": "54.90"},
            {"id": "8", "name": "Belt", "quantity": 1, "price": "9.90"},
        ],
        "orderItemsLeftOut": 0,
    });
    assert_eq!(told(&store).await, expected);
    for path in ["/orders/o1", "/orders/o1?items=false"] {
        assert_eq!(store.get(path).await.ok()["items"], Value::Null, "{path}");
    }
    let other = store.beside("other", "222", 8).await;
    let answer = other.get("/orders/o1?items=true").await;
    assert_eq!(answer.problem(), (404, "order-not-found", ""));
    assert_eq!(store.get("/orders/o1?items=1").await.problem(), (422, "invalid-field", "items"));
}

/// Of an order that doesn't count all is told, and no cart: none has the credit.
#[tokio::test]
async fn a_dead_order_tells_its_items() {
    let store = Store::open().await;
    reminded(&store, vec![item("7", "Shirt", 2, 5_990)]).await;
    part(&store, "01", "canceled", vec![item("9", "Hat", 1, 1_990)]).await;
    store.settle().await;
    let items = told(&store).await;
    assert_eq!((count(&items), &items["checkoutItems"]), (1, &json!([])));
}

#[tokio::test]
async fn at_most_500_items_are_told_and_the_rest_is_counted() {
    let store = Store::open().await;
    part(&store, "01", "created", many(ITEMS)).await;
    let items = told(&store).await;
    assert_eq!((count(&items), &items["orderItemsLeftOut"]), (500, &json!(0)));
    part(&store, "02", "created", many(1)).await;
    let items = told(&store).await;
    assert_eq!((count(&items), &items["orderItemsLeftOut"]), (500, &json!(1)));
}
