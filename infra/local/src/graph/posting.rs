//! How the stand-in's webhooks reach a running stack.

use shared::runtime::config::Secret;
use tokio::task::JoinHandle;

use super::Graph;
use crate::functions::WHATSAPP_APP_SECRET;

/// Posts a stand-in's webhooks to a stack, as they come.
pub(crate) struct Posting {
    graph: Graph,
    client: reqwest::Client,
    url: String,
    running: JoinHandle<()>,
}

impl Posting {
    /// Starts posting to the stack at `base_url`.
    pub(crate) fn start(graph: Graph, base_url: &str) -> Self {
        let (client, url) = (reqwest::Client::new(), format!("{base_url}/webhooks/whatsapp"));
        let running = tokio::spawn({
            let (graph, client, url) = (graph.clone(), client.clone(), url.clone());
            async move {
                loop {
                    graph.told().await;
                    if !graph.is_held() {
                        post_all(&graph, &client, &url).await;
                    }
                }
            }
        });
        Self { graph, client, url, running }
    }

    /// The stand-in.
    pub(crate) fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Posts what waits, also what is held back.
    pub(crate) async fn deliver(&self) -> bool {
        post_all(&self.graph, &self.client, &self.url).await
    }

    /// Posts what waits, but for what is held back.
    pub(crate) async fn settle(&self) -> bool {
        self.graph.is_held() || self.deliver().await
    }

    pub(crate) fn stop(&self) {
        self.running.abort();
    }
}

impl Drop for Posting {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn post_all(graph: &Graph, client: &reqwest::Client, url: &str) -> bool {
    graph
        .deliver(&Secret::new(WHATSAPP_APP_SECRET), |body, signature| {
            let request = client
                .post(url)
                .header("content-type", "application/json")
                .header("x-hub-signature-256", signature)
                .body(body);
            async move {
                match request.send().await {
                    Ok(answer) => answer.status().is_success(),
                    Err(error) => {
                        tracing::warn!(%error, "a webhook of the stand-in didn't arrive");
                        false
                    }
                }
            }
        })
        .await
}
