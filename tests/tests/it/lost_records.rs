//! The stream lost records. Their facts are in the table; two commands bring the exact figures back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Duration, Utc};
use local::functions::{EventHandler, PHONE_KEY_SECRET, Wiring, wiring};
use local::stack::Options;
use ops::log::TableStream;
use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::counting::recount::{Ledger, Recount};
use shared::counting::rederive::{Rederive, Rederived};
use shared::domain::rules::retention::Retention;
use shared::domain::values::account::Account;
use shared::domain::values::identity::PhoneKey;
use shared::domain::values::ids::{ClickId, LinkToken};
use shared::domain::values::instant::Instant;
use shared::domain::values::period::Period;
use shared::domain::values::store_day::StoreDay;
use shared::runtime::clock::Clock;
use shared::store::Table;
use tests::answer::Question;
use tests::model::Model;
use tests::raw_event::{RawClicked, RawEvent, RawItem, RawOrder, RawSent, RawStatus};

use crate::stack::{Running, Store, answer, comparable, keyed_digest};

const ZONE: chrono_tz::Tz = chrono_tz::America::Sao_Paulo;
const ACCOUNT: &str = "lost";
/// Orders that are accepted, each with a reminder of its own.
const ORDERS: usize = 200;
/// Reminders with a tracked link that is tapped before anybody says whose it is.
const LINKED: usize = 12;
/// Days on which reminders are sent.
const DAYS: usize = 6;

/// A rollup that takes its records and does nothing with them while `deaf`.
fn deafened(deaf: &Arc<AtomicBool>) -> Wiring {
    let deaf = Arc::clone(deaf);
    Arc::new(move |surroundings| {
        let deaf = Arc::clone(&deaf);
        Box::pin(async move {
            let mut functions = wiring()(surroundings).await?;
            let rollup = functions.events.remove("RollupFunction").unwrap();
            let handler: EventHandler = Arc::new(move |event| {
                if deaf.load(Ordering::SeqCst) {
                    let answer = json!({"state": event["state"], "batchItemFailures": []});
                    return Box::pin(std::future::ready(Ok(answer)));
                }
                rollup(event)
            });
            functions.events.insert("RollupFunction".to_owned(), handler);
            Ok(functions)
        })
    })
}

/// Noon of a day and some hours, as a sender writes it.
fn at(noon: DateTime<Utc>, hours: usize) -> String {
    (noon + Duration::hours(i64::try_from(hours).unwrap())).to_rfc3339()
}

fn mug(price: i64) -> Vec<RawItem> {
    vec![RawItem { id: "1".to_owned(), name: "Caneca; azul".to_owned(), quantity: 1, price }]
}

/// Reminder number `n`: what was told of it, and of the order that may follow it.
struct Part {
    sent: RawEvent,
    later: Vec<RawEvent>,
    order: Vec<RawEvent>,
}

fn part(n: usize, noon: DateTime<Utc>, campaigns: &[String], token: Option<&LinkToken>) -> Part {
    let (reminder_id, day) = (format!("wamid.{n}"), 24 * (n % DAYS));
    // Some shoppers get several reminders; some are known by their phone or cart alone.
    let user = Some(format!("user-{}", n % 120)).filter(|_| !n.is_multiple_of(5));
    let phone = n.is_multiple_of(7).then(|| format!("+55 61 9{:04}-{n:04}", n % 30));
    let cart = format!("cart{n:04}");
    let sent = RawEvent::Sent(RawSent {
        reminder_id: reminder_id.clone(),
        at: at(noon, day),
        campaign_id: campaigns[n % campaigns.len()].clone(),
        user_id: user.clone(),
        phone: phone.clone(),
        order_form_id: cart.clone(),
        checkout_items: mug(900),
        link_token: token.map(|token| token.as_str().to_owned()),
    });
    let status = |status: &str, hours| {
        let (reminder_id, status) = (reminder_id.clone(), status.to_owned());
        RawEvent::Status(RawStatus { reminder_id, status, at: at(noon, day + hours) })
    };
    let clicked = |kind: &str, hours| {
        let (reminder_id, kind) = (reminder_id.clone(), kind.to_owned());
        let click_id = format!("tap-{hours}");
        RawEvent::Clicked(RawClicked { reminder_id, click_id, kind, at: at(noon, day + hours) })
    };
    let mut later = Vec::new();
    if !n.is_multiple_of(3) {
        later.push(status("delivered", 1));
    }
    if n.is_multiple_of(4) {
        later.push(status("read", 2));
    }
    if n.is_multiple_of(9) {
        later.push(status("failed", 1));
    }
    if n % 5 == 1 {
        later.extend([clicked("link", 3), clicked("reply", 4)]);
    }
    // Some within three days, some within fifteen, some too late for any credit.
    let created = day + 5 + 24 * (n % 17);
    let state = |part: &str, status: &str, changed: usize| {
        RawEvent::Order(RawOrder {
            order_group: format!("group-{n}"),
            order_id: format!("group-{n}-{part}"),
            status: status.to_owned(),
            created_at: at(noon, created),
            changed_at: at(noon, changed),
            user_id: user.clone(),
            phone: phone.clone(),
            order_form_id: n.is_multiple_of(2).then(|| cart.clone()),
            currency: if n.is_multiple_of(11) { "USD" } else { "BRL" }.to_owned(),
            value: 1_000 + i64::try_from(n).unwrap(),
            items: mug(850),
        })
    };
    let mut order = vec![state("01", "payment-approved", created)];
    if n.is_multiple_of(8) {
        order.push(state("02", "created", created + 1));
    }
    if n % 10 == 7 {
        order.push(state("01", "canceled", created + 30));
    }
    Part { sent, later, order }
}

