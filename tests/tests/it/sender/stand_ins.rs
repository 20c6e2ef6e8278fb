//! Meta and the stores, as a test has them.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sender::outside::Outside;
use serde_json::Value;
use serde_json::value::RawValue;
use shared::domain::facts::cart::SendId;
use shared::domain::rules::answer::Answer;
use shared::domain::values::account::Account;
use shared::domain::values::ids::{OrderId, PhoneNumberId, ReminderId};
use shared::domain::values::instant::Instant;
use shared::domain::values::order_form::OrderForm;
use shared::graph::message::Message;
use shared::graph::{AccessToken, Sent, Way};
use shared::runtime::clock::Clock;
use shared::store::vtex::VtexKeys;
use shared::vtex::list::{ListPage, Slice};
use shared::vtex::{Stores, VtexError};

use super::sold::Sold;

/// What Meta does with a message; none: it takes it.
type Answering = dyn FnMut(&Value) -> Option<Answer> + Send;

/// Meta and the stores, as a test has them.
#[derive(Clone)]
pub(super) struct StandIns {
    state: Arc<Mutex<State>>,
    clock: Clock,
    /// The orders of the stores.
    pub(super) sold: Sold,
}

struct State {
    forms: HashMap<OrderForm, Value>,
    refused: Vec<OrderForm>,
    down: Vec<Account>,
    /// How long a store takes to tell an order form.
    pause: Duration,
    messages: Vec<Value>,
    ways: Vec<Way>,
    answering: Box<Answering>,
    /// Decides over messages whose answer doesn't say whether they were taken; none: those without an answer were.
    coin: Option<Box<dyn FnMut() -> bool + Send>>,
    taken: Vec<Taken>,
}

/// A message that was taken, answered or not.
#[derive(Debug, Clone)]
pub(super) struct Taken {
    pub(super) send_id: SendId,
    pub(super) reminder_id: ReminderId,
    /// The number that it went to.
    pub(super) to: String,
    pub(super) at: Instant,
}

/// Whether an answer says that a message was not taken, as Meta's codes are read in SENDING 5. It asks nothing of the
/// system's own table of codes, which it judges.
fn says_not_taken(answer: Answer) -> bool {
    match answer {
        Answer::NoConnection => true,
        Answer::Silence | Answer::ServerError => false,
        Answer::Code(code) => matches!(
            code,
            4 | 80_007 | 130_429 | 131_056 | 134_101 | 131_048 | 131_064 | 0 | 3 | 10 | 190 | 200
                ..=299
                    | 33
                    | 368
                    | 131_005
                    | 131_031
                    | 131_037
                    | 131_042
                    | 131_045
                    | 133_010
                    | 131_026
                    | 131_021
                    | 130_497
                    | 131_062
                    | 131_049
                    | 130_472
                    | 130_403
                    | 131_050
                    | 132_001
                    | 132_015
                    | 132_016
                    | 100
                    | 131_008
                    | 131_009
                    | 132_000
                    | 132_005
                    | 132_007
                    | 132_012
                    | 132_018
                    | 131_047
                    | 131_053
        ),
    }
}

