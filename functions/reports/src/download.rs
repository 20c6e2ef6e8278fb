//! `GET /reports/{id}/download` and `GET /d/{token}`.
//!
//! A presigned link dies with the session of the role that signed it, long before the seven days
//! that a mail's link works. So that link leads here, and S3's is signed at the click.

use std::time::Duration;

use aws_sdk_s3::presigning::PresigningConfig;
use axum::extract::{Path, State};
use http::header::LOCATION;
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use shared::domain::reports::report::DownloadToken;
use shared::domain::values::instant::Instant;
use shared::domain::values::span::Span;
use shared::web::api::{AdminProblems, PublicProblems};
use shared::web::{Json, Problem, ProblemBody, Reader};
use utoipa::ToSchema;

use crate::Deps;
use crate::list::find;

/// How long a signed link works: enough to start a download, too short to pass it on.
pub const SIGNED_LINK_SECONDS: u32 = 10 * 60;

/// Where a file can be fetched.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DownloadLink {
    /// The file's address. Whoever has it has the file, without a token.
    #[schema(format = "uri")]
    url: String,
    /// When the address stops working.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Instant,
}

/// A fresh link to a file. Signed by the machine's clock, which S3 compares with its own.
async fn sign(deps: &Deps, s3_key: &str) -> Result<String, Problem> {
    let lives = Duration::from_secs(SIGNED_LINK_SECONDS.into());
    let lives = PresigningConfig::expires_in(lives).map_err(Problem::internal)?;
    let request = deps.s3.get_object().bucket(&*deps.bucket).key(s3_key).presigned(lives).await;
    // Nothing is sent: it fails for lack of credentials, which may come back.
    request.map(|request| request.uri().to_owned()).map_err(Problem::unavailable)
}

/// 410 `report-file-erased`.
fn file_erased() -> Problem {
    let detail = "the file was deleted since a shopper who stood in it was erased; ask again";
    Problem::gone("report-file-erased", detail)
}

/// A link to a report's file
#[utoipa::path(
    get,
    path = "/reports/{id}/download",
    operation_id = "getReportDownload",
    tag = "reports",
    security(("bearer" = ["admin:read"])),
    params(("id" = String, Path, description = "The report's id.")),
    responses(
        (status = 200, description = "A link that works for ten minutes.", body = DownloadLink),
        (status = 404, description = "`report-not-found`.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "`report-not-ready`: its file isn't there yet.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 410, description = "`report-file-erased`: a shopper who stood in it was erased. \
            Ask for the report again.",
            body = ProblemBody, content_type = "application/problem+json"),
        AdminProblems,
    )
)]
pub(crate) async fn get_download(
    State(deps): State<Deps>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Json<DownloadLink>, Problem> {
    let report = find(&deps, &reader, &id).await?;
    if report.file_erased_at.is_some() {
        return Err(file_erased());
    }
    let file = report.file.ok_or_else(|| {
        Problem::conflict("report-not-ready", "the report's file isn't there yet")
    })?;
    let url = sign(&deps, &file.s3_key).await?;
    let expires_at = deps.clock.now().plus(Span::seconds(SIGNED_LINK_SECONDS.into()));
    Ok(Json(DownloadLink { url, expires_at }))
}

/// The link in a mail
///
/// Works for seven days, without a login.
#[utoipa::path(
    get,
    path = "/d/{token}",
    operation_id = "followMailedLink",
    tag = "reports",
    params(("token" = String, Path, description = "The secret part of the link.")),
    responses(
        (status = 302, description = "To the file, by a link that works for ten minutes.", headers(
            ("Location" = String, description = "Where the file is."),
        )),
        (status = 404, description = "`download-not-found`.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 410, description = "`download-expired`: the mail is older than seven days. \
            `report-file-erased`: a shopper who stood in the file was erased.",
            body = ProblemBody, content_type = "application/problem+json"),
        PublicProblems,
    )
)]
pub(crate) async fn follow_mailed_link(
    State(deps): State<Deps>,
    Path(token): Path<String>,
) -> Result<(StatusCode, [(HeaderName, HeaderValue); 1]), Problem> {
    let missing = || Problem::not_found("download-not-found", "there is no such link");
    let token = DownloadToken::parse(&token).ok_or_else(missing)?;
    let download = deps.table.download(&token).await?.ok_or_else(missing)?;
    if download.valid_until <= deps.clock.now() {
        let detail = "the link has expired; ask for the report again";
        return Err(Problem::gone("download-expired", detail));
    }
    let report = deps.table.report(&download.account, &download.report_id).await?;
    if report.is_some_and(|report| report.file_erased_at.is_some()) {
        return Err(file_erased());
    }
    let url = sign(&deps, &download.s3_key).await?;
    // `no-store` and `no-referrer`, so that neither this answer nor the link leaks, are on every
    // answer (`shared::web::layer`).
    let location = HeaderValue::try_from(url).map_err(Problem::internal)?;
    Ok((StatusCode::FOUND, [(LOCATION, location)]))
}
