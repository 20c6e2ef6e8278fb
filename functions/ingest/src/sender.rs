//! Who sends events and asks to send: an account, proved by a signature over the raw body.

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use http::HeaderMap;
use shared::domain::values::account::Account;
use shared::domain::values::instant::Instant;
use shared::store::accounts::AccountRecord;
use shared::telemetry::{Counter, count};
use shared::web::Problem;
use shared::web::signature::{SignatureError, SigningSecret, verify_standard};

use crate::accounts::Held;
use crate::deps::Deps;

/// The account that a path names: what came of reading the segment.
pub(crate) type NamedAccount = Result<Path<String>, PathRejection>;

/// An account whose signature was right.
pub(crate) struct Sender {
    pub(crate) account: Account,
    pub(crate) held: Held,
}

/// Judges who sends, on the body as it came and before any of it is parsed.
///
/// 404 `account-not-found` for an account that was never set up, 401 for a signature that none of
/// its valid secrets made. `source` names the endpoint in the count of refusals.
pub(crate) async fn authenticate(
    deps: &Deps,
    named: NamedAccount,
    headers: &HeaderMap,
    body: &[u8],
    source: &'static str,
) -> Result<Sender, Problem> {
    // A text that can't be an account's name isn't one.
    let account = named
        .ok()
        .and_then(|Path(text)| Account::parse(&text).ok())
        .ok_or_else(Problem::account_not_found)?;
    let now = deps.clock.now();
    let mut held = deps.account(&account).await?.ok_or_else(Problem::account_not_found)?;
    let mut verdict = verify(&held.record, headers, body, now);
    if verdict.is_err() && !held.fresh {
        // A secret that was made a moment ago must work at once.
        held = deps.account_afresh(&account).await?.ok_or_else(Problem::account_not_found)?;
        verdict = verify(&held.record, headers, body, now);
    }
    match verdict {
        Ok(()) => Ok(Sender { account, held }),
        Err(error) => {
            count(Counter::SignatureRefused { source }, 1);
            Err(error.into())
        }
    }
}

fn verify(
    record: &AccountRecord,
    headers: &HeaderMap,
    body: &[u8],
    now: Instant,
) -> Result<(), SignatureError> {
    let secrets: Vec<SigningSecret> =
        record.valid_secrets(now).filter_map(|text| SigningSecret::parse(text).ok()).collect();
    verify_standard(headers, body, &secrets, now)
}
