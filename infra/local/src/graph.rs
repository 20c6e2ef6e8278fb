//! A stand-in for Meta's Graph API and for the phones behind it: it takes messages and templates as Meta does, refuses
//! what Meta refuses, and sends signed webhooks back.
//!
//! What Meta decides by itself can be made to happen: any code, a lost answer before or after it took a message, an
//! answer that breaks off, webhooks that come twice or out of order. Its limits go by the stack's clock.
//!
//! - [`fault`]: what it does instead of answering,
//! - [`calls`]: what it answers; [`buttons`]: what it asks of buttons,
//! - [`phone`]: what it took, and what shoppers do about it,
//! - [`webhook`]: what it tells, and how that is delivered; [`posting`]: to a running stack.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::domain::values::instant::Instant;
use shared::runtime::clock::Clock;
use tokio::sync::Notify;

use crate::serve::{Server, loopback, serve_router};

mod buttons;
mod calls;
mod fault;
mod phone;
mod posting;
mod webhook;

pub use fault::Fault;
pub use phone::{Act, SentMessage};
pub(crate) use posting::Posting;
pub use webhook::Delivery;

/// The token that opens the stand-in's business accounts.
pub const TOKEN: &str = "local-whatsapp-token";
/// The business account that it knows from the start, and the first of its phone numbers, which follow each other.
pub const BUSINESS_ACCOUNT: (&str, u64) = ("5550100", 5_550_100_200);
/// How many phone numbers that one has.
const NUMBERS: u64 = 20;
/// The messaging limit that a business begins with.
const FIRST_LIMIT: &str = "TIER_250";
/// Messages that it remembers.
const MESSAGES: usize = 10_000;

/// A running stand-in. Clones are the same one; it ends with the last of them.
#[derive(Clone)]
pub struct Graph {
    inner: Arc<Inner>,
}

struct Inner {
    url: String,
    clock: Clock,
    /// Where templates are kept across restarts.
    file: Option<PathBuf>,
    state: Mutex<State>,
    came: Notify,
    /// One delivery at a time, so that who waits for it finds everything delivered.
    turn: tokio::sync::Mutex<()>,
    server: Mutex<Option<Server>>,
}

/// A template as Meta keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    name: String,
    language: String,
    status: String,
    #[serde(default)]
    reason: Option<String>,
    components: Value,
    /// How long its messages are tried to be delivered.
    #[serde(default)]
    ttl_seconds: Option<u64>,
}

#[derive(Default)]
struct State {
    /// Phone numbers by business account.
    numbers: BTreeMap<String, Vec<String>>,
    /// Templates by business account.
    templates: BTreeMap<String, Vec<Kept>>,
    /// Messaging limits by business account, in Meta's words, where they were changed.
    limits: BTreeMap<String, String>,
    /// Business accounts that have Marketing Messages.
    marketing: BTreeSet<String>,
    messages: VecDeque<SentMessage>,
    /// How many messages it ever took: their ids differ.
    taken: u64,
    next: VecDeque<Option<Fault>>,
    always: Option<Fault>,
    /// Bodies of webhooks that aren't delivered.
    waiting: VecDeque<Value>,
    delivery: Delivery,
    /// Templates stay as they are made until somebody judges them.
    judges_slowly: bool,
    /// When messages were taken of late, by phone number and recipient.
    recent: VecDeque<(Instant, String, String)>,
    calls: u64,
}

impl Graph {
    /// Starts a stand-in that forgets everything at its end. What it tells waits until it is delivered by hand.
    pub async fn start(clock: Clock) -> std::io::Result<Self> {
        Self::open(clock, None).await
    }

    /// Starts a stand-in whose templates are kept in `directory`.
    pub async fn start_in(directory: &Path, clock: Clock) -> std::io::Result<Self> {
        Self::open(clock, Some(directory.join("whatsapp-templates.json"))).await
    }

