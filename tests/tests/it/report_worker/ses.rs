//! As much of SES as the worker asks, which keeps its mails and fails at will.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use aws_sdk_ses::Client;
use aws_sdk_ses::config::{BehaviorVersion, Credentials, Region};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::net::TcpListener;

/// What SES does with a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Says no.
    Refuse,
    /// Takes it, and its answer is lost.
    TakeAndBreak,
}

/// A mail that was taken.
#[derive(Debug, Clone)]
pub(crate) struct Mail {
    pub(crate) source: String,
    pub(crate) destinations: Vec<String>,
    pub(crate) configuration_set: Option<String>,
    /// Names and values.
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) raw: Vec<u8>,
}

#[derive(Default)]
struct Kept {
    mails: Vec<Mail>,
    moods: VecDeque<Mood>,
}

#[derive(Clone)]
pub(crate) struct Ses {
    pub(crate) client: Client,
    kept: Arc<Mutex<Kept>>,
}

impl Ses {
    pub(crate) async fn start() -> Self {
        let kept = Arc::new(Mutex::new(Kept::default()));
        let router = Router::new()
            .route("/", post(take))
            .layer(DefaultBodyLimit::disable())
            .with_state(Arc::clone(&kept));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let config = aws_sdk_ses::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(Credentials::new("test", "secret", None, None, "test"))
            .endpoint_url(endpoint);
        Self { client: Client::from_conf(config.build()), kept }
    }

    /// What it does with the next mails, one after another; then it takes them.
    pub(crate) fn will(&self, moods: impl IntoIterator<Item = Mood>) {
        self.kept.lock().unwrap().moods.extend(moods);
    }

    pub(crate) fn mails(&self) -> Vec<Mail> {
        self.kept.lock().unwrap().mails.clone()
    }

    /// The only mail.
    pub(crate) fn mail(&self) -> Mail {
        let mails = self.mails();
        assert_eq!(mails.len(), 1);
        mails.into_iter().next().unwrap()
    }
}

async fn take(State(kept): State<Arc<Mutex<Kept>>>, form: Bytes) -> (StatusCode, String) {
    let form: HashMap<String, String> = url::form_urlencoded::parse(&form).into_owned().collect();
    assert_eq!(form["Action"], "SendRawEmail");
    let mut kept = kept.lock().unwrap();
    let mood = kept.moods.pop_front();
    if mood == Some(Mood::Refuse) {
        let error = format!(
            "<ErrorResponse><Error><Code>MessageRejected</Code><Message>Email address is not verified. The following \
             identities failed the check: {}</Message></Error></ErrorResponse>",
            form["Destinations.member.1"]
        );
        return (StatusCode::BAD_REQUEST, error);
    }
    let destinations =
        (1..).map_while(|n| form.get(&format!("Destinations.member.{n}")).cloned()).collect();
    let tag = |n: usize, part: &str| form.get(&format!("Tags.member.{n}.{part}")).cloned();
    let tags = (1..).map_while(|n| tag(n, "Name").zip(tag(n, "Value"))).collect();
    kept.mails.push(Mail {
        configuration_set: form.get("ConfigurationSetName").cloned(),
        tags,
        source: form["Source"].clone(),
        destinations,
        raw: STANDARD.decode(&form["RawMessage.Data"]).unwrap(),
    });
    if mood == Some(Mood::TakeAndBreak) {
        return (StatusCode::BAD_GATEWAY, String::new());
    }
    let id = kept.mails.len();
    let answer = format!(
        "<SendRawEmailResponse><SendRawEmailResult><MessageId>{id}</MessageId></SendRawEmailResult></SendRawEmailResponse>"
    );
    (StatusCode::OK, answer)
}
