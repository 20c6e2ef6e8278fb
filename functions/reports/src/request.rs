//! `POST /reports`.

use axum::extract::State;
use http::header::{LOCATION, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use shared::domain::reports::report::{Report, ReportId, Wanted};
use shared::domain::reports::row::ReportFormat;
use shared::domain::values::account::Account;
use shared::domain::values::email::EmailAddress;
use shared::domain::values::ids::CampaignId;
use shared::domain::values::instant::Instant;
use shared::domain::values::limits;
use shared::domain::values::period::Period;
use shared::domain::values::store_day::StoreDay;
use shared::store::reports::{Repeated, ReportRequested, RequestKey};
use shared::telemetry::{Counter, count};
use shared::web::account::set_up;
use shared::web::api::{AccountProblems, AdminProblems, JsonBodyProblems};
use shared::web::{Json, Problem, ProblemBody, Writer};
use utoipa::ToSchema;

use crate::Deps;
use crate::list::ReportProgress;
use crate::wanted::{check_campaign, check_recipient};

/// Names a request that may be sent again without being done again.
const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
/// Characters of an idempotency key: a UUID has 36.
const KEY_CHARS: usize = 255;

/// A report to make.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewReport {
    /// The one address that it is mailed to.
    #[schema(value_type = String, format = Email, max_length = 254)]
    email: EmailAddress,
    /// The first store day (R1).
    #[schema(value_type = String, format = Date)]
    from: StoreDay,
    /// The last store day, itself included; at most 366 days with the first.
    #[schema(value_type = String, format = Date)]
    to: StoreDay,
    /// One campaign alone.
    #[schema(value_type = Option<String>)]
    campaign_id: Option<CampaignId>,
    /// What the file is; `csv` when absent.
    format: Option<ReportFormat>,
}

/// A request that was taken.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RequestedReport {
    /// The report's id.
    #[schema(value_type = String)]
    id: ReportId,
    /// `requested`.
    status: ReportProgress,
}

/// Have a report mailed
///
/// The conversions of a range of days, as CSV or as a workbook. It is built in the background:
/// `GET /reports/{id}` tells how far it is. An address that is neither of the store's own domain nor of one of its
/// `reportDomains` first gets a mail that asks its reader to confirm, once; the report waits for that
/// (`waiting-for-recipient`), a day at most. A request that is sent again with the same `Idempotency-Key` within 24 hours
/// gets the same answer and is not done again.
#[utoipa::path(
    post,
    path = "/reports",
    operation_id = "requestReport",
    tag = "reports",
    security(("bearer" = ["admin:write"])),
    params(
        ("Idempotency-Key" = Option<String>, Header,
            description = "Any text of 1-255 visible ASCII characters, new for each new request."),
    ),
    request_body = NewReport,
    responses(
        (status = 202, description = "The request is stored.", body = RequestedReport, headers(
            ("Location" = String, description = "The report's path."),
        )),
        JsonBodyProblems,
        AccountProblems,
        (status = 422, description = "`invalid-field`, `recipient-unsubscribed`: who \
            reads that address wished for no more mails of the store, and alone can change that; `unknown-campaign`, \
            `range-reversed`, `range-too-long`, `range-too-old`, or `idempotency-key-reused`: the key came with \
            another request before.",
            body = ProblemBody, content_type = "application/problem+json"),
        AdminProblems,
        (status = 429, description = "`too-many-reports`: the account asked for 30 within the last hour. Also \
            answered by the gateway, for too many requests of any kind.",
            body = ProblemBody, content_type = "application/problem+json", headers(
            ("Retry-After" = String, description = "Seconds until the next report may be asked for."),
        )),
    )
)]
pub(crate) async fn request_report(
    State(deps): State<Deps>,
    writer: Writer,
    headers: HeaderMap,
    Json(new): Json<NewReport>,
) -> Result<(StatusCode, [(HeaderName, HeaderValue); 1], Json<RequestedReport>), Problem> {
    let now = deps.clock.now();
    let account = &writer.account;
    let key = request_key(&headers, account, &new)?;
    // Before anything is judged: the settings may have changed since the first request, whose answer
    // a repeated one gets.
    if let Some(key) = &key
        && let Some(repeated) = deps.table.report_repeated(key, now).await?
    {
        return answer_again(repeated);
    }
    let wanted = judge(&deps, account, new, now).await?;
    let id = ReportId::new(now, &deps.random()?);
    let requested_by = Some(writer.subject.clone());
    let report = Report { requested_by, ..Report::requested(id, wanted, now) };
    let table = deps.table.by(&writer.subject, now);
    match table.report_request(&report, key.as_ref()).await? {
        ReportRequested::Stored => {
            count(Counter::ReportsRequested, 1);
            accepted(report.id)
        }
        ReportRequested::Repeated(repeated) => answer_again(repeated),
        ReportRequested::TooMany(free_at) => Err(too_many(free_at, now)),
    }
}

