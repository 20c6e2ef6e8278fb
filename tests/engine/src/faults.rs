//! What a network, a busy table and a crash do to calls, at will: the embedded engine by itself
//! never conflicts, never throttles and never fails.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpConnector as _, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::dice::Dice;
use crate::wire::{Layer, layered, operation};

/// One call to the table.
#[derive(Debug, Clone)]
pub struct Call {
    /// Its running number among the calls of its client, from 0.
    pub number: usize,
    /// `PutItem`, ...
    pub operation: String,
    /// What it asks for.
    pub body: Value,
}

impl Call {
    /// Whether it may change the table.
    #[must_use]
    pub fn is_write(&self) -> bool {
        matches!(
            self.operation.as_str(),
            "PutItem" | "UpdateItem" | "DeleteItem" | "BatchWriteItem" | "TransactWriteItems"
        )
    }

    /// The sort key of the one item that it names.
    #[must_use]
    pub fn sort_key(&self) -> Option<&str> {
        let key = self.body.get("Key").or_else(|| self.body.get("Item"))?;
        key.pointer("/sk/S")?.as_str()
    }
}

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It never reaches the table.
    Unsent,
    /// It is done, but the answer is lost.
    Unanswered,
    /// Another transaction has the item: nothing is done.
    Conflict,
    /// The partition is out of capacity: nothing is done.
    Throughput,
    /// The service has too much to do: nothing is done.
    Throttled,
    /// The table calls it invalid, as it will each time: nothing is done.
    Refused,
    /// The index that it asks lags behind the table: the last entry that it would find isn't there
    /// yet.
    WithoutNewest,
    /// The caller dies before it: neither this call nor any later one comes back.
    CrashBefore,
    /// The caller dies after it: it is done.
    CrashAfter,
}

type Plan = dyn FnMut(&Call) -> Option<Fault> + Send;
type Which = dyn Fn(&Call) -> bool + Send;

/// The faults of one client, in one invocation of a function for instance. Clones are the same.
#[derive(Clone)]
pub struct Faults(Arc<Mutex<State>>, watch::Sender<bool>);

struct State {
    plan: Box<Plan>,
    holds: Vec<(Box<Which>, Hold)>,
    turns: Option<Dice>,
    calls: Vec<Call>,
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faults").finish_non_exhaustive()
    }
}

impl Default for Faults {
    fn default() -> Self {
        Self::planned(|_| None)
    }
}

impl Faults {
    /// What `plan` says of each call; none: the call goes well.
    pub fn planned(plan: impl FnMut(&Call) -> Option<Fault> + Send + 'static) -> Self {
        let state =
            State { plan: Box::new(plan), holds: Vec::new(), turns: None, calls: Vec::new() };
        Self(Arc::new(Mutex::new(state)), watch::Sender::new(false))
    }

    /// Faults in about `per_mille` of 1,000 calls, each kind alike, the same for the same dice;
    /// and a random number of turns for others before each call.
    #[must_use]
    pub fn random(mut dice: Dice, per_mille: usize) -> Self {
        const KINDS: [Fault; 7] = [
            Fault::Unsent,
            Fault::Unanswered,
            Fault::Conflict,
            Fault::Throughput,
            Fault::Throttled,
            Fault::CrashBefore,
            Fault::CrashAfter,
        ];
        let turns = dice.fork();
        let faults =
            Self::planned(
                move |_| {
                    if dice.chance(per_mille) { dice.pick(&KINDS).copied() } else { None }
                },
            );
        faults.state().turns = Some(turns);
        faults
    }

    /// Makes the first call for which `which` holds wait, before it is sent, until it is let go.
    pub fn hold(&self, which: impl Fn(&Call) -> bool + Send + 'static) -> Hold {
        let hold = Hold { reached: watch::Sender::new(false), released: watch::Sender::new(false) };
        self.state().holds.push((Box::new(which), hold.clone()));
        hold
    }

    /// `inner` with these faults.
    #[must_use]
    pub fn around(&self, inner: SharedHttpClient) -> SharedHttpClient {
        layered(self.clone(), inner)
    }

    /// Ends when the caller has died. Who drives the caller drops it then.
    pub async fn crashed(&self) {
        // The sender lives as long as `self`.
        let _ = self.1.subscribe().wait_for(|crashed| *crashed).await;
    }

    /// The calls so far.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is to become of a call: it waits, others take so many turns, it fails.
    fn judge(&self, request: &HttpRequest) -> (Option<Hold>, usize, Option<Fault>, Call) {
        let mut state = self.state();
        let body = request.body().bytes().unwrap_or_default();
        let call = Call {
            number: state.calls.len(),
            operation: operation(request),
            body: serde_json::from_slice(body).unwrap_or_default(),
        };
        state.calls.push(call.clone());
        let first = state.holds.iter().position(|(which, _)| which(&call));
        let hold = first.map(|at| state.holds.swap_remove(at).1);
        let turns = state.turns.as_mut().map_or(0, |dice| dice.below(5));
        let fault = (state.plan)(&call);
        (hold, turns, fault, call)
    }

