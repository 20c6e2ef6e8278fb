//! `GET` and `PATCH /campaigns/{id}`, pause and resume (R11).

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use http::header::ETAG;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Deserializer, Serialize};
use shared::domain::values::account::Account;
use shared::domain::values::campaign::{
    Campaign, CampaignChange, CampaignEdit, CampaignName, CampaignStatus, Language, MessageType,
};
use shared::domain::values::ids::CampaignId;
use shared::domain::values::instant::Instant;
use shared::domain::values::limits::ADMIN_BODY_BYTES;
use shared::store::campaigns::CampaignWritten;
use shared::store::retry::Attempts;
use shared::store::{StoreError, Table};
use shared::web::api::{AdminProblems, FieldProblems, JsonBodyProblems, problems};
use shared::web::body::{parse_object, require_json};
use shared::web::{Json, Principal, Problem, ProblemBody, RawBody, Reader, Writer};
use utoipa::openapi::{RefOr, Response};
use utoipa::{IntoResponses, ToSchema};

mod sending;

use sending::{SendingPatch, SendingView};

use crate::Deps;
use crate::version::{IfMatch, etag, stale};

/// A campaign as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Campaign)]
pub struct CampaignView {
    /// Its id.
    #[schema(value_type = String)]
    campaign_id: CampaignId,
    /// Its name.
    #[schema(value_type = String)]
    name: CampaignName,
    /// The language of its reminders.
    language: Language,
    /// What its reminders carry.
    message_type: MessageType,
    /// Whether it may send.
    status: CampaignStatus,
    /// Counts the changes, from 1; the same number as the `ETag`'s.
    version: u64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    /// When it was changed last.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Instant,
    /// How the system sends it; left out of a campaign that it never sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    sending: Option<SendingView>,
}

impl From<Campaign> for CampaignView {
    fn from(campaign: Campaign) -> Self {
        Self {
            campaign_id: campaign.campaign_id,
            name: campaign.name,
            language: campaign.language,
            message_type: campaign.message_type,
            status: campaign.status,
            version: campaign.version,
            created_at: campaign.created_at,
            updated_at: campaign.updated_at,
            sending: campaign.sending.map(SendingView::from),
        }
    }
}

/// A campaign with its version as the `ETag`.
type Tagged = ([(HeaderName, HeaderValue); 1], Json<CampaignView>);

fn tagged(campaign: Campaign) -> Tagged {
    ([(ETAG, etag(campaign.version))], Json(campaign.into()))
}

/// What to change; what is absent stays. At least one field.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CampaignPatch {
    /// A new name.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = String, min_length = 1, max_length = 80, required = false)]
    name: Option<CampaignName>,
    /// A new language.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Language, required = false)]
    language: Option<Language>,
    /// A new message type.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = MessageType, required = false)]
    message_type: Option<MessageType>,
    /// How the system sends it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = SendingPatch, required = false)]
    sending: Option<SendingPatch>,
}

/// A field that may be absent and, where it is there, has a value: `null` asks for nothing that could
/// be done.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(field: D) -> Result<Option<T>, D::Error> {
    T::deserialize(field).map(Some)
}

impl CampaignPatch {
    /// The edit of a campaign; 422 where it asks for nothing, or for what can't be.
    fn edit(self, campaign: &Campaign) -> Result<CampaignEdit, Problem> {
        let Self { name, language, message_type, sending } = self;
        if name.is_none() && language.is_none() && message_type.is_none() && sending.is_none() {
            return Err(Problem::invalid_field(
                "body",
                "name at least one of name, language, messageType, sending",
            ));
        }
        let sending = sending.map(|patch| patch.apply(campaign.sending.as_ref())).transpose()?;
        let edit = CampaignEdit { name, language, message_type, status: None, sending };
        sending::require_coupon(campaign, &edit)?;
        Ok(edit)
    }
}

/// The answer of every operation on a campaign of the path.
pub(crate) struct CampaignProblems;

impl IntoResponses for CampaignProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems([("404", "`campaign-not-found`.")])
    }
}

/// The campaign `id` of `account`; 404 when it has none of this id, or the text can't be an id.
pub(crate) async fn find(table: &Table, account: &Account, id: &str) -> Result<Campaign, Problem> {
    let id = CampaignId::parse(id).map_err(|_| Problem::campaign_not_found())?;
    table.campaign(account, &id).await?.ok_or_else(Problem::campaign_not_found)
}

