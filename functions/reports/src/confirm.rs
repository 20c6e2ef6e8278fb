//! `/c/{token}`: how somebody whom an account doesn't answer for says that they want its reports.
//!
//! The link stands in the mail that asks them. Opening it shows a page with one button; only that
//! confirms, since scanners follow every link.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use shared::domain::reports::report::DownloadToken;
use shared::domain::values::account::Account;
use shared::domain::values::campaign::Language;
use shared::domain::values::email::EmailAddress;
use shared::store::recipients::Confirmation;
use shared::web::Problem;
use shared::web::api::{PublicProblems, problems};
use utoipa::IntoResponses;
use utoipa::openapi::{RefOr, Response};

use crate::Deps;
use crate::recipient_page::{Button, HtmlPage, language, page};

/// The answers that both operations can give beside their own.
struct ConfirmationProblems;

impl IntoResponses for ConfirmationProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut responses = PublicProblems::responses();
        responses.extend(problems([
            ("404", "`confirmation-not-found`."),
            ("410", "`confirmation-expired`: the mail is older than 24 hours."),
        ]));
        responses
    }
}

/// What the link leads to, in the reader's language.
async fn find(deps: &Deps, token: &str) -> Result<(Confirmation, Language), Problem> {
    let missing = || Problem::not_found("confirmation-not-found", "there is no such link");
    let token = DownloadToken::parse(token).ok_or_else(missing)?;
    let found = deps.table.confirmation(&token).await?.ok_or_else(missing)?;
    if found.valid_until <= deps.clock.now() {
        let detail = "the link has expired; ask the store to send the report again";
        return Err(Problem::gone("confirmation-expired", detail));
    }
    let language = language(deps, &found.account).await?;
    Ok((found, language))
}

/// Ask whether to confirm
///
/// Changes nothing.
#[utoipa::path(
    get,
    path = "/c/{token}",
    operation_id = "askToConfirm",
    tag = "reports",
    params(("token" = String, Path, description = "The secret part of a mail's link.")),
    responses(
        (status = 200, description = "A page with one button.", body = String, content_type = "text/html"),
        ConfirmationProblems,
    )
)]
pub(crate) async fn ask(
    State(deps): State<Deps>,
    Path(token): Path<String>,
) -> Result<HtmlPage, Problem> {
    let (Confirmation { account, email, .. }, language) = find(&deps, &token).await?;
    let words = words(language);
    if deps.table.recipient(&account, &email).await?.is_confirmed() {
        return Ok(page(language, words.done, None));
    }
    let button = Button { text: words.button, action: None };
    Ok(page(language, &question(language, &account), Some(button)))
}

/// Confirm
///
/// The account's reports go to the address from now on, until its reader unsubscribes; those that
/// wait for it are started. Repeating it changes nothing. The body is not read.
#[utoipa::path(
    post,
    path = "/c/{token}",
    operation_id = "confirm",
    tag = "reports",
    params(("token" = String, Path, description = "The secret part of a mail's link.")),
    responses(
        (status = 200, description = "The reports come.", body = String, content_type = "text/html"),
        ConfirmationProblems,
    )
)]
pub(crate) async fn confirm(
    State(deps): State<Deps>,
    Path(token): Path<String>,
) -> Result<HtmlPage, Problem> {
    let (Confirmation { account, email, .. }, language) = find(&deps, &token).await?;
    welcome(&deps, &account, &email).await?;
    Ok(page(language, words(language).done, None))
}

/// Notes that a recipient wants an account's mails, and lets go on what waited for that.
pub(crate) async fn welcome(
    deps: &Deps,
    account: &Account,
    email: &EmailAddress,
) -> Result<(), Problem> {
    let now = deps.clock.now();
    // The wish first: what is woken asks for it.
    deps.table.recipient_confirm(account, email, now).await?;
    deps.table.schedules_resume_to(account, email, now).await?;
    deps.table.reports_wake(account, email, now).await?;
    Ok(())
}

/// An account's name holds nothing that HTML would read otherwise.
fn question(language: Language, account: &Account) -> String {
    match language {
        Language::PtBr => {
            format!("Você quer receber por e-mail os relatórios de conversões da loja {account}?")
        }
        Language::EnUs => {
            format!(
                "Do you want to receive the conversions reports of the store {account} by email?"
            )
        }
        Language::Es => {
            format!(
                "¿Quiere recibir por correo los informes de conversiones de la tienda {account}?"
            )
        }
    }
}

/// What the page says.
struct Words {
    button: &'static str,
    done: &'static str,
}

const fn words(language: Language) -> Words {
    match language {
        Language::PtBr => {
            Words { button: "Quero receber", done: "Pronto: você receberá os relatórios." }
        }
        Language::EnUs => {
            Words { button: "Receive them", done: "Done: you will receive the reports." }
        }
        Language::Es => {
            Words { button: "Quiero recibirlos", done: "Listo: recibirá los informes." }
        }
    }
}
