//! How the demo store has its carts reminded of: through the stand-in for Graph, by the sender of the stack.

use serde::Deserialize;
use serde_json::{Value, json};
use shared::domain::values::instant::Instant;
use shared::domain::values::span::Span;
use shared::runtime::clock::Clock;
use shared::web::signature::SigningSecret;

use super::carts::{BETWEEN, DemoCarts, REFUSED_AND_LOST, Reaction, TRIES};
use super::{DemoError, DemoStore, PHONE_NUMBER_ID};
use crate::graph::{BUSINESS_ACCOUNT, TOKEN};

/// A message that the stand-in took.
#[derive(Debug, Deserialize)]
struct Message {
    id: String,
    to: String,
    link: Option<String>,
}

impl DemoStore {
    /// Connects WhatsApp and has the system send the first and the last campaign. The coupons are left to the
    /// store's own sender.
    pub(super) async fn switch_on(&self, campaign_ids: &[String; 3]) -> Result<(), DemoError> {
        let [cart, _, spanish] = campaign_ids;
        let connection = json!({
            "wabaId": BUSINESS_ACCOUNT.0, "phoneNumberId": PHONE_NUMBER_ID, "token": TOKEN,
        });
        let put = self.client.put(format!("{}/account/whatsapp", self.base_url)).json(&connection);
        self.admin("the connection to WhatsApp", put).await?;
        for template in ["pt-BR/image", "pt-BR/coupon", "es/text"] {
            self.make_template(template).await?;
        }
        // At any hour, so that there is something to see whenever the stack is started.
        let day = ["00:00", "24:00"];
        let hours = json!({
            "mon": day, "tue": day, "wed": day, "thu": day, "fri": day, "sat": day, "sun": day,
        });
        let sending = json!({
            "enabled": true, "hours": hours, "cooldownHours": 24, "consent": "recorded",
        });
        let put = self.client.put(format!("{}/account/sending", self.base_url)).json(&sending);
        self.admin("how the account sends", put).await?;
        let minimum = json!([{"currency": "BRL", "amount": "50.00"}]);
        let any = json!({"enabled": true, "trigger": "any"});
        let payment = json!({"enabled": true, "trigger": "payment", "minimum": minimum});
        self.send_campaign(cart, &payment).await?;
        self.send_campaign(spanish, &any).await
    }

    async fn make_template(&self, template: &str) -> Result<(), DemoError> {
        let post = self.client.post(format!("{}/templates/{template}", self.base_url));
        self.admin("a template", post.json(&json!({}))).await.map(drop)
    }

    async fn send_campaign(&self, id: &str, sending: &Value) -> Result<(), DemoError> {
        let url = format!("{}/campaigns/{id}", self.base_url);
        let held = self.admin("a campaign", self.client.get(&url)).await?;
        let version = held.get("version").and_then(Value::as_u64);
        let version = version.ok_or(DemoError::Answer("campaigns"))?;
        let patch = self.client.patch(&url).header("if-match", format!("\"{version}\""));
        self.admin("a campaign's sending", patch.json(&json!({"sending": sending}))).await.map(drop)
    }

    /// Has the system send the English campaign, whose template Meta refuses.
    async fn switch_on_english(&self, id: &str) -> Result<(), DemoError> {
        self.make_template("en-US/text").await?;
        self.judge_english("REJECTED").await?;
        self.send_campaign(id, &json!({"enabled": true, "trigger": "any"})).await
    }

    /// Tells the carts of the day that ends at `at`, has the sender look at them, and does what their shoppers do.
    pub(super) async fn tell_carts(
        &self,
        (at, english): (Instant, &str),
        secret: &SigningSecret,
    ) -> Result<(), DemoError> {
        let carts = DemoCarts { at };
        self.remind_earlier(carts, secret).await?;
        let [first, troubled, all] = DemoCarts::decided();
        for phone in carts.opted_out() {
            let post = self.client.post(format!("{}/opt-outs", self.base_url));
            self.admin("an opt-out", post.json(&json!({"phone": phone}))).await?;
        }
        self.send_events(&carts.first(), secret).await?;
        for phone in carts.erased() {
            let post = self.client.post(format!("{}/shoppers/erase", self.base_url));
            self.admin("an erasure", post.json(&json!({"phone": phone}))).await?;
        }
        self.decided(at, first).await?;
        self.switch_on_english(english).await?;

        let faults = format!("{{\"next\":[{}]}}", REFUSED_AND_LOST.join(","));
        let post = self.client.post(format!("{}/local/whatsapp/faults", self.base_url));
        let post = post.header("content-type", "application/json").body(faults);
        self.accepted("what Meta does", post).await?;
        self.send_events(&carts.troubled(), secret).await?;
        self.decided(at, troubled).await?;

        self.react().await?;
        self.judge_english("DISABLED").await?;
        self.drain().await?;
        self.send_events(&carts.afterwards(Clock::system().now()), secret).await?;
        self.decided(at, all).await
    }

