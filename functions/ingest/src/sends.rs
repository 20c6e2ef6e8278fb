//! `POST /sends/{account}`: what a sender asks before each message (R11).

use axum::extract::State;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use shared::domain::values::campaign::{CampaignStatus, Language, MessageType};
use shared::domain::values::ids::CampaignId;
use shared::domain::values::invalid::Invalid;
use shared::domain::values::limits::ADMIN_BODY_BYTES;
use shared::intake::accounts::Accounts;
use shared::runtime::clock::Clock;
use shared::store::Table;
use shared::store::accounts::AccountRecord;
use shared::store::links::Link;
use shared::web::body::{parse_object, require_json};
use shared::web::{Json, Problem, ProblemBody, RawBody};
use utoipa::ToSchema;

use crate::front_pages::FrontPages;
use crate::problems::{SenderProblems, SignatureHeaders, SignedProblems};
use crate::sender::{NamedAccount, Sender, authenticate};
use shared::runtime::random::Randomness;

/// The endpoint's name in counts.
const SOURCE: &str = "sends";

/// What a send is answered with.
#[derive(Debug, Clone)]
pub(crate) struct Sends {
    pub(crate) table: Table,
    pub(crate) accounts: Accounts,
    pub(crate) clock: Clock,
    /// Where the tokens of tracked links are drawn from.
    pub(crate) randomness: Randomness,
    pub(crate) front_pages: FrontPages,
    /// The base of tracked links, without the slash at its end.
    pub(crate) public_url: String,
}

/// What is to be sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SendRequest {
    /// The campaign.
    #[schema(value_type = String)]
    campaign_id: CampaignId,
    /// Where the message's button leads: within the account's store. Absent: no tracked link.
    #[serde(default)]
    #[schema(example = "https://store.example/checkout#/cart")]
    url: Option<String>,
}

/// How to send it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Send {
    /// The language of the campaign's reminders.
    language: Language,
    /// What they carry beside their text.
    message_type: MessageType,
    /// The tracked link of this one message.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<SendLink>,
}

/// A fresh tracked link.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SendLink {
    /// To be named as `linkToken` in `reminder.sent`.
    token: String,
    /// What the message's button opens.
    url: String,
}

/// Tells a sender how to send one message, unless the campaign is paused or the system sends it (R20).
///
/// The campaign is read strongly consistently each time, so that a pause holds from the instant of
/// its confirmation on (R11).
#[utoipa::path(
    post,
    path = "/sends/{account}",
    operation_id = "askToSend",
    tag = "sends",
    params(
        ("account" = String, Path, description = "The store's account"),
        SignatureHeaders,
    ),
    request_body = SendRequest,
    responses(
        (status = 201, description = "Send it like this", body = Send),
        SignedProblems,
        (status = 404, description = "No such account or campaign", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "`campaign-paused`: don't send. `campaign-sent-by-system`: don't send, the system does. `store-url-pending`: `url` is within an address of the store that is not confirmed yet", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "The body is not declared as JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A bad field, or a `url` outside the store", body = ProblemBody, content_type = "application/problem+json"),
        SenderProblems,
    ),
)]
pub(crate) async fn send(
    State(sends): State<Sends>,
    account: NamedAccount,
    headers: HeaderMap,
    RawBody(body): RawBody<ADMIN_BODY_BYTES>,
) -> Result<(StatusCode, Json<Send>), Problem> {
    let now = sends.clock.now();
    let sender = authenticate(&sends.accounts, now, account, &headers, &body, SOURCE).await?;
    require_json(&headers)?;
    let request: SendRequest = parse_object(&body)?;
    let target = match &request.url {
        Some(url) => Some(target(&sends.accounts, &sender, url).await?),
        None => None,
    };
    let campaign = sends
        .table
        .campaign(&sender.account, &request.campaign_id)
        .await?
        .ok_or_else(Problem::campaign_not_found)?;
    if campaign.is_sent_by_system() {
        let detail = "the system sends this campaign: don't send";
        return Err(Problem::conflict("campaign-sent-by-system", detail));
    }
    if campaign.status == CampaignStatus::Paused {
        return Err(Problem::conflict("campaign-paused", "the campaign is paused: don't send"));
    }
    let link = match target {
        Some(url) => Some(mint(&sends, &sender, request.campaign_id, url).await?),
        None => None,
    };
    let answer = Send { language: campaign.language, message_type: campaign.message_type, link };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Where a link may lead: within the account's own store, so that nobody can use our address to
/// vouch for theirs.
async fn target(accounts: &Accounts, sender: &Sender, url: &str) -> Result<String, Problem> {
    match within_store(&sender.read.record, url) {
        Err(_) if !sender.read.fresh => {
            // The store may have moved a moment ago, or its address been confirmed.
            let read = accounts.get_afresh(&sender.account).await?;
            let read = read.ok_or_else(Problem::account_not_found)?;
            within_store(&read.record, url)
        }
        judged => judged,
    }
}

fn within_store(record: &AccountRecord, url: &str) -> Result<String, Problem> {
    if let Some(Ok(target)) = record.link_store().map(|store| store.target(url)) {
        return Ok(target);
    }
    let named = record.settings.store_url.target(url);
    let invalid = |invalid: Invalid| Problem::invalid_field("url", invalid.to_string());
    Err(named.map_or_else(invalid, |_| {
        let detail = "the store's address waits for an operator's confirmation";
        Problem::conflict("store-url-pending", detail).at("url")
    }))
}

async fn mint(
    sends: &Sends,
    sender: &Sender,
    campaign_id: CampaignId,
    url: String,
) -> Result<SendLink, Problem> {
    let token = crate::token::draw(&sends.randomness, &sender.account);
    let token = token.map_err(Problem::internal)?;
    let link = Link {
        token,
        account: sender.account.clone(),
        campaign_id,
        url,
        created_at: sends.clock.now(),
        reminder: None,
        full: false,
    };
    sends.table.link_put(&link).await?;
    sends.front_pages.learn(&link);
    let url = format!("{}/r/{}", sends.public_url, link.token.as_str());
    Ok(SendLink { token: link.token.into(), url })
}
