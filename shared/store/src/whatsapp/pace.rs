//! How fast a number may send at present, and what tries it: kept on the connection, so that whichever instance
//! sends next goes on at the pace that the one before was given.
//!
//! It is written when Meta says something of it, not with each message.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder as UpdateItem;
use serde::{Deserialize, Serialize};

use crate::table::attributes::{n, s, value};
use crate::table::condition::{Written, unless_condition_failed};
use crate::table::key::Key;
use crate::{StoreError, Table};
use domain::values::account::Account;
use domain::values::ids::PhoneNumberId;
use domain::values::instant::Instant;
use domain::values::span::Span;

/// What Meta said of a number's pace.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Pace {
    /// What a throttle left of its rate, and when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slowed: Option<Slowed>,
    /// Until when nothing is sent from it: Meta called its messages spam.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_until: Option<Instant>,
    /// When one message last tried whether its account is still blocked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probed_at: Option<Instant>,
}

/// What a throttle left of a number's rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slowed {
    /// Messages a second.
    pub rate: u32,
    /// When.
    pub at: Instant,
}

impl Table {
    /// A change of what is known of a number's pace.
    fn pace_update(&self, account: &Account, number: &PhoneNumberId, set: &str) -> UpdateItem {
        self.update_item(&Key::whatsapp(account))
            .update_expression(format!("SET {set} ADD version :one"))
            .expression_attribute_values(":number", s(number.as_str()))
            .expression_attribute_values(":one", n(1))
    }

    /// Notes that Meta throttled a number. The latest says how fast it is.
    pub async fn whatsapp_slow(
        &self,
        account: &Account,
        number: &PhoneNumberId,
        slowed: Slowed,
    ) -> Result<Written, StoreError> {
        let update = self.pace_update(account, number, "slowed = :slowed");
        let result = update
            .condition_expression(
                "phoneNumberId = :number AND (attribute_not_exists(slowed) OR slowed.#at < :at)",
            )
            .expression_attribute_names("#at", "at")
            .expression_attribute_values(":slowed", value("WhatsApp connection", &slowed)?)
            .expression_attribute_values(":at", s(slowed.at))
            .send()
            .await;
        unless_condition_failed("slow a number down", result)
    }

    /// Holds a number's messages back until then, where nothing holds them longer.
    pub async fn whatsapp_hold(
        &self,
        account: &Account,
        number: &PhoneNumberId,
        until: Instant,
    ) -> Result<Written, StoreError> {
        let update = self.pace_update(account, number, "heldUntil = :until");
        let result = update
            .condition_expression(
                "phoneNumberId = :number AND (attribute_not_exists(heldUntil) OR heldUntil < :until)",
            )
            .expression_attribute_values(":until", s(until))
            .send()
            .await;
        unless_condition_failed("hold a number's messages back", result)
    }

    /// Notes that one message tries whether an account is still blocked, unless another one did within `every`.
    pub async fn whatsapp_probe(
        &self,
        account: &Account,
        number: &PhoneNumberId,
        (now, every): (Instant, Span),
    ) -> Result<Written, StoreError> {
        let update = self.pace_update(account, number, "probedAt = :now");
        let result = update
            .condition_expression(
                "phoneNumberId = :number AND (attribute_not_exists(probedAt) OR probedAt <= :before)",
            )
            .expression_attribute_values(":now", s(now))
            .expression_attribute_values(":before", s(now.minus(every)))
            .send()
            .await;
        unless_condition_failed("probe an account", result)
    }
}
