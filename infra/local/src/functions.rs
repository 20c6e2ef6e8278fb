//! The functions and what they are given here. This is the one file that names them.

use std::{collections::BTreeMap, error::Error, future::Future, sync::Arc};

use axum::Router;
use futures::future::BoxFuture;
use serde_json::Value;
use shared::domain::rules::retention::Retention;
use shared::domain::values::email::EmailAddress;
use shared::domain::values::identity::PhoneKey;
use shared::graph::GraphApi;
use shared::runtime::clock::Clock;
use shared::runtime::config::Secret;
use shared::runtime::sealing::SealingKey;
use shared::store::Table;
use shared::store::accounts::Vetting;
use shared::vtex::{Timeouts, VtexApi};

use crate::aws::Clients;

/// WhatsApp's app secret here: it signs webhooks.
pub const WHATSAPP_APP_SECRET: &str = "local-app-secret";
/// WhatsApp's verify token here: it answers the handshake.
pub const WHATSAPP_VERIFY_TOKEN: &str = "local-verify-token";
/// The key of the phone digests here.
pub const PHONE_KEY_SECRET: &str = "local-phone-key-secret";
/// The secret that any account's VTEX hook may send here.
pub const VTEX_HOOK_SECRET: &str = "local-hook-secret";
/// Where VTEX answers here unless a stand-in is named: nowhere, so that no order of a development
/// machine is asked for in the cloud.
const NO_VTEX: &str = "http://127.0.0.1:9";
/// The configuration set of report mails here: what template.yaml's rule on their events names.
pub const MAIL_CONFIGURATION_SET: &str = "MailFeedback";
/// The sender of report mails here.
pub const MAIL_FROM: &str = "reports@campaigns.invalid";

/// Any error of a function.
pub type FunctionError = Box<dyn Error + Send + Sync>;
/// A function that is called with an event: the event's JSON in, the answer's JSON out, as in Lambda.
pub type EventHandler =
    Arc<dyn Fn(Value) -> BoxFuture<'static, Result<Value, FunctionError>> + Send + Sync>;
/// Builds the functions for a stack that is starting.
pub type Wiring =
    Arc<dyn Fn(Surroundings) -> BoxFuture<'static, Result<Functions, FunctionError>> + Send + Sync>;

/// All functions by their logical ids in template.yaml.
#[derive(Clone, Default)]
pub struct Functions {
    /// Those behind the API.
    pub http: BTreeMap<String, Router>,
    /// Those behind the stream and the schedule.
    pub events: BTreeMap<String, EventHandler>,
}

impl Functions {
    /// Adds a function of the API.
    #[must_use]
    pub fn with_http(mut self, logical_id: &str, router: Router) -> Self {
        self.http.insert(logical_id.to_owned(), router);
        self
    }

    /// Adds a function of the stream or the schedule.
    #[must_use]
    pub fn with_events<F, Fut>(mut self, logical_id: &str, handler: F) -> Self
    where
        F: Fn(Value) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Value, FunctionError>> + Send + 'static,
    {
        self.events.insert(logical_id.to_owned(), Arc::new(move |event| Box::pin(handler(event))));
        self
    }
}

/// What a starting stack offers its functions: what the environment variables and the clients are in the cloud.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// Clients of the local services.
    pub clients: Clients,
    /// The table's name.
    pub table_name: String,
    /// The report bucket's name.
    pub report_bucket: String,
    /// Where Meta's Graph API is played.
    pub graph_url: String,
    /// Base of tracked links and download links, without a trailing slash.
    pub public_url: String,
    /// The stack's clock.
    pub clock: Clock,
}

/// The real functions, and the VTEX that the environment's `VTEX_URL` names.
#[must_use]
pub fn wiring() -> Wiring {
    wiring_reaching(&std::env::var("VTEX_URL").unwrap_or_else(|_| NO_VTEX.to_owned()))
}

/// The real functions, and the VTEX that answers at `vtex_url`.
#[must_use]
pub fn wiring_reaching(vtex_url: &str) -> Wiring {
    let vtex_url = vtex_url.to_owned();
    Arc::new(move |surroundings| Box::pin(std::future::ready(wire(surroundings, vtex_url.clone()))))
}