/// A link as a sender gets it.
async fn mint(store: &Store<'_>) -> LinkToken {
    let body = json!({"campaignId": store.campaigns[0], "url": "https://shop.example/cart"});
    let path = format!("/sends/{}", store.account);
    let (status, sent) = answer(store.signed(&path, "application/json", body.to_string())).await;
    assert_eq!(status, StatusCode::CREATED, "{sent}");
    LinkToken::parse(sent["link"]["token"].as_str().unwrap()).unwrap()
}

fn table(running: &Running) -> Table {
    let client = running.stack.clients().dynamodb.clone();
    Table::new(client, "campaigns", Retention::Unlimited)
}

async fn repair(running: &Running, period: Period) -> (Recount, Recount) {
    let (table, clock) = (table(running), Clock::system());
    let (_, stream) = table.description().await.unwrap();
    let log = TableStream::new(running.stack.clients().dynamodb_streams.clone(), stream);
    let account = Account::parse(ACCOUNT).unwrap();
    let ledger = Ledger { table: &table, log: &log, account: &account, period, clock: &clock };
    ledger.repair(|_| {}, |_| {}).await.unwrap()
}

async fn rederive(running: &Running, period: Period) -> Rederived {
    let (table, clock) = (table(running), Clock::system());
    let account = Account::parse(ACCOUNT).unwrap();
    let key = PhoneKey::new(PHONE_KEY_SECRET);
    let (table, key, clock, account) = (&table, &key, &clock, &account);
    let rederive = Rederive { table, key, clock, account, zone: ZONE, period };
    let run = rederive.begin(false).await.unwrap();
    rederive.finish(run, |_| {}).await.unwrap()
}

async fn send(store: &Store<'_>, events: &[RawEvent]) {
    for batch in events.chunks(50) {
        store.send(batch).await;
    }
}

/// What the store was told.
struct Story {
    noon: DateTime<Utc>,
    parts: Vec<Part>,
    /// Taps on links that nobody has told a reminder of: an hour before their orders.
    taps: Vec<(LinkToken, ClickId, Instant)>,
}

impl Story {
    async fn of(store: &Store<'_>) -> Self {
        let first = (Utc::now() - Duration::days(40)).date_naive();
        let noon = first.and_hms_opt(15, 0, 0).unwrap().and_utc();
        let (mut links, mut taps) = (Vec::new(), Vec::new());
        for n in 0..LINKED {
            let token = mint(store).await;
            let tapped = at(noon, 24 * (n % DAYS) + 4 + 24 * (n % 17));
            let tapped = Instant::parse_rfc3339(&tapped).unwrap();
            let click_id = ClickId::of_link(&token, tapped.seconds());
            taps.push((token.clone(), click_id, tapped));
            links.push(token);
        }
        let part = |n| part(n, noon, &store.campaigns, links.get(n));
        Self { noon, parts: (0..ORDERS).map(part).collect(), taps }
    }

    /// All of it, as the model is told.
    fn events(&self) -> Vec<RawEvent> {
        let mut events = Vec::new();
        for part in &self.parts {
            events.push(part.sent.clone());
            events.extend(part.later.iter().chain(&part.order).cloned());
        }
        for (n, (_, click_id, at)) in self.taps.iter().enumerate() {
            events.push(RawEvent::Clicked(RawClicked {
                reminder_id: format!("wamid.{n}"),
                click_id: click_id.to_string(),
                kind: "link".to_owned(),
                at: at.to_string(),
            }));
        }
        events
    }

