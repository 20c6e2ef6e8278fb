//! `POST /campaigns/{id}/test`: one message of a campaign to somebody who tries it out. It is no fact, and counts in no
//! figure.

use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use shared::domain::facts::cart::SendId;
use shared::domain::facts::template::TemplateState;
use shared::domain::rules::answer::{Action, Answer, action};
use shared::domain::values::account::Account;
use shared::domain::values::campaign::{Campaign, MessageType};
use shared::domain::values::ids::LinkToken;
use shared::domain::values::limits;
use shared::domain::values::phone::Phone;
use shared::graph::Way;
use shared::graph::message::Message;
use shared::graph::template::Template;
use shared::graph::{AccessToken, Sent};
use shared::store::links::Link;
use shared::store::whatsapp::{Blocked, Connection};
use shared::telemetry::{Counter, count};
use shared::web::account::set_up;
use shared::web::api::{AdminProblems, FieldProblems, JsonBodyProblems};
use shared::web::{Json, Problem, ProblemBody, Writer};
use utoipa::ToSchema;

use crate::Deps;
use crate::campaign::find;
use crate::opt_outs::phone_of;
use crate::templates::shop_name;
use crate::whatsapp::{account_blocked, connected};

/// Who tries it out.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedTest {
    /// Their phone number, as the store writes it or international.
    #[schema(example = "+55 11 98555-0101", min_length = 1, max_length = 40)]
    phone: String,
}

/// What became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct TestMessage {
    /// Whether Meta took it.
    outcome: TestOutcome,
}

/// Whether Meta took a message.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TestOutcome {
    /// It did.
    Accepted,
    /// Its answer was lost: the message may arrive.
    Unknown,
}

/// Send a test message
///
/// One message of the campaign to one phone, now, whatever the hour. It counts in no figure. It costs what a message
/// costs; the account has 20 an hour.
#[utoipa::path(
    post,
    path = "/campaigns/{id}/test",
    operation_id = "sendTestMessage",
    tag = "campaigns",
    params(("id" = String, Path, description = "The campaign's id.")),
    security(("bearer" = ["admin:write"])),
    request_body = WantedTest,
    responses(
        (status = 200, description = "What became of it.", body = TestMessage),
        JsonBodyProblems,
        (status = 404, description = "`campaign-not-found`.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "`whatsapp-not-connected`. `template-not-approved`: Meta hasn't approved the \
            campaign's template. `coupon-missing`: a campaign with a coupon has none. `opted-out`: this phone wants no messages. \
            `store-url-pending`: the store's address isn't confirmed yet. `account-blocked`: Meta takes nothing of the account at \
            present. `message-refused`: Meta didn't take it.",
            body = ProblemBody, content_type = "application/problem+json"),
        FieldProblems,
        (status = 429, description = "`too-many-tests`: the account sent as many within the hour as it may. Also \
            answered by the gateway.",
            body = ProblemBody, content_type = "application/problem+json"),
        AdminProblems,
    )
)]
pub(crate) async fn send_test_message(
    State(deps): State<Deps>,
    writer: Writer,
    Path(id): Path<String>,
    Json(wanted): Json<WantedTest>,
) -> Result<Json<TestMessage>, Problem> {
    let account = &writer.account;
    let campaign = find(&deps.table, account, &id).await?;
    let (phone, contact) = phone_of(&deps, account, &wanted.phone).await?;
    let (connection, token) = connected(&deps, account).await?;
    require_approved(&deps, account, &campaign).await?;
    if deps.table.contact(account, &contact).await?.opt_out {
        return Err(Problem::conflict("opted-out", "whoever has this phone wants no messages"));
    }
    let link_token = mint(&deps, account, &campaign).await?;
    if !deps.table.whatsapp_count_test(account, deps.clock.now()).await? {
        let most = limits::TEST_MESSAGES_AN_HOUR;
        let detail = format!("an account sends at most {most} test messages an hour");
        return Err(Problem::too_many_requests("too-many-tests", detail));
    }
    let sent =
        send(&deps, account, (&connection, &token), &campaign, (&phone, &link_token)).await?;
    let now = deps.clock.now();
    // It counts towards Meta's limit of a day like any other, where it may have been taken.
    let is_refused = match &sent {
        Sent::Accepted { .. } => false,
        Sent::Refused(answer) => action(*answer, 1) != Action::Unknown,
    };
    if !is_refused && let Err(error) = deps.table.messages_count(account, now, 1).await {
        // It is sent all the same: a tenth of the limit is kept back for what isn't counted.
        let error: &dyn std::error::Error = &error;
        tracing::error!(error, %account, "a test message could not be counted");
    }
    let code = match sent {
        Sent::Accepted { .. } => return Ok(Json(TestMessage { outcome: TestOutcome::Accepted })),
        Sent::Refused(Answer::NoConnection) => {
            return Err(Problem::unavailable("Meta can't be reached"));
        }
        Sent::Refused(Answer::Code(code)) if is_refused => code,
        Sent::Refused(_) => return Ok(Json(TestMessage { outcome: TestOutcome::Unknown })),
    };
    match action(Answer::Code(code), 1) {
        Action::Blocked => {
            let blocked = Blocked { code, since: now };
            let number = &connection.phone_number_id;
            let written = deps.table.whatsapp_block(account, number, blocked).await?;
            count(Counter::AccountsBlocked, u64::from(written.is_changed()));
            return Err(account_blocked(code));
        }
        // What Meta says of whoever has the phone holds for their reminders, too.
        Action::Rejected(consequence) => {
            deps.table.contact_refused(account, &contact, (consequence, code), now).await?;
        }
        // The next one goes the usual way.
        Action::UsualWay => {
            deps.table.whatsapp_note_marketing(account, false, now).await?;
        }
        Action::Later { .. } | Action::Unknown | Action::TemplateWaits(_) => {}
    }
    let detail = format!("Meta didn't take the message: its code is {code}");
    Err(Problem::conflict("message-refused", detail))
}

