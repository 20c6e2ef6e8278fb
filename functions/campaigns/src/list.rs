//! `GET` and `POST /campaigns`.

use axum::extract::State;
use http::header::{ETAG, LOCATION};
use http::{HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use shared::domain::values::campaign::{
    Campaign, CampaignChange, CampaignName, CampaignStatus, Language, MessageType,
};
use shared::domain::values::ids::CampaignId;
use shared::domain::values::limits;
use shared::store::campaigns::CampaignWritten;
use shared::web::account::set_up;
use shared::web::api::{AccountProblems, AdminProblems, FieldProblems, JsonBodyProblems};
use shared::web::{Json, Problem, ProblemBody, Reader, Writer};
use utoipa::ToSchema;

use crate::Deps;
use crate::campaign::CampaignView;
use crate::version::etag;

/// How often another id is drawn when one is taken: with 74 random bits a second draw is never
/// needed, and a third one means that the randomness is broken.
const DRAWS: usize = 3;

/// All campaigns of the account.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CampaignList {
    /// In the order in which they were made; at most 100.
    items: Vec<CampaignView>,
}

/// A campaign to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewCampaign {
    /// Its name; several campaigns may share one.
    #[schema(value_type = String, min_length = 1, max_length = 80)]
    name: CampaignName,
    /// The language of its reminders.
    language: Language,
    /// What its reminders carry.
    message_type: MessageType,
}

/// All campaigns
#[utoipa::path(
    get,
    path = "/campaigns",
    operation_id = "listCampaigns",
    tag = "campaigns",
    security(("bearer" = ["admin:read"])),
    responses(
        (status = 200, description = "The campaigns.", body = CampaignList),
        AccountProblems,
        AdminProblems,
    )
)]
pub(crate) async fn list_campaigns(
    State(deps): State<Deps>,
    reader: Reader,
) -> Result<Json<CampaignList>, Problem> {
    set_up(&deps.table, &reader.account).await?;
    let mut campaigns = deps.table.campaigns(&reader.account).await?;
    campaigns.sort_by(|a, b| (a.created_at, &a.campaign_id).cmp(&(b.created_at, &b.campaign_id)));
    Ok(Json(CampaignList { items: campaigns.into_iter().map(CampaignView::from).collect() }))
}

/// Make a campaign
///
/// It is active at once.
#[utoipa::path(
    post,
    path = "/campaigns",
    operation_id = "createCampaign",
    tag = "campaigns",
    security(("bearer" = ["admin:write"])),
    request_body = NewCampaign,
    responses(
        (status = 201, description = "The campaign.", body = CampaignView, headers(
            ("Location" = String, description = "The campaign's path."),
            ("ETag" = String, description = "The campaign's version."),
        )),
        JsonBodyProblems,
        AccountProblems,
        (status = 409, description = "`too-many-campaigns`: the account has 100.",
            body = ProblemBody, content_type = "application/problem+json"),
        FieldProblems,
        AdminProblems,
    )
)]
pub(crate) async fn create_campaign(
    State(deps): State<Deps>,
    writer: Writer,
    Json(wanted): Json<NewCampaign>,
) -> Result<(StatusCode, [(http::HeaderName, HeaderValue); 2], Json<CampaignView>), Problem> {
    set_up(&deps.table, &writer.account).await?;
    let now = deps.clock.now();
    for _ in 0..DRAWS {
        let random = deps.randomness.bytes().map_err(Problem::unavailable)?;
        let campaign = Campaign {
            campaign_id: CampaignId::new(now, &random),
            name: wanted.name.clone(),
            language: wanted.language,
            message_type: wanted.message_type,
            status: CampaignStatus::Active,
            version: 1,
            created_at: now,
            updated_at: now,
            sending: None,
        };
        let change =
            CampaignChange { at: now, by: writer.subject.clone(), after: campaign, before: None };
        match deps.table_by(&writer).campaign_write(&writer.account, &change).await? {
            CampaignWritten::Written => {
                let path = format!("/campaigns/{}", change.after.campaign_id);
                let location = HeaderValue::try_from(path).map_err(Problem::internal)?;
                let headers = [(LOCATION, location), (ETAG, etag(change.after.version))];
                return Ok((StatusCode::CREATED, headers, Json(change.after.into())));
            }
            CampaignWritten::TooMany => {
                let most = limits::CAMPAIGNS_PER_ACCOUNT;
                let detail = format!("an account has at most {most} campaigns");
                return Err(Problem::conflict("too-many-campaigns", detail));
            }
            CampaignWritten::Conflict => {}
        }
    }
    Err(Problem::internal("every campaign id that was drawn is taken"))
}
