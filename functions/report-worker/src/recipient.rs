//! Whether a report's recipient wants it, and how they are asked.
//!
//! The account answers for its own people. Anybody else first gets a mail that asks them to confirm,
//! once for each account: a report must not go to whomever somebody typed. Whoever wished for no more
//! mails gets none, nor is asked.

use shared::domain::reports::recipient::is_vouched_for;
use shared::domain::reports::report::Report;
use shared::domain::values::account::AccountSettings;
use shared::domain::values::instant::Instant;
use shared::store::accounts::AccountRecord;
use shared::store::recipients::Asked;

use crate::Deps;
use crate::failure::AttemptError;
use crate::handover::{CONFIRMATION, new_token, send, unsubscribe_link};
use crate::mail::confirmation::Confirmation;

/// Whether the report may be mailed now: asked before every mail, whoever asked for it and when.
/// `false`: its recipient has yet to confirm.
pub(crate) async fn is_welcome(
    deps: &Deps,
    account: &AccountRecord,
    report: &Report,
) -> Result<bool, AttemptError> {
    let recipient = deps.table.recipient(&report.account, &report.email).await;
    let recipient = recipient.map_err(AttemptError::Table)?;
    if recipient.is_unsubscribed() {
        return Err(AttemptError::RecipientUnsubscribed);
    }
    // An address that waits for an operator vouches for nobody: the store may have named anybody's.
    let store = account.link_store();
    let domains = account.settings.report_domains.as_deref().unwrap_or_default();
    Ok(recipient.is_confirmed() || is_vouched_for(store, domains, &report.email))
}

/// Asks the recipient to confirm, unless they have a link that works, and lets the report wait.
pub(crate) async fn ask(
    deps: &Deps,
    settings: &AccountSettings,
    report: &Report,
) -> Result<(), AttemptError> {
    let (account, email) = (&report.account, &report.email);
    let asked_at = deps.clock.now();
    if report.waits_until.is_some_and(|until| until <= asked_at) {
        return Err(AttemptError::RecipientNotConfirmed);
    }
    let token = new_token(deps)?;
    let asked = deps.table.recipient_ask(account, email, &token, asked_at).await;
    let until = match asked.map_err(AttemptError::Table)? {
        Asked::Before(until) => until,
        // The next attempt finds their answer; it may start at once.
        Asked::Answered => asked_at,
        Asked::TooOften => return Err(AttemptError::RecipientNotAsked),
        Asked::Now(valid_until) => {
            let link = format!("{}/c/{}", deps.public_url, token.expose());
            // Where SES didn't answer the mail may be out. Then they get a second one: the report
            // would wait in vain for an answer to none.
            if let Err(error) =
                question(deps, settings, report, link, (asked_at, valid_until)).await
            {
                let back = deps.table.recipient_unask(account, email, asked_at, asked_at).await;
                back.map_err(AttemptError::Table)?;
                return Err(error);
            }
            let noted = deps.table.recipient_note_asked(account, email, asked_at).await;
            noted.map_err(AttemptError::Table)?;
            valid_until
        }
    };
    if !deps.table.report_note_waiting(report, until).await.map_err(AttemptError::Table)? {
        return Err(AttemptError::Superseded);
    }
    // Did they answer between the asking and the note, then nobody found the report waiting.
    let recipient = deps.table.recipient(account, email).await.map_err(AttemptError::Table)?;
    if recipient.is_confirmed() || recipient.is_unsubscribed() {
        let woken = deps.table.reports_wake(account, email, deps.clock.now()).await;
        woken.map_err(AttemptError::Table)?;
    }
    Ok(())
}

/// Mails the question, whose link works from one instant until another.
async fn question(
    deps: &Deps,
    settings: &AccountSettings,
    report: &Report,
    link: String,
    (at, valid_until): (Instant, Instant),
) -> Result<(), AttemptError> {
    let confirmation = Confirmation {
        report,
        from: &deps.mail_from,
        language: settings.language,
        zone: settings.time_zone,
        link,
        valid_until,
        unsubscribe: unsubscribe_link(deps, report).await?,
        at,
    };
    let raw = confirmation.compose().map_err(AttemptError::Compose)?;
    send(deps, report, CONFIRMATION, raw).await.map(drop)
}
