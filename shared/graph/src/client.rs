//! The calls.
//!
//! A message is sent once: the client tries nothing again, and tells whether a byte may have left (R16).

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use domain::rules::answer::Answer;
use domain::values::ids::{PhoneNumberId, ReminderId, WabaId};
use reqwest::redirect::Policy;
use reqwest::{Method, Response, StatusCode};
use runtime::config::{ConfigError, Secret, Settings};

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::message::Message;
use crate::way::Way;

mod business;

/// The variable that leads to another Graph; tests and the local stack set it, template.yaml never
/// does.
const GRAPH_URL: &str = "GRAPH_URL";
/// Where Graph answers, with the version that our shapes are of.
const GRAPH: &str = "https://graph.facebook.com/v25.0";
/// To reach Graph.
pub const CONNECT: Duration = Duration::from_secs(3);
/// For a whole call: a request may leave until 30 s after its claim (R16), and the answer is waited for
/// well below the five minutes after which it counts as lost.
const TOTAL: Duration = Duration::from_secs(20);
/// Bytes of one answer: ours are a few hundred.
const ANSWER_BYTES: usize = 256 * 1024;

/// A store's token for Graph: whoever has it can write to its shoppers.
#[derive(Clone)]
pub struct AccessToken(Secret);

impl AccessToken {
    /// The token as the store gave it.
    #[must_use]
    pub fn new(token: impl Into<String>) -> Self {
        Self(Secret::new(token))
    }
}

impl std::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccessToken(…)")
    }
}

/// What came of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// Meta took it under this id.
    Accepted {
        /// The message's id: that of its reminder.
        reminder_id: ReminderId,
        /// Whether Meta holds it back to see how the first ones are received; it can fail later.
        held: bool,
    },
    /// It didn't, or we don't know.
    Refused(Answer),
}

/// A failure of a call other than a message.
#[derive(Debug, thiserror::Error)]
pub enum GraphError {
    /// No answer, or one that can't be read.
    #[error("Meta did not answer {operation}")]
    Unreachable {
        /// The call.
        operation: &'static str,
        /// The client's error, without the address.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It refused the call.
    #[error("Meta refused {operation} ({status}, code {code:?})")]
    Refused {
        /// The call.
        operation: &'static str,
        /// The answer's status.
        status: StatusCode,
        /// Meta's code.
        code: Option<u32>,
    },
}

/// A business phone number, as Meta tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct BusinessNumber {
    /// Its id.
    pub id: PhoneNumberId,
    /// The name that shoppers see.
    #[serde(default)]
    pub verified_name: Option<String>,
}

/// A template, as Meta tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ToldTemplate {
    /// Its name.
    pub name: String,
    /// Its language, in Meta's spelling.
    pub language: String,
    /// Its state, in Meta's words.
    pub status: String,
    /// Why it was refused, in Meta's words; `NONE` where it wasn't.
    #[serde(default)]
    pub rejected_reason: Option<String>,
}

/// Meta's Graph API. Cheap to clone; clones share their connections.
#[derive(Debug, Clone)]
pub struct GraphApi {
    base: String,
    http: Arc<OnceLock<reqwest::Client>>,
}

impl GraphApi {
    /// Meta's, or a stand-in at `base` (no slash at its end).
    #[must_use]
    pub fn at(base: impl Into<String>) -> Self {
        Self { base: base.into(), http: Arc::default() }
    }

    /// Meta's, or the stand-in that the settings name.
    pub fn from_settings(settings: &Settings<'_>) -> Result<Self, ConfigError> {
        match settings.optional(GRAPH_URL) {
            Some(_) => Ok(Self::at(settings.base_url(GRAPH_URL)?)),
            None => Ok(Self::at(GRAPH)),
        }
    }

    /// Sends one message, once. Never fails: whatever happens says something of the message.
    pub async fn send(
        &self,
        token: &AccessToken,
        from: &PhoneNumberId,
        message: &Message<'_>,
    ) -> Sent {
        self.send_json(token, (from, message.way), &message.to_json()).await
    }

    /// Sends one message that somebody tries out, once.
    pub async fn try_out(
        &self,
        token: &AccessToken,
        from: &PhoneNumberId,
        message: &Message<'_>,
    ) -> Sent {
        self.send_json(token, (from, message.way), &message.to_try_out()).await
    }