    async fn open(clock: Clock, file: Option<PathBuf>) -> std::io::Result<Self> {
        let listener = loopback().await?;
        let kept = file.as_ref().and_then(|file| std::fs::read(file).ok());
        let templates =
            kept.and_then(|kept| serde_json::from_slice(&kept).ok()).unwrap_or_default();
        let (waba, first) = BUSINESS_ACCOUNT;
        let numbers = (first..first + NUMBERS).map(|number| number.to_string()).collect();
        let numbers = BTreeMap::from([(waba.to_owned(), numbers)]);
        let state = State { numbers, templates, ..State::default() };
        let graph = Self {
            inner: Arc::new(Inner {
                url: format!("http://{}", listener.local_addr()?),
                clock,
                file,
                state: Mutex::new(state),
                came: Notify::new(),
                turn: tokio::sync::Mutex::default(),
                server: Mutex::default(),
            }),
        };
        // The server's handlers know the stand-in weakly: else neither would ever end.
        let server = serve_router(listener, calls::router(Arc::downgrade(&graph.inner)))?;
        *graph.inner.server.lock().unwrap_or_else(PoisonError::into_inner) = Some(server);
        Ok(graph)
    }

    /// Its address, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.inner.url
    }

    /// Gives a business account a messaging limit, in Meta's words, and tells nobody.
    pub fn set_limit(&self, waba: &str, tier: &str) {
        self.locked().limits.insert(waba.to_owned(), tier.to_owned());
    }

    /// Gives a business account Marketing Messages, or takes them away, and tells nobody.
    pub fn set_marketing(&self, waba: &str, has: bool) {
        let mut state = self.locked();
        if has {
            state.marketing.insert(waba.to_owned());
        } else {
            state.marketing.remove(waba);
        }
    }

    /// Makes a phone number one of a business account.
    pub fn add_number(&self, waba: &str, number: &str) {
        self.locked().numbers.entry(waba.to_owned()).or_default().push(number.to_owned());
    }

    /// Does this instead of answering the next calls, one by one; none: the call is answered.
    pub fn plan(&self, faults: impl IntoIterator<Item = Option<Fault>>) {
        self.locked().next.extend(faults);
    }

    /// Does this instead of answering any call; none: answers again.
    pub fn fail_always(&self, fault: Option<Fault>) {
        self.locked().always = fault;
    }

    /// Leaves templates as they are made until somebody judges them ([`Act::Judge`]), rather than to approve them
    /// at once.
    pub fn judge_slowly(&self) {
        self.locked().judges_slowly = true;
    }

    /// The messages that it took, newest last.
    #[must_use]
    pub fn messages(&self) -> Vec<SentMessage> {
        self.locked().messages.iter().cloned().collect()
    }

    /// How many calls it heard.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.locked().calls
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.inner.locked()
    }
}

impl State {
    /// The messaging limit of a business account.
    fn limit_of(&self, waba: &str) -> String {
        self.limits.get(waba).map_or(FIRST_LIMIT, String::as_str).to_owned()
    }
}

impl Inner {
    fn locked(&self) -> MutexGuard<'_, State> {
        // Nothing is left half done under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is to be done instead of answering a call.
    fn hear(&self) -> Option<Fault> {
        let mut state = self.locked();
        state.calls += 1;
        match state.next.pop_front() {
            Some(planned) => planned,
            None => state.always.clone(),
        }
    }

    /// Tells something, once what waits before it is delivered.
    fn tell(&self, body: Value) {
        self.locked().waiting.push_back(body);
        self.came.notify_one();
    }

    /// Keeps the templates where they outlast a restart.
    fn keep_templates(&self) {
        let Some(file) = &self.file else { return };
        let kept = serde_json::to_vec(&self.locked().templates);
        let kept = kept.map_err(std::io::Error::from).and_then(|kept| std::fs::write(file, kept));
        if let Err(error) = kept {
            tracing::warn!(%error, "the templates can't be kept");
        }
    }
}
