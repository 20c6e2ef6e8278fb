//! What the sender asks of others: Meta to take a message, a store to tell an order form and its orders.

use std::future::Future;
use std::time::Duration;

use serde_json::value::RawValue;
use shared::domain::values::account::Account;
use shared::domain::values::ids::{OrderId, PhoneNumberId};
use shared::domain::values::order_form::OrderForm;
use shared::graph::message::Message;
use shared::graph::{AccessToken, GraphApi, Sent};
use shared::intake::orders::OrderSource;
use shared::judging::Stores;
use shared::runtime::config::{ConfigError, Settings};
use shared::store::vtex::VtexKeys;
use shared::vtex::list::{ListPage, Slice};
use shared::vtex::{Timeouts, VtexApi, VtexError};

/// Meta and the stores.
pub trait Outside: Stores + OrderSource {
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
    async fn send(&self, token: &AccessToken, from: &PhoneNumberId, message: &Message<'_>) -> Sent {
        self.graph.send(token, from, message).await
    }
}

impl Stores for Providers {
    async fn order_form(
        &self,
        account: &Account,
        keys: &VtexKeys,
        form: &OrderForm,
    ) -> Result<Box<RawValue>, VtexError> {
        self.vtex.order_form(account, keys, form).await
    }
}

impl OrderSource for Providers {
    async fn order(
        &self,
        account: &Account,
        keys: &VtexKeys,
        id: &OrderId,
    ) -> Result<Box<RawValue>, VtexError> {
        self.vtex.order(account, keys, id).await
    }

    async fn orders(
        &self,
        account: &Account,
        keys: &VtexKeys,
        slice: Slice,
        page: u32,
    ) -> Result<ListPage, VtexError> {
        self.vtex.orders(account, keys, slice, page).await
    }
}
