//! `/opt-outs`: who wants no messages, by their phone number.

use serde_json::{Value, json};
use shared::domain::values::span::Span;

use crate::captured_log::logged;
use crate::store::phones::{ANA, Phones};
use crate::store::{NOW, Store};

async fn ask(phones: &Phones, path: &str, phone: &str) -> Value {
    phones.store.post(path, json!({"phone": phone})).await.ok()
}

#[tokio::test]
async fn somebody_opts_out_and_in_again() {
    let phones = Phones::of(&Store::set_up().await).await;
    assert_eq!(ask(&phones, "/opt-outs/lookup", ANA).await, json!({"optedOut": false}));
    let out = json!({"optedOut": true, "since": NOW});
    assert_eq!(ask(&phones, "/opt-outs", "(11) 98555-0101").await, out);
    // However the number is written, it is one person.
    for written in [ANA, "+55 11 98555-0101", "11 8555-0101", "551185550101", "0055 11 985550101"] {
        assert_eq!(ask(&phones, "/opt-outs/lookup", written).await, out, "{written}");
    }
    assert_eq!(ask(&phones, "/opt-outs/lookup", "(11) 98555-0102").await["optedOut"], false);
    phones.store.pass(Span::seconds(1));
    let back = ask(&phones, "/opt-outs/remove", ANA).await;
    assert_eq!(back, json!({"optedOut": false, "since": "2026-11-22T12:00:01.000Z"}));
}

#[tokio::test]
async fn what_meta_asked_for_is_told_and_stays() {
    let phones = Phones::of(&Store::set_up().await).await;
    let store = &phones.store;
    ask(&phones, "/opt-outs", ANA).await;
    let phone = shared::domain::values::phone::Phone::parse(
        &format!("+{ANA}"),
        shared::domain::values::phone::CountryCode::BRAZIL,
    );
    let contact = crate::store::functions::phone_key().contact(&phone.unwrap());
    let alone = (store.clock.now(), Span::days(7), 130_472);
    store.table.contact_suppress(&store.account, &contact, alone).await.unwrap();
    store.pass(Span::seconds(1));
    let told = ask(&phones, "/opt-outs/remove", ANA).await;
    assert_eq!(told["suppressedUntil"], "2026-11-29T12:00:00.000Z");
    assert_eq!((&told["optedOut"], &told["code"]), (&json!(false), &json!(130_472)));
    store.pass(Span::days(7));
    let over = ask(&phones, "/opt-outs/lookup", ANA).await;
    assert!(over.get("suppressedUntil").is_none() && over.get("code").is_none());
}

#[tokio::test]
async fn what_is_no_phone_number_is_refused() {
    let phones = Phones::of(&Store::set_up().await).await;
    for path in ["/opt-outs", "/opt-outs/lookup", "/opt-outs/remove"] {
        for phone in ["", "ana", "11 ****-0101", "00000000"] {
            let answer = phones.store.post(path, json!({"phone": phone})).await;
            assert_eq!(answer.is_problem(422, "invalid-field")["field"], "phone", "{phone}");
        }
        let answer = phones.store.post(path, json!({"phone": ANA, "name": "Ana"})).await;
        assert_eq!(answer.is_problem(422, "invalid-field")["field"], "name");
        let reader = phones.store.with_scope("admin:read");
        reader.post(path, json!({"phone": ANA})).await.is_problem(403, "insufficient-scope");
        let nobody = Phones::of(&Store::unset().await).await;
        let answer = nobody.store.post(path, json!({"phone": ANA})).await;
        answer.is_problem(404, "account-not-found");
    }
}

#[tokio::test]
async fn a_wish_is_the_accounts_own() {
    let phones = Phones::of(&Store::set_up().await).await;
    ask(&phones, "/opt-outs", ANA).await;
    let bela = phones.store.of("bela");
    assert_eq!(bela.put("/account", crate::store::asked_settings()).await.status, 201);
    let told = bela.post("/opt-outs/lookup", json!({"phone": ANA})).await.ok();
    assert_eq!(told, json!({"optedOut": false}));
}

#[tokio::test]
async fn no_log_line_holds_a_phone() {
    let phones = Phones::of(&Store::set_up().await).await;
    let log = logged(async {
        ask(&phones, "/opt-outs", ANA).await;
        let odd = json!({"phone": "55119855501010101010"});
        phones.store.post("/opt-outs/lookup", odd).await.is_problem(422, "invalid-field");
    })
    .await;
    assert!(!log.contains("985550101") && !log.contains("9855501010"), "{log}");
}