impl StandIns {
    /// Those that live by this clock.
    pub(super) fn new(clock: &Clock) -> Self {
        let (forms, taken) = (HashMap::new(), Vec::new());
        let (refused, down, messages, ways) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let answering: Box<Answering> = Box::new(|_| None);
        let (pause, coin) = (Duration::ZERO, None);
        let state = State { forms, refused, down, pause, messages, ways, answering, coin, taken };
        let (state, clock) = (Arc::new(Mutex::new(state)), clock.clone());
        Self { state, clock, sold: Sold::default() }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// What is in a cart from now on.
    pub(super) fn fill(&self, form: &OrderForm, content: Value) {
        self.state().forms.insert(form.clone(), content);
    }

    pub(super) fn empty(&self, form: &OrderForm) {
        self.state().forms.remove(form);
    }

    /// An id that the store calls none.
    pub(super) fn refuse(&self, form: &OrderForm) {
        self.state().refused.push(form.clone());
    }

    /// How long stores take from now on to tell an order form.
    pub(super) fn take_time(&self, pause: Duration) {
        self.state().pause = pause;
    }

    /// A store that doesn't answer for order forms.
    pub(super) fn close(&self, account: &Account) {
        self.state().down.push(account.clone());
    }

    /// One that answers again.
    pub(super) fn open(&self, account: &Account) {
        self.state().down.retain(|down| down != account);
    }

    /// What Meta does from now on.
    pub(super) fn answer(&self, answering: impl FnMut(&Value) -> Option<Answer> + Send + 'static) {
        self.state().answering = Box::new(answering);
    }

    /// The messages that reached Meta.
    pub(super) fn messages(&self) -> Vec<Value> {
        self.state().messages.clone()
    }

    /// The ways that they took.
    pub(super) fn ways(&self) -> Vec<Way> {
        self.state().ways.clone()
    }

    /// Meta takes a message whose answer leaves that open, or doesn't, as this coin falls: one whose answer was lost,
    /// one that a code was told of that isn't listed.
    pub(super) fn toss(&self, coin: impl FnMut() -> bool + Send + 'static) {
        self.state().coin = Some(Box::new(coin));
    }

    /// The messages that it took, answered or not.
    pub(super) fn taken(&self) -> BTreeMap<SendId, ReminderId> {
        let taken = self.log();
        taken.into_iter().map(|taken| (taken.send_id, taken.reminder_id)).collect()
    }

    /// The same in their order, each time that one was taken.
    pub(super) fn log(&self) -> Vec<Taken> {
        self.state().taken.clone()
    }
}

impl Outside for StandIns {
    type Stores = Self;

    fn stores(&self) -> &Self {
        self
    }

    async fn send(
        &self,
        _token: &AccessToken,
        _from: &PhoneNumberId,
        message: &Message<'_>,
    ) -> Sent {
        let json = message.to_json();
        let mut state = self.state();
        state.messages.push(json.clone());
        state.ways.push(message.way);
        let answer = (state.answering)(&json);
        let is_taken = match (answer, &mut state.coin) {
            (None, _) => true,
            (Some(answer), Some(coin)) => !says_not_taken(answer) && coin(),
            (Some(answer), None) => answer == Answer::Silence,
        };
        // Each message has an id of its own, also one that is sent twice.
        let send_id = message.send_id.clone();
        let earlier = state.taken.iter().filter(|taken| taken.send_id == send_id).count();
        let again = if earlier > 0 { format!(".{earlier}") } else { String::new() };
        let reminder_id = ReminderId::parse(&format!("wamid.{}{again}", send_id.as_str())).unwrap();
        if is_taken {
            let (to, at) = (message.to.to_owned(), self.clock.now());
            let reminder_id = reminder_id.clone();
            state.taken.push(Taken { send_id, reminder_id, to, at });
        }
        match answer {
            None => Sent::Accepted { reminder_id, held: false },
            Some(answer) => Sent::Refused(answer),
        }
    }
}

impl Stores for StandIns {
    async fn order(
        &self,
        account: &Account,
        _keys: &VtexKeys,
        id: &OrderId,
    ) -> Result<Box<RawValue>, VtexError> {
        self.sold.order(account, id).await
    }

    async fn orders(
        &self,
        account: &Account,
        _keys: &VtexKeys,
        slice: Slice,
        page: u32,
    ) -> Result<ListPage, VtexError> {
        self.sold.orders(account, slice, page)
    }

    async fn order_form(
        &self,
        account: &Account,
        _keys: &VtexKeys,
        form: &OrderForm,
    ) -> Result<Box<RawValue>, VtexError> {
        let pause = self.state().pause;
        tokio::time::sleep(pause).await;
        let state = self.state();
        if state.down.contains(account) {
            return Err(VtexError::Unreachable { operation: "read", source: "down".into() });
        }
        if state.refused.contains(form) {
            let status = http::StatusCode::BAD_REQUEST;
            return Err(VtexError::Refused { operation: "read", status });
        }
        match state.forms.get(form) {
            Some(content) => Ok(RawValue::from_string(content.to_string()).unwrap()),
            None => Err(VtexError::NotFound { operation: "read" }),
        }
    }
}
