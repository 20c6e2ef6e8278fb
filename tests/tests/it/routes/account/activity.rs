//! `GET /account/activity`: each change that a person made, once.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use engine::faults::{Fault, Faults};
use serde_json::{Value, json};
use shared::domain::values::campaign::CampaignStatus;
use shared::domain::values::limits::ACTIVITY_DAYS;
use shared::domain::values::span::Span;
use shared::store::key;
use vtex_stand_in::{APP_KEY, APP_TOKEN};

use crate::store::hook::Hook;
use crate::store::phones::{Phones, asked_connection};
use crate::store::{NOW, PHONE_NUMBER_ID, Store, asked_campaign, asked_settings, now};

const PATH: &str = "/account/activity";
/// What the writing operations are called that leave no entry: they change nothing that lasts.
const CHANGE_NOTHING: [&str; 3] = ["lookUpCarts", "lookUpOptOut", "sendTestMessage"];

/// All entries, oldest first, without ids and instants.
async fn entries(store: &Store) -> Vec<Value> {
    let mut entries = store.get(PATH).await.ok()["items"].as_array().unwrap().clone();
    entries.reverse();
    for entry in &mut entries {
        for name in ["id", "at"] {
            assert!(entry.as_object_mut().unwrap().remove(name).is_some());
        }
    }
    entries
}

/// A store with a walk through its Admin, and what of it was told so far.
struct Walk {
    store: Store,
    told: Vec<Value>,
    operations: BTreeSet<&'static str>,
}

impl Walk {
    /// Does something that changes the account, and compares the entry that it leaves; the answer.
    async fn does(
        &mut self,
        operation: &'static str,
        (method, path): (&str, &str),
        body: Value,
        mut entry: Value,
    ) -> Value {
        self.operations.insert(operation);
        self.store.pass(Span::seconds(1));
        let body = (!body.is_null()).then(|| body.to_string());
        let answer = self.store.send(method, path, &[], body).await;
        assert!(answer.is_success(), "{operation}: {}", answer.text);
        entry["by"] = json!("ana");
        self.told.push(entry);
        assert_eq!(entries(&self.store).await, self.told, "{operation}");
        answer.body
    }

    /// Does it again, or something that is refused: nothing is changed, and nothing told.
    async fn leaves_nothing(&self, (method, path): (&str, &str), body: Value) {
        self.store.pass(Span::seconds(1));
        let body = (!body.is_null()).then(|| body.to_string());
        let answer = self.store.send(method, path, &[("if-match", "\"1\"")], body).await;
        assert!(answer.status < 500, "{}", answer.text);
        assert_eq!(entries(&self.store).await, self.told, "{method} {path}: {}", answer.text);
    }

    /// Does something, and does it once more, which changes nothing.
    async fn does_once(
        &mut self,
        operation: &'static str,
        way: (&str, &str),
        body: Value,
        entry: Value,
    ) -> Value {
        let answer = self.does(operation, way, body.clone(), entry).await;
        self.leaves_nothing(way, body).await;
        answer
    }
}

#[tokio::test]
async fn each_change_is_told_once_with_who_made_it() {
    let phones = Phones::of(&Store::unset().await).await;
    let store = Hook::of(&phones.store).await.store;
    let mut walk = Walk { store, told: Vec::new(), operations: BTreeSet::new() };
    account(&mut walk).await;
    campaigns(&mut walk).await;
    reports(&mut walk).await;
    opt_outs(&mut walk).await;

    // Every writing operation of the document is among them, or changes nothing.
    let documents = [campaigns::openapi(), ::reports::openapi(), ingest::openapi()];
    let documents = documents.map(|document| serde_json::to_value(document).unwrap());
    let operations = documents.iter().flat_map(|document| document["paths"].as_object().unwrap());
    let operations = operations.flat_map(|(_, item)| item.as_object().unwrap().values());
    let writing = operations.filter(|of| of["security"][0]["bearer"][0] == "admin:write");
    let names = |value: &Value| value.as_str().unwrap().to_owned();
    let writing: BTreeSet<String> = writing.map(|of| names(&of["operationId"])).collect();
    let walked = walk.operations.iter().chain(&CHANGE_NOTHING);
    assert_eq!(walked.map(|name| (*name).to_owned()).collect::<BTreeSet<_>>(), writing);
}

