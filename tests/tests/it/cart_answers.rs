//! What the Admin is told of carts, over HTTP against the local stack: the list of a range, why a cart was
//! reminded of or not, and whose carts a phone number's are.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use vtex_stand_in::documents::{ORDER_FORM_ID, order_form};

use crate::cart_life::{beat, connected, funnel, sending, text, tick};
use crate::stack::{Running, Store};

/// The phone of the shopper of VTEX's order form.
const PHONE: &str = "+55 61 99999-0001";

/// What a backend tells of a cart that was left behind at `left`, with these changes.
fn updated(form: &str, left: DateTime<Utc>, changes: &Value) -> Value {
    let mut data = json!({
        "orderFormId": form, "lastActivityAt": text(left), "reachedPayment": true,
        "language": "pt-BR", "currency": "BRL", "value": 11980,
        "consent": {"granted": true, "at": text(left), "source": "checkout"},
    });
    for (name, value) in changes.as_object().unwrap() {
        data[name] = value.clone();
    }
    json!({"specversion": "1.0", "id": format!("cart {form}"), "source": "https://shop.example",
        "type": "cart.updated", "time": text(left), "data": data})
}

async fn tell(store: &Store<'_>, events: Vec<Value>) {
    let told = events.len();
    let (status, answer) = store.batch(events).await;
    assert_eq!((status, &answer["accepted"]), (StatusCode::OK, &json!(told)), "{answer}");
}

/// The range that holds whatever happens around now.
fn range(now: DateTime<Utc>) -> String {
    let day = |days: i64| (now + Duration::days(days)).date_naive();
    format!("from={}&to={}", day(-1), day(1))
}

async fn ok(store: &Store<'_>, path: &str) -> Value {
    let (status, told) = store.get(path).await;
    assert_eq!(status, StatusCode::OK, "{path}: {told}");
    told
}

async fn refused(store: &Store<'_>, path: &str) -> (StatusCode, Value) {
    let (status, told) = store.get(path).await;
    (status, told["code"].clone())
}

/// The items of all pages, and how many pages there were.
async fn listed(store: &Store<'_>, query: &str) -> (Vec<Value>, usize) {
    let (mut items, mut pages, mut cursor) = (Vec::new(), 0, String::new());
    loop {
        let page = ok(store, &format!("/carts?{query}{cursor}")).await;
        items.extend(page["items"].as_array().unwrap().clone());
        pages += 1;
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (items, pages),
        }
    }
}

fn forms(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["orderFormId"].as_str().unwrap()).collect()
}

