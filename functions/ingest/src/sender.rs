//! Who sends events and asks to send: an account, proved by a signature over the raw body.

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use http::HeaderMap;
use shared::domain::values::account::Account;
use shared::domain::values::instant::Instant;
use shared::intake::accounts::{Accounts, ReadAccount};
use shared::runtime::config::Secret;
use shared::telemetry::{Counter, count};
use shared::web::Problem;
use shared::web::signature::{SignatureError, SigningSecret, verify_standard};

/// The account that a path names: what came of reading the segment.
pub(crate) type NamedAccount = Result<Path<String>, PathRejection>;

/// An account whose signature was right.
pub(crate) struct Sender {
    pub(crate) account: Account,
    pub(crate) read: ReadAccount,
}

/// The account of a path; 404 `account-not-found` for a text that can't be an account's name.
pub(crate) fn account_of(named: NamedAccount) -> Result<Account, Problem> {
    let account = named.ok().and_then(|Path(text)| Account::parse(&text).ok());
    account.ok_or_else(Problem::account_not_found)
}

/// Judges who sends, on the body as it came and before any of it is parsed.
///
/// 404 `account-not-found` for an account that was never set up, 401 for a signature that none of
/// its valid secrets made. `source` names the endpoint in the count of refusals.
pub(crate) async fn authenticate(
    accounts: &Accounts,
    now: Instant,
    named: NamedAccount,
    headers: &HeaderMap,
    body: &[u8],
    source: &'static str,
) -> Result<Sender, Problem> {
    let account = account_of(named)?;
    let mut read = accounts.get(&account).await?.ok_or_else(Problem::account_not_found)?;
    let mut verdict =
        verify(&accounts.signing_secrets(&account, &read.record)?, headers, body, now);
    if verdict.is_err() && !read.fresh {
        // A secret that was made a moment ago must work at once.
        read = accounts.get_afresh(&account).await?.ok_or_else(Problem::account_not_found)?;
        verdict = verify(&accounts.signing_secrets(&account, &read.record)?, headers, body, now);
    }
    match verdict {
        Ok(()) => Ok(Sender { account, read }),
        Err(error) => {
            count(Counter::SignatureRefused { source }, 1);
            Err(error.into())
        }
    }
}

fn verify(
    secrets: &[Secret],
    headers: &HeaderMap,
    body: &[u8],
    now: Instant,
) -> Result<(), SignatureError> {
    let secrets: Vec<SigningSecret> =
        secrets.iter().filter_map(|secret| SigningSecret::parse(secret.expose()).ok()).collect();
    verify_standard(headers, body, &secrets, now)
}
