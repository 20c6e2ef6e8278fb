//! `POST /shoppers/carts`: the carts of a phone number, which stands in no address and in no log.

use std::collections::BTreeSet;

use axum::extract::State;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use serde::Serialize;
use shared::domain::values::identity::alias::Identity;
use shared::domain::values::keyed_id::CartId;
use shared::store::StoreError;
use shared::store::carts::CartRecord;
use shared::store::names::Naming;
use shared::web::api::{AccountProblems, AdminProblems, FieldProblems, JsonBodyProblems};
use shared::web::{Json, Problem, Writer};
use utoipa::ToSchema;

use super::StandingView;
use crate::Deps;
use crate::opt_outs::{WantedContact, phone_of};

/// Carts that are told of one number: the latest of a person's month.
pub const LATEST: usize = 20;
/// Carts and sends of a number that are looked at, of each kind: no person leaves as many in a month. Of a number that
/// many have in common (a call centre's) not all are found.
pub const LOOKED_AT: usize = 100;
/// Reads that run at once.
const AT_ONCE: usize = 8;

/// The carts of a phone number.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CartsOfPhone)]
pub struct CartsOfPhone {
    /// By their last activity, the latest first, 20 at most.
    items: Vec<StandingView>,
}

/// The carts of a phone number
///
/// Those that a message was sent about, those of which the store's backend told the number, and those whose gate came
/// as far as reading it; each for 30 days. A `POST` that changes nothing, so that the number stands in no address.
#[utoipa::path(
    post,
    path = "/shoppers/carts",
    operation_id = "lookUpCarts",
    tag = "carts",
    security(("bearer" = ["admin:write"])),
    request_body = WantedContact,
    responses(
        (status = 200, description = "Their carts.", body = CartsOfPhone),
        JsonBodyProblems,
        AccountProblems,
        FieldProblems,
        AdminProblems,
    )
)]
pub(crate) async fn look_up_carts(
    State(deps): State<Deps>,
    writer: Writer,
    Json(wanted): Json<WantedContact>,
) -> Result<Json<CartsOfPhone>, Problem> {
    let (account, table) = (&writer.account, &deps.table);
    let (phone, _) = phone_of(&deps, account, &wanted.phone).await?;
    let key = &deps.whatsapp()?.phone_key;
    let phone = Identity::Phone(key.digest(&phone));
    let (mut ids, mut sends) = (BTreeSet::new(), Vec::new());
    for named in table.named_in_first(key, account, &phone, LOOKED_AT).await? {
        match named.naming {
            Naming::Cart(cart) => drop(ids.insert(cart)),
            Naming::Send(send) => sends.push(send),
        }
    }
    let sends: Vec<_> = sends.iter().map(|id| table.send(id)).collect();
    let mut sends = stream::iter(sends).buffer_unordered(AT_ONCE);
    while let Some(send) = sends.try_next().await? {
        ids.extend(send.map(|send| send.cart));
    }
    let carts = table.carts(account, &ids).await?;
    let mut carts: Vec<(CartId, CartRecord)> = carts.into_iter().collect();
    carts.sort_by_key(|(_, record)| std::cmp::Reverse(record.cart.last_activity_at));
    carts.truncate(LATEST);
    let views: Vec<_> = carts
        .iter()
        .map(|(id, record)| async move {
            let decision = table.decision(account, id, record.cart.episode).await?;
            Ok::<_, StoreError>(StandingView::of(record, decision.as_ref()))
        })
        .collect();
    let items = stream::iter(views).buffered(AT_ONCE).try_collect().await?;
    Ok(Json(CartsOfPhone { items }))
}
