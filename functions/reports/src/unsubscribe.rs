//! `/u/{token}`: how the recipient of an account's mails ends them, and wishes for them again,
//! without a login (RFC 8058).
//!
//! The link stands in every mail's header and at its end. Mail programs post to it; whoever opens it
//! gets a page with one button that posts, too. Opening it alone changes nothing: scanners follow
//! every link. Nobody but who has such a link can take the wish back: the store can't.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use shared::domain::reports::report::DownloadToken;
use shared::domain::reports::schedule::PauseReason;
use shared::domain::values::campaign::Language;
use shared::store::schedules::Unsubscription;
use shared::web::Problem;
use shared::web::api::{PublicProblems, problems};
use utoipa::IntoResponses;
use utoipa::openapi::{RefOr, Response};

use crate::Deps;
use crate::confirm::welcome;
use crate::recipient_page::{Button, HtmlPage, language, page};

/// The answers that the operations can give beside their own.
struct UnsubscribeProblems;

impl IntoResponses for UnsubscribeProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut responses = PublicProblems::responses();
        responses.extend(problems([("404", "`unsubscription-not-found`.")]));
        responses
    }
}

async fn find(deps: &Deps, token: &str) -> Result<(DownloadToken, Unsubscription), Problem> {
    let missing = || Problem::not_found("unsubscription-not-found", "there is no such link");
    let token = DownloadToken::parse(token).ok_or_else(missing)?;
    let found = deps.table.unsubscription(&token).await?.ok_or_else(missing)?;
    Ok((token, found))
}

/// Ask whether to unsubscribe
///
/// Changes nothing. Who unsubscribed before is asked whether they want the mails again.
#[utoipa::path(
    get,
    path = "/u/{token}",
    operation_id = "askToUnsubscribe",
    tag = "report schedules",
    params(("token" = String, Path, description = "The secret part of a mail's link.")),
    responses(
        (status = 200, description = "A page with one button.", body = String, content_type = "text/html"),
        UnsubscribeProblems,
    )
)]
pub(crate) async fn ask(
    State(deps): State<Deps>,
    Path(token): Path<String>,
) -> Result<HtmlPage, Problem> {
    let (token, found) = find(&deps, &token).await?;
    let language = language(&deps, &found.account).await?;
    let words = words(language);
    let recipient = deps.table.recipient(&found.account, &found.email).await?;
    Ok(if recipient.is_unsubscribed() {
        page(language, words.unsubscribed, Some(again(&words, &token)))
    } else {
        page(language, words.question, Some(Button { text: words.button, action: None }))
    })
}

/// Unsubscribe
///
/// No mail of the account goes to the recipient any more, whoever asks for it, and its schedules to
/// them are paused. Repeating it changes nothing. The body is not read: RFC 8058 sends
/// `List-Unsubscribe=One-Click`, the page's form nothing.
#[utoipa::path(
    post,
    path = "/u/{token}",
    operation_id = "unsubscribe",
    tag = "report schedules",
    params(("token" = String, Path, description = "The secret part of a mail's link.")),
    responses(
        (status = 200, description = "No more mails of the account come.",
            body = String, content_type = "text/html"),
        UnsubscribeProblems,
    )
)]
pub(crate) async fn unsubscribe(
    State(deps): State<Deps>,
    Path(token): Path<String>,
) -> Result<HtmlPage, Problem> {
    let (token, Unsubscription { account, email }) = find(&deps, &token).await?;
    let now = deps.clock.now();
    // The wish first: it holds whatever becomes of the schedules.
    deps.table.recipient_unsubscribe(&account, &email, now).await?;
    let reason = PauseReason::RecipientUnsubscribed;
    deps.table.schedules_pause_to(&account, &email, reason, now).await?;
    // What waits for them need wait no longer.
    deps.table.reports_wake(&account, &email, now).await?;
    let language = language(&deps, &account).await?;
    let words = words(language);
    Ok(page(language, words.done, Some(again(&words, &token))))
}

/// Wish for the mails again
///
/// Mails of the account go to the recipient again, and the schedules that their wish had paused go
/// on. Where they had not unsubscribed it changes nothing.
#[utoipa::path(
    post,
    path = "/u/{token}/again",
    operation_id = "receiveAgain",
    tag = "report schedules",
    params(("token" = String, Path, description = "The secret part of a mail's link.")),
    responses(
        (status = 200, description = "The account's mails come again, or nothing was unsubscribed.",
            body = String, content_type = "text/html"),
        UnsubscribeProblems,
    )
)]
pub(crate) async fn receive_again(
    State(deps): State<Deps>,
    Path(token): Path<String>,
) -> Result<HtmlPage, Problem> {
    let (token, Unsubscription { account, email }) = find(&deps, &token).await?;
    // It takes an unsubscription back and is no confirmation: that has a link of its own, for a day.
    if !deps.table.recipient(&account, &email).await?.is_unsubscribed() {
        let language = language(&deps, &account).await?;
        let words = words(language);
        let button = Button { text: words.button, action: Some(format!("/u/{}", token.expose())) };
        return Ok(page(language, words.subscribed, Some(button)));
    }
    welcome(&deps, &account, &email).await?;
    let language = language(&deps, &account).await?;
    Ok(page(language, words(language).welcome, None))
}

/// The button of the way back. A token is base64url, which HTML reads as it is.
fn again(words: &Words, token: &DownloadToken) -> Button {
    Button { text: words.again, action: Some(format!("/u/{}/again", token.expose())) }
}

/// What the page says.
struct Words {
    question: &'static str,
    button: &'static str,
    done: &'static str,
    unsubscribed: &'static str,
    again: &'static str,
    welcome: &'static str,
    subscribed: &'static str,
}

const fn words(language: Language) -> Words {
    match language {
        Language::PtBr => Words {
            question: "Você quer parar de receber estes relatórios por e-mail?",
            button: "Parar de receber",
            done: "Pronto: você não receberá mais estes relatórios.",
            unsubscribed: "Você não recebe estes relatórios, porque pediu isso.",
            again: "Receber de novo",
            welcome: "Pronto: você receberá estes relatórios de novo.",
            subscribed: "Você não cancelou estes relatórios.",
        },
        Language::EnUs => Words {
            question: "Do you want to stop receiving these reports by email?",
            button: "Stop receiving them",
            done: "Done: you will not receive these reports any more.",
            unsubscribed: "You don’t receive these reports, because you asked for that.",
            again: "Receive them again",
            welcome: "Done: you will receive these reports again.",
            subscribed: "You haven’t unsubscribed from these reports.",
        },
        Language::Es => Words {
            question: "¿Quiere dejar de recibir estos informes por correo?",
            button: "Dejar de recibirlos",
            done: "Listo: ya no recibirá estos informes.",
            unsubscribed: "Usted no recibe estos informes, porque así lo pidió.",
            again: "Recibirlos de nuevo",
            welcome: "Listo: volverá a recibir estos informes.",
            subscribed: "Usted no canceló estos informes.",
        },
    }
}
