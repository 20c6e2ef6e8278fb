//! Whatever a signed body holds: never a panic, never a 5xx, never a half-written fact.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::store::senders::{BATCHED, STRUCTURED};
use crate::store::told::{WAMID, clicked, order, receipt, sent, status, tap, value, webhook};
use crate::store::{NOW_SECS, Store};

/// Any JSON, with the words of the providers in it now and then.
fn any_json() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        proptest::sample::select(vec![
            "object",
            "entry",
            "changes",
            "field",
            "value",
            "messages",
            "statuses",
            "metadata",
            "phone_number_id",
            "id",
            "type",
            "status",
            "timestamp",
            "context",
            "button",
            "interactive",
            "button_reply",
            "read",
            "whatsapp_business_account",
            "106540352242922",
            "specversion",
            "1.0",
            "source",
            "time",
            "data",
            "reminderId",
            "reminder.sent",
            "order.updated",
            "2026-11-22T12:00:00Z",
            "1795348800",
            "",
        ])
        .prop_map(str::to_owned),
        ".{0,12}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 48, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map(word.clone(), inner, 0..6)
                .prop_map(|fields| fields.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

/// Puts `value` at one of the places of `of`; the `at`-th, counted from the outside in.
fn replace(of: &mut Value, at: usize, value: &Value) {
    let mut pointers = Vec::new();
    places(of, String::new(), &mut pointers);
    let pointer = &pointers[at % pointers.len()];
    if let Some(place) = of.pointer_mut(pointer) {
        *place = value.clone();
    }
}

fn places(of: &Value, at: String, found: &mut Vec<String>) {
    match of {
        Value::Array(list) => {
            for (index, item) in list.iter().enumerate() {
                places(item, format!("{at}/{index}"), found);
            }
        }
        Value::Object(fields) => {
            for (name, item) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                places(item, format!("{at}/{name}"), found);
            }
        }
        _ => {}
    }
    found.push(at);
}

fn sound_webhook() -> Value {
    let mut reply = tap("wamid.t2", WAMID, NOW_SECS);
    reply["type"] = json!("interactive");
    reply["interactive"] =
        json!({"type": "button_reply", "button_reply": {"id": "1", "title": "x"}});
    webhook(&value(
        &[status("wamid.1", "read", NOW_SECS), status("wamid.2", "failed", NOW_SECS)],
        &[tap("wamid.t1", WAMID, NOW_SECS), reply, json!({"type": "text"})],
    ))
}

fn sound_batch() -> Value {
    json!([
        sent("wamid.1", NOW_SECS),
        receipt("wamid.1", "read", NOW_SECS),
        clicked("wamid.1", "c", "link", NOW_SECS),
        order("1", "01", NOW_SECS),
    ])
}

fn run(check: &impl AsyncFn(&Store, &Value, &Value, usize, &[u8])) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let store = runtime.block_on(Store::open());
    let inputs = (
        any_json(),
        any_json(),
        any::<proptest::sample::Index>(),
        proptest::collection::vec(any::<u8>(), 0..64),
    );
    let config =
        ProptestConfig { cases: 300, source_file: Some(file!()), ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    runner
        .run(&inputs, |(whole, part, at, bytes)| {
            runtime.block_on(check(&store, &whole, &part, at.index(usize::MAX), &bytes));
            Ok(())
        })
        .unwrap();
}

#[test]
fn any_webhook_is_answered_without_a_fault() {
    run(&async |store, whole, part, at, bytes| {
        // Anything at all, JSON or not.
        assert!([200, 400].contains(&store.whatsapp(bytes).await.status));
        assert_eq!(store.whatsapp(whole.to_string()).await.status, 200, "{whole}");
        // A sound one with something else in one place.
        let mut odd = sound_webhook();
        replace(&mut odd, at, part);
        assert_eq!(store.whatsapp(odd.to_string()).await.status, 200, "{odd}");
        // And one that was cut off or overwritten.
        let mut torn = sound_webhook().to_string().into_bytes();
        let from = at % torn.len();
        torn.splice(from..(from + bytes.len()).min(torn.len()), bytes.iter().copied());
        assert!([200, 400].contains(&store.whatsapp(&torn).await.status));
        torn.truncate(from);
        store.whatsapp(&torn).await.is_problem(400, "malformed-json");
    });
}

#[test]
fn any_batch_is_answered_without_a_fault() {
    run(&async |store, whole, part, at, bytes| {
        let answer = store.signed("/events/acme", BATCHED, bytes).await;
        assert!([200, 400, 422].contains(&answer.status));
        let answer = store.signed("/events/acme", STRUCTURED, whole.to_string()).await;
        assert_eq!(answer.status, 200, "{whole}");
        let mut odd = sound_batch();
        replace(&mut odd, at, part);
        let answer = store.signed("/events/acme", BATCHED, odd.to_string()).await;
        if odd.is_array() {
            let told = answer.ok();
            let aside = told["keptAside"].as_array().unwrap().len();
            let accepted = usize::try_from(told["accepted"].as_u64().unwrap()).unwrap();
            assert_eq!(accepted + aside, odd.as_array().unwrap().len());
        } else {
            answer.is_problem(422, "invalid-field");
        }
        let sends = store.signed("/sends/acme", "application/json", part.to_string()).await;
        assert!([201, 404, 422].contains(&sends.status));
    });
}