    /// Some of the first reminders, and their orders as they were at first.
    async fn tell_beginning(&self, store: &Store<'_>) {
        let mut events: Vec<RawEvent> = Vec::new();
        for part in self.parts.iter().take(ORDERS / 10).skip(LINKED) {
            events.push(part.sent.clone());
            events.extend(part.later.iter().chain(part.order.first()).cloned());
        }
        send(store, &events).await;
    }

    /// Everything but the end; orders come before their reminders.
    async fn tell_middle(&self, store: &Store<'_>) {
        for (token, click_id, at) in &self.taps {
            table(store.running).early_click_write(token, click_id, *at).await.unwrap();
        }
        Self::tell(store, &self.parts[..ORDERS - 10]).await;
    }

    async fn tell_end(&self, store: &Store<'_>) {
        Self::tell(store, &self.parts[ORDERS - 10..]).await;
    }

    async fn tell(store: &Store<'_>, parts: &[Part]) {
        for part in parts {
            let sent = [&part.sent];
            let events = part.order.iter().chain(sent).chain(&part.later).cloned();
            send(store, &events.collect::<Vec<_>>()).await;
        }
    }

    /// All days on which anything happens.
    fn question(&self) -> Question {
        let day = self.noon.date_naive();
        let (from, to) = (day - Duration::days(1), day + Duration::days(38));
        Question { from, to, campaign_id: None }
    }
}

/// Ends the stack, has its stream forget everything, and starts it again.
async fn lose(running: Running) -> Running {
    // The one record that stays is nobody's.
    let mark = ["the last record".to_owned()];
    table(&running).marks_put(&mark, Clock::system().now()).await.unwrap();
    let data = running.data().join("dynamodb.sqlite");
    running.restart_after(|| engine::forget_stream(&data).unwrap()).await
}

fn conversions(metrics: &Value) -> i64 {
    metrics["totals"]["conversions"]["total"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn stream_records_that_were_lost_come_back_by_two_commands() {
    let deaf = Arc::new(AtomicBool::new(false));
    let wiring = deafened(&deaf);
    let running = Running::start_with(|options| Options { wiring, ..options }).await;
    let store = running.store(ACCOUNT, ZONE.name(), 2).await;
    let (secret, campaigns) = (store.secret.clone(), store.campaigns.clone());
    let history = Story::of(&store).await;
    history.tell_beginning(&store).await;
    running.drain().await;
    // From here on everything is accepted, and no record is handled.
    deaf.store(true, Ordering::SeqCst);
    history.tell_middle(&store).await;
    running.drain().await;
    let running = lose(running).await;
    let mut store = Store::unknown(&running, ACCOUNT).await;
    (store.secret, store.campaigns) = (secret, campaigns.clone());
    // Traffic goes on, and is heard again.
    history.tell_end(&store).await;
    running.drain().await;

    let question = history.question();
    let model = Model::new(ZONE, &campaigns, &history.events(), &keyed_digest);
    let day = |day: chrono::NaiveDate| StoreDay::parse(&day.to_string()).unwrap();
    let period = Period::new(day(question.from), day(question.to)).unwrap();
    let metrics = async || comparable(&model.metrics(&question), store.metrics(&question).await);
    let (expected, short) = metrics().await;
    println!("{} conversions, of which {} show", conversions(&expected), conversions(&short));
    assert!(conversions(&expected) > 60);
    assert!(conversions(&short) < conversions(&expected) / 2);

    // A recount alone counts what is derived, and derives nothing.
    let (found, left) = repair(&running, period).await;
    assert!(!found.differences.is_empty() && left.differences.is_empty());
    running.drain().await;
    let (_, recounted) = metrics().await;
    assert_eq!(recounted["totals"]["sent"], expected["totals"]["sent"]);
    assert!(conversions(&recounted) < conversions(&expected) / 2, "{recounted}");

    let derived = rederive(&running, period).await;
    println!("{derived:?}");
    assert!(derived.looked_at >= 2 * ORDERS as u64 && derived.refused == 0);
    let (_, left) = repair(&running, period).await;
    assert!(left.differences.is_empty(), "{}", ops::recount::table(&left));
    running.drain().await;
    let (expected, mended) = metrics().await;
    assert_eq!(mended, expected);
    let report = store.report(&question).await;
    assert_eq!(report, model.csv(&question));
    for number in 0..ORDERS {
        let (status, order) = store.get(&format!("/orders/group-{number}")).await;
        assert_eq!((status, &order["pending"]), (StatusCode::OK, &json!(false)), "{order}");
    }
    // There is nothing left to do.
    assert_eq!(rederive(&running, period).await.changed, 0);
    assert!(repair(&running, period).await.0.differences.is_empty());
}
