//! `GET /orders` by kind, campaign and currency, from either end, with what it comes to (R7, R8, R9).

use serde_json::{Value, json};
use shared::domain::facts::event::{ClickKind, Receipt};

use crate::store::{NOW, Store};

const RANGE: &str = "/orders?from=2026-11-01&to=2026-11-10";

fn groups(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| item["orderGroup"].as_str().unwrap().to_owned()).collect()
}

/// Follows `next` to the end; the sizes of the pages, and all order groups.
async fn all(store: &Store, path: &str) -> (Vec<usize>, Vec<String>) {
    let (mut sizes, mut found, mut next) = (Vec::new(), Vec::new(), String::new());
    loop {
        let page = store.get(&format!("{path}{next}")).await.ok();
        let of_page = groups(&page);
        sizes.push(of_page.len());
        found.extend(of_page);
        match page["next"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => return (sizes, found),
        }
    }
}

/// A reminder of a day that brought an order: by a click, or by its delivery alone.
async fn bought(
    store: &Store,
    group: &str,
    (campaign, day): (&str, &str),
    click: bool,
    worth: (&str, i64),
) {
    let (reminder, when) = (format!("r-{group}"), format!("{day}T10:00:00-03:00"));
    store.sent(&reminder, campaign, &when, group).await;
    store.receipt(&reminder, Receipt::Delivered, &when).await;
    if click {
        store.clicked(&reminder, "k", ClickKind::Link, &format!("{day}T11:00:00-03:00")).await;
    }
    let ordered = format!("{day}T12:00:00-03:00");
    store.part(group, ("01", "created"), (&ordered, &ordered), group, worth).await;
}

async fn mixed_store() -> Store {
    let store = Store::open().await;
    bought(&store, "o1", ("c1", "2026-11-01"), true, ("BRL", 1_000)).await;
    bought(&store, "o2", ("c1", "2026-11-02"), false, ("BRL", 2_000)).await;
    bought(&store, "o3", ("c2", "2026-11-02"), true, ("CLP", 3_000)).await;
    bought(&store, "o4", ("c2", "2026-11-03"), false, ("CLP", 4_000)).await;
    store.settle().await;
    store
}

#[tokio::test]
async fn a_kind_a_campaign_and_a_currency_select() {
    let store = mixed_store().await;
    for (query, expected, conversions, value) in [
        ("", "o1 o2 o3 o4", 4, json!([["BRL", "30.00"], ["CLP", "7000"]])),
        ("&kind=clickThrough", "o1 o3", 2, json!([["BRL", "10.00"], ["CLP", "3000"]])),
        ("&kind=assisted", "o2 o4", 2, json!([["BRL", "20.00"], ["CLP", "4000"]])),
        ("&campaignId=c2", "o3 o4", 2, json!([["CLP", "7000"]])),
        ("&campaignId=c2&kind=assisted", "o4", 1, json!([["CLP", "4000"]])),
        // What all currencies come to stays told.
        ("&currency=CLP", "o3 o4", 4, json!([["BRL", "30.00"], ["CLP", "7000"]])),
        ("&currency=CLP&kind=clickThrough", "o3", 2, json!([["BRL", "10.00"], ["CLP", "3000"]])),
        ("&currency=USD", "", 4, json!([["BRL", "30.00"], ["CLP", "7000"]])),
        ("&campaignId=c3", "", 0, json!([])),
    ] {
        let page = store.get(&format!("{RANGE}{query}")).await.ok();
        assert_eq!(groups(&page).join(" "), expected, "{query}");
        assert_eq!(page["totals"]["conversions"], conversions, "{query}");
        let told = page["totals"]["value"].as_array().unwrap().iter();
        let told: Value = told.map(|sum| json!([sum["currency"], sum["amount"]])).collect();
        assert_eq!(told, value, "{query}");
    }
}

/// Another's orders are neither listed nor added, whatever is asked for.
#[tokio::test]
async fn tenants_never_mix() {
    let store = mixed_store().await;
    let other = store.beside("other", "222", 8).await;
    for query in ["", "&kind=assisted", "&currency=BRL", "&sort=newest"] {
        let page = other.get(&format!("{RANGE}{query}")).await.ok();
        assert_eq!(
            (groups(&page).len(), &page["totals"]["conversions"]),
            (0, &json!(0)),
            "{query}"
        );
    }
}

#[tokio::test]
async fn what_is_no_kind_no_currency_and_no_order_is_refused() {
    let store = mixed_store().await;
    for (query, field) in [
        ("&kind=clickthrough", "kind"),
        ("&kind=", "kind"),
        ("&currency=brl", "currency"),
        ("&currency=XXX", "currency"),
        ("&sort=latest", "sort"),
    ] {
        let answer = store.get(&format!("{RANGE}{query}")).await;
        assert_eq!(answer.problem(), (422, "invalid-field", field), "{query}");
    }
}

/// From the end: the same list backwards, over the ends of pages and of days, each order once.
#[tokio::test]
async fn the_newest_come_first_when_asked_for() {
    let store = Store::open().await;
    for day in 1..=3 {
        for n in 0..17 {
            let (group, user) = (format!("o{day}-{n:02}"), format!("u{day}-{n}"));
            let sent = format!("2026-11-0{day}T10:00:00-03:00");
            store.sent(&format!("r-{group}"), "c1", &sent, &user).await;
            store.receipt(&format!("r-{group}"), Receipt::Delivered, &sent).await;
            // Three at one instant: the page may end between them.
            let when = format!("2026-11-0{day}T12:00:{:02}-03:00", n / 3);
            store.ordered(&group, &when, &user, 100).await;
        }
    }
    store.settle().await;
    let (sizes, mut newest) = all(&store, &format!("{RANGE}&sort=newest")).await;
    assert_eq!(sizes, [50, 1]);
    newest.reverse();
    assert_eq!(newest, all(&store, RANGE).await.1);
    assert_eq!(all(&store, &format!("{RANGE}&sort=oldest")).await.1, newest);
    // Exactly one page of what was asked for.
    let made = "2026-11-01T12:00:00-03:00";
    store.part("o1-00", ("01", "canceled"), (made, NOW), "u1-0", ("BRL", 100)).await;
    store.settle().await;
    assert_eq!(all(&store, &format!("{RANGE}&sort=newest")).await.0, [50]);
}

/// The order of the path can be named as VTEX's Admin shows it: by the id of a part.
#[tokio::test]
async fn a_part_names_its_order() {
    let store = mixed_store().await;
    for named in ["o1", "o1-01"] {
        assert_eq!(store.get(&format!("/orders/{named}")).await.ok()["orderGroup"], "o1");
    }
    for unknown in ["o1-02", "o1-", "-01", "o1-01-01", "o-1"] {
        let answer = store.get(&format!("/orders/{unknown}")).await;
        assert_eq!(answer.problem(), (404, "order-not-found", ""), "{unknown}");
    }
    // A group that looks like a part of another is itself.
    store.ordered("o1-01", "2026-11-05T12:00:00-03:00", "nobody", 700).await;
    assert_eq!(store.get("/orders/o1-01").await.ok()["orderGroup"], "o1-01");
    let other = store.beside("other", "222", 8).await;
    assert_eq!(other.get("/orders/o1-01").await.problem(), (404, "order-not-found", ""));
}
