//! What requests cost in the table: counted, not timed.

use serde_json::{Value, json};
use shared::domain::facts::event::{Event, Receipt, ReminderStatus};
use shared::domain::values::limits::{EVENT_BATCH, PARTS_PER_ORDER};

use crate::store::functions::phone_key;
use crate::store::told::{WAMID, messages, order, receipt, sent, status, statuses, tap};
use crate::store::{CAMPAIGN, NOW_SECS, Store, account};

#[tokio::test]
async fn a_receipt_costs_one_write_unit_and_no_read() {
    let store = Store::open().await;
    let (table, meter) = store.engine.metered();
    let store = store.through(table);
    // The phone number's account is looked up once a minute.
    store.whatsapp(statuses(&[status("wamid.0", "read", NOW_SECS)])).await.is_ok();
    assert_eq!(meter.of("GetItem").calls, 1);
    meter.reset();
    let items: Vec<Value> =
        (0..100).map(|n| status(&format!("wamid.{n}"), "delivered", NOW_SECS)).collect();
    store.whatsapp(statuses(&items)).await.is_ok();
    assert_eq!(meter.calls(), 100);
    assert_eq!(meter.of("UpdateItem").calls, 100);
    assert!((meter.write_units() - 100.0).abs() < f64::EPSILON, "{}", meter.write_units());
    assert!(meter.read_units() < f64::EPSILON, "{}", meter.read_units());
    // A duplicate is one call, too; the engine tells no units of a condition that fails.
    meter.reset();
    store.whatsapp(statuses(&items)).await.is_ok();
    assert_eq!((meter.calls(), meter.of("UpdateItem").calls), (100, 100));
}

#[tokio::test]
async fn a_tap_costs_one_call() {
    let store = Store::open().await;
    let (table, meter) = store.engine.metered();
    let store = store.through(table);
    store.whatsapp(messages(&[tap("t0", WAMID, NOW_SECS)])).await.is_ok();
    meter.reset();
    store.whatsapp(messages(&[tap("t1", WAMID, NOW_SECS)])).await.is_ok();
    assert_eq!((meter.calls(), meter.of("UpdateItem").calls), (1, 1));
    assert!((meter.write_units() - 1.0).abs() < f64::EPSILON);
}

#[tokio::test]
async fn what_is_known_of_an_account_is_not_read_again() {
    let store = Store::open().await;
    let (table, meter) = store.engine.metered();
    let store = store.through(table);
    store.event(&sent("wamid.0", NOW_SECS)).await.is_ok();
    meter.reset();
    // Settings, campaign and zone are known. The fact is read; the marks of what it names, before and
    // after; pointers and cart go in one call, the fact in another.
    store.event(&sent("wamid.1", NOW_SECS)).await.is_ok();
    assert_eq!((meter.of("GetItem").calls, meter.of("BatchGetItem").calls), (1, 2));
    assert_eq!(meter.calls(), 5);
    meter.reset();
    store.event(&receipt("wamid.1", "read", NOW_SECS)).await.is_ok();
    assert_eq!(meter.calls(), 1);
    meter.reset();
    store.event(&order("1", "01", NOW_SECS)).await.is_ok();
    // Read, marks, pointers and items, write, marks again.
    assert_eq!(meter.calls(), 5);
}

#[tokio::test]
async fn receipts_without_http_cost_the_same() {
    let store = Store::open().await;
    let (table, meter) = store.engine.metered();
    let store = store.through(table);
    let receipts = (0..1_000).map(|n| {
        Event::Status(ReminderStatus {
            reminder_id: format!("wamid.{n}").try_into().unwrap(),
            receipt: Receipt::Delivered,
            at: store.clock.now(),
        })
    });
    ingest::store_all(
        &store.functions.ingest.table,
        &phone_key(),
        &store.functions.ingest.accounts,
        &account(),
        receipts.collect(),
    )
    .await;
    assert_eq!(meter.calls(), 1_000);
    assert!((meter.write_units() - 1_000.0).abs() < f64::EPSILON);
    assert!(meter.read_units() < f64::EPSILON);
}

