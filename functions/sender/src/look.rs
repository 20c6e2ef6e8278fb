//! One cart that its pointers lead to: what its state asks for.

use shared::domain::facts::cart::{ANSWER_WITHIN, Cart, CartState};
use shared::domain::facts::decision::{Decision, Reason, SendOutcome, Verdict};
use shared::domain::rules::gate::{Form, Passage};
use shared::domain::values::account::Account;
use shared::domain::values::identity::alias::Identity;
use shared::domain::values::ids::CampaignId;
use shared::domain::values::instant::Instant;
use shared::domain::values::keyed_id::{CartId, ContactId};
use shared::domain::values::span::Span;
use shared::domain::values::store_day::StoreDay;
use shared::judging::account::Known;
use shared::judging::cart::{Allowed, Judged};
use shared::judging::form::CartForm;
use shared::store::StoreError;
use shared::store::carts::{CartRecord, due_key};
use shared::store::due::DuePointer;
use shared::store::sends::Sending;
use shared::telemetry::{Counter, count};

use crate::Deps;
use crate::outside::Outside;

/// How old a pointer is before it is tidied away that leads to no cart, or to one that is decided: whoever
/// wrote it may be about to write the cart.
const TIDIED_AFTER: Span = Span::seconds(10 * 60);
/// When a cart that can't be looked at is looked at again.
const POISON_WAITS: Span = Span::hours(1);

const _: () = assert!(ANSWER_WITHIN.as_millis() < TIDIED_AFTER.as_millis());

/// A cart that the gate lets through.
pub(crate) struct Opening {
    pub(crate) id: CartId,
    pub(crate) record: CartRecord,
    pub(crate) pointers: Vec<DuePointer>,
    pub(crate) campaign: CampaignId,
    pub(crate) contact: ContactId,
    pub(crate) form: CartForm,
    /// The decision of an earlier attempt.
    pub(crate) held: Option<Decision>,
}

/// Does what a cart's state asks for; the cart, where it may be claimed for a message. A failure is the
/// cart's own: its pointer stands, and it is found again.
pub(crate) async fn look<O: Outside>(
    deps: &Deps<O>,
    known: &Known,
    (id, pointers): (CartId, Vec<DuePointer>),
    allowed: Allowed,
) -> Option<Opening> {
    let account = &known.account;
    let outcome = by_state(deps, known, (&id, pointers.clone()), allowed).await;
    match outcome {
        Ok(opening) => opening,
        Err(error) if error.is_transient() => {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, %account, cart = %id, "a cart could not be looked at");
            None
        }
        Err(error) => {
            tell_poison(account, &id, &error);
            set_aside(deps, account, &id, &pointers).await;
            None
        }
    }
}

fn tell_poison(account: &Account, cart: &CartId, error: &StoreError) {
    let error: &dyn std::error::Error = error;
    tracing::error!(error, %account, %cart, "a cart can't be looked at");
    count(Counter::CartsSetAside, 1);
}

async fn set_aside<O: Outside>(
    deps: &Deps<O>,
    account: &Account,
    id: &CartId,
    pointers: &[DuePointer],
) {
    let now = deps.clock.now();
    let key = shared::store::key::DueKey {
        due_at: now.plus(POISON_WAITS),
        account: account.clone(),
        cart: id.clone(),
    };
    // Where that fails it is found again a minute later.
    if deps.table.due_put(&key, now).await.is_ok() {
        let _ = deps.table.due_delete_all(pointers, Some(&key)).await;
    }
}

/// Takes pointers away that lead to nothing, once nobody can be about to write what they lead to.
async fn tidy<O: Outside>(deps: &Deps<O>, pointers: &[DuePointer]) -> Result<(), StoreError> {
    let now = deps.clock.now();
    for pointer in pointers.iter().filter(|pointer| now.since(pointer.at) > TIDIED_AFTER) {
        deps.table.due_delete(pointer).await?;
    }
    Ok(())
}

/// A cart that isn't waiting.
async fn decided<O: Outside>(
    deps: &Deps<O>,
    account: &Account,
    (id, record): (&CartId, &CartRecord),
    pointers: &[DuePointer],
) -> Result<(), StoreError> {
    let (table, now, cart) = (&deps.table, deps.clock.now(), &record.cart);
    let is_over = match cart.state {
        CartState::Waiting => return Ok(()),
        CartState::Closed | CartState::Unconfirmed => return tidy(deps, pointers).await,
        CartState::Sending => cart.answer_is_lost(now),
        CartState::Unknown => cart.due_at <= now,
    };
    if !is_over {
        if cart.state == CartState::Unknown {
            // It waits for a later instant, by another pointer.
            table.due_delete_all(pointers, Some(&due_key(account, id, cart))).await?;
        }
        return Ok(());
    }
    let send_id = cart.send_id.as_ref();
    let send_id = send_id.ok_or_else(|| StoreError::corrupt("cart", "it names no send"))?;
    let send = table.send(send_id).await?;
    let send = send.ok_or_else(|| StoreError::corrupt("cart", "its send is gone"))?;
    let sending = Sending { send: &send, led_by: pointers, now };
    let decision = table.decision(account, id, cart.episode).await?;
    if let Some(Verdict::Reminded { send: SendOutcome::Rejected, reason }) =
        decision.map(|decision| decision.verdict)
        && send.reminder_id.is_none()
    {
        // Whoever heard the refusal died before the cart was closed.
        return table.send_reject(sending, reason).await;
    }
    match (&send.reminder_id, cart.state) {
        // Its answer or a status came, and whoever took it died before it was done.
        (Some(reminder_id), _) => {
            table.send_finish(&deps.config.phone_key, &send, reminder_id, pointers, now).await
        }
        (None, CartState::Sending) => {
            count(Counter::SendsUnknown, 1);
            table.send_lose(sending).await
        }
        (None, _) => table.send_give_up(sending).await,
    }
}

