//! Poison: records that can never be handled are kept aside and passed (R12).

use serde_json::{Value, json};
use shared::counting::count::KeepAside;
use shared::domain::values::account::Account;
use shared::domain::values::digest::{base64url, sha256};
use shared::domain::values::instant::Instant;
use shared::store::StoreError;
use shared::store::aside::{Aside, AsideOwner};
use shared::store::key::{FactKey, LINK};
use shared::store::stream::{StreamRecord, UnreadableRecord};
use shared::telemetry::{self, Counter};

use crate::Deps;

/// The source of what is kept aside here.
const SOURCE: &str = "rollup";

impl KeepAside for Deps {
    async fn keep_aside(&self, refused: &StreamRecord, code: &str) -> Result<(), StoreError> {
        record(self, refused, code).await
    }
}

/// Keeps a record aside, under the account whose it is: which fact it is about, and not what that
/// names. The fact itself is in the table, and a replay derives it again from there.
pub(crate) async fn record(
    deps: &Deps,
    record: &StreamRecord,
    code: &str,
) -> Result<(), StoreError> {
    let text = |name: &str| json!({"S": record.key(name)});
    let body = json!({
        "eventID": record.event_id,
        "dynamodb": {
            "Keys": {"pk": text("pk"), "sk": text("sk")},
            "SequenceNumber": record.dynamodb.sequence_number.as_str(),
        },
    });
    // The record's own time, so that a record which comes again is kept aside once.
    let seconds = record.dynamodb.approximate_creation_date_time;
    let received_at = seconds.map_or_else(|| deps.clock.now(), of_seconds);
    keep(deps, record.key("pk"), received_at, code, body.to_string()).await
}

/// Keeps aside what isn't even a record.
pub(crate) async fn unreadable(deps: &Deps, record: &UnreadableRecord) -> Result<(), StoreError> {
    let pk = record.raw.pointer("/dynamodb/Keys/pk/S").and_then(Value::as_str);
    let seconds = record.raw.pointer("/dynamodb/ApproximateCreationDateTime");
    let received_at = seconds.and_then(Value::as_f64).map_or_else(|| deps.clock.now(), of_seconds);
    let keys = record.raw.pointer("/dynamodb/Keys").cloned().unwrap_or_default();
    let number = record.raw.pointer("/dynamodb/SequenceNumber").cloned().unwrap_or_default();
    // The digest tells it from others where it names nothing.
    let body = json!({
        "eventID": record.raw.get("eventID"),
        "dynamodb": {"Keys": keys, "SequenceNumber": number},
        "sha256": base64url(&sha256(record.raw.to_string().as_bytes())),
    });
    let body = body.to_string();
    keep(deps, pk, received_at, "record-unreadable", body).await
}

#[expect(clippy::cast_possible_truncation, reason = "epoch seconds; what is absurd saturates")]
fn of_seconds(seconds: f64) -> Instant {
    Instant::from_millis((seconds * 1_000.0) as i64)
}

/// Whose a record is, by its partition. A link's names none: the link is asked.
async fn owner_of(deps: &Deps, pk: Option<&str>) -> Result<Option<Account>, StoreError> {
    let Some(pk) = pk else { return Ok(None) };
    let Some(FactKey::Link(token)) = FactKey::parse(pk, LINK) else {
        return Ok(pk.split('#').next().and_then(|account| Account::parse(account).ok()));
    };
    match deps.table.link(&token).await {
        Ok(link) => Ok(link.map(|link| link.account)),
        Err(error) if error.is_transient() => Err(error),
        // One that can't be read is nobody's.
        Err(_) => Ok(None),
    }
}

async fn keep(
    deps: &Deps,
    pk: Option<&str>,
    received_at: Instant,
    code: &str,
    body: String,
) -> Result<(), StoreError> {
    let account = owner_of(deps, pk).await?;
    let owner = account.as_ref().map_or(AsideOwner::Nobody, AsideOwner::from);
    let (source, code) = (SOURCE.to_owned(), code.to_owned());
    let item = Aside { received_at, source, code, field: None, body };
    let kept = deps.table.aside_keep(&owner, &item).await;
    if let Err(error) = kept {
        if error.is_transient() {
            return Err(error);
        }
        // Nothing can be kept of it but the alarm.
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "a record could not be kept aside"
        );
    }
    tracing::error!(
        code = item.code,
        account = account.as_ref().map(Account::as_str),
        "record kept aside"
    );
    telemetry::count(Counter::RecordsKeptAside, 1);
    Ok(())
}
