//! The calls of VTEX's API.

use std::error::Error;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Method, Response};
use serde_json::Value;
use serde_json::value::RawValue;
use url::Url;

use crate::list::{ListPage, Slice};
use crate::stores::Stores;
use crate::{VtexError, hook};
use domain::values::account::Account;
use domain::values::ids::OrderId;
use domain::values::order_form::OrderForm;
use runtime::config::{ConfigError, Settings};
use store::vtex::VtexKeys;
use telemetry::Unquoted;

/// The variable that leads to another VTEX; tests and the local stack set it, template.yaml never
/// does.
const VTEX_URL: &str = "VTEX_URL";
/// Bytes of one answer: an order of 500 items with all that surrounds them stays well below.
const ANSWER_BYTES: usize = 4 * 1024 * 1024;

/// How long a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// To reach VTEX.
    pub connect: Duration,
    /// For the whole call, its answer's last byte included.
    pub total: Duration,
}

impl Timeouts {
    /// Within the hook: VTEX waits for 5 s, and the order must still be stored and the function may
    /// have to start first.
    pub const HOOK: Self =
        Self { connect: Duration::from_secs(1), total: Duration::from_millis(2_500) };
    /// While a person or a job waits: VTEX pings us within the call that configures the hook.
    pub const PATIENT: Self =
        Self { connect: Duration::from_secs(2), total: Duration::from_secs(10) };
}

/// Where VTEX answers.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Base {
    /// Each account at a host of its own name.
    Cloud,
    /// All at one address.
    At(String),
}

/// VTEX's API. Cheap to clone; clones share their connections.
#[derive(Debug, Clone)]
pub struct VtexApi {
    base: Base,
    timeouts: Timeouts,
    /// Built at the first call: reading the system's certificates would lengthen each cold start of
    /// a function that is mostly called for other things.
    http: Arc<OnceLock<reqwest::Client>>,
}

impl VtexApi {
    /// VTEX itself.
    #[must_use]
    pub fn cloud(timeouts: Timeouts) -> Self {
        Self::of(Base::Cloud, timeouts)
    }

    /// A stand-in that answers for every account at `url` (no slash at its end).
    #[must_use]
    pub fn at(url: impl Into<String>, timeouts: Timeouts) -> Self {
        Self::of(Base::At(url.into()), timeouts)
    }

    /// VTEX itself, or the stand-in that the settings name.
    pub fn from_settings(settings: &Settings<'_>, timeouts: Timeouts) -> Result<Self, ConfigError> {
        match settings.optional(VTEX_URL) {
            Some(_) => Ok(Self::at(settings.base_url(VTEX_URL)?, timeouts)),
            None => Ok(Self::cloud(timeouts)),
        }
    }

    fn of(base: Base, timeouts: Timeouts) -> Self {
        Self { base, timeouts, http: Arc::default() }
    }