    async fn send_json(
        &self,
        token: &AccessToken,
        (from, way): (&PhoneNumberId, Way),
        message: &Value,
    ) -> Sent {
        let Ok(url) = self.url(&[from.as_str(), way.step()]) else {
            return Sent::Refused(Answer::NoConnection);
        };
        let Ok(client) = self.client() else { return Sent::Refused(Answer::NoConnection) };
        let request = client.request(Method::POST, url).bearer_auth(token.0.expose()).json(message);
        let response = match request.send().await {
            Ok(response) => response,
            // Only a connection that never came about says that no byte left.
            Err(error) if error.is_connect() => return Sent::Refused(Answer::NoConnection),
            Err(_) => return Sent::Refused(Answer::Silence),
        };
        let status = response.status();
        match read(response).await {
            Ok(body) => judge(status, &body),
            Err(_) => Sent::Refused(Answer::Silence),
        }
    }

    /// The phone numbers of a business account (`GET /{waba}/phone_numbers`): that it is told proves that the
    /// token opens the business account and all of them.
    pub async fn numbers(
        &self,
        token: &AccessToken,
        waba: &WabaId,
    ) -> Result<Vec<BusinessNumber>, GraphError> {
        const OPERATION: &str = "list phone numbers";
        #[derive(Deserialize)]
        struct Page {
            data: Vec<BusinessNumber>,
        }
        let url = self.url(&[waba.as_str(), "phone_numbers"]);
        let url = url.map_err(|error| unreachable(OPERATION, error))?;
        let query = [("fields", "id,verified_name"), ("limit", "100")];
        let page: Page =
            self.call(OPERATION, Method::GET, with_query(url, &query), token, None).await?;
        Ok(page.data)
    }

    /// Has Meta tell the app that the token is of what happens to a business account (`POST
    /// /{waba}/subscribed_apps`): without that no webhook comes. Asked again it changes nothing.
    pub async fn subscribe(&self, token: &AccessToken, waba: &WabaId) -> Result<(), GraphError> {
        const OPERATION: &str = "subscribe to webhooks";
        let url = self.url(&[waba.as_str(), "subscribed_apps"]);
        let url = url.map_err(|error| unreachable(OPERATION, error))?;
        let _: Value = self.call(OPERATION, Method::POST, url, token, None).await?;
        Ok(())
    }

    /// Gives Meta a picture that shows its people what a template's header holds; its handle of it (Meta,
    /// *Resumable Upload API*: a session, then the bytes).
    pub async fn upload_picture(
        &self,
        token: &AccessToken,
        png: &'static [u8],
    ) -> Result<String, GraphError> {
        const OPERATION: &str = "upload a picture";
        #[derive(Deserialize)]
        struct Session {
            id: String,
        }
        #[derive(Deserialize)]
        struct Uploaded {
            h: String,
        }
        let failed = |error| unreachable(OPERATION, error);
        let url = self.url(&["app", "uploads"]).map_err(failed)?;
        let length = png.len().to_string();
        let query = [("file_length", length.as_str()), ("file_type", "image/png")];
        let session: Session =
            self.call(OPERATION, Method::POST, with_query(url, &query), token, None).await?;
        // `upload:…?sig=…`: the id is a path with a query of its own.
        let url = self.upload_url(&session.id).map_err(failed)?;
        let client = self.client().map_err(|error| unreachable(OPERATION, error.into()))?;
        let request = client
            .post(url)
            .header("authorization", format!("OAuth {}", token.0.expose()))
            .header("file_offset", "0")
            .body(png);
        let uploaded: Uploaded = answered(OPERATION, request).await?;
        Ok(uploaded.h)
    }

    /// Where a session's bytes go: below our base, whatever the session is called.
    fn upload_url(&self, session: &str) -> Result<Url, Box<dyn std::error::Error + Send + Sync>> {
        let (path, query) = session.split_once('?').unwrap_or((session, ""));
        if !path.starts_with("upload:") {
            return Err("an upload session of another name".into());
        }
        let mut url = self.url(&[path])?;
        url.set_query((!query.is_empty()).then_some(query));
        Ok(url)
    }

    /// The templates of a business account (`GET /{waba}/message_templates`), of this name.
    pub async fn templates(
        &self,
        token: &AccessToken,
        waba: &WabaId,
        name: &str,
    ) -> Result<Vec<ToldTemplate>, GraphError> {
        const OPERATION: &str = "list templates";
        #[derive(Deserialize)]
        struct Page {
            data: Vec<ToldTemplate>,
        }
        let url = self.url(&[waba.as_str(), "message_templates"]);
        let url = url.map_err(|error| unreachable(OPERATION, error))?;
        let query =
            [("fields", "name,language,status,rejected_reason"), ("name", name), ("limit", "100")];
        let page: Page =
            self.call(OPERATION, Method::GET, with_query(url, &query), token, None).await?;
        Ok(page.data)
    }

