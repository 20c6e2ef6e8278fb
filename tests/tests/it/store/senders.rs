//! Callers who sign what they send.

use axum::body::Body;
use http::Request;
use serde_json::Value;
use shared::runtime::config::Secret;
use shared::web::signature::{SigningSecret, sign_hub};

use super::functions::APP_SECRET;
use super::{Answer, Store};
use tokio::net::TcpSocket;

pub(crate) const STRUCTURED: &str = "application/cloudevents+json";
pub(crate) const BATCHED: &str = "application/cloudevents-batch+json";

impl Store {
    /// A webhook from `WhatsApp`, signed.
    pub(crate) async fn whatsapp(&self, body: impl AsRef<[u8]>) -> Answer {
        let body = body.as_ref();
        self.whatsapp_signed(body, &sign_hub(&Secret::new(APP_SECRET), body)).await
    }

    pub(crate) async fn whatsapp_signed(&self, body: &[u8], signature: &str) -> Answer {
        let request = Request::post("/webhooks/whatsapp")
            .header("content-type", "application/json")
            .header("x-hub-signature-256", signature)
            .body(Body::from(body.to_vec()))
            .unwrap();
        self.call(request).await
    }

    /// A request that another implementation of Standard Webhooks signed.
    pub(crate) async fn signed(
        &self,
        path: &str,
        content_type: &str,
        body: impl AsRef<[u8]>,
    ) -> Answer {
        self.signed_by(&self.secret, path, content_type, body.as_ref()).await
    }

    pub(crate) async fn signed_by(
        &self,
        secret: &SigningSecret,
        path: &str,
        content_type: &str,
        body: &[u8],
    ) -> Answer {
        let at = self.clock.now().seconds();
        let signer = standardwebhooks::Webhook::new(&secret.reveal()).unwrap();
        // The other implementation signs texts alone.
        let signature =
            signer.sign("msg_1", at, body).unwrap_or_else(|_| secret.sign("msg_1", at, body));
        let request = Request::post(path)
            .header("content-type", content_type)
            .header("webhook-id", "msg_1")
            .header("webhook-timestamp", at.to_string())
            .header("webhook-signature", signature)
            .body(Body::from(body.to_vec()))
            .unwrap();
        self.call(request).await
    }

    /// One event of the store.
    pub(crate) async fn event(&self, event: &Value) -> Answer {
        self.signed(&self.events_path(), STRUCTURED, event.to_string()).await
    }

    /// A batch of events.
    pub(crate) async fn batch(&self, events: &[Value]) -> Answer {
        self.signed(&self.events_path(), BATCHED, Value::from(events).to_string()).await
    }

    fn events_path(&self) -> String {
        format!("/events/{}", self.account)
    }
}

/// An address that refuses every connection. The port is bound and nobody listens there: as long
/// as the socket is held nobody else can.
pub(crate) fn nobody_listens() -> (TcpSocket, String) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let endpoint = format!("http://{}", socket.local_addr().unwrap());
    (socket, endpoint)
}
