//! `GET /orders/{orderGroup+}`: why an order counts, or not (R5, R6, R7).

use serde_json::Value;
use shared::domain::facts::event::{ClickKind, Receipt};
use shared::domain::values::span::Span;

use crate::store::{Store, at};

const ORDERED: &str = "2026-11-20T12:00:00-03:00";

/// A reminder to ana that was sent and delivered `before` the order.
async fn delivered(store: &Store, id: &str, before: Span) {
    let when = at(ORDERED).minus(before).to_string();
    store.sent(id, "c1", &when, "ana").await;
    store.receipt(id, Receipt::Delivered, &when).await;
}

async fn clicked(store: &Store, id: &str, before: Span) {
    let when = at(ORDERED).minus(before).to_string();
    store.clicked(id, &format!("k{}", before.as_millis()), ClickKind::Link, &when).await;
}

fn outcomes(body: &Value) -> Vec<(&str, &str)> {
    let others = body["otherCandidates"].as_array().unwrap();
    let text = |of: &'_ Value| of.as_str().unwrap().to_owned();
    others
        .iter()
        .map(|other| {
            assert!(!text(&other["explanation"]).is_empty());
            (other["reminderId"].as_str().unwrap(), other["outcome"].as_str().unwrap())
        })
        .collect()
}

async fn explained(store: &Store) -> Value {
    store.get("/orders/o1").await.ok()
}

#[tokio::test]
async fn a_click_wins_and_every_other_candidate_says_why_it_lost() {
    let store = Store::open().await;
    delivered(&store, "winner", Span::days(10)).await;
    clicked(&store, "winner", Span::hours(2)).await;
    delivered(&store, "clicked-before", Span::days(9)).await;
    clicked(&store, "clicked-before", Span::hours(3)).await;
    delivered(&store, "only-delivered", Span::hours(1)).await;
    delivered(&store, "long-ago", Span::days(4)).await;
    delivered(&store, "tied", Span::days(8)).await;
    clicked(&store, "tied", Span::hours(2)).await;
    delivered(&store, "too-late", Span::hours(-1)).await;
    store.sent("unheard", "c2", "2026-11-20T10:00:00-03:00", "ana").await;
    store.sent("stranger", "c2", "2026-11-20T10:00:00-03:00", "bia").await;
    store.ordered("o1", ORDERED, "ana", 19_990).await;
    store.settle().await;
    let answer = store.get("/orders/o1").await;
    let body = &answer.body;
    assert_eq!(body["credit"]["reminderId"], "winner");
    assert_eq!(
        outcomes(body),
        [
            ("too-late", "delivered-after-order"),
            ("only-delivered", "click-won"),
            ("unheard", "not-delivered"),
            ("long-ago", "too-long-ago"),
            ("tied", "tie-lost"),
            ("clicked-before", "later-click-won"),
        ]
    );
    insta::assert_json_snapshot!(answer);
}

#[tokio::test]
async fn a_delivery_assists() {
    let store = Store::open().await;
    delivered(&store, "earlier", Span::days(3)).await;
    delivered(&store, "later", Span::hours(5)).await;
    store.ordered("o1", ORDERED, "ana", 5_000).await;
    store.settle().await;
    let answer = store.get("/orders/o1").await;
    assert_eq!(outcomes(&answer.body), [("earlier", "later-delivery-won")]);
    insta::assert_json_snapshot!(answer);
}

/// R6: both bounds are inclusive, to the millisecond.
#[tokio::test]
async fn the_bounds_are_told_as_they_are_judged() {
    let past = |days: i64| Span::millis(Span::days(days).as_millis() + 1);
    for (delivery, click, code) in [
        (Span::days(3), None, "assisted"),
        (past(3), None, "no-candidate-in-time"),
        (Span::days(16), Some(Span::days(15)), "click-through"),
        (Span::days(16), Some(past(15)), "no-candidate-in-time"),
        (Span::hours(0), None, "assisted"),
        (Span::hours(0), Some(Span::hours(0)), "click-through"),
    ] {
        let store = Store::open().await;
        delivered(&store, "r1", delivery).await;
        if let Some(click) = click {
            clicked(&store, "r1", click).await;
        }
        store.ordered("o1", ORDERED, "ana", 5_000).await;
        store.settle().await;
        let body = explained(&store).await;
        assert_eq!(body["verdict"]["code"], code, "{delivery:?} {click:?}");
        let told = if code == "no-candidate-in-time" {
            assert_eq!(outcomes(&body), [("r1", "too-long-ago")]);
            &body["otherCandidates"][0]["decidedBy"]
        } else {
            &body["credit"]["decidedBy"]
        };
        let span = click.unwrap_or(delivery);
        assert_eq!(told["distanceSeconds"], span.as_seconds());
        assert_eq!(body["pending"], false);
    }
}