fn step<'a>(cart: &'a Value, name: &str) -> &'a Value {
    let steps = cart["gate"]["steps"].as_array().unwrap();
    steps.iter().find(|step| step["step"] == name).unwrap_or(&Value::Null)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_cart_that_counts_is_listed_and_explained() {
    let (running, vtex) = crate::vtex::start().await;
    let store = connected(&running, "told").await;
    vtex.put_form(order_form());
    let mut nobody = order_form();
    let other = ORDER_FORM_ID.replace(['0', '1'], "e");
    nobody["orderFormId"] = json!(other);
    nobody["clientProfileData"] = json!(null);
    vtex.put_form(nobody);
    let now = Utc::now();
    for form in [ORDER_FORM_ID, &other, &("0".repeat(31) + "1")] {
        let left = json!({"orderFormId": form, "page": "payment"});
        assert_eq!(beat(&store, left).await, StatusCode::ACCEPTED);
    }

    // They wait: nothing is decided, and each step is judged as of now.
    assert_eq!(ok(&store, &format!("/carts?{}", range(now))).await, json!({"items": []}));
    let waiting = ok(&store, &format!("/carts/{ORDER_FORM_ID}")).await;
    assert_eq!((&waiting["state"], &waiting["reachedPayment"]), (&json!("waiting"), &json!(true)));
    assert_eq!(waiting["decision"], Value::Null);
    let due = DateTime::parse_from_rfc3339(waiting["dueAt"].as_str().unwrap()).unwrap();
    assert!((Duration::minutes(59)..=Duration::minutes(61)).contains(&(due.to_utc() - now)));
    assert_eq!(waiting["gate"]["campaignId"], json!(store.campaigns[0]));
    assert_eq!(waiting["gate"]["steps"].as_array().unwrap().len(), 13);
    let away = step(&waiting, "away");
    assert_eq!((&away["finding"], &away["until"]), (&json!("waits"), &waiting["dueAt"]));
    for passes in ["in-time", "form", "template", "phone", "consent", "cooldown", "time"] {
        assert_eq!(step(&waiting, passes)["finding"], "passes", "{passes}: {waiting}");
    }
    // The phone is missing already now.
    let will_end = ok(&store, &format!("/carts/{other}")).await;
    let phone = step(&will_end, "phone");
    assert_eq!((&phone["finding"], &phone["reason"]), (&json!("ends"), &json!("no-phone")));

    tick(&running, now + Duration::minutes(61)).await;
    let (items, _) = listed(&store, &range(now)).await;
    // The one that VTEX doesn't know counts nowhere, and is told nowhere.
    assert_eq!(items.len(), 2, "{items:?}");
    let item = |form: &str| items.iter().find(|item| item["orderFormId"] == form).unwrap();
    let reminded = item(ORDER_FORM_ID);
    assert_eq!((&reminded["outcome"], &reminded["send"]), (&json!("reminded"), &json!("accepted")));
    assert_eq!(reminded["campaignId"], json!(store.campaigns[0]));
    assert_eq!(item(&other)["reason"], "no-phone");

    // However an order form is written, it is one cart.
    let dashed = format!("{}-{}", &ORDER_FORM_ID[..8], ORDER_FORM_ID[8..].to_uppercase());
    let told = ok(&store, &format!("/carts/{dashed}")).await;
    assert_eq!(told["state"], "closed");
    assert_eq!(told["decision"]["decidedAt"], reminded["decidedAt"]);
    assert_eq!(told["gate"]["at"], reminded["decidedAt"]);
    let steps = told["gate"]["steps"].as_array().unwrap();
    assert!(steps.len() == 13 && steps.iter().all(|step| step["finding"] == "passes"), "{told}");
    let ended = ok(&store, &format!("/carts/{other}")).await;
    assert_eq!(step(&ended, "template")["finding"], "passes", "{ended}");
    assert_eq!(step(&ended, "phone")["reason"], "no-phone");
    assert_eq!(step(&ended, "consent"), &Value::Null, "{ended}");
    assert_eq!(ended["dueAt"], Value::Null);

    let unknown = (StatusCode::NOT_FOUND, json!("cart-not-found"));
    for form in ["f".repeat(32), "a%23b".to_owned(), "x".repeat(101)] {
        assert_eq!(refused(&store, &format!("/carts/{form}")).await, unknown, "{form}");
    }
    // Another store's.
    let stranger = running.store("stranger", "America/Sao_Paulo", 0).await;
    assert_eq!(refused(&stranger, &format!("/carts/{ORDER_FORM_ID}")).await, unknown);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_does_not_answer_leaves_steps_open() {
    let (running, vtex) = crate::vtex::start().await;
    let store = connected(&running, "open").await;
    let left = json!({"orderFormId": ORDER_FORM_ID, "page": "payment"});
    beat(&store, left).await;
    vtex.fail_always(Some(vtex_stand_in::Fault::Status(500)));
    let told = ok(&store, &format!("/carts/{ORDER_FORM_ID}")).await;
    let form = step(&told, "form");
    assert_eq!(
        (&form["finding"], &form["reason"]),
        (&json!("defers"), &json!("store-unreachable"))
    );
    for open in ["campaign", "template", "purchase", "phone", "consent", "worth", "cooldown"] {
        assert_eq!(step(&told, open)["finding"], "unknown", "{open}: {told}");
    }
    assert_eq!(step(&told, "own-facts")["finding"], "passes");
}

/// The list is the funnel, cart by cart, however it is narrowed; and a page holds fifty.
#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_the_funnel_cart_by_cart() {
    let running = Running::start().await;
    let store = sending(&running, "listed").await;
    let now = Utc::now();
    let form = |number: usize| format!("{number:032x}");
    let left = |number: i64| now - Duration::minutes(70) - Duration::seconds(number);
    let mut events: Vec<Value> = (0..60)
        .map(|number| updated(&form(number), left(i64::try_from(number).unwrap()), &json!({})))
        .collect();
    let masked = json!({"phone": "******0163"});
    events.extend((60..63).map(|number| updated(&form(number), left(90), &masked)));
    events.push(updated(&form(63), left(90), &json!({"phone": "+5511985550161"})));
    tell(&store, events).await;
    tick(&running, now).await;
    let told = funnel(&store, now).await["funnel"].clone();
    assert_eq!((&told["carts"], &told["reminded"]), (&json!(64), &json!(1)), "{told}");

    let range = range(now);
    let (items, pages) = listed(&store, &range).await;
    assert_eq!(pages, 2);
    let mut all = forms(&items);
    all.sort_unstable();
    assert_eq!(all, (0..64).map(form).collect::<Vec<_>>());
    let decided: Vec<&str> = items.iter().map(|item| item["decidedAt"].as_str().unwrap()).collect();
    assert!(decided.is_sorted_by(|a, b| a >= b), "{decided:?}");
    let first = ok(&store, &format!("/carts?{range}")).await;
    assert_eq!(first["items"].as_array().unwrap().len(), 50);

    let mut counted: BTreeMap<String, u64> = BTreeMap::new();
    for skipped in told["skipped"].as_array().unwrap() {
        let reason = skipped["reason"].as_str().unwrap();
        let (items, _) = listed(&store, &format!("{range}&outcome=skipped&reason={reason}")).await;
        assert!(items.iter().all(|item| item["reason"] == reason), "{items:?}");
        assert_eq!(items.len() as u64, skipped["count"].as_u64().unwrap(), "{reason}");
        counted.insert(reason.to_owned(), items.len() as u64);
    }
    assert_eq!(counted, BTreeMap::from([("no-phone".into(), 60), ("phone-masked".into(), 3)]));
    let some = async |filter: &str| listed(&store, &format!("{range}&{filter}")).await.0.len();
    assert_eq!(some("outcome=reminded").await, 1);
    assert_eq!(some("outcome=heldOut").await, 0);
    assert_eq!(some("reason=phone-masked").await, 3);
    let campaign = &store.campaigns[0];
    assert_eq!(some(&format!("campaignId={campaign}&outcome=reminded")).await, 1);
    let another = refused(&store, &format!("/carts?{range}&campaignId=another")).await;
    assert_eq!(another, (StatusCode::NOT_FOUND, json!("campaign-not-found")));
    assert_eq!(some("reason=cart-gone").await, 0);

    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    for (query, code) in [
        ("from=2026-11-02&to=2026-11-01".to_owned(), "range-reversed"),
        ("from=2024-01-01&to=2026-11-01".to_owned(), "range-too-long"),
        (format!("{range}&reason=bored"), "invalid-field"),
        (format!("{range}&outcome=lost"), "invalid-field"),
        (format!("{range}&cursor=x"), "invalid-field"),
        (format!("{range}&phone=1"), "invalid-field"),
        ("to=2026-11-01".to_owned(), "invalid-field"),
    ] {
        let refused = refused(&store, &format!("/carts?{query}")).await;
        assert_eq!(refused, (unprocessable, json!(code)), "{query}");
    }
}