/// A campaign
#[utoipa::path(
    get,
    path = "/campaigns/{id}",
    operation_id = "getCampaign",
    tag = "campaigns",
    params(("id" = String, Path, description = "The campaign's id.")),
    security(("bearer" = ["admin:read"])),
    responses(
        (status = 200, description = "The campaign.", body = CampaignView, headers(
            ("ETag" = String, description = "The campaign's version."),
        )),
        CampaignProblems,
        AdminProblems,
    )
)]
pub(crate) async fn get_campaign(
    State(deps): State<Deps>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Tagged, Problem> {
    find(&deps.table, &reader.account, &id).await.map(tagged)
}

/// Edit a campaign
///
/// On the version that `If-Match` names and no other, so that nobody's edit is lost. An edit that
/// changes nothing makes no version. The status is changed by pause and resume alone.
#[utoipa::path(
    patch,
    path = "/campaigns/{id}",
    operation_id = "editCampaign",
    tag = "campaigns",
    params(
        ("id" = String, Path, description = "The campaign's id."),
        ("If-Match" = String, Header, description = "The `ETag` of the version that is edited. `*` is \
            refused like none (428); weak and malformed tags match nothing (412)."),
    ),
    security(("bearer" = ["admin:write"])),
    request_body = CampaignPatch,
    responses(
        (status = 200, description = "The campaign as it is now.", body = CampaignView, headers(
            ("ETag" = String, description = "The campaign's version."),
        )),
        JsonBodyProblems,
        CampaignProblems,
        (status = 412, description = "`precondition-failed`: the campaign has another version, which the \
            `ETag` names. Nothing was changed.",
            body = ProblemBody, content_type = "application/problem+json"),
        FieldProblems,
        (status = 428, description = "`precondition-required`: `If-Match` is missing.",
            body = ProblemBody, content_type = "application/problem+json"),
        AdminProblems,
    )
)]
pub(crate) async fn edit_campaign(
    State(deps): State<Deps>,
    writer: Writer,
    Path(id): Path<String>,
    headers: HeaderMap,
    RawBody(body): RawBody<ADMIN_BODY_BYTES>,
) -> Result<Tagged, Problem> {
    // First the 404, so that nothing tells whether another account has such a campaign; then what is
    // wrong with the request; last, whether it edits the current version.
    let campaign = find(&deps.table, &writer.account, &id).await?;
    let condition = IfMatch::of(&headers)?;
    require_json(&headers)?;
    let patch = parse_object::<CampaignPatch>(&body)?;
    if patch.sending.as_ref().is_some_and(SendingPatch::switches_on) {
        deps.require_sender()?;
    }
    let edit = patch.edit(&campaign)?;
    condition.require(campaign.version)?;
    match apply(&deps, &writer, &campaign, &edit).await? {
        Applied::Stands(campaign) => Ok(tagged(campaign)),
        Applied::Overtaken => Err(stale(find(&deps.table, &writer.account, &id).await?.version)),
    }
}

/// What became of an edit.
enum Applied {
    /// The campaign is as it was asked for.
    Stands(Campaign),
    /// Somebody changed the campaign between our reading and our writing; nothing was written.
    Overtaken,
}

/// Makes a version of `campaign`, unless nothing would change.
async fn apply(
    deps: &Deps,
    by: &Principal,
    campaign: &Campaign,
    edit: &CampaignEdit,
) -> Result<Applied, StoreError> {
    let now = deps.clock.now();
    let Some(after) = campaign.edited(edit, now) else {
        return Ok(Applied::Stands(campaign.clone()));
    };
    let before = Some(campaign.clone());
    let change = CampaignChange { at: now, by: by.subject.clone(), after, before };
    match deps.table_by(by).campaign_write(&by.account, &change).await? {
        CampaignWritten::Written => Ok(Applied::Stands(change.after)),
        // Only a new campaign counts towards the limit.
        CampaignWritten::Conflict | CampaignWritten::TooMany => Ok(Applied::Overtaken),
    }
}

/// Pause a campaign
///
/// From the answer on no reminder of it is sent; what was sent goes on counting. Pausing a paused
/// campaign changes nothing.
#[utoipa::path(
    post,
    path = "/campaigns/{id}/pause",
    operation_id = "pauseCampaign",
    tag = "campaigns",
    params(("id" = String, Path, description = "The campaign's id.")),
    security(("bearer" = ["admin:write"])),
    responses(
        (status = 200, description = "The paused campaign.", body = CampaignView, headers(
            ("ETag" = String, description = "The campaign's version."),
        )),
        CampaignProblems,
        AdminProblems,
    )
)]
pub(crate) async fn pause_campaign(
    State(deps): State<Deps>,
    writer: Writer,
    Path(id): Path<String>,
) -> Result<Tagged, Problem> {
    set_status(&deps, &writer, &id, CampaignStatus::Paused).await
}

/// Resume a campaign
///
/// Undoes a pause. Resuming an active campaign changes nothing.
#[utoipa::path(
    post,
    path = "/campaigns/{id}/resume",
    operation_id = "resumeCampaign",
    tag = "campaigns",
    params(("id" = String, Path, description = "The campaign's id.")),
    security(("bearer" = ["admin:write"])),
    responses(
        (status = 200, description = "The active campaign.", body = CampaignView, headers(
            ("ETag" = String, description = "The campaign's version."),
        )),
        CampaignProblems,
        AdminProblems,
    )
)]
pub(crate) async fn resume_campaign(
    State(deps): State<Deps>,
    writer: Writer,
    Path(id): Path<String>,
) -> Result<Tagged, Problem> {
    set_status(&deps, &writer, &id, CampaignStatus::Active).await
}

/// Gives a campaign a status, whatever its version: an edit that comes between is kept, and the
/// status set on top of it.
async fn set_status(
    deps: &Deps,
    by: &Principal,
    id: &str,
    status: CampaignStatus,
) -> Result<Tagged, Problem> {
    let edit = CampaignEdit { status: Some(status), ..CampaignEdit::default() };
    let mut attempts = Attempts::at("change a campaign's status");
    loop {
        attempts.next().await?;
        let campaign = find(&deps.table, &by.account, id).await?;
        if let Applied::Stands(campaign) = apply(deps, by, &campaign, &edit).await? {
            return Ok(tagged(campaign));
        }
    }
}
