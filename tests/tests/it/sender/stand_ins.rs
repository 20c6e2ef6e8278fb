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
use shared::domain::values::ids::{PhoneNumberId, ReminderId};
use shared::domain::values::order_form::OrderForm;
use shared::graph::message::Message;
use shared::graph::{AccessToken, Sent};
use shared::judging::Stores;
use shared::store::vtex::VtexKeys;
use shared::vtex::VtexError;

/// What Meta does with a message; none: it takes it.
type Answering = dyn FnMut(&Value) -> Option<Answer> + Send;

/// Meta and the stores, as a test has them.
#[derive(Clone)]
pub(super) struct StandIns(Arc<Mutex<State>>);

struct State {
    forms: HashMap<OrderForm, Value>,
    refused: Vec<OrderForm>,
    down: Vec<Account>,
    /// How long a store takes to tell an order form.
    pause: Duration,
    messages: Vec<Value>,
    answering: Box<Answering>,
    /// Whether a message that wasn't answered was taken all the same.
    taken: BTreeMap<SendId, ReminderId>,
}

impl StandIns {
    pub(super) fn new() -> Self {
        let (forms, taken) = (HashMap::new(), BTreeMap::new());
        let (refused, down, messages) = (Vec::new(), Vec::new(), Vec::new());
        let answering: Box<Answering> = Box::new(|_| None);
        let pause = Duration::ZERO;
        let state = State { forms, refused, down, pause, messages, answering, taken };
        Self(Arc::new(Mutex::new(state)))
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap()
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

    /// A store that doesn't answer.
    pub(super) fn close(&self, account: &Account) {
        self.state().down.push(account.clone());
    }

    /// What Meta does from now on.
    pub(super) fn answer(&self, answering: impl FnMut(&Value) -> Option<Answer> + Send + 'static) {
        self.state().answering = Box::new(answering);
    }

    /// The messages that reached Meta.
    pub(super) fn messages(&self) -> Vec<Value> {
        self.state().messages.clone()
    }

    /// The messages that it took, answered or not.
    pub(super) fn taken(&self) -> BTreeMap<SendId, ReminderId> {
        self.state().taken.clone()
    }
}

impl Outside for StandIns {
    async fn send(
        &self,
        _token: &AccessToken,
        _from: &PhoneNumberId,
        message: &Message<'_>,
    ) -> Sent {
        let json = message.to_json();
        let answer = {
            let mut state = self.state();
            state.messages.push(json.clone());
            (state.answering)(&json)
        };
        let reminder_id =
            ReminderId::parse(&format!("wamid.{}", message.send_id.as_str())).unwrap();
        let taken = matches!(answer, None | Some(Answer::Silence));
        if taken {
            let id = message.send_id.clone();
            self.state().taken.insert(id, reminder_id.clone());
        }
        match answer {
            None => Sent::Accepted { reminder_id, held: false },
            Some(answer) => Sent::Refused(answer),
        }
    }
}

impl Stores for StandIns {
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
