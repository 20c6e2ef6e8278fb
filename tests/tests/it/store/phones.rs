//! A store's `WhatsApp`: a stand-in for Graph that the functions reach, and the phones behind it.

use campaigns::Whatsapp;
use local::graph::{Act, Graph, TOKEN};
use serde_json::{Value, json};
use shared::domain::facts::contact::Contact;
use shared::domain::values::phone::{CountryCode, Phone};
use shared::graph::GraphApi;
use shared::runtime::config::Secret;

use super::functions::{APP_SECRET, phone_key};
use super::{Answer, PHONE_NUMBER_ID, Store};

/// The store's business account.
pub(crate) const WABA: &str = "102290129340398";
/// Somebody's phone, as `WhatsApp` writes it.
pub(crate) const ANA: &str = "5511985550101";

/// A store and its `WhatsApp`.
pub(crate) struct Phones {
    pub(crate) store: Store,
    pub(crate) graph: Graph,
}

impl Phones {
    /// The same store, whose functions reach a `WhatsApp` that it isn't connected to.
    pub(crate) async fn of(store: &Store) -> Self {
        let graph = Graph::start(store.clock.clone()).await.unwrap();
        graph.add_number(WABA, PHONE_NUMBER_ID);
        let way = Whatsapp::new(GraphApi::at(graph.url()), phone_key(), "https://links.example");
        Self { store: store.with_campaigns(|deps| deps.with_whatsapp(way)), graph }
    }

    /// A store that is open and connected.
    pub(crate) async fn open() -> Self {
        let phones = Self::of(&Store::open().await).await;
        phones.connect().await.is_ok();
        phones
    }

    pub(crate) async fn connect(&self) -> Answer {
        self.connect_with(&asked_connection()).await
    }

    pub(crate) async fn connect_with(&self, body: &Value) -> Answer {
        self.store.put("/account/whatsapp", body).await
    }

    /// Has somebody do something, and delivers what the store is told of it.
    pub(crate) async fn act(&self, act: Act) {
        self.graph.act(act).unwrap();
        assert!(self.deliver().await);
    }

    /// Delivers what waits to be told; whether all of it was taken.
    pub(crate) async fn deliver(&self) -> bool {
        let store = &self.store;
        self.graph
            .deliver(&Secret::new(APP_SECRET), async move |body, signature| {
                store.whatsapp_signed(&body, &signature).await.status == 200
            })
            .await
    }

    /// What is known of whoever has a phone.
    pub(crate) async fn contact(&self, digits: &str) -> Contact {
        let phone = Phone::parse(&format!("+{digits}"), CountryCode::BRAZIL).unwrap();
        let contact = phone_key().contact(&phone);
        self.store.table.contact(&self.store.account, &contact).await.unwrap()
    }
}

pub(crate) fn asked_connection() -> Value {
    json!({"wabaId": WABA, "phoneNumberId": PHONE_NUMBER_ID, "token": TOKEN})
}
