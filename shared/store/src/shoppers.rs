//! A shopper's clicked reminders (R4): what distinct shoppers are counted from.
//!
//! Several workers write one shopper's item at once, each about another reminder. So nobody replaces
//! the whole: an entry is set or taken out by an update of its own, and none of them undoes another.

use serde::Deserialize;

use crate::table::attributes::{expire, n, value, write};
use crate::table::condition::{Written, unless_condition_failed};
use crate::table::key::Key;
use crate::table::retry::Attempts;
use crate::{StoreError, Table};
use domain::facts::shopper::{Clicked, ClickedReminders};
use domain::values::account::Account;
use domain::values::identity::Shopper;
use domain::values::ids::ReminderDigest;
use domain::values::instant::Instant;
use domain::values::limits;

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entered {
    /// It stands there.
    Written(Written),
    /// The shopper has clicked [`limits::CLICKED_REMINDERS_PER_SHOPPER`] other reminders: this one
    /// is left out.
    Full,
}

/// The first version of an item: nothing may stand there.
const FIRST: u64 = 1;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Held {
    #[serde(flatten)]
    clicked: ClickedReminders,
    #[serde(default)]
    expires_at: Option<i64>,
}

impl Table {
    /// The reminders that a shopper clicked.
    pub async fn shopper_clicked(
        &self,
        account: &Account,
        shopper: &Shopper,
    ) -> Result<Option<ClickedReminders>, StoreError> {
        self.get("clicked reminders", &Key::clicked_reminders(account, shopper)).await
    }

    /// Enters a reminder, sent at `sent_at`, among those that a shopper clicked, or moves its entry
    /// to another day or campaign.
    ///
    /// The item expires as long after the latest such instant as facts do: were it gone earlier, a
    /// shopper who returns would count as one who never came.
    pub async fn shopper_enter(
        &self,
        account: &Account,
        shopper: &Shopper,
        (reminder, clicked, sent_at): (&ReminderDigest, &Clicked, Instant),
    ) -> Result<Entered, StoreError> {
        const OPERATION: &str = "enter a clicked reminder";
        let key = Key::clicked_reminders(account, shopper);
        let expires_at = self.retention.expires_at(sent_at);
        let mut attempts = Attempts::at(OPERATION);
        loop {
            attempts.next().await?;
            let held: Option<Held> = self.get("clicked reminders", &key).await?;
            let Some(held) = held else {
                let reminders = [(reminder.clone(), clicked.clone())].into();
                let mut item = write("clicked reminders", &key, &ClickedReminders { reminders })?;
                expire(&mut item, expires_at);
                if self.put_on_version(OPERATION, item, FIRST).await?.is_changed() {
                    return Ok(Entered::Written(Written::Changed));
                }
                continue;
            };
            let outlives =
                expires_at.is_some_and(|at| held.expires_at.is_none_or(|held| held < at));
            let entry = held.clicked.reminders.get(reminder);
            if entry == Some(clicked) && !outlives {
                return Ok(Entered::Written(Written::Unchanged));
            }
            let most = limits::CLICKED_REMINDERS_PER_SHOPPER;
            if entry.is_none() && held.clicked.reminders.len() >= most {
                return Ok(Entered::Full);
            }
            let mut update = String::from("SET reminders.#id = :clicked");
            let mut condition = String::from(
                "attribute_exists(reminders.#id) \
                 OR (attribute_exists(reminders) AND size(reminders) < :most)",
            );
            let mut request = self
                .update_item(&key)
                .expression_attribute_names("#id", reminder.as_str())
                .expression_attribute_values(":clicked", value("clicked reminder", clicked)?)
                .expression_attribute_values(":most", n(most));
            if let Some(second) = expires_at.filter(|_| outlives) {
                update.push_str(", expiresAt = :expires");
                condition = format!(
                    "({condition}) AND (attribute_not_exists(expiresAt) OR expiresAt < :expires)"
                );
                request = request.expression_attribute_values(":expires", n(second));
            }
            let request = request.update_expression(update).condition_expression(condition);
            let written = request.send().await.map(drop);
            if unless_condition_failed(OPERATION, written)?.is_changed() {
                return Ok(Entered::Written(Written::Changed));
            }
        }
    }

    /// Takes a reminder out of those that a shopper clicked. An item without any is deleted: its key
    /// says nothing of the person, but it is made of what names them.
    pub async fn shopper_leave(
        &self,
        account: &Account,
        shopper: &Shopper,
        reminder: &ReminderDigest,
    ) -> Result<Written, StoreError> {
        const OPERATION: &str = "take out a clicked reminder";
        let key = Key::clicked_reminders(account, shopper);
        let left = self
            .update_item(&key)
            .update_expression("REMOVE reminders.#id")
            .condition_expression("attribute_exists(reminders.#id)")
            .expression_attribute_names("#id", reminder.as_str())
            .send()
            .await
            .map(drop);
        let left = unless_condition_failed(OPERATION, left)?;
        // Also where nothing was left to take out: who did that may have died here. What it contributed is
        // taken back by the update's record; a deletion counts nothing.
        let emptied = self
            .delete_item(&key)
            .condition_expression("size(reminders) = :none")
            .expression_attribute_values(":none", n(0))
            .send()
            .await
            .map(drop);
        unless_condition_failed(OPERATION, emptied)?;
        Ok(left)
    }
}