/// A row of the list leads to its own episode, whatever came after it; and a consent holds however long ago it was
/// given or refused.
#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_episode_is_told_by_its_own_name() {
    let running = Running::start().await;
    let store = sending(&running, "episodes").await;
    let now = Utc::now();
    let consent = |granted: bool| {
        let at = text(now - Duration::days(300));
        json!({"granted": granted, "at": at, "source": "newsletter"})
    };
    let told = |form: &str, minutes: i64, changes: Value| {
        let mut event = updated(form, now - Duration::minutes(minutes), &changes);
        event["id"] = json!(format!("{form} {minutes}"));
        event
    };
    let refused = json!({"phone": "+5511985550172", "consent": consent(false)});
    let nameless = json!({"consent": consent(true)});
    tell(&store, vec![told("aa", 130, nameless), told("bb", 130, refused)]).await;
    tick(&running, now - Duration::minutes(69)).await;
    let named = json!({"phone": "+5511985550171", "consent": consent(true)});
    tell(&store, vec![told("aa", 65, named)]).await;
    tick(&running, now).await;

    let (items, _) = listed(&store, &range(now)).await;
    let of = |form: &str| -> Vec<&Value> {
        items.iter().filter(|item| item["orderFormId"] == form).collect()
    };
    let [later, earlier] = of("aa")[..] else { panic!("{items:?}") };
    assert_eq!((&later["outcome"], &earlier["reason"]), (&json!("reminded"), &json!("no-phone")));
    assert_eq!(of("bb")[0]["reason"], "no-consent");
    let ask = async |item: &Value| {
        let episode = item["episode"].as_str().unwrap();
        ok(&store, &format!("/carts/aa?episode={episode}")).await
    };
    let (latest, first) = (ask(later).await, ask(earlier).await);
    assert_eq!(latest, ok(&store, "/carts/aa").await);
    assert_eq!(latest["decision"]["outcome"], "reminded");
    assert_eq!(first["decision"]["reason"], "no-phone");
    assert_eq!((&first["state"], &first["episode"]), (&json!("closed"), &earlier["episode"]));
    assert_eq!(
        (step(&first, "phone")["reason"].as_str(), first.get("lastActivityAt")),
        (Some("no-phone"), None)
    );
    let none = format!("/carts/aa?episode={}", text(now).replace('+', "%2B"));
    assert_eq!(
        self::refused(&store, &none).await,
        (StatusCode::NOT_FOUND, json!("cart-not-found"))
    );
    let odd = self::refused(&store, "/carts/aa?episode=first").await;
    assert_eq!(odd, (StatusCode::UNPROCESSABLE_ENTITY, json!("invalid-field")));

    // Erased, they have no id any more, nor does an order form that lives on bring it back.
    let erased = json!({"phone": "+5511985550171"});
    let (status, _) = store.admin(Method::POST, "/shoppers/erase", Some(erased)).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    running.drain().await;
    let ids = async || {
        let (items, _) = listed(&store, &range(now)).await;
        items.iter().filter_map(|item| item["orderFormId"].as_str().map(str::to_owned)).collect()
    };
    let left: Vec<String> = ids().await;
    assert_eq!(left, ["bb"]);
}

