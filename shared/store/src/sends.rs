//! Sends: one claimed message each (R16), from its claim to its end.
//!
//! Each step writes in an order that a crash between any two of its writes can be picked up from: what leads
//! to the cart goes last. Steps begin from the cart as it is now: whoever finds it in another state, or at
//! another send, writes nothing.

use aws_sdk_dynamodb::types::{
    ConditionCheck, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::carts::{CartRecord, cart_item, due_key};
use crate::due::DuePointer;
use crate::facts::items_item;
use crate::links::{Link, link_item};
use crate::table::attributes::{expire, n, read, s, write};
use crate::table::condition::Tried;
use crate::table::key::{Key, Naming};
use crate::table::retry::Attempts;
use crate::table::transact::{put, update};
use crate::{StoreError, Table};
use domain::facts::cart::{Cart, CartState, SendId};
use domain::facts::contact::{Opt, SuppressionCode};
use domain::facts::decision::{Decision, Reason, SendOutcome};
use domain::facts::event::ReminderSent;
use domain::rules::answer::Consequence;
use domain::values::account::Account;
use domain::values::identity::{Identities, PhoneKey};
use domain::values::ids::{CampaignId, LinkToken, ReminderId};
use domain::values::instant::Instant;
use domain::values::item::{ItemList, ItemsDigest};
use domain::values::keyed_id::{CartId, ContactId};
use domain::values::span::Span;
use domain::values::store_day::StoreDay;

/// How long a send is kept: statuses come again for seven days, and late ones count as well.
pub const SEND_STAYS: Span = Span::days(30);
/// How long the status of a message whose answer was lost is waited for.
pub const STATUS_WITHIN: Span = Span::hours(24);

/// A send as it was frozen at its claim, and the message's id once that is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SendRecord {
    /// Its id.
    pub send_id: SendId,
    /// Whose it is.
    pub account: Account,
    /// About which cart.
    pub cart: CartId,
    /// In which episode.
    pub episode: Instant,
    /// To whom.
    pub contact: ContactId,
    /// When it was decided: also for a later attempt (R14).
    pub decided_at: Instant,
    /// The store day of that.
    pub day: StoreDay,
    /// The zone that the day was cut in.
    pub time_zone: Tz,
    /// Its campaign.
    pub campaign_id: CampaignId,
    /// Whom its reminder names (R5).
    #[serde(default)]
    pub identities: Identities,
    /// The cart's items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<ItemsDigest>,
    /// Its tracked link.
    pub link_token: LinkToken,
    /// When this attempt was claimed.
    pub claimed_at: Instant,
    /// The message's id, once Meta told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminder_id: Option<ReminderId>,
    /// Whether somebody whom it named was erased: its message's id, which encodes the phone number, is kept no
    /// more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub erased: bool,
}

/// A claim: all that one transaction writes and asks.
#[derive(Debug)]
pub struct Claim<'a> {
    /// The secret under which whom it names is digested.
    pub phone_key: &'a PhoneKey,
    /// The cart as it is after.
    pub cart: &'a CartRecord,
    /// The send.
    pub send: &'a SendRecord,
    /// The items that the send names.
    pub items: &'a ItemList,
    /// Its tracked link.
    pub link: &'a Link,
    /// The decision as it is held: that of an earlier attempt.
    pub held: Option<&'a Decision>,
    /// The decision as it is after.
    pub decision: &'a Decision,
    /// The campaign's version as it was read, active.
    pub campaign_version: u64,
    /// The settings' version as it was read.
    pub settings_version: u64,
    /// Hours between two messages to one contact.
    pub cooldown: Span,
}

/// Where a step began from, and what led to it.
#[derive(Debug, Clone, Copy)]
pub struct Sending<'a> {
    /// The send.
    pub send: &'a SendRecord,
    /// The pointers that led to its cart.
    pub led_by: &'a [DuePointer],
    /// When.
    pub now: Instant,
}

impl Table {
    /// A send.
    pub async fn send(&self, id: &SendId) -> Result<Option<SendRecord>, StoreError> {
        self.get("send", &Key::send(id)).await
    }