async fn account(walk: &mut Walk) {
    let put = ("PUT", "/account");
    walk.does_once("putAccount", put, asked_settings(), json!({"deed": "account-created"})).await;
    let mut settings = asked_settings();
    settings["language"] = json!("es");
    settings["phoneNumberIds"] = json!(["222"]);
    let fields = json!(["language", "phoneNumberIds"]);
    let entry = json!({"deed": "settings-changed", "fields": fields});
    walk.does_once("putAccount", put, settings.clone(), entry).await;
    settings["timeZone"] = json!("Mars/Olympus");
    walk.leaves_nothing(put, settings).await;

    let secret = ("POST", "/account/signing-secret");
    walk.does("createSigningSecret", secret, Value::Null, json!({"deed": "signing-secret-made"}))
        .await;
    let (vtex, keys) =
        (("POST", "/account/vtex"), json!({"appKey": APP_KEY, "appToken": APP_TOKEN}));
    walk.leaves_nothing(vtex, json!({"appKey": APP_KEY, "appToken": "wrong"})).await;
    walk.does("connectVtex", vtex, keys.clone(), json!({"deed": "vtex-connected"})).await;
    walk.does("connectVtex", vtex, keys, json!({"deed": "vtex-renewed"})).await;

    let entry = json!({"deed": "whatsapp-connected"});
    walk.does("putWhatsapp", ("PUT", "/account/whatsapp"), asked_connection(), entry).await;
    let template = ("POST", "/templates/pt-BR/text");
    let entry = json!({"deed": "template-made", "language": "pt-BR", "messageType": "text"});
    walk.does_once("createTemplate", template, Value::Null, entry).await;
    let entry = json!({"deed": "whatsapp-disconnected"});
    let gone = ("DELETE", "/account/whatsapp");
    walk.does_once("deleteWhatsapp", gone, Value::Null, entry).await;

    let mut sending = json!({"enabled": false, "hours": {"mon": ["09:00", "20:00"]},
        "cooldownHours": 48, "consent": "recorded"});
    let every = json!(["enabled", "hours", "cooldownHours", "consent"]);
    let put = ("PUT", "/account/sending");
    let entry = json!({"deed": "sending-changed", "fields": every});
    walk.does_once("putSending", put, sending.clone(), entry).await;
    sending["cooldownHours"] = json!(72);
    let entry = json!({"deed": "sending-changed", "fields": ["cooldownHours"]});
    walk.does_once("putSending", put, sending, entry).await;

    let replay = ("POST", "/events/aside/replay");
    let entry = json!({"deed": "aside-replayed"});
    walk.does("replayKeptAside", replay, json!({}), entry).await;
    let entry = json!({"deed": "aside-replayed", "reason": "too-old"});
    walk.does("replayKeptAside", replay, json!({"reason": "too-old"}), entry).await;
    // What goes on is the same replay.
    let cursor = shared::web::Cursor(json!({"number": null, "after": "2026"})).encode().unwrap();
    walk.leaves_nothing(replay, json!({"cursor": cursor})).await;
}

async fn campaigns(walk: &mut Walk) {
    let create = ("POST", "/campaigns");
    walk.leaves_nothing(create, json!({"name": ""})).await;
    walk.store.pass(Span::seconds(1));
    let answer = walk.store.post("/campaigns", asked_campaign("Spring")).await;
    let id = answer.body["campaignId"].as_str().unwrap().to_owned();
    let entry = |deed: &str, name: &str| json!({"deed": deed, "campaignId": id, "campaignName": name, "by": "ana"});
    walk.operations.insert("createCampaign");
    walk.told.push(entry("campaign-created", "Spring"));
    assert_eq!(entries(&walk.store).await, walk.told);

    walk.store.pass(Span::seconds(1));
    let edit = json!({"name": "Autumn", "messageType": "image"});
    assert_eq!(walk.store.patch(&id, "\"1\"", edit.clone()).await.status, 200);
    let mut edited = entry("campaign-edited", "Autumn");
    edited["fields"] = json!(["name", "messageType"]);
    walk.operations.insert("editCampaign");
    walk.told.push(edited);
    // On the version that was edited it is refused, and on the new one it changes nothing.
    walk.leaves_nothing(("PATCH", &format!("/campaigns/{id}")), edit.clone()).await;
    assert_eq!(walk.store.patch(&id, "\"2\"", edit).await.status, 200);
    let (pause, resume) = (format!("/campaigns/{id}/pause"), format!("/campaigns/{id}/resume"));
    let paused = entry("campaign-paused", "Autumn");
    walk.does_once("pauseCampaign", ("POST", &pause), Value::Null, paused).await;
    let resumed = entry("campaign-resumed", "Autumn");
    walk.does_once("resumeCampaign", ("POST", &resume), Value::Null, resumed).await;
}

