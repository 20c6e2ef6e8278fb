//! The pages that a mail's links lead to: a sentence and perhaps a button, readable without a
//! script, in the account's language.

use axum::response::Html;
use http::header::CONTENT_SECURITY_POLICY;
use http::{HeaderName, HeaderValue};
use shared::domain::values::account::Account;
use shared::domain::values::campaign::Language;
use shared::web::Problem;

use crate::Deps;

/// The pages' policy: a form that posts to where it came from, and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// A page with its policy.
pub(crate) type HtmlPage = ([(HeaderName, HeaderValue); 1], Html<String>);

/// A button that posts.
pub(crate) struct Button {
    /// What it says.
    pub(crate) text: &'static str,
    /// Where it posts, without a character that HTML would read otherwise; none: where the page came
    /// from.
    pub(crate) action: Option<String>,
}

/// A page with one sentence, `sentence` being without a character that HTML would read otherwise.
pub(crate) fn page(language: Language, sentence: &str, button: Option<Button>) -> HtmlPage {
    let form = button.map_or_else(String::new, |Button { text, action }| {
        let action = action.map_or_else(String::new, |action| format!(" action=\"{action}\""));
        format!("<form method=\"post\"{action}><button type=\"submit\">{text}</button></form>\n")
    });
    let (tag, title) = match language {
        Language::PtBr => ("pt-BR", "Relatórios de conversões"),
        Language::EnUs => ("en-US", "Conversions reports"),
        Language::Es => ("es", "Informes de conversiones"),
    };
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"{tag}\">\n<head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title></head>\n\
         <body style=\"font-family: sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem\">\n\
         <h1>{title}</h1>\n<p>{sentence}</p>\n{form}</body>\n</html>\n"
    );
    ([(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))], Html(html))
}

/// The language of an account's mails and of these pages.
pub(crate) async fn language(deps: &Deps, account: &Account) -> Result<Language, Problem> {
    let record = deps.table.account(account).await?;
    Ok(record.map_or(Language::EnUs, |record| record.settings.language))
}