    /// The address that the hook of these keys notifies now; none when there is no hook
    /// (`GET /api/orders/hook/config`).
    pub async fn hook_url(
        &self,
        account: &Account,
        keys: &VtexKeys,
    ) -> Result<Option<String>, VtexError> {
        const OPERATION: &str = "read the hook's configuration";
        let url = self.url(OPERATION, account, hook::PATH)?;
        match self.call(OPERATION, Method::GET, url, keys, None).await {
            Ok(bytes) => hook::url_of(&bytes).map_err(|error| unreadable(OPERATION, &error)),
            // What VTEX answers where no hook was ever configured.
            Err(VtexError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes the hook notify `url` with `secret` in [`hook::SECRET_HEADER`]
    /// (`POST /api/orders/hook/config`). VTEX pings the address before it answers, and refuses
    /// ([`VtexError::Refused`]) when the ping fails.
    pub async fn configure_hook(
        &self,
        account: &Account,
        keys: &VtexKeys,
        url: &str,
        secret: &str,
    ) -> Result<(), VtexError> {
        const OPERATION: &str = "configure the hook";
        let endpoint = self.url(OPERATION, account, hook::PATH)?;
        let body = hook::configuration(url, secret);
        self.call(OPERATION, Method::POST, endpoint, keys, Some(&body)).await.map(drop)
    }

    /// An address with each segment escaped, so that no id leads elsewhere.
    fn url(
        &self,
        operation: &'static str,
        account: &Account,
        path: &[&str],
    ) -> Result<Url, VtexError> {
        let base = match &self.base {
            Base::Cloud => format!("https://{account}.vtexcommercestable.com.br"),
            Base::At(url) => url.clone(),
        };
        let unsendable =
            |source: Box<dyn Error + Send + Sync>| VtexError::Unsendable { operation, source };
        let mut url = Url::parse(&base).map_err(|error| unsendable(error.into()))?;
        url.path_segments_mut()
            .map_err(|()| unsendable("the base can't have a path".into()))?
            .pop_if_empty()
            .extend(path);
        Ok(url)
    }

    async fn call(
        &self,
        operation: &'static str,
        method: Method,
        url: Url,
        keys: &VtexKeys,
        body: Option<&Value>,
    ) -> Result<Vec<u8>, VtexError> {
        let mut request = self
            .client(operation)?
            .request(method, url)
            .header("X-VTEX-API-AppKey", keys.app_key())
            .header("X-VTEX-API-AppToken", keys.app_token())
            .header("Accept", "application/json");
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(|error| unreachable(operation, error))?;
        if let Some(error) = VtexError::of_status(operation, response.status()) {
            return Err(error);
        }
        read(operation, response).await
    }

    fn client(&self, operation: &'static str) -> Result<reqwest::Client, VtexError> {
        if let Some(client) = self.http.get() {
            return Ok(client.clone());
        }
        let client = reqwest::Client::builder()
            .connect_timeout(self.timeouts.connect)
            .timeout(self.timeouts.total)
            // The keys would follow a redirect to wherever it leads.
            .redirect(Policy::none())
            .user_agent("whatsapp-campaigns")
            .build()
            .map_err(|error| VtexError::Unsendable { operation, source: error.into() })?;
        // Of two built at once, one is kept.
        Ok(self.http.get_or_init(|| client).clone())
    }
}

impl Stores for VtexApi {
    /// `GET /api/oms/pvt/orders/{orderId}`
    async fn order(
        &self,
        account: &Account,
        keys: &VtexKeys,
        id: &OrderId,
    ) -> Result<Box<RawValue>, VtexError> {
        const OPERATION: &str = "read an order";
        if matches!(id.as_str(), "." | "..") {
            // No escape keeps these from being taken for a step in the path.
            return Err(VtexError::NotFound { operation: OPERATION });
        }
        let url = self.url(OPERATION, account, &["api", "oms", "pvt", "orders", id.as_str()])?;
        let bytes = self.call(OPERATION, Method::GET, url, keys, None).await?;
        serde_json::from_slice(&bytes).map_err(|error| unreadable(OPERATION, &error))
    }

    /// `GET /api/checkout/pub/orderForm/{id}`: without the flag VTEX leaves out whose it is.
    async fn order_form(
        &self,
        account: &Account,
        keys: &VtexKeys,
        form: &OrderForm,
    ) -> Result<Box<RawValue>, VtexError> {
        const OPERATION: &str = "read an order form";
        let path = ["api", "checkout", "pub", "orderForm", form.as_str()];
        let mut url = self.url(OPERATION, account, &path)?;
        url.set_query(Some("disableAutoCompletion=true"));
        let bytes = self.call(OPERATION, Method::GET, url, keys, None).await?;
        serde_json::from_slice(&bytes).map_err(|error| unreadable(OPERATION, &error))
    }

    /// `GET /api/oms/pvt/orders?f_creationDate=…`
    async fn orders(
        &self,
        account: &Account,
        keys: &VtexKeys,
        slice: Slice,
        page: u32,
    ) -> Result<ListPage, VtexError> {
        const OPERATION: &str = "list orders";
        let mut url = self.url(OPERATION, account, &["api", "oms", "pvt", "orders"])?;
        url.set_query(Some(&slice.query(page)));
        let bytes = self.call(OPERATION, Method::GET, url, keys, None).await?;
        serde_json::from_slice(&bytes).map_err(|error| unreadable(OPERATION, &error))
    }
}

/// An answer's body, up to the limit.
async fn read(operation: &'static str, mut response: Response) -> Result<Vec<u8>, VtexError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(operation, error))? {
        if bytes.len() + chunk.len() > ANSWER_BYTES {
            return Err(VtexError::TooLarge { operation, limit_bytes: ANSWER_BYTES });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn unreachable(operation: &'static str, error: reqwest::Error) -> VtexError {
    VtexError::Unreachable { operation, source: error.without_url().into() }
}

/// Without what the error quotes: VTEX's answers name shoppers.
fn unreadable(operation: &'static str, error: &serde_json::Error) -> VtexError {
    VtexError::Unreadable { operation, source: Box::new(Unquoted::of(error)) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn account() -> Account {
        Account::parse("acme").unwrap()
    }

    #[test]
    fn an_account_is_reached_at_its_own_host() {
        let api = VtexApi::cloud(Timeouts::HOOK);
        let url = api.url("read", &account(), hook::PATH).unwrap();
        assert_eq!(url.as_str(), "https://acme.vtexcommercestable.com.br/api/orders/hook/config");
    }

    #[test]
    fn no_order_id_leads_to_another_path() {
        let api = VtexApi::at("http://127.0.0.1:1/base", Timeouts::HOOK);
        let path = |id: &str| {
            let url = api.url("read", &account(), &["orders", id]).unwrap();
            url.as_str().trim_start_matches("http://127.0.0.1:1").to_owned()
        };
        assert_eq!(path("1172452900788-01"), "/base/orders/1172452900788-01");
        assert_eq!(path("../../hook/config"), "/base/orders/..%2F..%2Fhook%2Fconfig");
        assert_eq!(path("a?b=c&d"), "/base/orders/a%3Fb=c&d");
        assert_eq!(path("a\\b"), "/base/orders/a%5Cb");
    }

    #[test]
    fn settings_may_name_a_stand_in() {
        let api = |pairs: &[(&str, &str)]| {
            VtexApi::from_settings(&Settings::of(pairs), Timeouts::HOOK).map(|api| api.base)
        };
        assert_eq!(api(&[]), Ok(Base::Cloud));
        let at = api(&[("VTEX_URL", "http://127.0.0.1:9/")]);
        assert_eq!(at, Ok(Base::At("http://127.0.0.1:9".to_owned())));
        assert!(api(&[("VTEX_URL", "nowhere")]).is_err());
    }

    #[test]
    fn the_template_never_leads_elsewhere() {
        assert!(!include_str!("../../../template.yaml").contains(VTEX_URL));
    }
}
