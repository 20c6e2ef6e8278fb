//! Who wants no messages, by whatever way they say so (R18).

use local::graph::Act;
use serde_json::{Value, json};
use shared::domain::facts::contact::{Contact, Opt};
use shared::domain::values::ids::PhoneNumberId;
use shared::domain::values::instant::Instant;
use shared::domain::values::span::Span;

use crate::captured_log::logged;
use crate::routes::templates::TEXT;
use crate::store::functions::phone_key;
use crate::store::phones::{ANA, Phones};
use crate::store::told::{WAMID, messages, status, statuses, tap, value, webhook};
use crate::store::{NOW_SECS, PHONE_NUMBER_ID, Store, now};

/// The same phone as `WhatsApp` knew it before Brazil's ninth digit.
const ANA_BEFORE: &str = "551185550101";
/// Her business-scoped id.
const ANA_HERE: &str = "BR.13491208655302741918";

fn second(secs: i64) -> Instant {
    Instant::from_millis(secs * 1_000)
}

fn wrote(text: &str, secs: i64) -> Value {
    json!({"from": ANA_BEFORE, "id": "wamid.in", "timestamp": secs.to_string(), "type": "text",
        "text": {"body": text}})
}

fn preference(of: &Value, wish: &str, secs: i64) -> String {
    let mut preference = json!({"category": "marketing_messages", "value": wish, "timestamp": secs,
        "detail": "d"});
    for (name, value) in of.as_object().unwrap() {
        preference[name] = value.clone();
    }
    let mut value = value(&[], &[]);
    value["user_preferences"] = json!([preference]);
    let mut body = webhook(&value);
    body["entry"][0]["changes"][0]["field"] = json!("user_preferences");
    body.to_string()
}

fn failed(code: u32, secs: i64) -> String {
    let mut failed = status("wamid.failed", "failed", secs);
    failed["recipient_id"] = json!(ANA_BEFORE);
    failed["errors"] = json!([{"code": code, "title": "t"}]);
    statuses(&[failed])
}

#[tokio::test]
async fn every_way_of_saying_stop_is_heard() {
    let mut stop_tap = tap("wamid.tap", WAMID, NOW_SECS - 5);
    stop_tap["from"] = json!(ANA_BEFORE);
    stop_tap["button"] = json!({"payload": "STOP", "text": "Parar"});
    let mut homeless = stop_tap.clone();
    homeless.as_object_mut().unwrap().remove("context");
    for body in [
        messages(&[wrote("PARAR", NOW_SECS - 5)]),
        messages(&[stop_tap]),
        // It can't be tied to a reminder, and says what it says all the same.
        messages(&[homeless]),
        preference(&json!({"wa_id": ANA_BEFORE}), "stop", NOW_SECS - 5),
        failed(131_050, NOW_SECS - 5),
    ] {
        let phones = Phones::of(&Store::open().await).await;
        phones.store.whatsapp(&body).await.is_ok();
        let ana = phones.contact(ANA).await;
        assert_eq!((ana.opt_out, ana.opt_at), (true, Some(second(NOW_SECS - 5))), "{body}");
        // Coming again it changes nothing.
        let before = phones.store.contents().await;
        phones.store.whatsapp(&body).await.is_ok();
        let after = phones.store.contents().await;
        assert_eq!(before.len(), after.len(), "{body}");
        assert_eq!(phones.contact(ANA).await, ana);
        // Nothing that she wrote is kept.
        assert!(!after.concat().contains("PARAR"));
    }
}

#[tokio::test]
async fn what_is_no_wish_changes_nothing() {
    let store = Store::open().await;
    for body in [
        messages(&[wrote("quero parar de receber", NOW_SECS)]),
        messages(&[tap("wamid.tap", WAMID, NOW_SECS)]),
        preference(&json!({"wa_id": ANA}), "interested", NOW_SECS),
        failed(131_000, NOW_SECS),
    ] {
        store.whatsapp(body).await.is_ok();
    }
    assert_eq!(Phones::of(&store).await.contact(ANA).await, Contact::default());
}

#[tokio::test]
async fn an_older_resume_undoes_no_stop() {
    let phones = Phones::of(&Store::open().await).await;
    let store = &phones.store;
    let wish = async |wish: &str, secs: i64| {
        store.whatsapp(preference(&json!({"wa_id": ANA}), wish, secs)).await.is_ok();
        phones.contact(ANA).await.opt_out
    };
    assert!(wish("stop", NOW_SECS - 10).await);
    assert!(wish("resume", NOW_SECS - 20).await);
    // Of one instant the stop holds, whatever came first.
    assert!(wish("resume", NOW_SECS - 10).await);
    assert!(!wish("resume", NOW_SECS - 5).await);
    assert!(wish("stop", NOW_SECS - 5).await);
    assert!(wish("stop", NOW_SECS - 8).await);
}

