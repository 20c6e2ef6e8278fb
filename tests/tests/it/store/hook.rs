//! A store's VTEX: a stand-in that the functions reach, and the notifications that its hook sends.

use std::time::Duration;

use axum::body::Body;
use http::Request;
use ingest::replay::{Replayed, replay_item};
use ops::intake::Intake;
use serde_json::{Value, json};
use shared::intake::catch_up::Pace;
use shared::runtime::config::Secret;
use shared::store::aside::Aside;
use shared::store::vtex::VtexKeys;
use shared::vtex::{Timeouts, VtexApi};
use vtex_stand_in::{APP_KEY, APP_TOKEN, Vtex, documents};

use super::functions::{sealing, system_secret};
use super::{ACCOUNT, Answer, Store, account, now};

/// What the hook of a connected store sends.
pub(crate) const SECRET: &str = "hook-secret";
/// Where VTEX is told to notify.
pub(crate) const PUBLIC_URL: &str = "https://api.example/v1";
/// Patience that no answer of the stand-in uses up, however busy the machine is.
pub(crate) const PATIENT: Timeouts =
    Timeouts { connect: Duration::from_secs(30), total: Duration::from_secs(30) };
/// No pauses between attempts.
pub(crate) const AT_ONCE: Pace =
    Pace { attempts: 3, throttled: Duration::ZERO, failed: Duration::ZERO };

pub(crate) fn keys() -> VtexKeys {
    VtexKeys::parse(APP_KEY, APP_TOKEN).unwrap()
}

/// A store and its VTEX.
pub(crate) struct Hook {
    pub(crate) store: Store,
    pub(crate) vtex: Vtex,
}

impl Hook {
    /// The hook of a store that is open and connected.
    pub(crate) async fn open() -> Self {
        let hook = Self::unconnected().await;
        hook.connect(ACCOUNT, SECRET).await;
        hook
    }

    /// The same before the store is connected.
    pub(crate) async fn unconnected() -> Self {
        Self::of(&Store::open().await).await
    }

    /// The store with a VTEX of its own.
    pub(crate) async fn of(store: &Store) -> Self {
        let vtex = Vtex::start().await.unwrap();
        let way = patient(&vtex);
        Self::behind(store, vtex, way)
    }

    fn behind(store: &Store, vtex: Vtex, way: ingest::VtexAccess) -> Self {
        let api = VtexApi::at(vtex.url(), PATIENT);
        let connector = campaigns::Connector::new(api, PUBLIC_URL);
        let store = store.with_ingest(|deps| deps.with_vtex(way));
        let store = store.with_campaigns(|deps| deps.with_connector(connector));
        Self { store, vtex }
    }

    /// The same behind a function that reaches VTEX in another way.
    pub(crate) fn reaching(&self, way: ingest::VtexAccess) -> Self {
        Self::behind(&self.store, self.vtex.clone(), way)
    }

    /// The VTEX of this store, which is the same behind other functions.
    pub(crate) fn before(&self, store: &Store) -> Self {
        Self::behind(store, self.vtex.clone(), patient(&self.vtex))
    }

    /// What an operator's jobs work with.
    pub(crate) fn intake(&self) -> Intake {
        let api = VtexApi::at(self.vtex.url(), PATIENT);
        Intake::new(self.store.table.clone(), self.store.clock.clone(), &system_secret(), api)
    }

    /// Connects an account by hand.
    pub(crate) async fn connect(&self, name: &str, secret: &str) {
        let store = self.store.of(name);
        let pending = begin(&store, &keys(), secret).await;
        confirm(&store, &pending).await;
    }

    /// Posts what a hook with these secrets sends.
    pub(crate) async fn post(
        &self,
        path: &str,
        secrets: &[&str],
        body: impl Into<Vec<u8>>,
    ) -> Answer {
        let mut request = Request::post(path).header("content-type", "application/json");
        for secret in secrets {
            request = request.header("x-hook-secret", *secret);
        }
        self.store.call(request.body(Body::from(body.into())).unwrap()).await
    }

    /// Posts what the store's own hook sends.
    pub(crate) async fn send(&self, body: &Value) -> Answer {
        self.post("/webhooks/vtex/acme", &[SECRET], body.to_string()).await
    }

    /// Notifies that an order changed.
    pub(crate) async fn notify(&self, order_id: &str) -> Answer {
        self.send(&documents::notification(ACCOUNT, order_id, "Marketplace")).await
    }

    /// Changes an order at VTEX and notifies of it.
    pub(crate) async fn change(&self, document: Value) -> Answer {
        let id = document["orderId"].as_str().unwrap().to_owned();
        self.vtex.put(document);
        self.notify(&id).await
    }

    /// Sends what was kept aside through the hook's path again; none when that fails for now.
    pub(crate) async fn replay(&self, notification: &Value) -> Option<Replayed> {
        let aside = Aside {
            received_at: now(),
            source: "vtex".to_owned(),
            code: "order-not-found".to_owned(),
            field: None,
            body: json!({"account": ACCOUNT, "item": notification}).to_string(),
        };
        replay_item(&self.intake().orders, &account(), &aside).await.ok()
    }
}

/// Begins to connect a store by hand; the secret that VTEX is to be told.
pub(crate) async fn begin(store: &Store, keys: &VtexKeys, secret: &str) -> String {
    let (fresh, key) = (Secret::new(secret), sealing());
    let begun = store.table.vtex_begin(&store.account, keys, &fresh, &key).await;
    begun.unwrap().expose().to_owned()
}

/// VTEX took a secret.
pub(crate) async fn confirm(store: &Store, secret: &str) {
    let secret = Secret::new(secret);
    store.table.vtex_confirm(&store.account, &secret, &sealing(), now()).await.unwrap();
}

fn patient(vtex: &Vtex) -> ingest::VtexAccess {
    ingest::VtexAccess::new(VtexApi::at(vtex.url(), PATIENT)).answering_within(PATIENT.total)
}