/// R7, R8: dead parts and parts in another currency don't add.
#[tokio::test]
async fn parts_say_what_they_add() {
    let store = Store::open().await;
    delivered(&store, "r1", Span::hours(5)).await;
    let made = (ORDERED, ORDERED);
    store.part("o1", ("01", "canceled"), made, "ana", ("BRL", 1_000)).await;
    store.part("o1", ("02", "invoiced"), made, "ana", ("BRL", 2_050)).await;
    store.part("o1", ("03", "handling"), made, "", ("CLP", 700)).await;
    store.part("o1", ("04", "incomplete"), made, "", ("BRL", 4_000)).await;
    store.settle().await;
    insta::assert_json_snapshot!(store.get("/orders/o1").await);
}

#[tokio::test]
async fn an_order_that_does_not_count_says_why() {
    let store = Store::open().await;
    store.ordered("stranger", ORDERED, "nobody", 100).await;
    store.ordered("guest", ORDERED, "", 100).await;
    delivered(&store, "r1", Span::hours(5)).await;
    store.part("o1", ("01", "canceled"), (ORDERED, ORDERED), "ana", ("BRL", 1_000)).await;
    store.settle().await;
    for group in ["stranger", "guest"] {
        let body = store.get(&format!("/orders/{group}")).await.ok();
        assert_eq!(body["verdict"]["code"], "no-candidate");
        assert_eq!((&body["credit"], &body["counted"]), (&Value::Null, &Value::Null));
    }
    let answer = store.get("/orders/o1").await;
    assert_eq!(outcomes(&answer.body), [("r1", "order-not-live")]);
    insta::assert_json_snapshot!(answer);
}

/// What the metrics count and what the rules say differ until the facts are worked in.
#[tokio::test]
async fn a_verdict_that_is_not_counted_yet_is_pending() {
    let store = Store::open().await;
    delivered(&store, "first", Span::hours(5)).await;
    store.ordered("o1", ORDERED, "ana", 5_000).await;
    let told = |body: &Value| {
        let text = |of: &Value| of["reminderId"].as_str().unwrap_or("none").to_owned();
        (text(&body["credit"]), text(&body["counted"]), body["pending"].as_bool().unwrap())
    };
    let expected =
        |credit: &str, counted: &str, pending| (credit.to_owned(), counted.to_owned(), pending);
    assert_eq!(told(&explained(&store).await), expected("first", "none", true));
    store.settle().await;
    assert_eq!(told(&explained(&store).await), expected("first", "first", false));
    delivered(&store, "second", Span::hours(4)).await;
    assert_eq!(told(&explained(&store).await), expected("second", "first", true));
    store.settle().await;
    assert_eq!(told(&explained(&store).await), expected("second", "second", false));
}

/// Who bought stays out of the answer.
#[tokio::test]
async fn nobody_is_named() {
    let store = Store::open().await;
    let when = at(ORDERED).to_string();
    store.sent("r1", "c1", &when, "zoe@mail.example").await;
    store.receipt("r1", Receipt::Delivered, &when).await;
    store.ordered("o1", ORDERED, "zoe@mail.example", 5_000).await;
    store.settle().await;
    let body = explained(&store).await;
    assert_eq!(body["verdict"]["code"], "assisted");
    assert!(!body.to_string().contains("zoe"), "{body}");
    assert_eq!(body["credit"]["matchedBy"], serde_json::json!(["user"]));
    assert!(
        !store.get("/orders?from=2026-11-01&to=2026-11-30").await.ok().to_string().contains("zoe")
    );
}

#[tokio::test]
async fn an_answer_names_at_most_500_losers() {
    let store = Store::open().await;
    for n in 0..=metric_queries::explanation::OTHERS {
        let when = at("2026-09-01T00:00:00Z").plus(Span::seconds(i64::try_from(n).unwrap()));
        store.sent(&format!("r{n:04}"), "c1", &when.to_string(), "ana").await;
    }
    store.ordered("o1", ORDERED, "ana", 5_000).await;
    let body = explained(&store).await;
    assert_eq!(outcomes(&body).len(), 500);
    assert_eq!(body["otherCandidatesLeftOut"], 1);
    // The one sent first is left out.
    assert_eq!(outcomes(&body).first(), Some(&("r0500", "not-delivered")));
    assert_eq!(outcomes(&body).last(), Some(&("r0001", "not-delivered")));
}

#[tokio::test]
async fn an_unknown_order_is_not_found() {
    let store = Store::open().await;
    for path in ["/orders/o9", "/orders/a%23b", "/orders/%20", "/orders/%ff"] {
        let answer = store.get(path).await;
        assert!([400, 404].contains(&answer.status), "{path}: {answer:?}");
    }
    insta::assert_json_snapshot!(store.get("/orders/o9").await);
}
