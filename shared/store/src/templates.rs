//! Templates of an account, as far as Meta told of them (R19). Each thing that it tells folds by its own instant:
//! what was told last by Meta's clock holds, whatever arrived last.

use aws_sdk_dynamodb::types::ReturnValue;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::table::attributes::{n, read, write};
use crate::table::condition::{Written, if_condition_held};
use crate::table::key::{self, Key};
use crate::table::retry::Attempts;
use crate::{StoreError, Table};
use domain::facts::template::{Template, TemplateState};
use domain::values::account::Account;
use domain::values::campaign::{Language, MessageType};
use domain::values::instant::Instant;

/// A template as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TemplateRecord {
    /// The language of its text.
    pub language: Language,
    /// What its messages carry.
    pub message_type: MessageType,
    /// Its state; none until Meta said any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<Template>,
    /// When we noted the state that is held, by how a message was refused; none where Meta told it. Nobody tells
    /// when such a one ends: it is tried again after a while.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noted_at: Option<Instant>,
    /// Why Meta refused, paused or disabled it, in its words; of the state that is held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// How shoppers receive it, in Meta's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<ToldWord>,
    /// What Meta charges it as, in its words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<ToldWord>,
    /// How many messages of it Meta refused in a row as made wrongly.
    #[serde(default, skip_serializing_if = "is_none")]
    pub malformed: u32,
    /// Counts the writes.
    version: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_none(count: &u32) -> bool {
    *count == 0
}

/// A word of Meta's, and when it was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldWord {
    /// The word.
    pub word: String,
    /// When, by Meta's clock.
    pub at: Instant,
}

/// What Meta tells of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateTold {
    /// Its state, and why.
    State(Template, Option<String>),
    /// The state that its answer to a message shows, by our clock: as of the message's claim, and when that was noted.
    Shown(Template, Instant),
    /// How shoppers receive it.
    Quality(ToldWord),
    /// What it is charged as.
    Category(ToldWord),
}

/// The newest word; of one instant the greater, so that the order of arrival decides nothing.
fn newest(held: &mut Option<ToldWord>, told: &ToldWord) {
    let is_newer = |held: &ToldWord| (told.at, &told.word) > (held.at, &held.word);
    if held.as_ref().is_none_or(is_newer) {
        *held = Some(told.clone());
    }
}

impl TemplateRecord {
    const fn untold(language: Language, message_type: MessageType) -> Self {
        let (template, noted_at, why, quality, category) = (None, None, None, None, None);
        let (malformed, version) = (0, 0);
        Self {
            language,
            message_type,
            template,
            noted_at,
            why,
            quality,
            category,
            malformed,
            version,
        }
    }

    /// The template after something was told; none where that is nothing new.
    fn told(&self, told: &TemplateTold) -> Option<Self> {
        let mut next = self.clone();
        match told {
            TemplateTold::State(template, why) => {
                let folded = Template::told(self.template, *template);
                if self.template != Some(folded) {
                    next.template = Some(folded);
                    next.noted_at = None;
                    next.malformed = 0;
                    next.why.clone_from(why);
                }
            }
            TemplateTold::Shown(template, noted_at) => {
                let folded = Template::told(self.template, *template);
                if self.template != Some(folded) {
                    next.template = Some(folded);
                    next.noted_at =
                        (template.state != TemplateState::Approved).then_some(*noted_at);
                    next.why = None;
                }
            }
            TemplateTold::Quality(word) => newest(&mut next.quality, word),
            TemplateTold::Category(word) => newest(&mut next.category, word),
        }
        (next != *self).then(|| Self { version: self.version + 1, ..next })
    }
}

/// A word as the API writes it, for a key.
#[expect(clippy::expect_used, reason = "a language and a message type serialise as texts")]
fn word(of: &impl Serialize) -> String {
    let written = serde_json::to_value(of).expect("a word serialises");
    Value::as_str(&written).expect("a word is a text").to_owned()
}

fn key(account: &Account, language: Language, message_type: MessageType) -> Key {
    Key::template(account, &word(&language), &word(&message_type))
}