async fn reports(walk: &mut Walk) {
    let (from, to, email) = ("2026-11-01", "2026-11-20", "eva@shop.example");
    let body = json!({"email": email, "from": from, "to": to}).to_string();
    let key = [("idempotency-key", "one")];
    for _ in 0..2 {
        walk.store.pass(Span::seconds(1));
        let answer = walk.store.send("POST", "/reports", &key, Some(body.clone())).await;
        assert_eq!(answer.status, 202, "{}", answer.text);
    }
    walk.operations.insert("requestReport");
    walk.told.push(json!({"deed": "report-requested", "from": from, "to": to, "by": "ana"}));
    walk.leaves_nothing(("POST", "/reports"), json!({"email": email, "from": to, "to": from}))
        .await;

    let asked = json!({"email": email, "frequency": "weekly"});
    let entry = |deed: &str| json!({"deed": deed, "frequency": "weekly"});
    let create = ("POST", "/report-schedules");
    let made = walk.does("createReportSchedule", create, asked, entry("schedule-added")).await;
    let path = format!("/report-schedules/{}", made["id"].as_str().unwrap());
    let mut edited = entry("schedule-edited");
    edited["fields"] = json!(["email", "format"]);
    let edit = json!({"email": "ana@shop.example", "format": "xlsx", "frequency": "weekly"});
    walk.does_once("editReportSchedule", ("PATCH", &path), edit, edited).await;
    let (pause, resume) = (format!("{path}/pause"), format!("{path}/resume"));
    let paused = entry("schedule-paused");
    walk.does_once("pauseReportSchedule", ("POST", &pause), Value::Null, paused).await;
    let resumed = entry("schedule-resumed");
    walk.does_once("resumeReportSchedule", ("POST", &resume), Value::Null, resumed).await;
    let deleted = entry("schedule-deleted");
    walk.does_once("deleteReportSchedule", ("DELETE", &path), Value::Null, deleted).await;
}

/// What was changed about a shopper doesn't tell who that is.
async fn opt_outs(walk: &mut Walk) {
    let ana = json!({"phone": "+55 11 98555-0101"});
    let entry = json!({"deed": "opt-out-added"});
    walk.does_once("addOptOut", ("POST", "/opt-outs"), ana.clone(), entry).await;
    walk.leaves_nothing(("POST", "/opt-outs/lookup"), ana.clone()).await;
    walk.leaves_nothing(("POST", "/shoppers/carts"), ana.clone()).await;
    let entry = json!({"deed": "opt-out-removed"});
    walk.does_once("removeOptOut", ("POST", "/opt-outs/remove"), ana, entry).await;
    let shopper = json!({"userId": "shopper-7"});
    let entry = json!({"deed": "erasure-requested"});
    walk.does("eraseShopper", ("POST", "/shoppers/erase"), shopper, entry).await;
    let items = stored(&walk.store).await;
    assert_eq!(items.len(), walk.told.len());
    let shown = format!("{items:?}");
    assert!(!["98555", "shopper-7", "@shop.example"].iter().any(|text| shown.contains(text)));
}

type Item = std::collections::HashMap<String, AttributeValue>;

/// The entries as they lie in the table.
async fn stored(store: &Store) -> Vec<Item> {
    let query = store.engine.client.query().table_name(engine::TABLE_NAME);
    let query = query
        .key_condition_expression("pk = :pk")
        .expression_attribute_values(":pk", AttributeValue::S(key::activity(&store.account)));
    query.send().await.unwrap().items.unwrap_or_default()
}

