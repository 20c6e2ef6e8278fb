//! Campaigns: language + message type + status of an account's reminders, versioned (R11).

use serde::{Deserialize, Serialize};

use crate::values::ids::CampaignId;
use crate::values::instant::Instant;
use crate::values::limits;
use crate::values::sending::CampaignSending;
use crate::values::text::text_type;

text_type!(
    /// A campaign's name.
    CampaignName, "name", "1-80 characters, not blank, no control characters",
    |t| (1..=limits::CAMPAIGN_NAME_CHARS).contains(&t.chars().count())
        && !t.trim().is_empty() && !t.chars().any(char::is_control)
);

/// The language of a campaign's reminders, or of an account's mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub enum Language {
    /// Brazilian Portuguese.
    #[serde(rename = "pt-BR")]
    PtBr,
    /// American English.
    #[serde(rename = "en-US")]
    EnUs,
    /// Spanish.
    #[serde(rename = "es")]
    Es,
}

impl Language {
    /// The language that Meta's name of one means: `en`, `en_US` and `en-US` are one (R19).
    #[must_use]
    pub fn of_meta(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase().replace('_', "-");
        match lower.split('-').next()? {
            "pt" if lower != "pt-pt" => Some(Self::PtBr),
            "en" => Some(Self::EnUs),
            "es" => Some(Self::Es),
            _ => None,
        }
    }

    /// How the API writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PtBr => "pt-BR",
            Self::EnUs => "en-US",
            Self::Es => "es",
        }
    }

    /// How Meta writes the language of our templates.
    #[must_use]
    pub const fn meta_name(self) -> &'static str {
        match self {
            Self::PtBr => "pt_BR",
            Self::EnUs => "en_US",
            Self::Es => "es",
        }
    }
}

/// What a reminder carries beside its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MessageType {
    /// Text alone.
    Text,
    /// A picture.
    Image,
    /// A coupon.
    Coupon,
}

impl MessageType {
    /// How the API writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Image => "image",
            Self::Coupon => "coupon",
        }
    }
}

/// Whether senders may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CampaignStatus {
    /// Reminders are sent.
    Active,
    /// No reminder is sent; what was sent goes on counting (R11).
    Paused,
}

/// A campaign as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Campaign {
    /// Its id, minted by us.
    pub campaign_id: CampaignId,
    /// Its name.
    pub name: CampaignName,
    /// The language of its reminders.
    pub language: Language,
    /// What its reminders carry.
    pub message_type: MessageType,
    /// Whether it may send.
    pub status: CampaignStatus,
    /// Counts the changes, from 1; the `ETag`.
    pub version: u64,
    /// When it was made.
    pub created_at: Instant,
    /// When it was changed last.
    pub updated_at: Instant,
    /// How the system sends it; of a campaign that another sender sends, none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sending: Option<CampaignSending>,
}

/// A change asked of a campaign; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CampaignEdit {
    /// A new name.
    pub name: Option<CampaignName>,
    /// A new language.
    pub language: Option<Language>,
    /// A new message type.
    pub message_type: Option<MessageType>,
    /// Pause or resume.
    pub status: Option<CampaignStatus>,
    /// Another way to be sent by the system.
    pub sending: Option<CampaignSending>,
}

impl Campaign {
    /// R20: whether the system sends it, so that no other sender may.
    #[must_use]
    pub fn is_sent_by_system(&self) -> bool {
        self.sending.as_ref().is_some_and(|sending| sending.enabled)
    }

    /// The campaign after `edit` at `now`, one version up; none when nothing would change
    /// (pause and resume are idempotent, R11).
    #[must_use]
    pub fn edited(&self, edit: &CampaignEdit, now: Instant) -> Option<Self> {
        let next = Self {
            name: edit.name.clone().unwrap_or_else(|| self.name.clone()),
            language: edit.language.unwrap_or(self.language),
            message_type: edit.message_type.unwrap_or(self.message_type),
            status: edit.status.unwrap_or(self.status),
            sending: edit.sending.clone().or_else(|| self.sending.clone()),
            ..self.clone()
        };
        (next != *self).then_some(Self { version: self.version + 1, updated_at: now, ..next })
    }
}

/// One entry of a campaign's history: who changed what and when (R11).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CampaignChange {
    /// When.
    pub at: Instant,
    /// The `sub` claim of who did it.
    pub by: String,
    /// The campaign after the change; its version numbers the change.
    pub after: Campaign,
    /// The campaign before; none for its creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Campaign>,
}

#[cfg(test)]
mod tests;