    async fn die(&self) -> ! {
        self.1.send_replace(true);
        std::future::pending().await
    }
}

impl Layer for Faults {
    fn call(&self, request: HttpRequest, inner: SharedHttpConnector) -> HttpConnectorFuture {
        let faults = self.clone();
        HttpConnectorFuture::new(async move {
            let (hold, turns, fault, call) = faults.judge(&request);
            if let Some(hold) = hold {
                hold.wait().await;
            }
            for _ in 0..turns {
                tokio::task::yield_now().await;
            }
            match fault {
                None => inner.call(request).await,
                Some(Fault::Unsent) => Err(lost("never sent")),
                Some(Fault::Unanswered) => {
                    inner.call(request).await?;
                    Err(lost("never answered"))
                }
                Some(Fault::WithoutNewest) => without_last(inner.call(request).await?).await,
                Some(Fault::CrashBefore) => faults.die().await,
                Some(Fault::CrashAfter) => {
                    inner.call(request).await?;
                    faults.die().await
                }
                Some(Fault::Conflict) => conflict(&call),
                Some(Fault::Throughput) => refusal(
                    "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
                    &[],
                ),
                Some(Fault::Throttled) => {
                    refusal("com.amazon.coral.availability#ThrottlingException", &[])
                }
                Some(Fault::Refused) => {
                    refusal("com.amazon.coral.validate#ValidationException", &[])
                }
            }
        })
    }
}

/// What the service answers to a call on an item that a transaction has.
fn conflict(call: &Call) -> Result<HttpResponse, ConnectorError> {
    if call.operation != "TransactWriteItems" {
        return refusal("com.amazonaws.dynamodb.v20120810#TransactionConflictException", &[]);
    }
    let actions = call.body.get("TransactItems").and_then(Value::as_array).map_or(1, Vec::len);
    let mut reasons = vec![json!({"Code": "None"}); actions];
    if let Some(last) = reasons.last_mut() {
        *last = json!({"Code": "TransactionConflict", "Message": "ongoing"});
    }
    refusal("com.amazonaws.dynamodb.v20120810#TransactionCanceledException", &reasons)
}

fn refusal(kind: &str, reasons: &[Value]) -> Result<HttpResponse, ConnectorError> {
    let mut body = json!({"__type": kind, "message": "a fault of the test"});
    if !reasons.is_empty() {
        body = json!({"__type": kind, "Message": "canceled", "CancellationReasons": reasons});
    }
    let status = 400_u16.try_into().map_err(|_| lost("no status"))?;
    Ok(HttpResponse::new(status, SdkBody::from(body.to_string())))
}

/// The answer of a query without the last item that it found.
async fn without_last(mut response: HttpResponse) -> Result<HttpResponse, ConnectorError> {
    let read = ByteStream::new(response.take_body()).collect().await;
    let bytes = read.map_err(|error| ConnectorError::io(error.into()))?.into_bytes();
    let mut answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let items = answer.get_mut("Items").and_then(Value::as_array_mut);
    let left = items.map_or(0, |items| {
        items.pop();
        items.len()
    });
    if let Some(count) = answer.get_mut("Count") {
        *count = left.into();
    }
    *response.body_mut() = SdkBody::from(answer.to_string());
    Ok(response)
}

fn lost(what: &'static str) -> ConnectorError {
    ConnectorError::io(what.into())
}

/// How long a call may take to come: no time at all where the clock is paused.
const PATIENCE: Duration = Duration::from_secs(30);

/// A call that waits.
#[derive(Debug, Clone)]
pub struct Hold {
    reached: watch::Sender<bool>,
    released: watch::Sender<bool>,
}

impl Hold {
    /// Ends when the call waits.
    ///
    /// # Panics
    /// When no such call comes: a test that waits for it for ever tells nothing.
    pub async fn reached(&self) {
        let mut reached = self.reached.subscribe();
        // The sender lives as long as `self`: only the time can end this otherwise.
        let waited = tokio::time::timeout(PATIENCE, reached.wait_for(|reached| *reached)).await;
        assert!(waited.is_ok(), "the call that was to be held never came");
    }

    /// Lets the call go, now or when it comes.
    pub fn release(&self) {
        self.released.send_replace(true);
    }

    async fn wait(&self) {
        self.reached.send_replace(true);
        let _ = self.released.subscribe().wait_for(|released| *released).await;
    }
}
