//! Nothing crosses an account, and a second delivery of everything changes nothing.

use reqwest::StatusCode;
use serde_json::json;
use tests::answer::Question;
use tests::raw_event::{RawClicked, RawEvent, RawItem, RawOrder, RawSent, RawStatus};

use crate::stack::Running;

fn question() -> Question {
    let day = |text: &str| text.parse().unwrap();
    Question { from: day("2026-11-01"), to: day("2026-11-30"), campaign_id: None }
}

fn items() -> Vec<RawItem> {
    vec![RawItem { id: "101".into(), name: "Camiseta, \"P\"".into(), quantity: 2, price: 5_990 }]
}

/// One reminder that is clicked and buys for `value`.
fn story(campaign: &str, value: i64) -> Vec<RawEvent> {
    let reminder = "wamid.HBgSAME==".to_owned();
    vec![
        RawEvent::Sent(RawSent {
            reminder_id: reminder.clone(),
            at: "2026-11-03T12:00:00Z".into(),
            campaign_id: campaign.into(),
            user_id: Some("shopper-1".into()),
            phone: Some("+55 11 5550-0101".into()),
            order_form_id: "0f1e2d3c4b5a69788796a5b4c3d2e1f0".into(),
            checkout_items: items(),
            link_token: None,
        }),
        RawEvent::Status(RawStatus {
            reminder_id: reminder.clone(),
            status: "delivered".into(),
            at: "2026-11-03T12:01:00Z".into(),
        }),
        RawEvent::Clicked(RawClicked {
            reminder_id: reminder,
            click_id: "click-1".into(),
            kind: "link".into(),
            at: "2026-11-03T13:00:00Z".into(),
        }),
        RawEvent::Order(RawOrder {
            order_group: "1500000001".into(),
            order_id: "1500000001-01".into(),
            status: "invoiced".into(),
            created_at: "2026-11-04T09:00:00Z".into(),
            changed_at: "2026-11-04T09:00:00Z".into(),
            user_id: Some("shopper-1".into()),
            phone: None,
            order_form_id: None,
            currency: "BRL".into(),
            value,
            items: items(),
        }),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn two_accounts_with_the_same_ids_never_mix() {
    let running = Running::start().await;
    let north = running.store("north", "America/Sao_Paulo", 1).await;
    let south = running.store("south", "America/Sao_Paulo", 1).await;
    let empty = running.store("empty", "America/Sao_Paulo", 0).await;
    north.send(&story(&north.campaigns[0], 11_980)).await;
    south.send(&story(&south.campaigns[0], 77_700)).await;
    running.drain().await;

    let value = |amount: &str| json!([{"currency": "BRL", "amount": amount}]);
    let of_north = north.metrics(&question()).await;
    let of_south = south.metrics(&question()).await;
    assert_eq!(of_north["totals"]["conversionValue"], value("119.80"));
    assert_eq!(of_south["totals"]["conversionValue"], value("777.00"));
    for metrics in [&of_north, &of_south] {
        assert_eq!(metrics["totals"]["sent"], 1);
        assert_eq!(metrics["totals"]["conversions"]["clickThrough"], 1);
    }
    assert_eq!(empty.metrics(&question()).await["totals"]["sent"], 0);

    // Another account's token finds none of this one's things.
    let campaign = &north.campaigns[0];
    assert_eq!(north.get("/orders/1500000001").await.1["orderTotal"], "119.80");
    for path in [
        "/orders/1500000001".to_owned(),
        format!("/campaigns/{campaign}"),
        format!("/campaigns/{campaign}/history"),
    ] {
        let (status, problem) = empty.get(&path).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}: {problem}");
    }
    let (_, asked) = north
        .admin(
            reqwest::Method::POST,
            "/reports",
            Some(json!({"email": "ana@shop.example", "from": "2026-11-01", "to": "2026-11-30"})),
        )
        .await;
    let id = asked["id"].as_str().unwrap();
    for path in [format!("/reports/{id}"), format!("/reports/{id}/download")] {
        assert_eq!(empty.get(&path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_delivery_of_everything_changes_no_byte() {
    let running = Running::start().await;
    let store = running.store("twice", "America/Sao_Paulo", 1).await;
    let events = story(&store.campaigns[0], 11_980);
    store.send(&events).await;
    running.drain().await;
    let metrics = store.metrics(&question()).await;
    let report = store.report(&question()).await;
    assert_eq!(report.lines().count(), 2, "{report}");

    store.send(&events).await;
    running.drain().await;
    assert_eq!(store.metrics(&question()).await, metrics);
    assert_eq!(store.report(&question()).await, report);

    // Nor does a restart.
    let account = store.account.clone();
    let (token, secret, campaigns) =
        (store.token.clone(), store.secret.clone(), store.campaigns.clone());
    drop(store);
    let running = running.restart().await;
    let store = crate::stack::Store { running: &running, account, token, secret, campaigns };
    assert_eq!(store.metrics(&question()).await, metrics);
    store.send(&events).await;
    running.drain().await;
    assert_eq!(store.metrics(&question()).await, metrics);
    assert_eq!(store.report(&question()).await, report);
}
