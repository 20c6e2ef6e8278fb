//! What the stand-in answers: the calls of Meta's Graph API that `shared/graph` makes.

use std::sync::Weak;

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::{Method, StatusCode, header::AUTHORIZATION};
use serde_json::{Value, json};

use super::fault::{Fault, refusal};
use super::{Inner, Kept, TOKEN, buttons};

/// Bytes of a body that it reads.
const BODY_BYTES: usize = 1024 * 1024;

pub(super) fn router(graph: Weak<Inner>) -> Router {
    Router::new().fallback(answer).with_state(graph)
}

async fn answer(State(graph): State<Weak<Inner>>, request: Request) -> Response {
    let Some(graph) = graph.upgrade() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_BYTES).await.unwrap_or_default();
    let token = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let knows = [format!("Bearer {TOKEN}"), format!("OAuth {TOKEN}")]
        .iter()
        .any(|known| token == Some(known));
    let fault = graph.hear();
    if let Some(fault) = fault.as_ref().filter(|fault| !fault.takes()) {
        return fault.clone().answer().await.unwrap_or_else(|| refusal(1));
    }
    if !knows {
        return refusal(190);
    }
    let query = parts.uri.query().unwrap_or_default();
    let path = parts.uri.path().trim_start_matches('/');
    // A path begins with a version at Meta; here the base has none.
    let steps: Vec<&str> = path.split('/').collect();
    let answered = match (&parts.method, steps.as_slice()) {
        (&Method::POST, [number, "messages"]) => {
            message(&graph, (number, false), &body, fault.as_ref())
        }
        (&Method::POST, [number, "marketing_messages"]) => {
            message(&graph, (number, true), &body, fault.as_ref())
        }
        (&Method::GET, [waba, "phone_numbers"]) => numbers(&graph, waba),
        (&Method::POST, [waba, "subscribed_apps"]) => subscribe(&graph, waba),
        (&Method::GET, [waba, "message_templates"]) => templates(&graph, waba, query),
        (&Method::POST, [waba, "message_templates"]) => create(&graph, waba, &body),
        (&Method::POST, ["app", "uploads"]) => answer_json(&json!({"id": "upload:local?sig=1"})),
        (&Method::POST, ["upload:local"]) => answer_json(&json!({"h": "4::bG9jYWw="})),
        (&Method::GET, [id]) => told_of(&graph, id, query),
        _ => refusal(100),
    };
    match fault {
        Some(fault) => fault.answer().await.unwrap_or(answered),
        None => answered,
    }
}

fn answer_json(value: &Value) -> Response {
    axum::Json(value).into_response()
}

fn told(number: &str) -> Value {
    json!({"id": number, "verified_name": "Loja Exemplo", "display_phone_number": "+55 11 5550-0200"})
}

fn numbers(graph: &Inner, waba: &str) -> Response {
    match graph.locked().numbers.get(waba) {
        Some(numbers) => {
            let numbers: Vec<Value> = numbers.iter().map(|number| told(number)).collect();
            answer_json(&json!({"data": numbers}))
        }
        None => refusal(100),
    }
}

/// What it tells of a phone number or of a business account: the fields that it is asked for.
fn told_of(graph: &Inner, id: &str, query: &str) -> Response {
    let known = if let Some(waba) = graph.waba_of(id) {
        json!({"whatsapp_business_manager_messaging_limit": graph.locked().limit_of(&waba)})
    } else if graph.locked().numbers.contains_key(id) {
        let has = graph.locked().marketing.contains(id);
        json!({"marketing_messages_onboarding_status": if has { "ONBOARDED" } else { "ELIGIBLE" }})
    } else {
        return refusal(100);
    };
    fields(id, query, &known).map_or_else(|| refusal(100), |told| answer_json(&told))
}

/// Those of the known fields that are asked for, and the id; none where a field is asked for that there isn't.
fn fields(id: &str, query: &str, known: &Value) -> Option<Value> {
    let asked = url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "fields");
    let (_, asked) = asked.unwrap_or_default();
    let mut told = serde_json::Map::from_iter([("id".to_owned(), json!(id))]);
    for field in asked.split(',').filter(|field| !matches!(*field, "" | "id")) {
        told.insert(field.to_owned(), known.get(field)?.clone());
    }
    Some(Value::Object(told))
}

fn subscribe(graph: &Inner, waba: &str) -> Response {
    let known = graph.locked().numbers.contains_key(waba);
    if known { answer_json(&json!({"success": true})) } else { refusal(100) }
}

fn templates(graph: &Inner, waba: &str, query: &str) -> Response {
    let name = url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "name");
    let state = graph.locked();
    if !state.numbers.contains_key(waba) {
        return refusal(100);
    }
    let kept = state.templates.get(waba).into_iter().flatten();
    let kept =
        kept.filter(|kept| name.as_ref().is_none_or(|(_, name)| kept.name.contains(&**name)));
    let data: Vec<Value> = kept
        .map(|kept| {
            let reason = kept.reason.as_deref().unwrap_or("NONE");
            json!({"id": "1", "name": kept.name, "language": kept.language, "status": kept.status,
                "rejected_reason": reason, "category": "MARKETING"})
        })
        .collect();
    answer_json(&json!({"data": data}))
}

fn create(graph: &Inner, waba: &str, body: &Bytes) -> Response {
    let asked: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| asked.get(name).and_then(Value::as_str).map(str::to_owned);
    let (Some(name), Some(language), Some(components)) =
        (text("name"), text("language"), asked.get("components"))
    else {
        return refusal(100);
    };
    if !buttons::are_grouped(components) {
        // "Invalid combination."
        return refusal(100);
    }
    let slowly = {
        let mut state = graph.locked();
        if !state.numbers.contains_key(waba) {
            return refusal(100);
        }
        // For marketing 12 hours to 30 days, and for who has Marketing Messages alone.
        let ttl = asked.get("message_send_ttl_seconds");
        let ttl_seconds = ttl.and_then(Value::as_u64);
        let takes_ttl = state.marketing.contains(waba)
            && ttl_seconds.is_some_and(|ttl| (43_200..=2_592_000).contains(&ttl));
        if ttl.is_some() && !takes_ttl {
            return refusal(100);
        }
        let slowly = state.judges_slowly;
        let held = state.templates.entry(waba.to_owned()).or_default();
        if held.iter().any(|kept| kept.name == name && kept.language == language) {
            // "There is already content in this language."
            return refusal(2_388_024);
        }
        let status = "PENDING".to_owned();
        let kept = Kept {
            name: name.clone(),
            language: language.clone(),
            status,
            reason: None,
            components: components.clone(),
            ttl_seconds,
        };
        held.push(kept);
        slowly
    };
    graph.keep_templates();
    if !slowly {
        graph.judge_template(waba, (&name, &language), "APPROVED", None);
    }
    answer_json(&json!({"id": "1", "status": "PENDING", "category": "MARKETING"}))
}

fn message(
    graph: &Inner,
    (number, is_marketing): (&str, bool),
    body: &Bytes,
    fault: Option<&Fault>,
) -> Response {
    let message: Value = serde_json::from_slice(body).unwrap_or_default();
    match graph.take_message((number, is_marketing), &message) {
        Err(code) => refusal(code),
        Ok((id, to)) => {
            let mut taken = json!({"id": id, "message_status": "accepted"});
            if let (Some(Fault::Held), Some(status)) = (fault, taken.get_mut("message_status")) {
                *status = json!("held_for_quality_assessment");
            }
            answer_json(&json!({"messaging_product": "whatsapp",
                "contacts": [{"input": to, "wa_id": to}], "messages": [taken]}))
        }
    }
}
