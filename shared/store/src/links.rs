//! Tracked links: minted for a send, bound to the reminder that carries them, clicked.

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use crate::table::attributes::{expire, s, write};
use crate::table::condition::{Written, unless_condition_failed};
use crate::table::key::{CLICK, Key};
use crate::{StoreError, Table};
use domain::facts::event::{ClickKind, ReminderClicked};
use domain::values::account::Account;
use domain::values::ids::{CampaignId, ClickId, LinkToken, ReminderId};
use domain::values::instant::Instant;

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
    pub reminder_id: Option<ReminderId>,
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

impl EarlyClick {
    /// The click as one on `reminder_id`.
    #[must_use]
    pub fn on(&self, reminder_id: &ReminderId) -> ReminderClicked {
        ReminderClicked {
            reminder_id: reminder_id.clone(),
            click_id: self.click_id.clone(),
            kind: self.click_kind,
            at: self.at,
        }
    }
}

impl Table {
    /// Stores a freshly minted link.
    pub async fn link_put(&self, link: &Link) -> Result<(), StoreError> {
        let mut item = write("link", &Key::link(&link.token), link)?;
        expire(&mut item, self.retention.expires_at(link.created_at));
        self.put("put a link", item).await
    }

    /// The link of a token.
    pub async fn link(&self, token: &LinkToken) -> Result<Option<Link>, StoreError> {
        self.get("link", &Key::link(token)).await
    }

    /// Binds a link to the reminder that carries it; `false` when the link is not this
    /// account's or another reminder has it. Binding again is a no-op.
    pub(super) async fn link_bind(
        &self,
        account: &Account,
        token: &LinkToken,
        reminder_id: &ReminderId,
    ) -> Result<bool, StoreError> {
        let result = self
            .update_item(&Key::link(token))
            .update_expression("SET reminderId = :reminder")
            .condition_expression(
                "account = :account AND (attribute_not_exists(reminderId) OR reminderId = :reminder)",
            )
            .expression_attribute_values(":account", s(account.as_str()))
            .expression_attribute_values(":reminder", s(reminder_id.as_str()))
            .send()
            .await;
        Ok(unless_condition_failed("bind a link", result)?.is_changed())
    }

    /// Marks a link as full: taps on it are no longer stored. Marking it again changes nothing, and a
    /// link that isn't there is not made.
    pub async fn link_mark_full(&self, token: &LinkToken) -> Result<Written, StoreError> {
        let result = self
            .update_item(&Key::link(token))
            .update_expression("SET #full = :full")
            .condition_expression("attribute_exists(pk) AND attribute_not_exists(#full)")
            .expression_attribute_names("#full", "full")
            .expression_attribute_values(":full", AttributeValue::Bool(true))
            .send()
            .await;
        unless_condition_failed("mark a link as full", result)
    }

    /// Writes a click on a link that isn't bound yet; it waits there for its reminder.
    pub async fn early_click_write(
        &self,
        token: &LinkToken,
        click_id: &ClickId,
        at: Instant,
    ) -> Result<Written, StoreError> {
        let key = Key::early_click(token, click_id);
        self.click_write_item(&key, (click_id, ClickKind::Link, at), ("token", token.as_str()))
            .await
    }

    /// The clicks that wait at a link.
    pub async fn early_clicks(&self, token: &LinkToken) -> Result<Vec<EarlyClick>, StoreError> {
        self.query_prefix("early click", &Key::link(token).pk, CLICK).await
    }
}