/// R11: a send's campaign is read each time.
#[tokio::test]
async fn a_send_reads_its_campaign_and_a_tap_its_link() {
    let store = Store::open().await;
    let (table, meter) = store.engine.metered();
    let store = store.through(table);
    let body = json!({"campaignId": CAMPAIGN, "url": "https://acme.example/"}).to_string();
    store.signed("/sends/acme", "application/json", &body).await;
    meter.reset();
    let answer = store.signed("/sends/acme", "application/json", &body).await;
    assert_eq!((meter.of("GetItem").calls, meter.of("PutItem").calls, meter.calls()), (1, 1, 2));
    let token = answer.json()["link"]["token"].as_str().unwrap().to_owned();
    meter.reset();
    store.get(&format!("/r/{token}")).await;
    assert_eq!((meter.of("GetItem").calls, meter.of("UpdateItem").calls, meter.calls()), (1, 1, 2));
}

/// A full body of a full batch on few orders: each order is read once and written once.
#[tokio::test]
async fn a_batch_costs_one_read_and_one_write_of_each_of_its_orders() {
    let (orders, parts) = (20, PARTS_PER_ORDER);
    assert_eq!(orders * parts, EVENT_BATCH);
    let store = Store::open().await;
    let (table, meter) = store.engine.metered();
    let store = store.through(table);
    // What is known of the account is not read again.
    store.event(&receipt(WAMID, "read", NOW_SECS)).await.is_ok();
    // The parts of an order stand far from each other in the batch.
    let events: Vec<Value> = (0..orders * parts)
        .map(|n| order(&format!("{}", n % orders), &format!("{:02}", n / orders), NOW_SECS))
        .collect();
    meter.reset();
    assert_eq!(store.batch(&events).await.ok()["accepted"], events.len());
    // Of each order the pointers of three identities and one item list go in one call.
    let calls = |operation: &str| meter.of(operation).calls;
    assert_eq!((calls("GetItem"), calls("PutItem"), calls("BatchWriteItem")), (20, 20, 20));
    // The marks of what it names are read before and after.
    assert_eq!((calls("BatchGetItem"), meter.calls()), (40, 100));
    assert_eq!(store.order("0").await.unwrap().parts.len(), parts);
    // The same again changes nothing: the marks are read once.
    meter.reset();
    assert_eq!(store.batch(&events).await.ok()["accepted"], events.len());
    assert_eq!((calls("GetItem"), calls("BatchGetItem"), meter.calls()), (20, 20, 40));
    // One part more of one order is beyond its limit, and told by itself.
    let mut events: Vec<Value> =
        (0..parts).map(|n| order("0", &format!("{n:02}"), NOW_SECS + 1)).collect();
    events.insert(7, order("0", "one-more", NOW_SECS + 1));
    meter.reset();
    let told = store.batch(&events).await.ok();
    assert_eq!((&told["accepted"], &told["keptAside"][0]["index"]), (&json!(parts), &json!(7)));
    // The second write keeps the one event aside. Both look at the marks before and after.
    assert_eq!((calls("GetItem"), calls("PutItem"), calls("BatchGetItem")), (1, 2, 4));
    assert_eq!(meter.calls(), 7);
}

/// What a body is answered doesn't depend on the order of its events: the same one is kept aside.
#[tokio::test]
async fn of_two_parts_in_one_body_the_greater_is_told_to_be_beyond_the_limit() {
    for greater_first in [true, false] {
        let store = Store::open().await;
        let parts =
            |from: usize, to: usize| (from..to).map(|n| order("o", &format!("{n:02}"), NOW_SECS));
        store.batch(&parts(2, PARTS_PER_ORDER + 1).collect::<Vec<_>>()).await.ok();
        // 49 are held: one of these two fits.
        let mut both: Vec<Value> = [1, 99].into_iter().flat_map(|n| parts(n, n + 1)).collect();
        if greater_first {
            both.reverse();
        }
        let answer = store.batch(&both).await.ok();
        assert_eq!(answer["accepted"], 1, "{answer}");
        let kept: &Value = &answer["keptAside"][0];
        assert_eq!(kept["index"], usize::from(!greater_first), "{answer}");
        assert_eq!(kept["field"], "data.orderId", "{answer}");
    }
}