    /// Has Meta judge the English template so.
    async fn judge_english(&self, state: &str) -> Result<(), DemoError> {
        let judged = json!({
            "act": "judge", "name": "cart_reminder_text_1", "language": "en_US", "state": state,
        });
        let post = self.client.post(format!("{}/local/whatsapp", self.base_url));
        let post = post.json(&judged);
        self.accepted("what Meta says of a template", post).await.map(drop)
    }

    /// Has a cart of two days ago reminded of as if it were then, and its shopper come back to it.
    async fn remind_earlier(
        &self,
        carts: DemoCarts,
        secret: &SigningSecret,
    ) -> Result<(), DemoError> {
        let (cart, at) = carts.reminded();
        self.send_events(&[cart], secret).await?;
        let tick = self.client.post(format!("{}/local/tick?at={at}", self.base_url));
        self.accepted("a tick", tick).await?;
        self.drain().await?;
        let (id, back) = carts.back();
        let told = self.client.get(format!("{}/carts/{id}", self.base_url));
        let told = self.admin("a cart", told).await?;
        // The schedule of this minute may have found it first: then it counts today, as one that is too old.
        if told.pointer("/decision/outcome") == Some(&json!("reminded")) {
            self.send_events(&[back], secret).await?;
        }
        Ok(())
    }

    /// Has those who were reminded of their carts do something about it.
    async fn react(&self) -> Result<(), DemoError> {
        let get = self.client.get(format!("{}/local/whatsapp", self.base_url));
        let messages: Vec<Message> =
            serde_json::from_value(self.accepted("the messages", get).await?)
                .map_err(|_| DemoError::Answer("the messages"))?;
        for (number, reactions) in DemoCarts::reactions() {
            // After a load that was interrupted the stand-in has forgotten what it took.
            let Some(message) = messages.iter().find(|message| message.to == number) else {
                continue;
            };
            for reaction in reactions {
                let id = &message.id;
                let act = match (reaction, &message.link) {
                    (Reaction::Reads, _) => json!({"act": "status", "id": id, "status": "read"}),
                    (Reaction::Stops, _) => json!({"act": "tap", "id": id, "text": "Parar"}),
                    (Reaction::TapsLink, link) => {
                        let link = link.as_ref().ok_or(DemoError::Answer("a message"))?;
                        // It leads to the shop, which there isn't.
                        self.client.get(link).send().await.map_err(DemoError::Request)?;
                        continue;
                    }
                };
                let post = self.client.post(format!("{}/local/whatsapp", self.base_url));
                self.accepted("what a phone does", post.json(&act)).await?;
            }
        }
        Ok(())
    }

    /// Has the sender look at what is due until so many carts are decided.
    async fn decided(&self, at: Instant, count: u64) -> Result<(), DemoError> {
        let day = |at: Instant| at.to_utc().date_naive();
        let (from, to) = (day(at.minus(Span::days(1))), day(Clock::system().now()).succ_opt());
        let to = to.unwrap_or(from);
        let figures = format!("{}/metrics?from={from}&to={to}", self.base_url);
        for _ in 0..TRIES {
            let tick = self.client.post(format!("{}/local/tick", self.base_url));
            self.accepted("a tick", tick).await?;
            self.drain().await?;
            let told = self.admin("the figures", self.client.get(&figures)).await?;
            let carts = told.pointer("/funnel/carts").and_then(Value::as_u64);
            if carts.ok_or(DemoError::Answer("metrics"))? >= count {
                return Ok(());
            }
            tokio::time::sleep(BETWEEN).await;
        }
        Err(DemoError::Undecided)
    }
}
