//! `GET /campaigns/{id}/history`: who changed what, and when (R11).

use axum::extract::{Path, State};
use serde::Serialize;
use serde_json::Value;
use shared::domain::values::campaign::{Campaign, CampaignChange};
use shared::domain::values::instant::Instant;
use shared::domain::values::sending::CampaignSending;
use shared::web::api::AdminProblems;
use shared::web::{Json, Problem, Reader};
use utoipa::ToSchema;

use crate::Deps;
use crate::campaign::{CampaignProblems, find};

/// Versions in one answer, the newest: years of edits, and the answer stays below Lambda's 6 MB.
pub const VERSIONS: usize = 1_000;

/// The changes of a campaign.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = History)]
pub struct CampaignHistory {
    /// Newest first; the 1,000 newest.
    items: Vec<HistoryEntry>,
}

/// One change: it made one version.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEntry {
    /// The version that it made; 1 is the campaign's creation.
    version: u64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
    /// Who did it: the token's `sub`.
    by: String,
    /// What changed.
    changes: Vec<FieldChange>,
}

/// One field of a change.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FieldChange {
    /// `name`, `language`, `messageType`, `status`, or one of how the system sends it: `sending.enabled`,
    /// `sending.delayMinutes`, `sending.trigger`, `sending.minimum`, `sending.rank`, `sending.couponCode`.
    field: &'static str,
    /// What it was; null at the campaign's creation, and of what wasn't there.
    #[schema(value_type = Option<String>, required = true)]
    from: Value,
    /// What it became; null of what was taken away.
    #[schema(value_type = Option<String>, required = true)]
    to: Value,
}

impl From<CampaignChange> for HistoryEntry {
    fn from(change: CampaignChange) -> Self {
        let CampaignChange { at, by, after, before } = change;
        let changes = fields(&after)
            .into_iter()
            .enumerate()
            .map(|(index, (field, to))| {
                let held = before.as_ref().and_then(|held| fields(held).into_iter().nth(index));
                FieldChange { field, from: held.map_or(Value::Null, |(_, value)| value), to }
            })
            .filter(|change| change.from != change.to)
            .collect();
        Self { version: after.version, at, by, changes }
    }
}

/// What of a campaign can change.
fn fields(campaign: &Campaign) -> [(&'static str, Value); 10] {
    let [enabled, delay, trigger, minimum, rank, coupon] = sending(campaign.sending.as_ref());
    [
        ("name", text(&campaign.name)),
        ("language", text(&campaign.language)),
        ("messageType", text(&campaign.message_type)),
        ("status", text(&campaign.status)),
        ("sending.enabled", enabled),
        ("sending.delayMinutes", delay),
        ("sending.trigger", trigger),
        ("sending.minimum", minimum),
        ("sending.rank", rank),
        ("sending.couponCode", coupon),
    ]
}

/// How the system sends a campaign, as texts.
fn sending(sending: Option<&CampaignSending>) -> [Value; 6] {
    let Some(sending) = sending else { return [const { Value::Null }; 6] };
    let minimum: Vec<String> = sending
        .minimum
        .iter()
        .map(|(currency, amount)| format!("{currency} {}", currency.decimal(*amount, '.')))
        .collect();
    [
        sending.enabled.to_string().into(),
        u16::from(sending.delay_minutes).to_string().into(),
        text(&sending.trigger),
        if minimum.is_empty() { Value::Null } else { minimum.join(", ").into() },
        sending.rank.to_string().into(),
        sending.coupon_code.as_ref().map_or(Value::Null, text),
    ]
}

/// A value as the API writes it.
#[expect(clippy::expect_used, reason = "all of them are texts, which always serialise")]
fn text(value: &impl Serialize) -> Value {
    serde_json::to_value(value).expect("a text serialises")
}

/// The changes of a campaign
#[utoipa::path(
    get,
    path = "/campaigns/{id}/history",
    operation_id = "getCampaignHistory",
    tag = "campaigns",
    params(("id" = String, Path, description = "The campaign's id.")),
    security(("bearer" = ["admin:read"])),
    responses(
        (status = 200, description = "The changes.", body = CampaignHistory),
        CampaignProblems,
        AdminProblems,
    )
)]
pub(crate) async fn get_history(
    State(deps): State<Deps>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Json<CampaignHistory>, Problem> {
    let campaign = find(&deps.table, &reader.account, &id).await?;
    let changes = deps
        .table
        .campaign_latest_changes(&reader.account, &campaign.campaign_id, VERSIONS)
        .await?;
    Ok(Json(CampaignHistory { items: changes.into_iter().map(HistoryEntry::from).collect() }))
}