    /// Claims a message: from then on nobody else sends it (R16), and a pause, an opt-out or activity that
    /// was confirmed before prevents it (R17, R18). `false` where anything is no longer as it was read.
    ///
    /// If the answer of the transaction is lost, the cart tells: a send's id is random, so where the cart
    /// has it the claim was ours.
    pub async fn send_claim(&self, claim: &Claim<'_>) -> Result<bool, StoreError> {
        let SendRecord { account, cart, send_id, .. } = claim.send;
        if let Some(digest) = &claim.send.items {
            let mut items = items_item(&Key::send_items(send_id, digest), claim.items);
            expire(&mut items, Some(claim.send.claimed_at.plus(SEND_STAYS).seconds()));
            self.put("write a send's items", items).await?;
        }
        let naming = Naming::Send(send_id.clone());
        let named = claim.send.identities.each();
        self.named_put(claim.phone_key, account, named, &naming, claim.send.claimed_at).await?;
        let outcome = self.transact("claim a message", self.claim_actions(claim)?).await;
        if matches!(&outcome, Ok(transacted) if transacted.is_done()) {
            return Ok(true);
        }
        let held = self.cart(account, cart).await?;
        let is_mine = held.is_some_and(|held| {
            held.cart.state == CartState::Sending && held.cart.send_id.as_ref() == Some(send_id)
        });
        match outcome {
            Err(error) if !is_mine => Err(error),
            _ => Ok(is_mine),
        }
    }

    fn claim_actions(&self, claim: &Claim<'_>) -> Result<Vec<TransactWriteItem>, StoreError> {
        let Claim { cart, send, link, held, decision, .. } = claim;
        let SendRecord { account, send_id, contact, .. } = send;
        let expires_at = Some(send.claimed_at.plus(SEND_STAYS).seconds());
        let cart_item = cart_item(account, &send.cart, cart)?;
        let mut send_item = write("send", &Key::send(send_id), send)?;
        expire(&mut send_item, expires_at);
        let mut pointer = Key::contact_send(account, contact, send_id).attributes();
        expire(&mut pointer, expires_at);
        let absent = "attribute_not_exists(pk)";
        Ok(vec![
            put(self.put_of_version(cart_item, cart.cart.version))?,
            self.claim_contact(claim)?,
            self.check_version(
                &Key::campaign(account, &send.campaign_id),
                claim.campaign_version,
                Some("active"),
            )?,
            self.check_version(&Key::settings(account), claim.settings_version, None)?,
            put(self.put_of(link_item(link)?).condition_expression(absent))?,
            put(self.put_of(send_item).condition_expression(absent))?,
            put(self.put_of(pointer))?,
            put(self.decision_put_of(account, &send.cart, *held, decision)?)?,
        ])
    }

    /// The contact wants messages, none asked to leave it alone, it wasn't erased since the episode began, and
    /// it got none of another episode a short while ago. A message that was decided long ago leaves only now: what
    /// comes after it waits from now on.
    fn claim_contact(&self, claim: &Claim<'_>) -> Result<TransactWriteItem, StoreError> {
        let send = claim.send;
        update(
            self.update_of(&Key::contact(&send.account, &send.contact))
                .update_expression(
                    "SET lastDecidedAt = :claimed, lastCart = :cart, lastEpisode = :episode ADD version :one",
                )
                .condition_expression(
                    "(attribute_not_exists(optOut) OR optOut = :no) \
                     AND (attribute_not_exists(suppressedUntil) OR suppressedUntil <= :now) \
                     AND (attribute_not_exists(erasedAt) OR erasedAt < :episode) \
                     AND (attribute_not_exists(lastDecidedAt) OR lastDecidedAt <= :cooled \
                     OR (lastCart = :cart AND lastEpisode = :episode))",
                )
                .expression_attribute_values(":no", aws_sdk_dynamodb::types::AttributeValue::Bool(false))
                .expression_attribute_values(":now", s(send.claimed_at))
                .expression_attribute_values(":claimed", s(send.claimed_at))
                .expression_attribute_values(":cart", s(send.cart.as_str()))
                .expression_attribute_values(":episode", s(send.episode))
                .expression_attribute_values(":cooled", s(send.claimed_at.minus(claim.cooldown)))
                .expression_attribute_values(":one", n(1)),
        )
    }

