//! `POST /events/aside/replay`: what was kept aside for an account, through its endpoints again.

use std::time::Duration;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::domain::values::digest::base64url;
use shared::intake::orders::{NotTaken, Orders};
use shared::runtime::random::Randomness;
use shared::vtex::VtexError;
use shared::web::account::set_up;
use shared::web::api::{AccountProblems, AdminProblems, JsonBodyProblems};
use shared::web::{Cursor, Json, Problem, ProblemBody, Writer};
use utoipa::ToSchema;

use crate::replay::{Bounds, Place, Replay, ReplayError, replay_part};
use crate::vtex::not_taken;

/// Items that one call tries: an account's calls follow one another, so what a store replays takes one
/// of the function's places at most, and of the table what one webhook of the same size takes.
pub const TRIED: u64 = 100;
/// Items that one call reads, those of other reasons among them: a store with many of them comes to its
/// end in a few calls.
pub const LOOKED_AT: u64 = 1_000;
/// How long a call goes on: whatever VTEX takes for the last order, the answer leaves before the gateway
/// gives up after 30 s.
pub const WITHIN: Duration = Duration::from_secs(10);
/// Bytes of a reason: ours are shorter.
const REASON_BYTES: usize = 100;
/// Bytes of an id in a list.
const ID_BYTES: usize = 200;

/// What is replayed with.
#[derive(Debug, Clone)]
pub(crate) struct Replays {
    pub(crate) orders: Orders,
    pub(crate) randomness: Randomness,
    pub(crate) bounds: Bounds,
}

/// What to replay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WantedReplay {
    /// Only what was kept aside for this reason.
    #[schema(value_type = Option<String>, example = "unknown-campaign", pattern = "^[a-z-]{1,100}$")]
    reason: Option<String>,
    /// `next` of the call before.
    #[schema(value_type = Option<String>)]
    cursor: Option<Cursor<Place>>,
}

/// What a call did.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Replayed)]
pub(crate) struct ReplayedView {
    /// Items that count now, or turned out not to be ours to use: the list has them no more.
    replayed: u64,
    /// Items that were tried and can't count still: the list tells why.
    still_aside: u64,
    /// Where the next call goes on; absent when nothing is left to try.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    next: Option<Cursor<Place>>,
}

impl WantedReplay {
    /// 422 for what no list of ours has.
    fn judge(self) -> Result<(Replay, Option<Place>), Problem> {
        // It is told in the account's activity: no free text.
        let is_word = |reason: &String| {
            (1..=REASON_BYTES).contains(&reason.len())
                && reason.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        };
        if !self.reason.iter().all(is_word) {
            let detail = format!("1-{REASON_BYTES} lower-case letters and dashes");
            return Err(Problem::invalid_field("reason", detail));
        }
        let place = self.cursor.map(|cursor| cursor.0);
        let after = place.as_ref().and_then(|place| place.after.as_ref());
        // As in the list: a key of anything else could lie behind its end.
        if after.is_some_and(|after| !after.is_ascii() || after.len() > ID_BYTES) {
            return Err(Problem::invalid_field("cursor", "this is no cursor of this list"));
        }
        let what = Replay { reason: self.reason, leaves_records: true, ..Replay::default() };
        Ok((what, place))
    }
}

/// Replay what was kept aside
///
/// Sends items through the functions of their endpoints again, oldest first: after a campaign was made, a
/// number confirmed or VTEX connected, what was kept aside for it counts. Beside the list's items are those that came for
/// the account's phone numbers while these were nobody's. What went through leaves the list; what
/// can't count still stays, with its reason of now, and so does what an operator has to mend (source `rollup`).
/// Nothing counts twice, however often it is replayed.
///
/// One call tries at most 100 items, looks at 1,000, and begins none after ten seconds: `next` leads on.
#[utoipa::path(
    post,
    path = "/events/aside/replay",
    operation_id = "replayKeptAside",
    tag = "events",
    request_body = WantedReplay,
    responses(
        (status = 200, description = "What became of the items", body = ReplayedView),
        JsonBodyProblems,
        AccountProblems,
        (status = 409, description = "`replay-running`: another replay of the account is under way. \
            `vtex-keys-refused`: VTEX refuses the store's keys; what was tried before is done",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`invalid-field` names the field",
            body = ProblemBody, content_type = "application/problem+json"),
        AdminProblems,
    ),
    security(("bearer" = ["admin:write"])),
)]
pub(crate) async fn replay(
    State(replays): State<Replays>,
    writer: Writer,
    Json(wanted): Json<WantedReplay>,
) -> Result<Json<ReplayedView>, Problem> {
    let Replays { orders, randomness, bounds } = replays;
    let (what, place) = wanted.judge()?;
    let account = &writer.account;
    set_up(&orders.table, account).await?;
    let holder = base64url(&randomness.bytes::<16>().map_err(Problem::unavailable)?);
    let now = orders.clock.now();
    // What goes on is one replay: its first call is what somebody did.
    let table = match &place {
        None => orders.table.by(&writer.subject, now),
        Some(_) => orders.table.clone(),
    };
    if !table.aside_replay_begin(account, (&holder, what.reason.as_deref()), now).await? {
        return Err(Problem::conflict("replay-running", "another replay is under way"));
    }
    let part = replay_part(&orders, account, &what, (place, bounds), || {}).await;
    orders.table.aside_replay_end(account, &holder).await?;
    let part = part.map_err(problem)?;
    Ok(Json(ReplayedView {
        replayed: part.done,
        still_aside: part.left,
        next: part.next.map(Cursor),
    }))
}

fn problem(error: ReplayError) -> Problem {
    match error {
        ReplayError::Table(error) => error.into(),
        ReplayError::Order(NotTaken::Vtex(VtexError::KeysRefused { .. })) => {
            let detail = "VTEX refuses the store's keys: connect it anew";
            Problem::conflict("vtex-keys-refused", detail)
        }
        ReplayError::Order(error) => not_taken(error),
    }
}
