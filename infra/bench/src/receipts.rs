//! Receipts per second through the ingest function: signed bodies of 1,000 statuses.

use std::time::Instant as Stopwatch;

use axum::body::Body;
use http::Request;
use shared::domain::values::identity::PhoneKey;
use shared::runtime::clock::Clock;
use shared::runtime::config::Secret;
use shared::runtime::sealing::SealingKey;
use shared::web::signature::sign_hub;

use crate::facts::{self, Failure};
use crate::http_call::call;
use crate::{figure, rate};

const BODIES: usize = 10;
const STATUSES: usize = 1_000;
const SECRET: &str = "bench-secret";

pub(crate) async fn run() -> Result<(), Failure> {
    let engine = engine::Engine::start().await?;
    facts::set_up(&engine.table(), 1).await?;
    let config = ingest::Config {
        whatsapp_app_secrets: vec![Secret::new(SECRET)],
        whatsapp_verify_token: Secret::new("verify"),
        phone_key: PhoneKey::new("phones"),
        sealing: SealingKey::derive(&Secret::new("phones")),
        public_url: "https://campaigns.example".to_owned(),
    };
    let router = ingest::router(ingest::Deps::new(engine.table(), Clock::system(), config));
    let bodies: Vec<String> = (0..BODIES).map(|number| body(number, STATUSES)).collect();
    let bytes = bodies.first().map_or(0, String::len);
    let start = Stopwatch::now();
    for body in bodies {
        let request = Request::post("/webhooks/whatsapp")
            .header("content-type", "application/json")
            .header("x-hub-signature-256", sign_hub(&Secret::new(SECRET), body.as_bytes()))
            .body(Body::from(body))?;
        call(&router, "bench", request).await?;
    }
    let seconds = start.elapsed().as_secs_f64();
    let sizes = format!("{BODIES} bodies of {STATUSES} statuses, {bytes} bytes each");
    figure("receipts through ingest", &rate(BODIES * STATUSES, seconds), &sizes);
    Ok(())
}

/// A webhook with receipts of a moment ago, each of a message that no other body names.
pub(crate) fn body(number: usize, statuses: usize) -> String {
    let at = Clock::system().now().seconds().to_string();
    let statuses: Vec<serde_json::Value> = (0..statuses)
        .map(|status| {
            serde_json::json!({
                "id": format!("wamid.HBgBENCH{number:04}{status:04}=="), "status": "delivered",
                "timestamp": at, "recipient_id": "551155500100",
            })
        })
        .collect();
    serde_json::json!({
        "object": "whatsapp_business_account",
        "entry": [{"id": "5550100", "changes": [{"field": "messages", "value": {
            "metadata": {"phone_number_id": facts::PHONE_NUMBER_ID}, "statuses": statuses,
        }}]}],
    })
    .to_string()
}
