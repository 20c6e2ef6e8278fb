//! How a mail is handed over to the mail service, and what it carries for afterwards: the link by which
//! its reader ends the mails, and the tags that lead SES's events to its report.

use aws_sdk_ses::config::http::HttpResponse;
use aws_sdk_ses::config::retry::RetryConfig;
use aws_sdk_ses::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_ses::operation::send_raw_email::SendRawEmailError;
use aws_sdk_ses::primitives::Blob;
use aws_sdk_ses::types::{MessageTag, RawMessage};
use shared::domain::reports::report::{DownloadToken, Report};
use shared::store::schedules::Unsubscription;

use crate::Deps;
use crate::failure::AttemptError;

/// The tags by which an event of a mail is led to its report (`feedback`).
pub(crate) const ACCOUNT_TAG: &str = "account";
/// The report's id.
pub(crate) const REPORT_TAG: &str = "report";
/// Which of the report's mails it is.
pub(crate) const MAIL_TAG: &str = "mail";
/// The mail that brings the report.
pub(crate) const DELIVERY: &str = "report";
/// The mail that asks its recipient to confirm.
pub(crate) const CONFIRMATION: &str = "confirmation";

/// Hands the mail over to its one recipient: of several, one bad address would have the whole message
/// refused. Tried once: where the answer is lost, the mail may be out, and a second one is counted
/// before it is sent.
pub(crate) async fn send(
    deps: &Deps,
    report: &Report,
    mail: &str,
    raw: Vec<u8>,
) -> Result<(), AttemptError> {
    let once = aws_sdk_ses::config::Builder::new().retry_config(RetryConfig::disabled());
    let message = RawMessage::builder()
        .data(Blob::new(raw))
        .build()
        .map_err(|error| AttemptError::Refused(error.to_string()))?;
    let tag = |(name, value)| {
        let tag = MessageTag::builder().name(name).value(value).build();
        tag.map_err(|error| AttemptError::Refused(error.to_string()))
    };
    let tags = [
        (ACCOUNT_TAG, report.account.as_str()),
        (REPORT_TAG, report.id.as_str()),
        (MAIL_TAG, mail),
    ];
    let tags: Vec<MessageTag> = tags.into_iter().map(tag).collect::<Result<_, _>>()?;
    let sent = deps
        .ses
        .send_raw_email()
        .set_configuration_set_name(deps.configuration_set.as_deref().map(str::to_owned))
        .set_tags(Some(tags))
        .source(deps.mail_from.as_str())
        .destinations(report.email.as_str())
        .raw_message(message)
        .customize()
        .config_override(once)
        .send()
        .await;
    match sent {
        Ok(output) => {
            let (account, id, message_id) = (&report.account, &report.id, output.message_id);
            tracing::info!(%account, report = %id, message_id, "the mail is handed over");
            Ok(())
        }
        Err(error) => Err(unsent(error)),
    }
}

/// Judges a mail that the service did not confirm. It was certainly not taken when the service
/// says so itself, below 500, or the request never left.
fn unsent(error: SdkError<SendRawEmailError, HttpResponse>) -> AttemptError {
    match error {
        SdkError::ConstructionFailure(_) => AttemptError::Refused("never sent".to_owned()),
        SdkError::ServiceError(answer) => {
            let code = answer.err().code().unwrap_or("no code").to_owned();
            if answer.raw().status().is_client_error() {
                AttemptError::Refused(code)
            } else {
                AttemptError::Unanswered(code.into())
            }
        }
        lost => AttemptError::Unanswered(lost.into()),
    }
}

/// The link by which the recipient ends the account's mails (RFC 8058).
pub(crate) async fn unsubscribe_link(deps: &Deps, report: &Report) -> Result<String, AttemptError> {
    let token = new_token(deps)?;
    let unsubscription =
        Unsubscription { account: report.account.clone(), email: report.email.clone() };
    let written = deps.table.unsubscription_write(&token, &unsubscription, deps.clock.now()).await;
    written.map_err(AttemptError::Table)?;
    Ok(format!("{}/u/{}", deps.public_url, token.expose()))
}

/// A fresh secret for a link.
pub(crate) fn new_token(deps: &Deps) -> Result<DownloadToken, AttemptError> {
    let random = deps.randomness.bytes().map_err(AttemptError::Randomness)?;
    Ok(DownloadToken::new(&random))
}