#[tokio::test]
async fn an_opt_out_by_business_id_reaches_the_phone() {
    let both = json!({"wa_id": ANA_BEFORE, "user_id": ANA_HERE});
    let hidden = json!({"user_id": ANA_HERE});
    let phones = Phones::of(&Store::open().await).await;
    let store = &phones.store;
    // She hides her number, and nobody knows yet whose the id is.
    store.whatsapp(preference(&hidden, "stop", NOW_SECS - 10)).await.is_ok();
    assert!(!phones.contact(ANA).await.opt_out);
    // Whoever learns it carries it over: here a status of a message of ours.
    let mut sent = status("wamid.ours", "sent", NOW_SECS - 5);
    sent["recipient_id"] = json!(ANA_BEFORE);
    sent["recipient_user_id"] = json!(ANA_HERE);
    sent["biz_opaque_callback_data"] = json!("s1.CAgICAgICAgICAgICAgICA");
    store.whatsapp(statuses(&[sent])).await.is_ok();
    let ana = phones.contact(ANA).await;
    assert_eq!((ana.opt_out, ana.opt_at), (true, Some(second(NOW_SECS - 10))));
    // From then on what she says under the id reaches the phone at once.
    store.whatsapp(preference(&hidden, "resume", NOW_SECS - 1)).await.is_ok();
    assert!(!phones.contact(ANA).await.opt_out);
    // An older wish that names both is no news.
    store.whatsapp(preference(&both, "stop", NOW_SECS - 2)).await.is_ok();
    assert!(!phones.contact(ANA).await.opt_out);
}

/// A crash between the wish and its way to the phone is mended by the redelivery.
#[tokio::test]
async fn a_wish_that_was_not_carried_over_is_when_it_comes_again() {
    let phones = Phones::of(&Store::open().await).await;
    let (store, key) = (&phones.store, phone_key());
    let user = key.business_user(ANA_HERE);
    let hidden = json!({"user_id": ANA_HERE});
    store.whatsapp(preference(&hidden, "stop", NOW_SECS - 10)).await.is_ok();
    // As if the writer who learned the mapping had crashed after its first write.
    let phone = shared::domain::values::phone::Phone::parse(
        &format!("+{ANA}"),
        shared::domain::values::phone::CountryCode::BRAZIL,
    );
    let contact = key.contact(&phone.unwrap());
    let item = shared::store::key::Key::business_user(&store.account, &user);
    let update = store.engine.client.update_item().table_name(engine::TABLE_NAME);
    let value = aws_sdk_dynamodb::types::AttributeValue::S(contact.as_str().to_owned());
    update
        .set_key(Some(item.attributes()))
        .update_expression("SET contact = :c")
        .expression_attribute_values(":c", value)
        .send()
        .await
        .unwrap();
    assert!(!phones.contact(ANA).await.opt_out);
    store.whatsapp(preference(&hidden, "stop", NOW_SECS - 10)).await.is_ok();
    assert!(phones.contact(ANA).await.opt_out);
}

#[tokio::test]
async fn a_suppression_only_grows_longer() {
    let phones = Phones::of(&Store::open().await).await;
    let store = &phones.store;
    let until = async |code: u32, secs: i64| {
        store.whatsapp(failed(code, secs)).await.is_ok();
        phones.contact(ANA).await.suppressed_until.unwrap()
    };
    let long = second(NOW_SECS - 10).plus(Span::days(30));
    assert_eq!(until(131_026, NOW_SECS - 10).await, long);
    assert_eq!(until(131_049, NOW_SECS).await, long);
    // It counts from when it happened, not from when it is heard.
    assert_eq!(until(131_026, NOW_SECS - 86_400).await, long);
    assert_eq!(until(131_021, NOW_SECS).await, second(NOW_SECS).plus(Span::days(30)));
    assert_eq!(phones.contact(ANA).await.code, Some(131_021));
    assert!(!phones.contact(ANA).await.opt_out);
}

#[tokio::test]
async fn whoever_is_erased_gets_no_suppression() {
    let phones = Phones::of(&Store::open().await).await;
    let store = &phones.store;
    store.whatsapp(failed(131_050, NOW_SECS - 50)).await.is_ok();
    let phone = shared::domain::values::phone::Phone::parse(
        &format!("+{ANA}"),
        shared::domain::values::phone::CountryCode::BRAZIL,
    );
    let contact = phone_key().contact(&phone.unwrap());
    let key = shared::store::key::Key::contact(&store.account, &contact);
    let update = store.engine.client.update_item().table_name(engine::TABLE_NAME);
    let erased = aws_sdk_dynamodb::types::AttributeValue::S(now().to_string());
    let update = update.set_key(Some(key.attributes())).update_expression("SET erasedAt = :e");
    update.expression_attribute_values(":e", erased).send().await.unwrap();
    store.whatsapp(failed(131_026, NOW_SECS)).await.is_ok();
    let ana = phones.contact(ANA).await;
    assert_eq!((ana.suppressed_until, ana.opt_out), (None, true));
    // Nor is it learned whose an id is.
    let both = json!({"wa_id": ANA, "user_id": ANA_HERE});
    store.whatsapp(preference(&both, "stop", NOW_SECS)).await.is_ok();
    let user = phone_key().business_user(ANA_HERE);
    let held = store.table.business_user(&store.account, &user).await.unwrap();
    assert_eq!((held.contact, held.opt_out), (None, true));
}

