//! Decisions: what became of each episode of a cart (R14). They lie under keyed digests and name nobody.

pub mod by_day;

use crate::table::attributes::{Attributes, expire, s, value, write};
use crate::table::condition::unless_condition_failed;
use crate::table::key::{self, Key};
use crate::table::retry::Attempts;
use crate::{StoreError, Table};
use aws_sdk_dynamodb::types::builders::PutBuilder;
use domain::facts::decision::{Decision, Reason, SendOutcome, Verdict};
use domain::values::account::Account;
use domain::values::instant::Instant;
use domain::values::keyed_id::CartId;

impl Table {
    /// The decision of an episode.
    pub async fn decision(
        &self,
        account: &Account,
        cart: &CartId,
        episode: Instant,
    ) -> Result<Option<Decision>, StoreError> {
        self.get("decision", &Key::decision(account, cart, episode)).await
    }

    /// Moves the outcome of a send on, only forward (R14). A decision that isn't there was erased or expired.
    pub async fn decision_move(
        &self,
        (account, cart): (&Account, &CartId),
        episode: Instant,
        to: SendOutcome,
        why: Option<Reason>,
    ) -> Result<(), StoreError> {
        const OPERATION: &str = "move a decision on";
        let mut attempts = Attempts::at(OPERATION);
        loop {
            attempts.next().await?;
            let Some(held) = self.decision(account, cart, episode).await? else { return Ok(()) };
            let Some(next) = held.moved_on(to, why) else { return Ok(()) };
            let (Verdict::Reminded { send: from, .. }, Verdict::Reminded { send: to, reason }) =
                (held.verdict, next.verdict)
            else {
                return Ok(());
            };
            let request = self
                .update_item(&Key::decision(account, cart, episode))
                .condition_expression("#outcome = :outcome AND #send = :from")
                .expression_attribute_names("#outcome", "outcome")
                .expression_attribute_names("#send", "send")
                .expression_attribute_names("#reason", "reason")
                .expression_attribute_values(":outcome", s(held.verdict.outcome().word()))
                .expression_attribute_values(":from", value("decision", &from)?)
                .expression_attribute_values(":to", value("decision", &to)?);
            let request = match reason {
                Some(reason) => request
                    .update_expression("SET #send = :to, #reason = :reason")
                    .expression_attribute_values(":reason", s(reason.word())),
                None => request.update_expression("SET #send = :to REMOVE #reason"),
            };
            if unless_condition_failed(OPERATION, request.send().await)?.is_changed() {
                return Ok(());
            }
        }
    }

    /// A decision as a part of a transaction: in the place of `held`, as that was read, or where none stands.
    pub(crate) fn decision_put_of(
        &self,
        account: &Account,
        cart: &CartId,
        held: Option<&Decision>,
        next: &Decision,
    ) -> Result<PutBuilder, StoreError> {
        let put = self.put_of(self.decision_item(account, cart, next)?);
        let Some(held) = held else {
            return Ok(put.condition_expression("attribute_not_exists(pk)"));
        };
        // The outcome of its send is all of it that ever changes.
        let put = put
            .expression_attribute_names("#outcome", "outcome")
            .expression_attribute_values(":outcome", s(held.verdict.outcome().word()));
        Ok(match &held.verdict {
            Verdict::Reminded { send, .. } => put
                .condition_expression("#outcome = :outcome AND #send = :send")
                .expression_attribute_names("#send", "send")
                .expression_attribute_values(":send", value("decision", send)?),
            Verdict::HeldOut | Verdict::Skipped { .. } => {
                put.condition_expression("#outcome = :outcome")
            }
        })
    }

    fn decision_item(
        &self,
        account: &Account,
        cart: &CartId,
        record: &Decision,
    ) -> Result<Attributes, StoreError> {
        let Decision { episode, decided_at, day, verdict, .. } = record;
        let mut item = write("decision", &Key::decision(account, cart, *episode), record)?;
        item.insert("dayPk".to_owned(), s(key::day_pk(account, *day)));
        let sk = key::decision_day_sk(verdict.outcome(), *decided_at, cart);
        item.insert("daySk".to_owned(), s(sk));
        expire(&mut item, self.retention.expires_at(*decided_at));
        Ok(item)
    }
}