async fn by_state<O: Outside>(
    deps: &Deps<O>,
    known: &Known,
    (id, pointers): (&CartId, Vec<DuePointer>),
    allowed: Allowed,
) -> Result<Option<Opening>, StoreError> {
    let account = &known.account;
    let Some(record) = deps.table.cart(account, id).await? else {
        tidy(deps, &pointers).await?;
        return Ok(None);
    };
    let now = deps.clock.now();
    if record.cart.state != CartState::Waiting {
        decided(deps, account, (id, &record), &pointers).await?;
        return Ok(None);
    }
    if record.cart.due_at > now {
        let key = due_key(account, id, &record.cart);
        deps.table.due_delete_all(&pointers, Some(&key)).await?;
        return Ok(None);
    }
    through_the_gate(deps, known, (id, record, pointers), allowed).await
}

async fn through_the_gate<O: Outside>(
    deps: &Deps<O>,
    known: &Known,
    (id, record, pointers): (&CartId, CartRecord, Vec<DuePointer>),
    allowed: Allowed,
) -> Result<Option<Opening>, StoreError> {
    let account = &known.account;
    let judged = deps.judging().judge(known, (id, &record), allowed).await?;
    let Judged { judgement, at: now, held, form, contact } = judged;
    let was_read = form.as_ref().is_some_and(|form| matches!(form.gate, Form::Known(_)));
    let is_told = match judgement.passage {
        // Once, not with each deferral.
        Passage::Waits(..) => record.cart.was_read,
        Passage::Ends(reason) => reason == Reason::Erased,
        // A claim notes it itself.
        Passage::Opens(_) | Passage::Read(_) => true,
    };
    if let Some(phone) = form.as_ref().and_then(|form| form.phone.as_ref()).filter(|_| !is_told) {
        let (key, cart) = (&deps.config.phone_key, (account, id));
        let phone = Identity::Phone(key.digest(phone));
        deps.table.cart_name(key, cart, &phone, record.cart.episode, now).await?;
    }
    match judgement.passage {
        Passage::Opens(campaign) => {
            let (Some(contact), Some(form)) = (contact, form) else {
                return Err(StoreError::corrupt("gate", "it opened without a shopper"));
            };
            let id = id.clone();
            Ok(Some(Opening { id, record, pointers, campaign, contact, form, held }))
        }
        Passage::Waits(reason, until) => {
            if let Some(cart) = record.cart.postponed(until, reason, was_read) {
                let next = CartRecord { cart, ..record };
                deps.table.cart_postpone((account, id), &next, &pointers, now).await?;
                if let Some(reason) = reason {
                    tracing::debug!(%account, cart = %id, ?reason, "a cart waits");
                }
            }
            Ok(None)
        }
        Passage::Ends(reason) => {
            let ended = (reason, judgement.campaign, held);
            end(deps, known, (id, &record, &pointers), ended, now).await?;
            Ok(None)
        }
        Passage::Read(_) => Err(StoreError::corrupt("gate", "it asks for what was read")),
    }
}

/// The gate refuses a cart: it is skipped, or, where it was claimed before, rejected.
async fn end<O: Outside>(
    deps: &Deps<O>,
    known: &Known,
    (id, record, pointers): (&CartId, &CartRecord, &[DuePointer]),
    (reason, campaign_id, held): (Reason, Option<CampaignId>, Option<Decision>),
    now: Instant,
) -> Result<(), StoreError> {
    let account = &known.account;
    let Some(cart) = record.cart.closed(now, reason) else { return Ok(()) };
    if !known.record.time_zone_fixed
        && !deps.table.account_fix_time_zone(account, known.zone()).await?
    {
        // Its zone is another by now: it is decided a minute later, on the day of that one.
        return Ok(());
    }
    let next = CartRecord { cart, order_form: record.order_form.clone() };
    let decision = match &held {
        None => Decision {
            episode: record.cart.episode,
            decided_at: now,
            day: StoreDay::of(now, known.zone()),
            campaign_id,
            was_read: record.cart.was_read,
            verdict: skipped(&record.cart, reason),
        },
        // What is decided already stays: its send was resolved meanwhile.
        Some(held) => held.moved_on(SendOutcome::Rejected, Some(reason)).unwrap_or(held.clone()),
    };
    let of = (held.as_ref(), &decision);
    if deps.table.cart_close((account, id), &next, of, pointers).await? {
        count(Counter::CartsDecided { outcome: decision.verdict.outcome().word() }, 1);
    }
    Ok(())
}

const fn skipped(cart: &Cart, reason: Reason) -> Verdict {
    let held_by = if matches!(reason, Reason::Expired) { cart.held_by } else { None };
    Verdict::Skipped { reason, held_by }
}
