//! Who changed what of an account, and when: one entry for each change that a person made. An entry names
//! no shopper.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::reports::report::Report;
use crate::reports::schedule::{Frequency, Schedule};
use crate::values::account::AccountSettings;
use crate::values::campaign::{Campaign, CampaignName, CampaignStatus, Language, MessageType};
use crate::values::ids::CampaignId;
use crate::values::instant::Instant;
use crate::values::sending::AccountSending;
use crate::values::store_day::StoreDay;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    /// The account was created.
    AccountCreated,
    /// Its settings were changed.
    SettingsChanged,
    /// A signing secret was made.
    SigningSecretMade,
    /// The store's VTEX was connected.
    VtexConnected,
    /// The keys of its VTEX were renewed.
    VtexRenewed,
    /// The account was connected to `WhatsApp`, or connected anew.
    WhatsappConnected,
    /// It was disconnected.
    WhatsappDisconnected,
    /// How it sends was changed.
    SendingChanged,
    /// A template was made at Meta.
    TemplateMade,
    /// Somebody who wants no messages was noted.
    OptOutAdded,
    /// Somebody who wants messages again was noted.
    OptOutRemoved,
    /// A campaign was made.
    CampaignCreated,
    /// A campaign was edited.
    CampaignEdited,
    /// A campaign was paused.
    CampaignPaused,
    /// A campaign was resumed.
    CampaignResumed,
    /// A report was asked for.
    ReportRequested,
    /// A schedule was made.
    ScheduleAdded,
    /// A schedule was edited.
    ScheduleEdited,
    /// A schedule was paused.
    SchedulePaused,
    /// A schedule was resumed.
    ScheduleResumed,
    /// A schedule was deleted.
    ScheduleDeleted,
    /// A shopper's erasure was asked for. Whose is not told.
    ErasureRequested,
    /// What was kept aside was replayed.
    AsideReplayed,
}

/// A change: what was done, and to what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// What was done.
    pub deed: Deed,
    /// The campaign that it was done to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub campaign_id: Option<CampaignId>,
    /// What it was called then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub campaign_name: Option<CampaignName>,
    /// The fields that it changed, by their names in the API.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// The template's language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// The template's message type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_type: Option<MessageType>,
    /// How often the schedule runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frequency: Option<Frequency>,
    /// The report's first store day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub from: Option<StoreDay>,
    /// The report's last store day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub to: Option<StoreDay>,
    /// For which reason the replayed items were kept aside; none: for any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A change, who made it and when.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Activity {
    /// When.
    pub at: Instant,
    /// The `sub` claim of who did it.
    pub by: String,
    /// What.
    #[serde(flatten)]
    pub change: Change,
}

impl std::fmt::Debug for Activity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { at, change, .. } = self;
        f.debug_struct("Activity").field("at", at).field("change", change).finish_non_exhaustive()
    }
}

impl From<Deed> for Change {
    fn from(deed: Deed) -> Self {
        Self {
            deed,
            campaign_id: None,
            campaign_name: None,
            fields: Vec::new(),
            language: None,
            message_type: None,
            frequency: None,
            from: None,
            to: None,
            reason: None,
        }
    }
}

impl Change {
    /// An account's settings became others; none where they are the same.
    #[must_use]
    pub fn of_settings(before: Option<&AccountSettings>, after: &AccountSettings) -> Option<Self> {
        let Some(before) = before else { return Some(Deed::AccountCreated.into()) };
        let fields = changed([
            ("timeZone", before.time_zone != after.time_zone),
            ("countryCode", before.country() != after.country()),
            ("language", before.language != after.language),
            ("phoneNumberIds", before.phone_number_ids != after.phone_number_ids),
            ("storeUrl", before.store_url != after.store_url),
            ("reportDomains", before.report_domains != after.report_domains),
            ("messagePrices", before.message_prices != after.message_prices),
        ]);
        (!fields.is_empty()).then(|| Self { fields, ..Deed::SettingsChanged.into() })
    }

    /// An account sends otherwise.
    #[must_use]
    pub fn of_sending(before: Option<&AccountSending>, after: &AccountSending) -> Self {
        let differs = |differ: fn(&AccountSending, &AccountSending) -> bool| {
            before.is_none_or(|before| differ(before, after))
        };
        let fields = changed([
            ("enabled", differs(|a, b| a.enabled != b.enabled)),
            ("hours", differs(|a, b| a.hours != b.hours)),
            ("cooldownHours", differs(|a, b| a.cooldown_hours != b.cooldown_hours)),
            ("consent", differs(|a, b| a.consent != b.consent)),
        ]);
        Self { fields, ..Deed::SendingChanged.into() }
    }

    /// A campaign was made, edited, paused or resumed.
    #[must_use]
    pub fn of_campaign(before: Option<&Campaign>, after: &Campaign) -> Self {
        let (deed, fields) = match before {
            None => (Deed::CampaignCreated, Vec::new()),
            Some(before) if before.status != after.status => match after.status {
                CampaignStatus::Paused => (Deed::CampaignPaused, Vec::new()),
                CampaignStatus::Active => (Deed::CampaignResumed, Vec::new()),
            },
            Some(before) => {
                let fields = changed([
                    ("name", before.name != after.name),
                    ("language", before.language != after.language),
                    ("messageType", before.message_type != after.message_type),
                    ("sending", before.sending != after.sending),
                ]);
                (Deed::CampaignEdited, fields)
            }
        };
        Self {
            campaign_id: Some(after.campaign_id.clone()),
            campaign_name: Some(after.name.clone()),
            fields,
            ..deed.into()
        }
    }

    /// The same of these fields, as far as they changed.
    #[must_use]
    pub fn of_fields<const N: usize>(self, fields: [(&str, bool); N]) -> Self {
        Self { fields: changed(fields), ..self }
    }

    /// A template was made.
    #[must_use]
    pub fn of_template(language: Language, message_type: MessageType) -> Self {
        let (language, message_type) = (Some(language), Some(message_type));
        Self { language, message_type, ..Deed::TemplateMade.into() }
    }

    /// A report was asked for.
    #[must_use]
    pub fn of_report(report: &Report) -> Self {
        let (from, to) = (Some(report.from), Some(report.to));
        let campaign_id = report.campaign_id.clone();
        Self { campaign_id, from, to, ..Deed::ReportRequested.into() }
    }

    /// Something was done to a schedule.
    #[must_use]
    pub fn of_schedule(deed: Deed, schedule: &Schedule) -> Self {
        let (frequency, campaign_id) = (Some(schedule.frequency), schedule.campaign_id.clone());
        Self { campaign_id, frequency, ..deed.into() }
    }

    /// What was kept aside was replayed.
    #[must_use]
    pub fn of_replay(reason: Option<&str>) -> Self {
        Self { reason: reason.map(str::to_owned), ..Deed::AsideReplayed.into() }
    }
}

/// The names of what changed.
fn changed<const N: usize>(fields: [(&str, bool); N]) -> Vec<String> {
    let changed = fields.into_iter().filter(|(_, changed)| *changed);
    changed.map(|(field, _)| field.to_owned()).collect()
}