/// By a number are found: those reminded of, those that ended or wait at a step behind the reading of the
/// number, and those whose number the backend told.
#[tokio::test(flavor = "multi_thread")]
async fn carts_are_found_by_a_phone_number() {
    let (running, vtex) = crate::vtex::start().await;
    let store = connected(&running, "phones").await;
    let ask = async |store: &Store<'_>, phone: &str| {
        let body = json!({"phone": phone});
        let (status, told) = store.admin(Method::POST, "/shoppers/carts", Some(body)).await;
        assert_eq!(status, StatusCode::OK, "{told}");
        told["items"].as_array().unwrap().clone()
    };
    vtex.put_form(order_form());
    let second = "e".repeat(32);
    let mut cooled = order_form();
    cooled["orderFormId"] = json!(second);
    vtex.put_form(cooled);
    let now = Utc::now();
    beat(&store, json!({"orderFormId": ORDER_FORM_ID, "page": "payment"})).await;
    assert!(ask(&store, PHONE).await.is_empty());
    tick(&running, now + Duration::minutes(61)).await;
    beat(&store, json!({"orderFormId": second, "page": "payment"})).await;
    tick(&running, now + Duration::minutes(62)).await;
    let told = json!({"phone": PHONE});
    tell(&store, vec![updated("backend", now, &told)]).await;

    let found = ask(&store, PHONE).await;
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let of: BTreeMap<String, [String; 2]> = found
        .iter()
        .map(|cart| {
            let decision = &cart["decision"];
            let told = [word(&decision["outcome"]), word(&decision["reason"])];
            (word(&cart["orderFormId"]), told)
        })
        .collect();
    let expected = [
        (ORDER_FORM_ID, ["reminded", "-"]),
        ("backend", ["-", "-"]),
        (&second, ["skipped", "cooldown"]),
    ];
    let expected: BTreeMap<String, [String; 2]> = expected
        .into_iter()
        .map(|(form, told)| (form.to_owned(), told.map(str::to_owned)))
        .collect();
    assert_eq!(of, expected, "{found:?}");
    // However the number is written, and nobody else's.
    assert_eq!(ask(&store, "61 9999-0001").await.len(), 3);
    assert!(ask(&store, "+55 61 99999-0002").await.is_empty());
    let stranger = running.store("stranger", "America/Sao_Paulo", 0).await;
    assert!(ask(&stranger, PHONE).await.is_empty());
    let body = Some(json!({"phone": "ana"}));
    let (status, told) = store.admin(Method::POST, "/shoppers/carts", body).await;
    assert_eq!((status, &told["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("phone")));
}
