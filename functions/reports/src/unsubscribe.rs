//! `/u/{token}`: how the recipient of a schedule's mails ends them, without a login (RFC 8058).
//!
//! The link stands in the mail's header and at its end. Mail programs post to it; whoever opens it
//! gets a page with one button that posts, too. Opening it alone changes nothing: scanners follow
//! every link.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::response::Html;
use http::header::CONTENT_SECURITY_POLICY;
use http::{HeaderName, HeaderValue};
use shared::domain::reports::report::DownloadToken;
use shared::domain::values::campaign::Language;
use shared::store::schedules::Unsubscription;
use shared::web::Problem;
use shared::web::api::{PublicProblems, problems};
use utoipa::IntoResponses;
use utoipa::openapi::{RefOr, Response};

use crate::Deps;

/// The page's policy: a form that posts to where it came from, and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

type HtmlPage = ([(HeaderName, HeaderValue); 1], Html<String>);

/// The answers that both operations can give beside their own.
struct UnsubscribeProblems;

impl IntoResponses for UnsubscribeProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut responses = PublicProblems::responses();
        responses.extend(problems([("404", "`unsubscription-not-found`.")]));
        responses
    }
}

async fn find(deps: &Deps, token: &str) -> Result<Unsubscription, Problem> {
    let missing = || Problem::not_found("unsubscription-not-found", "there is no such link");
    let token = DownloadToken::parse(token).ok_or_else(missing)?;
    deps.table.unsubscription(&token).await?.ok_or_else(missing)
}

/// Ask whether to unsubscribe
///
/// Changes nothing.
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
    let found = find(&deps, &token).await?;
    let words = words(language(&deps, &found).await?);
    Ok(page(&words, words.question, Some(words.button)))
}

/// Unsubscribe
///
/// Pauses every schedule of the account whose mails go to the recipient. Repeating it changes nothing.
/// The body is not read: RFC 8058 sends `List-Unsubscribe=One-Click`, the page's form nothing.
#[utoipa::path(
    post,
    path = "/u/{token}",
    operation_id = "unsubscribe",
    tag = "report schedules",
    params(("token" = String, Path, description = "The secret part of a mail's link.")),
    responses(
        (status = 200, description = "No more mails of the account's schedules come.",
            body = String, content_type = "text/html"),
        UnsubscribeProblems,
    )
)]
pub(crate) async fn unsubscribe(
    State(deps): State<Deps>,
    Path(token): Path<String>,
) -> Result<HtmlPage, Problem> {
    let found = find(&deps, &token).await?;
    deps.table.schedules_unsubscribe(&found.account, &found.email, deps.clock.now()).await?;
    let words = words(language(&deps, &found).await?);
    Ok(page(&words, words.done, None))
}

async fn language(deps: &Deps, found: &Unsubscription) -> Result<Language, Problem> {
    let record = deps.table.account(&found.account).await?;
    Ok(record.map_or(Language::EnUs, |record| record.settings.language))
}

/// What the page says.
struct Words {
    tag: &'static str,
    title: &'static str,
    question: &'static str,
    button: &'static str,
    done: &'static str,
}

const fn words(language: Language) -> Words {
    match language {
        Language::PtBr => Words {
            tag: "pt-BR",
            title: "Relatórios de conversões",
            question: "Você quer parar de receber estes relatórios por e-mail?",
            button: "Parar de receber",
            done: "Pronto: você não receberá mais estes relatórios.",
        },
        Language::EnUs => Words {
            tag: "en-US",
            title: "Conversions reports",
            question: "Do you want to stop receiving these reports by email?",
            button: "Stop receiving them",
            done: "Done: you will not receive these reports any more.",
        },
        Language::Es => Words {
            tag: "es",
            title: "Informes de conversiones",
            question: "¿Quiere dejar de recibir estos informes por correo?",
            button: "Dejar de recibirlos",
            done: "Listo: ya no recibirá estos informes.",
        },
    }
}

/// A page with one sentence and perhaps a button that posts to where the page came from.
fn page(words: &Words, sentence: &str, button: Option<&str>) -> HtmlPage {
    let form = button.map_or_else(String::new, |button| {
        format!("<form method=\"post\"><button type=\"submit\">{button}</button></form>\n")
    });
    let Words { tag, title, .. } = words;
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"{tag}\">\n<head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title></head>\n\
         <body style=\"font-family: sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem\">\n\
         <h1>{title}</h1>\n<p>{sentence}</p>\n{form}</body>\n</html>\n"
    );
    ([(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))], Html(html))
}