    /// Has Meta judge a template (`POST /{waba}/message_templates`); its state in Meta's words.
    pub async fn create_template(
        &self,
        token: &AccessToken,
        waba: &WabaId,
        template: &Value,
    ) -> Result<String, GraphError> {
        const OPERATION: &str = "create a template";
        #[derive(Deserialize)]
        struct Created {
            status: String,
        }
        let url = self.url(&[waba.as_str(), "message_templates"]);
        let url = url.map_err(|error| unreachable(OPERATION, error))?;
        let created: Created =
            self.call(OPERATION, Method::POST, url, token, Some(template)).await?;
        Ok(created.status)
    }

    /// An address with each segment escaped, so that no id leads elsewhere.
    fn url(&self, path: &[&str]) -> Result<Url, Box<dyn std::error::Error + Send + Sync>> {
        let mut url = Url::parse(&self.base)?;
        if path.iter().any(|segment| matches!(*segment, "" | "." | "..")) {
            return Err("a segment that no path can name".into());
        }
        url.path_segments_mut().map_err(|()| "the base can't have a path")?.extend(path);
        Ok(url)
    }

    async fn call<T: serde::de::DeserializeOwned>(
        &self,
        operation: &'static str,
        method: Method,
        url: Url,
        token: &AccessToken,
        body: Option<&Value>,
    ) -> Result<T, GraphError> {
        let client = self.client().map_err(|error| unreachable(operation, error.into()))?;
        let mut request = client.request(method, url).bearer_auth(token.0.expose());
        if let Some(body) = body {
            request = request.json(body);
        }
        answered(operation, request).await
    }

    fn client(&self) -> Result<reqwest::Client, reqwest::Error> {
        if let Some(client) = self.http.get() {
            return Ok(client.clone());
        }
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(TOTAL)
            // The token would follow a redirect to wherever it leads, and a message its body.
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .user_agent("whatsapp-campaigns")
            .build()?;
        // Of two built at once, one is kept.
        Ok(self.http.get_or_init(|| client).clone())
    }
}

/// What a call is answered with.
async fn answered<T: serde::de::DeserializeOwned>(
    operation: &'static str,
    request: reqwest::RequestBuilder,
) -> Result<T, GraphError> {
    let response =
        request.send().await.map_err(|error| unreachable(operation, without_url(error)))?;
    let status = response.status();
    let bytes = read(response).await.map_err(|error| unreachable(operation, error))?;
    if !status.is_success() {
        return Err(GraphError::Refused { operation, status, code: code_of(&bytes) });
    }
    serde_json::from_slice(&bytes).map_err(|_| GraphError::Unreachable {
        operation,
        // Without what the error quotes.
        source: "the answer isn't what was asked for".into(),
    })
}

fn with_query(mut url: Url, query: &[(&str, &str)]) -> Url {
    url.query_pairs_mut().extend_pairs(query);
    url
}

fn unreachable(
    operation: &'static str,
    source: Box<dyn std::error::Error + Send + Sync>,
) -> GraphError {
    GraphError::Unreachable { operation, source }
}

fn without_url(error: reqwest::Error) -> Box<dyn std::error::Error + Send + Sync> {
    error.without_url().into()
}

/// An answer's body, up to the limit.
async fn read(mut response: Response) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(without_url)? {
        if bytes.len() + chunk.len() > ANSWER_BYTES {
            return Err("the answer is larger than any of ours".into());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// What the answer to a message says of it.
fn judge(status: StatusCode, body: &[u8]) -> Sent {
    #[derive(Deserialize)]
    struct Taken {
        messages: Vec<TakenMessage>,
    }
    #[derive(Deserialize)]
    struct TakenMessage {
        id: ReminderId,
        #[serde(default)]
        message_status: Option<String>,
    }
    if status.is_success() {
        let taken: Option<Taken> = serde_json::from_slice(body).ok();
        // A yes that names no message is one whose id we don't know: its status will tell.
        return match taken.and_then(|taken| taken.messages.into_iter().next()) {
            Some(message) => Sent::Accepted {
                reminder_id: message.id,
                held: message.message_status.as_deref() == Some("held_for_quality_assessment"),
            },
            None => Sent::Refused(Answer::Silence),
        };
    }
    match code_of(body) {
        Some(code) => Sent::Refused(Answer::Code(code)),
        None => Sent::Refused(Answer::ServerError),
    }
}

/// Meta's code in an answer that refuses.
fn code_of(body: &[u8]) -> Option<u32> {
    #[derive(Deserialize)]
    struct Refusal {
        error: Reason,
    }
    #[derive(Deserialize)]
    struct Reason {
        code: u32,
    }
    serde_json::from_slice::<Refusal>(body).ok().map(|refusal| refusal.error.code)
}

#[cfg(test)]
mod tests;