/// Wherever a call's answer is lost or the function dies, a change and its entry are there or neither, and
/// the same request once more ends with one of each.
#[tokio::test]
async fn a_lost_answer_and_a_crash_leave_one_entry() {
    for fault in [Fault::Unanswered, Fault::CrashBefore, Fault::CrashAfter] {
        for call in 0.. {
            let store = Store::open().await;
            let faults = Faults::planned(move |made| (made.number == call).then_some(fault));
            let table = store.engine.table_through(faults.around(store.engine.http()), 3);
            let broken = store.through(table);
            let pause = async || broken.post("/campaigns/c1/pause", Value::Null).await;
            let done = tokio::select! {
                biased;
                answer = pause() => Some(answer),
                () = faults.crashed() => None,
            };
            let ended = faults.calls().len() <= call;
            let left = entries(&store).await.len();
            let id = shared::domain::values::ids::CampaignId::parse("c1").unwrap();
            let campaign = store.table.campaign(&store.account, &id).await.unwrap().unwrap();
            let paused = campaign.status == CampaignStatus::Paused;
            assert_eq!(left, usize::from(paused), "{fault:?} at {call}: {done:?}");
            store.post("/campaigns/c1/pause", Value::Null).await.is_ok();
            assert_eq!(entries(&store).await.len(), 1, "{fault:?} at {call}");
            if ended {
                break;
            }
        }
    }
}

#[tokio::test]
async fn pages_go_back_from_the_newest_and_an_entry_is_kept_for_a_year() {
    let store = Store::open().await;
    let number = campaigns::account::activity::PAGE * 2 + 1;
    for n in 0..number {
        // Some of one millisecond.
        store.clock.set(now().plus(Span::millis(i64::try_from(n / 3).unwrap())));
        let which = if n % 2 == 0 { "pause" } else { "resume" };
        store.post(&format!("/campaigns/c1/{which}"), Value::Null).await.is_ok();
    }
    let (mut path, mut ids, mut sizes) = (PATH.to_owned(), Vec::new(), Vec::new());
    loop {
        let page = store.get(&path).await.ok();
        let items = page["items"].as_array().unwrap();
        sizes.push(items.len());
        ids.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("{PATH}?cursor={next}");
    }
    assert_eq!(sizes, [50, 50, 1]);
    assert!(ids.windows(2).all(|pair| pair[0] > pair[1]));
    let oldest = &stored(&store).await[0];
    let until = now().plus(Span::days(ACTIVITY_DAYS)).seconds();
    assert_eq!(oldest["expiresAt"], AttributeValue::N(until.to_string()));
    // A page that is full to the last item has no next one.
    let exact = Store::open().await;
    assert_eq!(exact.get(PATH).await.json(), json!({"items": []}));
}

#[tokio::test]
async fn each_account_sees_its_own_and_who_did_it() {
    let store = Store::open().await;
    let bela = store.beside("bela", "222", 8).await;
    let eva = store.with_claim("sub", "eva");
    eva.post("/campaigns/c1/pause", Value::Null).await.is_ok();
    let told = store.get(PATH).await.ok();
    let entry = &told["items"][0];
    assert_eq!((&entry["by"], &entry["at"]), (&json!("eva"), &json!(NOW)));
    assert_eq!(bela.get(PATH).await.json(), json!({"items": []}));
    // Nor does another's cursor lead anywhere else.
    let cursor = shared::web::Cursor(format!("{NOW}~")).encode().unwrap();
    let path = format!("{PATH}?cursor={cursor}");
    assert_eq!(bela.get(&path).await.json(), json!({"items": []}));
    assert_eq!(store.get(&path).await.json()["items"].as_array().unwrap().len(), 1);
    store.of("nobody").get(PATH).await.is_problem(404, "account-not-found");
    // What nobody at the Admin does is no activity: a webhook, an operator.
    let read = json!({"id": "wamid.1", "status": "read", "timestamp": "1795348800"});
    let value = json!({"metadata": {"phone_number_id": PHONE_NUMBER_ID}, "statuses": [read]});
    store.whatsapp(crate::store::told::webhook(&value).to_string()).await.is_ok();
    assert_eq!(store.get(PATH).await.ok(), told);
}

#[tokio::test]
async fn a_reader_may_look_and_bad_cursors_are_422() {
    let store = Store::open().await;
    store.with_scope("admin:read").get(PATH).await.is_ok();
    store.with_scope("admin:write").get(PATH).await.is_problem(403, "insufficient-scope");
    let cursor = |text: &str| shared::web::Cursor(text.to_owned()).encode().unwrap();
    for bad in
        ["x".to_owned(), String::new(), cursor("\u{10ffff}"), cursor(""), cursor(&"x".repeat(101))]
    {
        let answer = store.get(&format!("{PATH}?cursor={bad}")).await;
        assert_eq!(answer.problem(), (422, "invalid-field", "cursor"), "{bad}");
    }
    store.get(&format!("{PATH}?cursor={}", cursor(&"x".repeat(100)))).await.is_ok();
}