/// Gives each function its dependencies. Retention is unlimited here: a demo store is older than it looks.
fn wire(surroundings: Surroundings, vtex_url: String) -> Result<Functions, FunctionError> {
    let Surroundings { clients, table_name, report_bucket, graph_url, public_url, clock } =
        surroundings;
    let graph = GraphApi::at(graph_url);
    let stores = VtexApi::at(vtex_url.clone(), Timeouts::PATIENT);
    let sending = sender::Config {
        phone_key: PhoneKey::new(PHONE_KEY_SECRET),
        sealing: SealingKey::derive(&Secret::new(PHONE_KEY_SECRET)),
        public_url: public_url.clone(),
    };
    let table = Table::new(clients.dynamodb, table_name, Retention::Unlimited);
    let outside = sender::outside::Providers::new(graph.clone(), stores);
    let sender = sender::Deps::new(table.clone(), clock.clone(), sending, outside);
    let worker = report_worker::Deps::new(
        (table.clone(), PhoneKey::new(PHONE_KEY_SECRET)),
        clients.s3.clone(),
        &report_bucket,
        clients.ses,
        EmailAddress::parse(MAIL_FROM)?,
        &public_url,
        clock.clone(),
    )
    .with_configuration_set(MAIL_CONFIGURATION_SET);
    let reports = reports::Deps::new(
        table.clone(),
        clients.s3,
        &report_bucket,
        clock.clone(),
        PhoneKey::new(PHONE_KEY_SECRET),
    );
    let sealing = SealingKey::derive(&Secret::new(PHONE_KEY_SECRET));
    let config = ingest::Config {
        whatsapp_app_secrets: vec![Secret::new(WHATSAPP_APP_SECRET)],
        whatsapp_verify_token: Secret::new(WHATSAPP_VERIFY_TOKEN),
        phone_key: PhoneKey::new(PHONE_KEY_SECRET),
        sealing: sealing.clone(),
        public_url: public_url.clone(),
    };
    let hook = ingest::VtexAccess::new(VtexApi::at(vtex_url.clone(), Timeouts::HOOK))
        .with_secret_for_all(Secret::new(VTEX_HOOK_SECRET));
    let connector =
        campaigns::Connector::new(VtexApi::at(vtex_url, Timeouts::PATIENT), public_url.clone());
    let whatsapp = campaigns::Whatsapp::new(graph, PhoneKey::new(PHONE_KEY_SECRET), public_url);
    let rollup = rollup::Deps { table: table.clone(), clock: clock.clone(), single_shard: None };
    Ok(Functions::default()
        .with_http(
            "IngestFunction",
            ingest::router(ingest::Deps::new(table.clone(), clock.clone(), config).with_vtex(hook)),
        )
        .with_http(
            "MetricsFunction",
            metric_queries::router(metric_queries::Deps::new(table.clone(), clock.clone())),
        )
        .with_http(
            "CampaignsFunction",
            campaigns::router(
                campaigns::Deps::new(table, clock, sealing)
                    .with_connector(connector)
                    .with_whatsapp(whatsapp)
                    .with_sender(true)
                    .with_vetting(Vetting::AtOnce),
            ),
        )
        .with_http("ReportsFunction", reports::router(reports))
        .with_events("ReportWorkerFunction", move |event| {
            let deps = worker.clone();
            async move {
                let event = serde_json::from_value(event)?;
                Ok(serde_json::to_value(report_worker::handle(&deps, event).await?)?)
            }
        })
        .with_events("SenderFunction", move |event| {
            let deps = sender.clone();
            async move {
                let event = serde_json::from_value(event)?;
                Ok(serde_json::to_value(sender::handle(&deps, event, None).await?)?)
            }
        })
        .with_events("RollupFunction", move |event| {
            let deps = rollup.clone();
            async move {
                let event = serde_json::from_value(event)?;
                Ok(serde_json::to_value(rollup::handle(&deps, event).await?)?)
            }
        }))
}
