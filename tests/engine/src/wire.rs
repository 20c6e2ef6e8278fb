//! What the layers around the SDK's HTTP client share.

use std::fmt;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

/// The operation that a request asks for: `PutItem`, ...
pub(crate) fn operation(request: &HttpRequest) -> String {
    let target = request.headers().get("x-amz-target").unwrap_or_default();
    target.rsplit('.').next().unwrap_or_default().to_owned()
}

/// Something that stands between the SDK and the engine.
pub(crate) trait Layer: Clone + Send + Sync + 'static {
    /// Makes a call through `inner`, or not.
    fn call(&self, request: HttpRequest, inner: SharedHttpConnector) -> HttpConnectorFuture;
}

/// `inner` with a layer around it.
pub(crate) fn layered(layer: impl Layer, inner: SharedHttpClient) -> SharedHttpClient {
    SharedHttpClient::new(Layered { layer: Arc::new(layer), inner })
}

struct Layered<L> {
    layer: Arc<L>,
    inner: SharedHttpClient,
}

impl<L> fmt::Debug for Layered<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Layered")
    }
}

impl<L: Layer> HttpClient for Layered<L> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(LayeredConnector { layer: Arc::clone(&self.layer), inner })
    }
}

struct LayeredConnector<L> {
    layer: Arc<L>,
    inner: SharedHttpConnector,
}

impl<L> fmt::Debug for LayeredConnector<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LayeredConnector")
    }
}

impl<L: Layer> HttpConnector for LayeredConnector<L> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.layer.call(request, self.inner.clone())
    }
}