#[tokio::test]
async fn a_code_that_blocks_the_account_is_noted() {
    let phones = Phones::open().await;
    let store = &phones.store;
    store.pass(Span::hours(1));
    let at = NOW_SECS + 3_600;
    store.whatsapp(failed(131_042, at)).await.is_ok();
    let blocked = store.get("/account/whatsapp").await.ok()["blocked"].clone();
    assert_eq!(blocked["cure"], "settle-payment");
    // Its message is one that failed, as before.
    let reminder = store.reminder("wamid.failed").await.unwrap();
    assert_eq!(reminder.failed_at, Some(second(at)));
}

#[tokio::test]
async fn the_fold_of_the_table_is_the_fold_of_the_domain() {
    let store = Store::open().await;
    let table = &store.table;
    let instants = [-2, -1, 0, 1].map(|step| now().plus(Span::seconds(step)));
    let mut number = 0;
    for opts in [[Opt::Out, Opt::In], [Opt::In, Opt::Out], [Opt::Out, Opt::Out], [Opt::In, Opt::In]]
    {
        for first in instants {
            for then in instants {
                number += 1;
                let digits = format!("+55119855{number:05}");
                let phone = shared::domain::values::phone::Phone::parse(
                    &digits,
                    shared::domain::values::phone::CountryCode::BRAZIL,
                );
                let contact = phone_key().contact(&phone.unwrap());
                let mut expected = Contact::default();
                for (opt, at) in opts.into_iter().zip([first, then]) {
                    expected = expected.opted(opt, at).unwrap_or(expected);
                    table.contact_opt(&store.account, &contact, opt, at).await.unwrap();
                }
                let held = table.contact(&store.account, &contact).await.unwrap();
                assert_eq!(held, expected, "{opts:?} {first} {then}");
            }
        }
    }
}

/// A wish through a number that merely claims to be the store's waits with it.
#[tokio::test]
async fn a_wish_that_was_kept_aside_is_heard_once_it_is_replayed() {
    let store = Store::set_up().await;
    let phones = Phones::of(&store).await;
    let body = messages(&[wrote("SAIR", NOW_SECS - 5)]);
    store.whatsapp(&body).await.is_ok();
    assert!(!phones.contact(ANA).await.opt_out);
    let strays = store.strays().await;
    assert_eq!(strays.len(), 1);
    phones.connect().await.is_ok();
    let orders = store.intake().orders;
    let replayed = ingest::replay::replay_item(&orders, &store.account, &strays[0]).await.unwrap();
    assert_eq!(replayed, ingest::replay::Replayed::Stored);
    assert!(phones.contact(ANA).await.opt_out);
    assert!(PhoneNumberId::parse(PHONE_NUMBER_ID).is_ok());
}

/// The whole way: a message of ours arrives, she taps its stop button, and nothing more can be tried out with her.
#[tokio::test]
async fn a_tap_on_the_stop_button_of_a_real_template_is_heard() {
    let phones = Phones::open().await;
    let store = &phones.store;
    store.post(TEXT, Value::Null).await.is_ok();
    assert!(phones.deliver().await);
    let id = store.campaign("x").await;
    let test = async || store.post(&format!("/campaigns/{id}/test"), json!({"phone": ANA})).await;
    test().await.is_ok();
    let message = phones.graph.messages().pop().unwrap();
    assert_eq!(message.buttons, ["Voltar ao carrinho", "Parar"]);
    phones.act(Act::Tap { id: message.id, text: "Parar".to_owned() }).await;
    assert!(phones.contact(ANA).await.opt_out);
    test().await.is_problem(409, "opted-out");
}

#[tokio::test]
async fn no_log_line_holds_a_phone() {
    let phones = Phones::of(&Store::open().await).await;
    let store = &phones.store;
    let log = logged(async {
        for body in [
            messages(&[wrote("PARAR", NOW_SECS)]),
            preference(&json!({"wa_id": ANA_BEFORE, "user_id": ANA_HERE}), "stop", NOW_SECS),
            failed(131_026, NOW_SECS),
        ] {
            store.whatsapp(body).await.is_ok();
        }
    })
    .await;
    for text in [ANA, ANA_BEFORE, ANA_HERE, "PARAR"] {
        assert!(!log.contains(text), "{text}: {log}");
    }
    let dump = store.engine.client.scan().table_name(engine::TABLE_NAME).send().await.unwrap();
    let dump = format!("{dump:?}");
    assert!(!dump.contains(ANA) && !dump.contains(ANA_BEFORE) && !dump.contains(ANA_HERE));
}
