//! Tracked links: minted for a send, bound to the reminder that carries them, clicked.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use serde::{Deserialize, Serialize};

use crate::table::attributes::{Attributes, expire, n, s, write};
use crate::table::condition::{Tried, Written, unless_condition_failed};
use crate::table::key::{self, CLICK, Key};
use crate::{Allowance, StoreError, Table};
use domain::facts::click::Click;
use domain::facts::event::ClickKind;
use domain::values::account::Account;
use domain::values::ids::{CampaignId, ClickId, LinkToken, ReminderDigest};
use domain::values::instant::Instant;
use domain::values::limits;
use domain::values::span::Span;

/// A tracked link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// Its token: the secret part of its address.
    pub token: LinkToken,
    /// The account that it was minted for.
    pub account: Account,
    /// The campaign that it was minted for.
    pub campaign_id: CampaignId,
    /// Where it leads: within the account's store.
    pub url: String,
    /// When it was minted.
    pub created_at: Instant,
    /// The reminder that carries it, once that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminder: Option<ReminderDigest>,
    /// Whether its reminder, or the link itself while it isn't bound, has as many clicks as are kept
    /// ([`domain::values::limits::CLICKS_PER_REMINDER`]): taps are redirected and no longer stored.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub full: bool,
}

/// A click that came before its link was bound to a reminder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EarlyClick {
    /// The link.
    pub token: LinkToken,
    /// The click; it keeps its id when it moves.
    pub click_id: ClickId,
    /// When.
    pub at: Instant,
    /// Always a link.
    pub click_kind: ClickKind,
}

impl Table {
    /// Stores a freshly minted link. Its address can name a shopper, and until a reminder carries it
    /// nobody could find it for an erasure: so it goes after [`limits::UNBOUND_LINK_DAYS`].
    pub async fn link_put(&self, link: &Link) -> Result<(), StoreError> {
        self.put("put a link", link_item(link)?).await
    }

    /// The link of a token.
    pub async fn link(&self, token: &LinkToken) -> Result<Option<Link>, StoreError> {
        self.get("link", &Key::link(token)).await
    }

    /// The link of a token, if `allowance` has one item left.
    pub async fn link_within(
        &self,
        token: &LinkToken,
        allowance: &mut Allowance,
    ) -> Result<Option<Link>, StoreError> {
        self.get_within("link", &Key::link(token), allowance).await
    }

    /// Binds a link to the reminder that carries it, sent at `sent_at`; `false` when the link is not
    /// this account's or another reminder has it. Binding again is a no-op.
    ///
    /// R2: a token belongs to the earliest `reminder.sent` that names it, at one instant to the
    /// smaller reminder digest, whatever came first. Whoever had it before gives up its clicks when the
    /// link's record is derived.
    pub(super) async fn link_bind(
        &self,
        account: &Account,
        token: &LinkToken,
        reminder: &ReminderDigest,
        sent_at: Instant,
    ) -> Result<bool, StoreError> {
        let request = self.update_item(&Key::link(token));
        // It is kept as long as its reminder. Whether it is full is asked of that one.
        let request = match self.retention.expires_at(sent_at) {
            Some(second) => request
                .update_expression(
                    "SET reminder = :reminder, namedAt = :at, expiresAt = :expires REMOVE #full",
                )
                .expression_attribute_values(":expires", n(second)),
            None => request.update_expression(
                "SET reminder = :reminder, namedAt = :at REMOVE #full, expiresAt",
            ),
        };
        let result = request
            .condition_expression(
                "account = :account AND (attribute_not_exists(reminder) \
                 OR attribute_not_exists(namedAt) OR namedAt > :at \
                 OR (namedAt = :at AND reminder > :reminder))",
            )
            .expression_attribute_names("#full", "full")
            .expression_attribute_values(":account", s(account.as_str()))
            .expression_attribute_values(":reminder", s(reminder.as_str()))
            .expression_attribute_values(":at", s(sent_at))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        Ok(match Tried::of("bind a link", result)? {
            Tried::Written => true,
            Tried::Held(link) => link.get("reminder") == Some(&s(reminder.as_str())),
            Tried::Gone => false,
        })
    }

    /// Marks a link as full, if it is this account's and bound to `owner` (none: to no reminder): taps
    /// on it are no longer stored. Marking it again changes nothing. Whom a link belongs to matters:
    /// anybody can name another's token.
    pub async fn link_mark_full(
        &self,
        account: &Account,
        token: &LinkToken,
        owner: Option<&ReminderDigest>,
    ) -> Result<Written, StoreError> {
        let request = self
            .update_item(&Key::link(token))
            .update_expression("SET #full = :full")
            .expression_attribute_names("#full", "full")
            .expression_attribute_values(":full", AttributeValue::Bool(true))
            .expression_attribute_values(":account", s(account.as_str()));
        let request = match owner {
            Some(owner) => request
                .condition_expression(
                    "account = :account AND reminder = :owner AND attribute_not_exists(#full)",
                )
                .expression_attribute_values(":owner", s(owner.as_str())),
            None => request.condition_expression(
                "account = :account AND attribute_not_exists(reminder) \
                 AND attribute_not_exists(#full)",
            ),
        };
        unless_condition_failed("mark a link as full", request.send().await)
    }

    /// Lifts the mark of a link whose reminder has room again, since clicks moved on to another.
    pub async fn link_unmark_full(
        &self,
        account: &Account,
        token: &LinkToken,
        owner: &ReminderDigest,
    ) -> Result<Written, StoreError> {
        let result = self
            .update_item(&Key::link(token))
            .update_expression("REMOVE #full")
            .condition_expression(
                "account = :account AND reminder = :owner AND attribute_exists(#full)",
            )
            .expression_attribute_names("#full", "full")
            .expression_attribute_values(":account", s(account.as_str()))
            .expression_attribute_values(":owner", s(owner.as_str()))
            .send()
            .await;
        unless_condition_failed("lift a link's mark", result)
    }

    /// Writes a click on a link that isn't bound yet; it waits there for its reminder.
    pub async fn early_click_write(
        &self,
        token: &LinkToken,
        click_id: &ClickId,
        at: Instant,
    ) -> Result<Written, StoreError> {
        let key = Key::early_click(token, click_id);
        let owner = [("token", token.as_str())];
        self.click_write_item(&key, (click_id, ClickKind::Link, at), &owner).await
    }

    /// The clicks that wait at a link, as far as `allowance` goes.
    pub async fn early_clicks(
        &self,
        token: &LinkToken,
        allowance: &mut Allowance,
    ) -> Result<Vec<EarlyClick>, StoreError> {
        self.query_prefix_within("early click", &Key::link(token).pk, CLICK, allowance).await
    }

    /// The clicks of one link that stand on a reminder, as far as `allowance` goes.
    pub async fn reminder_clicks_of_link(
        &self,
        account: &Account,
        reminder: &ReminderDigest,
        token: &LinkToken,
        allowance: &mut Allowance,
    ) -> Result<Vec<Click>, StoreError> {
        // Their ids begin with the token (`ClickId::of_link`).
        let prefix = format!("{CLICK}{}.", token.as_str());
        let pk = key::reminder_pk(account, reminder);
        self.query_prefix_within("click", &pk, &prefix, allowance).await
    }
}

/// A link that no reminder carries yet.
pub(crate) fn link_item(link: &Link) -> Result<Attributes, StoreError> {
    let mut item = write("link", &Key::link(&link.token), link)?;
    let until = link.created_at.plus(Span::days(limits::UNBOUND_LINK_DAYS));
    expire(&mut item, Some(until.seconds()));
    Ok(item)
}