type Accepted = (StatusCode, [(HeaderName, HeaderValue); 1], Json<RequestedReport>);

fn accepted(id: ReportId) -> Result<Accepted, Problem> {
    let location = HeaderValue::try_from(format!("/reports/{id}")).map_err(Problem::internal)?;
    let body = RequestedReport { id, status: ReportProgress::Requested };
    Ok((StatusCode::ACCEPTED, [(LOCATION, location)], Json(body)))
}

/// The answer to a request whose key was used before: the one that it got then.
fn answer_again(repeated: Repeated) -> Result<Accepted, Problem> {
    match repeated {
        Repeated::Same(id) => accepted(id),
        Repeated::Other => {
            let detail = "the key came with another request before";
            Err(Problem::unprocessable("idempotency-key-reused", IDEMPOTENCY_KEY, detail))
        }
    }
}

/// The caller's key with what it stands for: the request as it is understood, so that spaces or
/// a default spelt out don't make another one of it.
fn request_key(
    headers: &HeaderMap,
    account: &Account,
    new: &NewReport,
) -> Result<Option<RequestKey>, Problem> {
    let mut keys = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(key) = keys.next() else { return Ok(None) };
    let text = key.to_str().ok().filter(|text| {
        (1..=KEY_CHARS).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
    });
    let Some(text) = text.filter(|_| keys.next().is_none()) else {
        let detail = "Idempotency-Key must be one text of 1-255 visible ASCII characters";
        return Err(Problem::invalid_field(IDEMPOTENCY_KEY, detail));
    };
    let understood = (&new.email, new.from, new.to, &new.campaign_id, format_of(new));
    let body = serde_json::to_vec(&understood).map_err(Problem::internal)?;
    Ok(Some(RequestKey::new(account, text, &body)))
}

fn format_of(new: &NewReport) -> ReportFormat {
    new.format.unwrap_or(ReportFormat::Csv)
}

/// What is asked for, if the account may ask for it.
async fn judge(
    deps: &Deps,
    account: &Account,
    new: NewReport,
    now: Instant,
) -> Result<Wanted, Problem> {
    let settings = set_up(&deps.table, account).await?.settings;
    let today = StoreDay::of(now, settings.time_zone);
    let period = deps.table.retention().covers(Period::new(new.from, new.to)?, today)?;
    check_recipient(&deps.table, account, &new.email).await?;
    check_campaign(&deps.table, account, new.campaign_id.as_ref()).await?;
    Ok(Wanted {
        account: account.clone(),
        format: format_of(&new),
        email: new.email,
        period,
        campaign_id: new.campaign_id,
    })
}

fn too_many(free_at: Instant, now: Instant) -> Problem {
    // Rounded up: asked again at that second, there is room.
    let seconds = (free_at.since(now).as_millis() + 999) / 1_000;
    let most = limits::REPORTS_PER_HOUR;
    Problem::too_many_requests(
        "too-many-reports",
        format!("an account may ask for {most} reports an hour"),
    )
    .with_header(RETRY_AFTER, HeaderValue::from(seconds.max(1)))
}
