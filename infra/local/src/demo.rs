//! The demo store: an invented history, sent as signed webhooks through the public endpoints, and carts of today,
//! which the system itself reminds of.

pub mod carts;
pub mod history;
mod sending;

use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use reqwest::redirect::Policy;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::domain::values::instant::Instant;
use shared::runtime::clock::Clock;
use shared::runtime::config::Secret;
use shared::web::signature::{SigningSecret, sign_hub};

use crate::functions::WHATSAPP_APP_SECRET;
use history::{CAMPAIGNS, DemoCampaign, DemoEvent};

/// The demo store's account.
pub const ACCOUNT: &str = "demo";
/// Its business phone number.
const PHONE_NUMBER_ID: &str = "5550100200";
/// Its time zone.
pub const TIME_ZONE: &str = "America/Sao_Paulo";
/// Events in one request: the page shows something after the first few.
const BATCH: usize = 250;
/// Longer than a batch takes on a slow machine.
const TIMEOUT: Duration = Duration::from_mins(1);
/// The drain ends by itself when nothing moves any more. Counting everything takes a minute on a
/// busy machine: this is only for a stack that has gone.
const COUNTING_TIMEOUT: Duration = Duration::from_hours(1);

/// Why the demo store can't be loaded.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The stack didn't answer.
    #[error("the stack did not answer")]
    Request(#[source] reqwest::Error),
    /// The stack refused something.
    #[error("{what} was answered with {status}: {body}")]
    Refused {
        /// What was sent.
        what: &'static str,
        /// The status.
        status: u16,
        /// The problem.
        body: String,
    },
    /// The stack answered something unexpected.
    #[error("{0} answered without what it promises")]
    Answer(&'static str),
    /// The signing secret can't be used.
    #[error("the signing secret can't be used")]
    Secret(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The progress can't be kept.
    #[error("the demo store's progress can't be written")]
    Progress(#[source] std::io::Error),
    /// Events were kept aside instead of counted.
    #[error("{0} events of the demo store were kept aside")]
    KeptAside(usize),
    /// The sender didn't come to all carts.
    #[error("the demo store's carts were not decided")]
    Undecided,
}

/// How far the demo store is loaded; kept beside the data, so that a load that was interrupted
/// is sent again in full (every event is idempotent) and a complete one is not.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Progress {
    ends_at: Instant,
    campaign_ids: [String; 3],
    /// The English campaign, which has carts and no history.
    #[serde(default)]
    english_campaign_id: Option<String>,
    /// Whether the history is there.
    loaded: bool,
    /// As of when the carts are told.
    #[serde(default)]
    carts_at: Option<Instant>,
    /// Whether the carts are there.
    #[serde(default)]
    carts_told: bool,
}

/// Loads the demo store, whose history ends at `now`, into the stack at `base_url`, unless `progress_file` says that it is
/// loaded already. Its carts are of the moment at which they are told.
///
/// # Errors
/// When the stack doesn't answer or doesn't take everything, or the file can't be written.
pub async fn load(base_url: &str, progress_file: &Path, now: Instant) -> Result<(), DemoError> {
    let held: Option<Progress> =
        std::fs::read(progress_file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    if held.as_ref().is_some_and(|held| held.loaded && held.carts_told) {
        return Ok(());
    }
    let client = reqwest::Client::builder().timeout(TIMEOUT).redirect(Policy::none());
    let client = client.build().map_err(DemoError::Request)?;
    let mut store = DemoStore { client, base_url: base_url.to_owned(), token: String::new() };
    store.token = store.text(&format!("/local/token?account={ACCOUNT}")).await?;
    let secret = store.set_up().await?;
    let mut progress = match held {
        Some(held) => held,
        None => Progress {
            ends_at: now,
            campaign_ids: store.create_campaigns().await?,
            english_campaign_id: None,
            loaded: false,
            carts_at: None,
            carts_told: false,
        },
    };
    progress.write(progress_file)?;
    let events = if progress.loaded {
        Vec::new()
    } else {
        history::history(progress.ends_at, &progress.campaign_ids)
    };
    let told = ToldProgress::start(events.len());
    for batch in events.chunks(BATCH) {
        store.send(batch, &secret).await?;
        told.sent(batch.len());
    }
    told.counting();
    store.drain().await?;
    progress.loaded = true;
    progress.write(progress_file)?;
    if !progress.carts_told {
        told.sending();
        let at = *progress.carts_at.get_or_insert_with(|| Clock::system().now());
        let english = match progress.english_campaign_id.take() {
            Some(id) => id,
            None => store.create_campaign(&carts::ENGLISH).await?,
        };
        progress.english_campaign_id = Some(english.clone());
        progress.write(progress_file)?;
        store.switch_on(&progress.campaign_ids).await?;
        store.tell_carts((at, &english), &secret).await?;
        progress.carts_told = true;
        progress.write(progress_file)?;
    }
    told.end();
    Ok(())
}

impl Progress {
    fn write(&self, file: &Path) -> Result<(), DemoError> {
        let text = serde_json::to_vec(self).unwrap_or_default();
        std::fs::write(file, text).map_err(DemoError::Progress)
    }
}

/// Tells how far the load is, on standard error: a bar for a person; where nobody watches (a log file,
/// CI) a line at its start and one at its end.
struct ToldProgress {
    bar: ProgressBar,
    lines: bool,
}

impl ToldProgress {
    #[expect(clippy::print_stderr, reason = "a command tells a person what it is at")]
    fn start(events: usize) -> Self {
        let style =
            ProgressStyle::with_template("{msg:20} {wide_bar} {pos}/{len} events {elapsed}")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::new(events as u64).with_style(style);
        let lines = bar.is_hidden();
        if lines {
            eprintln!("loading the demo store: {events} events");
        }
        bar.set_message("demo store");
        Self { bar, lines }
    }

    fn sent(&self, events: usize) {
        self.bar.inc(events as u64);
    }

    fn counting(&self) {
        self.bar.set_message("counting");
    }

    fn sending(&self) {
        self.bar.set_message("reminding");
    }

    #[expect(clippy::print_stderr, reason = "a command tells a person what it is at")]
    fn end(self) {
        self.bar.finish_with_message("demo store loaded");
        if self.lines {
            eprintln!("the demo store is loaded, after {} s", self.bar.elapsed().as_secs());
        }
    }
}

struct DemoStore {
    client: reqwest::Client,
    base_url: String,
    token: String,
}

impl DemoStore {
    /// Creates the account and a signing secret.
    async fn set_up(&self) -> Result<SigningSecret, DemoError> {
        let settings = json!({
            "timeZone": TIME_ZONE, "language": "pt-BR", "phoneNumberIds": [PHONE_NUMBER_ID],
            "storeUrl": "https://demo.example",
        });
        let put = self.client.put(format!("{}/account", self.base_url));
        self.admin("the account", put.json(&settings)).await?;
        let post = self.client.post(format!("{}/account/signing-secret", self.base_url));
        let answer = self.admin("the signing secret", post).await?;
        let secret = answer.get("secret").and_then(Value::as_str);
        SigningSecret::parse(secret.ok_or(DemoError::Answer("signing-secret"))?)
            .map_err(|error| DemoError::Secret(error.into()))
    }

    async fn create_campaigns(&self) -> Result<[String; 3], DemoError> {
        let mut ids: [String; 3] = Default::default();
        for (id, campaign) in ids.iter_mut().zip(CAMPAIGNS) {
            *id = self.create_campaign(&campaign).await?;
        }
        Ok(ids)
    }

    async fn create_campaign(&self, campaign: &DemoCampaign) -> Result<String, DemoError> {
        let body = json!({
            "name": campaign.name, "language": campaign.language, "messageType": campaign.message_type,
        });
        let post = self.client.post(format!("{}/campaigns", self.base_url)).json(&body);
        let answer = self.admin("a campaign", post).await?;
        let made = answer.get("campaignId").and_then(Value::as_str);
        Ok(made.ok_or(DemoError::Answer("campaigns"))?.to_owned())
    }

    /// Sends a batch to the endpoints that its events belong to.
    async fn send(&self, batch: &[DemoEvent], secret: &SigningSecret) -> Result<(), DemoError> {
        let mut cloud = Vec::new();
        let mut value = json!({
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "551155500200", "phone_number_id": PHONE_NUMBER_ID},
        });
        let (mut statuses, mut messages) = (Vec::new(), Vec::new());
        for event in batch.iter().cloned() {
            match event {
                DemoEvent::Cloud(event) => cloud.push(event),
                DemoEvent::Status(status) => statuses.push(status),
                DemoEvent::Tap(message) => messages.push(message),
            }
        }
        self.send_events(&cloud, secret).await?;
        if let Some(value) = value.as_object_mut() {
            value.insert("statuses".to_owned(), Value::Array(statuses));
            value.insert("messages".to_owned(), Value::Array(messages));
        }
        let body = json!({
            "object": "whatsapp_business_account",
            "entry": [{"id": "5550100", "changes": [{"field": "messages", "value": value}]}],
        })
        .to_string();
        let request = self
            .client
            .post(format!("{}/webhooks/whatsapp", self.base_url))
            .header("content-type", "application/json")
            .header(
                "x-hub-signature-256",
                sign_hub(&Secret::new(WHATSAPP_APP_SECRET), body.as_bytes()),
            )
            .body(body);
        self.accepted("a WhatsApp webhook", request).await.map(drop)
    }

    async fn send_events(&self, events: &[Value], secret: &SigningSecret) -> Result<(), DemoError> {
        let body = Value::Array(events.to_vec()).to_string();
        let first = events.first().and_then(|event| event.get("id")).and_then(Value::as_str);
        let id = format!("msg_{}", first.unwrap_or("none"));
        let second = Clock::system().now().seconds();
        let request = self
            .client
            .post(format!("{}/events/{ACCOUNT}", self.base_url))
            .header("content-type", "application/cloudevents-batch+json")
            .header("webhook-id", &id)
            .header("webhook-timestamp", second.to_string())
            .header("webhook-signature", secret.sign(&id, second, body.as_bytes()))
            .body(body);
        let answer = self.accepted("a batch of events", request).await?;
        let aside = answer.get("keptAside").and_then(Value::as_array).map_or(0, Vec::len);
        if aside == 0 { Ok(()) } else { Err(DemoError::KeptAside(aside)) }
    }

    /// Waits until everything told is counted.
    async fn drain(&self) -> Result<(), DemoError> {
        let drain = self.client.post(format!("{}/local/drain", self.base_url));
        self.accepted("the drain", drain.timeout(COUNTING_TIMEOUT)).await.map(drop)
    }

    async fn admin(
        &self,
        what: &'static str,
        request: reqwest::RequestBuilder,
    ) -> Result<Value, DemoError> {
        self.accepted(what, request.bearer_auth(&self.token)).await
    }

    async fn accepted(
        &self,
        what: &'static str,
        request: reqwest::RequestBuilder,
    ) -> Result<Value, DemoError> {
        let answer = request.send().await.map_err(DemoError::Request)?;
        let status = answer.status();
        let body = answer.text().await.map_err(DemoError::Request)?;
        if !status.is_success() {
            return Err(DemoError::Refused { what, status: status.as_u16(), body });
        }
        Ok(serde_json::from_str(&body).unwrap_or_default())
    }

    async fn text(&self, path: &str) -> Result<String, DemoError> {
        let answer = self.client.get(format!("{}{path}", self.base_url)).send().await;
        answer.map_err(DemoError::Request)?.text().await.map_err(DemoError::Request)
    }
}
