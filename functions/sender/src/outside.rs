//! What the sender asks of others: Meta to take a message, stores to tell order forms and orders.

use std::future::Future;
use std::time::Duration;

use shared::domain::values::ids::PhoneNumberId;
use shared::graph::message::Message;
use shared::graph::{AccessToken, GraphApi, Sent};
use shared::runtime::config::{ConfigError, Settings};
use shared::vtex::{Stores, Timeouts, VtexApi};

/// Meta and the stores.
pub trait Outside: Send + Sync {
    /// What plays VTEX.
    type Stores: Stores + Clone;

    /// The stores.
    fn stores(&self) -> &Self::Stores;

    /// Sends one message, once (R16).
    fn send(
        &self,
        token: &AccessToken,
        from: &PhoneNumberId,
        message: &Message<'_>,
    ) -> impl Future<Output = Sent> + Send;
}

/// The providers themselves.
#[derive(Debug, Clone)]
pub struct Providers {
    graph: GraphApi,
    vtex: VtexApi,
}

/// How long a store may take to tell an order form, an order or a page of its list: one that is slow costs its own
/// carts' time alone.
const STORE: Timeouts = Timeouts { connect: Duration::from_secs(1), total: Duration::from_secs(5) };

impl Providers {
    /// These.
    #[must_use]
    pub const fn new(graph: GraphApi, vtex: VtexApi) -> Self {
        Self { graph, vtex }
    }

    /// The providers, or the stand-ins that the settings name.
    pub fn from_settings(settings: &Settings<'_>) -> Result<Self, ConfigError> {
        let graph = GraphApi::from_settings(settings)?;
        Ok(Self::new(graph, VtexApi::from_settings(settings, STORE)?))
    }
}

impl Outside for Providers {
    type Stores = VtexApi;

    fn stores(&self) -> &VtexApi {
        &self.vtex
    }

    async fn send(&self, token: &AccessToken, from: &PhoneNumberId, message: &Message<'_>) -> Sent {
        self.graph.send(token, from, message).await
    }
}