impl Table {
    /// All templates of an account of which anything was told.
    pub async fn templates(&self, account: &Account) -> Result<Vec<TemplateRecord>, StoreError> {
        self.query_prefix("template", &key::templates(account), "").await
    }

    /// A template.
    pub async fn template(
        &self,
        account: &Account,
        language: Language,
        message_type: MessageType,
    ) -> Result<Option<TemplateRecord>, StoreError> {
        self.get("template", &key(account, language, message_type)).await
    }

    /// Notes that Meta refused a message of a template as made wrongly, or took one; how many it refused in a row. Many
    /// answers come at once, so it is one update.
    pub async fn template_note_form(
        &self,
        account: &Account,
        (language, message_type): (Language, MessageType),
        is_wrong: bool,
    ) -> Result<u32, StoreError> {
        #[derive(Deserialize)]
        struct Noted {
            malformed: u32,
        }
        const OPERATION: &str = "note how a template's messages are made";
        let update = self
            .update_item(&key(account, language, message_type))
            .expression_attribute_values(":one", n(1))
            .return_values(ReturnValue::UpdatedNew);
        let update = if is_wrong {
            update
                .update_expression("ADD malformed :one, version :one")
                .condition_expression("attribute_exists(pk)")
        } else {
            update
                .update_expression("SET malformed = :zero ADD version :one")
                .condition_expression("malformed > :zero")
                .expression_attribute_values(":zero", n(0))
        };
        let left = if_condition_held(OPERATION, update.send().await)?;
        let Some(attributes) = left.and_then(|output| output.attributes) else { return Ok(0) };
        let noted: Noted = read("template", attributes)?;
        Ok(noted.malformed)
    }

    /// Folds what Meta tells of a template into what is known of it.
    pub async fn template_fold(
        &self,
        account: &Account,
        language: Language,
        message_type: MessageType,
        told: &TemplateTold,
    ) -> Result<Written, StoreError> {
        const OPERATION: &str = "fold what is told of a template";
        let key = key(account, language, message_type);
        let mut attempts = Attempts::at(OPERATION);
        loop {
            attempts.next().await?;
            let held = self.template(account, language, message_type).await?;
            let held = held.unwrap_or(TemplateRecord::untold(language, message_type));
            let Some(next) = held.told(told) else { return Ok(Written::Unchanged) };
            let item = write("template", &key, &next)?;
            if self.put_on_version(OPERATION, item, next.version).await?.is_changed() {
                return Ok(Written::Changed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn at(millis: i64) -> Instant {
        Instant::from_millis(1_795_348_800_000 + millis)
    }

    fn state(state: TemplateState, millis: i64, why: Option<&str>) -> TemplateTold {
        let why = why.map(str::to_owned);
        TemplateTold::State(Template { state, event_at: at(millis) }, why)
    }

    fn quality(word: &str, millis: i64) -> TemplateTold {
        TemplateTold::Quality(ToldWord { word: word.to_owned(), at: at(millis) })
    }

    fn after(told: &[TemplateTold]) -> TemplateRecord {
        let mut record = TemplateRecord::untold(Language::Es, MessageType::Text);
        for told in told {
            record = record.told(told).unwrap_or(record);
        }
        record
    }

    #[test]
    fn each_thing_that_is_told_folds_by_its_own_instant() {
        let told = [
            state(TemplateState::Rejected, 5, Some("INVALID_FORMAT")),
            state(TemplateState::Approved, 7, None),
            quality("RED", 4),
            quality("GREEN", 9),
        ];
        let forward = after(&told);
        let mut turned = told.clone();
        turned.reverse();
        let backward = after(&turned);
        for record in [&forward, &backward] {
            assert_eq!(record.template.unwrap().state, TemplateState::Approved);
            // The reason is that of the state which is held.
            assert_eq!(record.why, None);
            assert_eq!(record.quality.as_ref().unwrap().word, "GREEN");
        }
        assert_eq!(forward.told(&told[0].clone()), None);
    }

    #[test]
    fn of_one_instant_the_order_of_arrival_decides_nothing() {
        let told = [quality("RED", 4), quality("GREEN", 4)];
        let (one, other) = (after(&told), after(&[told[1].clone(), told[0].clone()]));
        assert_eq!(one.quality, other.quality);
    }
}