    fn check_version(
        &self,
        key: &Key,
        version: u64,
        status: Option<&str>,
    ) -> Result<TransactWriteItem, StoreError> {
        let check = ConditionCheck::builder()
            .table_name(&self.name)
            .set_key(Some(key.attributes()))
            .expression_attribute_values(":version", n(version));
        let check = match status {
            None => check.condition_expression("version = :version"),
            Some(status) => check
                .condition_expression("version = :version AND #status = :status")
                .expression_attribute_names("#status", "status")
                .expression_attribute_values(":status", s(status)),
        };
        let check = check.build().map_err(|error| StoreError::Refused {
            operation: "an incomplete action",
            source: Box::new(error),
        })?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    /// Notes that Meta took a message under this id, by its answer or by a status that names the send, in
    /// whatever state its cart is. Repeatable: whoever finds it half done does the rest.
    pub async fn send_finish(
        &self,
        key: &PhoneKey,
        send: &SendRecord,
        told: &ReminderId,
        led_by: &[DuePointer],
        now: Instant,
    ) -> Result<(), StoreError> {
        let SendRecord { account, cart, .. } = send;
        let Some(reminder_id) = self.send_note_reminder(&send.send_id, told).await? else {
            return Ok(());
        };
        let items = match &send.items {
            Some(digest) => self.item_list(&Key::send_items(&send.send_id, digest)).await?,
            None => ItemList::default(),
        };
        let reminder = ReminderSent {
            reminder_id,
            at: send.decided_at,
            campaign_id: send.campaign_id.clone(),
            identities: send.identities.clone(),
            items,
            link_token: Some(send.link_token.clone()),
        };
        self.reminder_write_details(key, account, &reminder, send.time_zone).await?;
        self.decision_move((account, cart), send.episode, SendOutcome::Accepted, None).await?;
        let step = |held: &Cart| held.accepted(&send.send_id, now);
        self.cart_step(send, step, led_by).await.map(|_| ())
    }

    /// [`send_finish`](Self::send_finish) for a status that names the send of an account; `false` where the
    /// account has no such send.
    pub async fn send_resolve(
        &self,
        key: &PhoneKey,
        account: &Account,
        id: &SendId,
        told: &ReminderId,
        now: Instant,
    ) -> Result<bool, StoreError> {
        let Some(send) = self.send(id).await?.filter(|send| send.account == *account) else {
            return Ok(false);
        };
        if send.reminder_id.is_some() {
            // The cart is written last: where it says so, all of it is done.
            let held = self.cart(account, &send.cart).await?;
            let is_done = held.is_some_and(|CartRecord { cart, .. }| {
                cart.state == CartState::Closed
                    && cart.send_id.as_ref() == Some(id)
                    && cart.reminded_at == cart.claimed_at
            });
            if is_done {
                return Ok(true);
            }
        }
        let pointers = self.cart_pointer(account, &send.cart).await?;
        self.send_finish(key, &send, told, &pointers, now).await?;
        Ok(true)
    }

    /// The id of a send's message, from now on `told` where none was known; none where the send is gone.
    async fn send_note_reminder(
        &self,
        id: &SendId,
        told: &ReminderId,
    ) -> Result<Option<ReminderId>, StoreError> {
        let result = self
            .update_item(&Key::send(id))
            .update_expression("SET reminderId = :told")
            .condition_expression(
                "attribute_exists(pk) AND attribute_not_exists(reminderId) AND attribute_not_exists(erased)",
            )
            .expression_attribute_values(":told", s(told.as_str()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        Ok(match Tried::of("note a message's id", result)? {
            Tried::Written => Some(told.clone()),
            Tried::Held(held) => {
                let held: SendRecord = read("send", held)?;
                held.reminder_id.or_else(|| held.erased.then(|| told.clone()))
            }
            Tried::Gone => None,
        })
    }

    /// Notes that Meta won't take a message: its decision, then its cart. What that says of the contact is
    /// written before.
    pub async fn send_reject(
        &self,
        Sending { send, led_by, now }: Sending<'_>,
        why: Option<Reason>,
    ) -> Result<(), StoreError> {
        let of = (&send.account, &send.cart);
        self.decision_move(of, send.episode, SendOutcome::Rejected, why).await?;
        let step = |held: &Cart| held.rejected(&send.send_id, now);
        self.cart_step(send, step, led_by).await.map(|_| ())
    }

    /// Has a message that Meta didn't take wait until `due_at`. Where its answer was taken for lost meanwhile,
    /// it is rejected instead: nobody sends it again.
    pub async fn send_again(
        &self,
        Sending { send, led_by, now }: Sending<'_>,
        (due_at, held_by, is_attempt): (Instant, Option<Reason>, bool),
    ) -> Result<(), StoreError> {
        let key =
            crate::key::DueKey { due_at, account: send.account.clone(), cart: send.cart.clone() };
        self.due_put(&key, now).await?;
        let step = |held: &Cart| held.waits_again(&send.send_id, (due_at, held_by), is_attempt);
        if self.cart_step_but(send, step, led_by, Some(&key)).await? {
            return Ok(());
        }
        // A cart that waits already does so by an earlier try of this very step.
        let held = self.cart(&send.account, &send.cart).await?;
        let is_lost = held.is_some_and(|held| {
            matches!(held.cart.state, CartState::Unknown | CartState::Unconfirmed)
                && held.cart.send_id.as_ref() == Some(&send.send_id)
        });
        if is_lost {
            self.send_reject(Sending { send, led_by, now }, held_by).await
        } else {
            Ok(())
        }
    }

    /// Notes that the answer to a message was lost: its status is waited for.
    pub async fn send_lose(
        &self,
        Sending { send, led_by, now }: Sending<'_>,
    ) -> Result<(), StoreError> {
        let due_at = now.plus(STATUS_WITHIN);
        let key =
            crate::key::DueKey { due_at, account: send.account.clone(), cart: send.cart.clone() };
        self.due_put(&key, now).await?;
        let step = |held: &Cart| held.unknown(&send.send_id, due_at);
        self.cart_step_but(send, step, &[], None).await?;
        let held = self.cart(&send.account, &send.cart).await?;
        let is_lost = held.is_some_and(|held| {
            held.cart.state == CartState::Unknown
                && held.cart.send_id.as_ref() == Some(&send.send_id)
        });
        if is_lost {
            let of = (&send.account, &send.cart);
            self.decision_move(of, send.episode, SendOutcome::Unknown, None).await?;
            self.due_delete_all(led_by, Some(&key)).await?;
        }
        Ok(())
    }

    /// Notes that no status told of a message within a day.
    pub async fn send_give_up(
        &self,
        Sending { send, led_by, now }: Sending<'_>,
    ) -> Result<(), StoreError> {
        let of = (&send.account, &send.cart);
        self.decision_move(of, send.episode, SendOutcome::Unconfirmed, None).await?;
        let step = |held: &Cart| held.unconfirmed(&send.send_id, now);
        self.cart_step(send, step, led_by).await.map(|_| ())
    }

    /// Moves a send's cart by `step` and then takes away the pointers that led to it; `false` where the cart
    /// isn't where the step begins: then nothing is written.
    async fn cart_step(
        &self,
        send: &SendRecord,
        step: impl Fn(&Cart) -> Option<Cart>,
        led_by: &[DuePointer],
    ) -> Result<bool, StoreError> {
        self.cart_step_but(send, step, led_by, None).await
    }

    async fn cart_step_but(
        &self,
        send: &SendRecord,
        step: impl Fn(&Cart) -> Option<Cart>,
        led_by: &[DuePointer],
        but: Option<&crate::key::DueKey>,
    ) -> Result<bool, StoreError> {
        const OPERATION: &str = "move a send's cart";
        let SendRecord { account, cart, .. } = send;
        let mut attempts = Attempts::at(OPERATION);
        loop {
            attempts.next().await?;
            let Some(held) = self.cart(account, cart).await? else { return Ok(false) };
            let Some(next) = step(&held.cart) else { return Ok(false) };
            let (next, order_form) = (next, held.order_form);
            if self.cart_put(account, cart, &CartRecord { cart: next, order_form }).await? {
                self.due_delete_all(led_by, but).await?;
                return Ok(true);
            }
        }
    }

    /// The pointer that leads to a cart as it stands, for whoever moves it without having been led to it.
    pub async fn cart_pointer(
        &self,
        account: &Account,
        id: &CartId,
    ) -> Result<Vec<DuePointer>, StoreError> {
        let Some(held) = self.cart(account, id).await? else { return Ok(Vec::new()) };
        let pointer = self.due_pointer(&due_key(account, id, &held.cart)).await?;
        Ok(pointer.into_iter().collect())
    }
}

impl Table {
    /// Notes what a refusal says of the contact that a message was for: by the answer itself, or by a later
    /// status.
    pub async fn contact_refused(
        &self,
        account: &Account,
        contact: &ContactId,
        (consequence, code): (Consequence, SuppressionCode),
        at: Instant,
    ) -> Result<(), StoreError> {
        match consequence {
            Consequence::Suppress(span) => {
                self.contact_suppress(account, contact, (at, span, code)).await.map(|_| ())
            }
            Consequence::OptOut => {
                self.contact_opt(account, contact, Opt::Out, at).await.map(|_| ())
            }
            Consequence::TemplateDisabled | Consequence::Malformed => Ok(()),
        }
    }
}
