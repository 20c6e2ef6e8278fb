//! What the stand-in tells, and how that is delivered.

use std::future::Future;

use serde::Deserialize;
use serde_json::{Value, json};
use shared::runtime::config::Secret;
use shared::web::signature::sign_hub;

use super::phone::Unknown;
use super::{Graph, Inner};

/// How a phone number is written.
const DISPLAYED: &str = "551155500200";

/// The business that owns its business accounts.
const PORTFOLIO: &str = "5550001";

/// How webhooks are delivered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Delivery {
    /// Each twice.
    pub twice: bool,
    /// Those that wait, newest first.
    pub backwards: bool,
    /// None, until somebody asks for them.
    pub held: bool,
}

impl Graph {
    /// Delivers webhooks like this from now on.
    pub fn deliver_like(&self, delivery: Delivery) {
        self.locked().delivery = delivery;
        self.inner.came.notify_one();
    }

    /// The bodies of webhooks that wait.
    #[must_use]
    pub fn waiting(&self) -> Vec<Value> {
        self.locked().waiting.iter().cloned().collect()
    }

    /// Delivers what waits through `post`, which is given a body and its signature and says whether it was taken; what
    /// was not, and what comes behind it, waits on. When it returns `true`, all webhooks so far were taken.
    pub async fn deliver<Fut>(
        &self,
        app_secret: &Secret,
        post: impl Fn(Vec<u8>, String) -> Fut + Send,
    ) -> bool
    where
        Fut: Future<Output = bool> + Send,
    {
        let _turn = self.inner.turn.lock().await;
        loop {
            let (body, again) = {
                let mut state = self.locked();
                let delivery = state.delivery;
                let next = if delivery.backwards {
                    state.waiting.pop_back()
                } else {
                    state.waiting.pop_front()
                };
                let Some(body) = next else { return true };
                (body, delivery.twice)
            };
            let bytes = body.to_string().into_bytes();
            let signature = sign_hub(app_secret, &bytes);
            let mut taken = post(bytes.clone(), signature.clone()).await;
            if again {
                taken &= post(bytes, signature).await;
            }
            if !taken {
                self.locked().waiting.push_front(body);
                return false;
            }
        }
    }

    /// Whether webhooks wait for somebody to ask for them.
    pub(crate) fn is_held(&self) -> bool {
        self.locked().delivery.held
    }

    /// Waits until there is something to tell.
    pub async fn told(&self) {
        self.inner.came.notified().await;
    }
}

impl Inner {
    /// Tells a status of a message.
    pub(super) fn tell_status(
        &self,
        id: &str,
        status: &str,
        code: Option<u32>,
    ) -> Result<(), Unknown> {
        let message = self.message(id).ok_or(Unknown)?;
        if let Some(held) = self.locked().messages.iter_mut().find(|message| message.id == id) {
            held.statuses.push(status.to_owned());
        }
        let mut told = json!({
            "id": id, "status": status, "timestamp": self.second(), "recipient_id": message.to,
        });
        if let Some(fields) = told.as_object_mut() {
            if let Some(callback) = message.callback {
                fields.insert("biz_opaque_callback_data".to_owned(), json!(callback));
            }
            if let Some(code) = code {
                let error =
                    json!({"code": code, "title": format!("refused by the stand-in ({code})")});
                fields.insert("errors".to_owned(), json!([error]));
            }
        }
        self.tell_change(&message.from, "messages", json!({"statuses": [told]}))
    }

    /// Tells a message that somebody sent to a phone number.
    pub(super) fn tell_message(&self, number: &str, mut message: Value) -> Result<(), Unknown> {
        let from = message.get("from").cloned().unwrap_or_default();
        let id = {
            let mut state = self.locked();
            state.taken += 1;
            format!("wamid.in.{}", state.taken)
        };
        if let Some(fields) = message.as_object_mut() {
            fields.insert("id".to_owned(), json!(id));
            fields.insert("timestamp".to_owned(), json!(self.second()));
        }
        let contact = json!({"wa_id": from, "profile": {"name": "Ana"}});
        self.tell_change(number, "messages", json!({"contacts": [contact], "messages": [message]}))
    }

    /// Tells whether somebody wants offers.
    pub(super) fn tell_preference(
        &self,
        number: &str,
        from: &str,
        value: &str,
    ) -> Result<(), Unknown> {
        let preference = json!({
            "wa_id": from, "category": "marketing_messages", "value": value,
            "detail": format!("User requested to {value} marketing messages"),
            "timestamp": self.clock.now().seconds(),
        });
        self.tell_change(number, "user_preferences", json!({"user_preferences": [preference]}))
    }

    /// Tells a template's state.
    pub(super) fn tell_template(
        &self,
        waba: &str,
        (name, language): (&str, &str),
        state: &str,
        reason: Option<&str>,
    ) {
        let value = json!({
            "event": state, "message_template_id": 1, "message_template_name": name,
            "message_template_language": language, "reason": reason.unwrap_or("NONE"),
        });
        self.tell_of(waba, "message_template_status_update", &value);
    }

    /// Gives the business of a phone number a messaging limit and tells of it.
    pub(super) fn tell_limit(&self, number: &str, tier: &str) -> Result<(), Unknown> {
        let waba = self.waba_of(number).ok_or(Unknown)?;
        self.locked().limits.insert(waba.clone(), tier.to_owned());
        let value = json!({
            "max_daily_conversations_per_business": tier, "max_phone_numbers_per_waba": 25,
        });
        self.tell_of(&waba, "business_capability_update", &value);
        Ok(())
    }

    /// Tells that a phone number's throughput was raised: Meta calls that unlimited.
    pub(super) fn tell_throughput(&self, number: &str) -> Result<(), Unknown> {
        let waba = self.waba_of(number).ok_or(Unknown)?;
        let value = json!({
            "display_phone_number": DISPLAYED, "event": "THROUGHPUT_UPGRADE",
            "current_limit": "TIER_UNLIMITED",
        });
        self.tell_of(&waba, "phone_number_quality_update", &value);
        Ok(())
    }

    /// Gives the business account of a phone number Marketing Messages and tells of it, under an id that isn't its own,
    /// as Meta does where a provider stands in between.
    pub(super) fn tell_marketing(&self, number: &str) -> Result<(), Unknown> {
        let waba = self.waba_of(number).ok_or(Unknown)?;
        self.locked().marketing.insert(waba.clone());
        let info = json!({"waba_id": waba, "owner_business_id": PORTFOLIO});
        let value = json!({"event": "MM_LITE_TERMS_SIGNED", "waba_info": info});
        self.tell_of(PORTFOLIO, "account_update", &value);
        Ok(())
    }

    /// Tells something of a phone number.
    fn tell_change(&self, number: &str, field: &str, mut value: Value) -> Result<(), Unknown> {
        let waba = self.waba_of(number).ok_or(Unknown)?;
        if let Some(fields) = value.as_object_mut() {
            let metadata = json!({"display_phone_number": DISPLAYED, "phone_number_id": number});
            fields.insert("messaging_product".to_owned(), json!("whatsapp"));
            fields.insert("metadata".to_owned(), metadata);
        }
        self.tell_of(&waba, field, &value);
        Ok(())
    }

    fn tell_of(&self, waba: &str, field: &str, value: &Value) {
        let change = json!({"field": field, "value": value});
        let entry = json!({"id": waba, "time": self.clock.now().seconds(), "changes": [change]});
        self.tell(json!({"object": "whatsapp_business_account", "entry": [entry]}));
    }

    fn second(&self) -> String {
        self.clock.now().seconds().to_string()
    }
}