/// 409 unless Meta approved the campaign's template (R19), and it has what that asks for.
async fn require_approved(
    deps: &Deps,
    account: &Account,
    campaign: &Campaign,
) -> Result<(), Problem> {
    let held = deps.table.template(account, campaign.language, campaign.message_type).await?;
    let state = held.and_then(|held| held.template).map(|told| told.state);
    if state != Some(TemplateState::Approved) {
        let detail = "Meta hasn't approved the template of this campaign";
        return Err(Problem::conflict("template-not-approved", detail));
    }
    let coupon = campaign.sending.as_ref().and_then(|sending| sending.coupon_code.as_ref());
    if campaign.message_type == MessageType::Coupon && coupon.is_none() {
        return Err(Problem::conflict("coupon-missing", "the campaign has no coupon yet"));
    }
    Ok(())
}

/// A fresh link to the store, which no reminder will ever carry.
async fn mint(deps: &Deps, account: &Account, campaign: &Campaign) -> Result<LinkToken, Problem> {
    let record = set_up(&deps.table, account).await?;
    let url = record.link_store().cloned().ok_or_else(|| {
        let detail = "the store's address waits for an operator's confirmation";
        Problem::conflict("store-url-pending", detail)
    })?;
    let random = deps.randomness.bytes().map_err(Problem::unavailable)?;
    let token = LinkToken::new(&random, &account.tag());
    let link = Link {
        token: token.clone(),
        account: account.clone(),
        campaign_id: campaign.campaign_id.clone(),
        url: url.into(),
        created_at: deps.clock.now(),
        reminder: None,
        full: false,
    };
    deps.table.link_put(&link).await?;
    Ok(token)
}

async fn send(
    deps: &Deps,
    account: &Account,
    (connection, token): (&Connection, &AccessToken),
    campaign: &Campaign,
    (phone, link_token): (&Phone, &LinkToken),
) -> Result<Sent, Problem> {
    let whatsapp = deps.whatsapp()?;
    let random = deps.randomness.bytes().map_err(Problem::unavailable)?;
    let (shop, picture) =
        (shop_name(Some(connection), account), format!("{}/cart.png", whatsapp.public_url));
    let message = Message {
        template: Template { language: campaign.language, message_type: campaign.message_type },
        to: phone.digits(),
        first_name: None,
        shop: &shop,
        picture: Some(&picture),
        coupon: campaign.sending.as_ref().and_then(|sending| sending.coupon_code.as_ref()),
        link_token,
        send_id: &SendId::new(&random),
        way: Way::of(connection.has_marketing_messages()),
    };
    Ok(whatsapp.graph.try_out(token, &connection.phone_number_id, &message).await)
}
