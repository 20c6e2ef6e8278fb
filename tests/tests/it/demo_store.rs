//! The demo store's numbers are the naive model's.

use chrono::{DateTime, Utc};
use local::demo::{self, history::DemoEvent, history::history};
use serde_json::Value;
use shared::domain::values::instant::Instant;
use shared::domain::values::span::Span;
use tests::answer::Question;
use tests::model::Model;
use tests::raw_event::{RawClicked, RawEvent, RawItem, RawOrder, RawSent, RawStatus};

use crate::stack::{Running, Store, comparable, keyed_digest};

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_stores_numbers_are_the_models() {
    let running = Running::start().await;
    let now = Instant::parse_rfc3339("2026-11-22T15:00:00Z").unwrap();
    let progress = tempfile::NamedTempFile::new().unwrap();
    demo::load(&running.stack.base_url(), progress.path(), now).await.unwrap();

    let store = Store::unknown(&running, demo::ACCOUNT).await;
    // As the load noted them: two that are made within one millisecond are listed in any order.
    let noted = std::fs::read_to_string(progress.path()).unwrap();
    let noted: Value = serde_json::from_str(&noted).unwrap();
    let ids: [String; 3] = serde_json::from_value(noted["campaignIds"].clone()).unwrap();
    let english: String = serde_json::from_value(noted["englishCampaignId"].clone()).unwrap();
    let campaigns = [&ids[..], std::slice::from_ref(&english)].concat();
    let events: Vec<RawEvent> = history(now, &ids).iter().map(raw).collect();
    let zone = demo::TIME_ZONE.parse().unwrap();
    let model = Model::new(zone, &campaigns, &events, &keyed_digest);

    let day = |text: &str| text.parse().unwrap();
    let everything = Question { from: day("2026-10-20"), to: day("2026-11-22"), campaign_id: None };
    let answered = store.metrics(&everything).await;
    // A store worth looking at.
    let totals = &answered["totals"];
    assert_eq!(totals["sent"], 2_000);
    for (figure, least) in
        [("read", 900), ("failed", 50), ("uniqueClicks", 200), ("totalClicks", 300)]
    {
        assert!(totals[figure].as_i64().unwrap() > least, "{figure}: {totals}");
    }
    assert!(totals["conversions"]["assisted"].as_i64().unwrap() > 50, "{totals}");
    assert!(totals["conversions"]["clickThrough"].as_i64().unwrap() > 50, "{totals}");
    assert_eq!(totals["conversionValue"].as_array().unwrap().len(), 2, "{totals}");

    // By their value the campaigns come in another order than by the value of a message: a table that ranks shows it.
    let ranked = |worth: fn(f64, f64) -> f64| -> Vec<String> {
        let mut campaigns: Vec<(f64, String)> = answered["campaigns"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|of| of["campaignId"] != english.as_str())
            .map(|of| {
                let value = of["conversionValue"].as_array().unwrap();
                let brl = value.iter().find(|amount| amount["currency"] == "BRL").unwrap();
                let amount: f64 = brl["amount"].as_str().unwrap().parse().unwrap();
                let delivered = of["delivered"].as_f64().unwrap();
                (worth(amount, delivered), of["name"].as_str().unwrap().to_owned())
            })
            .collect();
        campaigns.sort_by(|a, b| b.0.total_cmp(&a.0));
        campaigns.into_iter().map(|(_, name)| name).collect()
    };
    assert_ne!(ranked(|value, _| value), ranked(|value, delivered| value / delivered));

    let (expected, answered) = comparable(&model.metrics(&everything), answered);
    assert_eq!(answered, expected);
    let report = store.report(&everything).await;
    assert_eq!(report, model.csv(&everything));
    its_carts_show_what_becomes_of_carts(&store).await;

    // Loading again sends nothing, and an interrupted load changes nothing.
    demo::load(&running.stack.base_url(), progress.path(), now).await.unwrap();
    let text = std::fs::read_to_string(progress.path()).unwrap();
    std::fs::write(progress.path(), text.replace("\"loaded\":true", "\"loaded\":false")).unwrap();
    demo::load(&running.stack.base_url(), progress.path(), now).await.unwrap();
    assert_eq!(
        comparable(&model.metrics(&everything), store.metrics(&everything).await).1,
        expected
    );
}

/// The system reminds of today's carts or doesn't, for each reason that a day brings; those that are left behind
/// a moment ago wait, and become messages while the stack runs.
async fn its_carts_show_what_becomes_of_carts(store: &Store<'_>) {
    let now = Utc::now();
    let today = Question {
        from: now.date_naive().pred_opt().unwrap().to_string().parse().unwrap(),
        to: now.date_naive().succ_opt().unwrap().to_string().parse().unwrap(),
        campaign_id: None,
    };
    let told = store.metrics(&today).await;
    let mut skipped: Vec<(&str, u64)> = told["funnel"]["skipped"]
        .as_array()
        .unwrap()
        .iter()
        .map(|of| (of["reason"].as_str().unwrap(), of["count"].as_u64().unwrap()))
        .collect();
    skipped.sort_unstable();
    let expected = [
        ("already-reminded", 1),
        ("below-minimum", 3),
        ("cart-empty", 1),
        ("cooldown", 4),
        ("country-unsupported", 1),
        ("currency-unlisted", 1),
        ("erased", 1),
        ("expired", 1),
        ("no-campaign", 2),
        ("no-consent", 4),
        ("no-phone", 5),
        ("opted-out", 3),
        ("payment-not-reached", 3),
        ("phone-invalid", 2),
        ("phone-masked", 1),
        ("purchased", 6),
        ("suppressed", 1),
        ("template-disabled", 1),
        ("template-rejected", 1),
    ];
    assert_eq!(skipped, expected, "{told}");
    let readme = include_str!("../../../README.md");
    assert_eq!(expected.len(), 19);
    assert!(readme.contains("the system reminds or doesn't, for nineteen reasons"));
    let figures = |told: &Value| {
        ["carts", "reminded", "accepted", "rejected", "unknown"]
            .map(|figure| told["funnel"][figure].as_u64().unwrap())
    };
    assert_eq!(figures(&told), [72, 30, 28, 1, 1], "{told}");
    let totals = &told["totals"];
    for (figure, expected) in
        [("sent", 28), ("delivered", 28), ("read", 17), ("uniqueClicks", 9), ("optOuts", 1)]
    {
        assert_eq!(totals[figure], expected, "{figure}: {totals}");
    }
    assert_eq!(totals["conversions"]["clickThrough"], 4, "{totals}");

    store.running.stack.tick(Some(Instant::from(now).plus(Span::hours(1)))).await.unwrap();
    store.running.drain().await;
    let waited = u64::from(demo::carts::WAITING);
    let told = store.metrics(&today).await;
    assert_eq!(figures(&told), [72 + waited, 30 + waited, 28 + waited, 1, 1], "{told}");
}

/// The event as the naive model reads it.
fn raw(event: &DemoEvent) -> RawEvent {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let seconds = |value: &Value| {
        let second: i64 = value["timestamp"].as_str().unwrap().parse().unwrap();
        DateTime::<Utc>::from_timestamp(second, 0).unwrap().to_rfc3339()
    };
    match event {
        DemoEvent::Status(status) => RawEvent::Status(RawStatus {
            reminder_id: text(&status["id"]).unwrap(),
            status: text(&status["status"]).unwrap(),
            at: seconds(status),
        }),
        DemoEvent::Tap(message) => RawEvent::Clicked(RawClicked {
            reminder_id: text(&message["context"]["id"]).unwrap(),
            click_id: text(&message["id"]).unwrap(),
            kind: "reply".into(),
            at: seconds(message),
        }),
        DemoEvent::Cloud(event) => {
            let data = &event["data"];
            let field = |name: &str| text(&data[name]);
            let at = text(&event["time"]).unwrap();
            match event["type"].as_str().unwrap() {
                "reminder.sent" => RawEvent::Sent(RawSent {
                    reminder_id: field("reminderId").unwrap(),
                    at,
                    campaign_id: field("campaignId").unwrap(),
                    user_id: field("userId"),
                    phone: field("phone"),
                    order_form_id: field("orderFormId").unwrap(),
                    checkout_items: items(&data["checkoutItems"]),
                    link_token: None,
                }),
                "reminder.clicked" => RawEvent::Clicked(RawClicked {
                    reminder_id: field("reminderId").unwrap(),
                    click_id: field("clickId").unwrap(),
                    kind: field("kind").unwrap(),
                    at,
                }),
                "order.updated" => RawEvent::Order(RawOrder {
                    order_group: field("orderGroup").unwrap(),
                    order_id: field("orderId").unwrap(),
                    status: field("status").unwrap(),
                    created_at: field("createdAt").unwrap(),
                    changed_at: field("changedAt").unwrap(),
                    user_id: field("userId"),
                    phone: field("phone"),
                    order_form_id: field("orderFormId"),
                    currency: field("currency").unwrap(),
                    value: data["value"].as_i64().unwrap(),
                    items: items(&data["items"]),
                }),
                other => panic!("the demo store sends no {other}"),
            }
        }
    }
}

fn items(list: &Value) -> Vec<RawItem> {
    let item = |item: &Value| RawItem {
        id: item["id"].as_str().unwrap().into(),
        name: item["name"].as_str().unwrap().into(),
        quantity: u32::try_from(item["quantity"].as_u64().unwrap()).unwrap(),
        price: item["price"].as_i64().unwrap(),
    };
    list.as_array().unwrap().iter().map(item).collect()
}
