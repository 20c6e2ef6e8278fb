//! One message: claimed, sent once, and what its answer means (R16).

use shared::domain::facts::cart::SendId;
use shared::domain::facts::decision::{Decision, Reason, SendOutcome, Verdict};
use shared::domain::facts::template::{Template as ToldState, TemplateState};
use shared::domain::rules::answer::{Action, Answer, Consequence, TemplateTrouble, action};
use shared::domain::values::account::Account;
use shared::domain::values::campaign::{Campaign, Language, MessageType};
use shared::domain::values::ids::LinkToken;
use shared::domain::values::instant::Instant;
use shared::domain::values::limits;
use shared::domain::values::phone::Phone;
use shared::domain::values::span::Span;
use shared::domain::values::store_day::StoreDay;
use shared::graph::Way;
use shared::graph::message::Message;
use shared::graph::template::Template;
use shared::graph::{AccessToken, Sent};
use shared::judging::account::{Known, PROBE};
use shared::store::StoreError;
use shared::store::carts::CartRecord;
use shared::store::due::DuePointer;
use shared::store::links::Link;
use shared::store::sends::{Claim, SendRecord, Sending};
use shared::store::templates::TemplateTold;
use shared::store::whatsapp::Blocked;
use shared::telemetry::{Counter, count};

use crate::Deps;
use crate::look::Opening;
use crate::outside::Outside;

/// Refusals in a row after which a template counts as broken.
const BROKEN_AFTER: u32 = 3;
/// How long after its claim a request may begin at the latest: no byte of it leaves after 30 seconds (R16), and a
/// connection may take three of them.
const LEAVES_WITHIN: Span = Span::seconds(30 - 3);
const _: () = assert!(shared::graph::client::CONNECT.as_secs() == 3);
/// When a message that wasn't taken goes another way.
const NEXT_TICK: Span = Span::seconds(60);

/// A message that is claimed and has not left.
pub(crate) struct Claimed {
    send: SendRecord,
    attempts: u32,
    phone: Phone,
    first_name: Option<String>,
    campaign: Campaign,
    pointers: Vec<DuePointer>,
}

impl Claimed {
    const fn template(&self) -> (Language, MessageType) {
        (self.campaign.language, self.campaign.message_type)
    }
}

/// What became of a message.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Outcome {
    /// Whether Meta took it.
    pub(crate) accepted: bool,
    /// Whether it is certain that Meta didn't take it. An answer that was lost leaves that open.
    pub(crate) is_not_taken: bool,
    /// Whether what is known of the account is another by now.
    pub(crate) is_stale: bool,
}

/// Claims a message for a cart that the gate let through; none where anything is no longer as it was read.
pub(crate) async fn claim<O: Outside>(
    deps: &Deps<O>,
    known: &Known,
    opening: Opening,
) -> Result<Option<Claimed>, StoreError> {
    let Opening { id, record, pointers, campaign, contact, form, held } = opening;
    let now = deps.clock.now();
    let found = known.campaigns.iter().find(|found| found.campaign_id == campaign);
    let (Some(campaign), Some(phone)) = (found.cloned(), form.phone.clone()) else {
        return Ok(None);
    };
    let no_id = |error| StoreError::Unavailable { operation: "draw ids", source: Box::new(error) };
    let send_id = SendId::new(&deps.randomness.bytes::<16>().map_err(no_id)?);
    let random = deps.randomness.bytes::<16>().map_err(no_id)?;
    let link_token = LinkToken::new(&random, &known.account.tag());
    let Some(cart) = record.cart.claimed(send_id.clone(), now) else { return Ok(None) };
    let decision = held.clone().unwrap_or_else(|| Decision {
        episode: record.cart.episode,
        decided_at: now,
        day: StoreDay::of(now, known.zone()),
        campaign_id: Some(campaign.campaign_id.clone()),
        was_read: record.cart.was_read,
        verdict: Verdict::Reminded { send: SendOutcome::Claimed, reason: None },
    });
    let Verdict::Reminded { send: SendOutcome::Claimed, .. } = decision.verdict else {
        // Resolved meanwhile: whoever resolved it moves the cart.
        return Ok(None);
    };
    let Some(link) = link(known, &campaign, (&record, form.url.as_deref()), &link_token, now)
    else {
        return Ok(None);
    };
    let send = SendRecord {
        send_id,
        account: known.account.clone(),
        cart: id,
        episode: record.cart.episode,
        contact,
        decided_at: decision.decided_at,
        day: decision.day,
        time_zone: known.zone(),
        campaign_id: campaign.campaign_id.clone(),
        identities: form.identities(&deps.config.phone_key, &record),
        items: form.items.digest(),
        link_token,
        claimed_at: now,
        reminder_id: None,
        erased: false,
    };
    let attempts = cart.attempts;
    let cart = CartRecord { cart, order_form: record.order_form.clone() };
    let claim = Claim {
        phone_key: &deps.config.phone_key,
        cart: &cart,
        send: &send,
        items: &form.items,
        link: &link,
        held: held.as_ref(),
        decision: &decision,
        campaign_version: campaign.version,
        settings_version: known.record.version,
        cooldown: known.sending.cooldown_hours.span(),
    };
    if !deps.table.send_claim(&claim).await? {
        return Ok(None);
    }
    if held.is_none() {
        count(Counter::CartsDecided { outcome: decision.verdict.outcome().word() }, 1);
    }
    if is_erased(deps, &send).await? {
        // Nothing of it left.
        let sending = Sending { send: &send, led_by: &pointers, now };
        deps.table.send_reject(sending, Some(Reason::Erased)).await?;
        deps.table.send_forget(&deps.config.phone_key, &send.send_id).await?;
        return Ok(None);
    }
    let first_name = form.first_name.clone();
    Ok(Some(Claimed { send, attempts, phone, first_name, campaign, pointers }))
}

/// Whether somebody whom a send names was erased while its gate was judged: an erasure that marks them later
/// finds the send.
async fn is_erased<O: Outside>(deps: &Deps<O>, send: &SendRecord) -> Result<bool, StoreError> {
    let named = send.identities.each();
    let marks = deps.table.marks(&deps.config.phone_key, &send.account, named).await?;
    Ok(!marks.renamed(send.identities.each(), send.decided_at).is_empty())
}

/// The link of a message: to the very cart, so that its order matches by it (R5).
fn link(
    known: &Known,
    campaign: &Campaign,
    (record, named): (&CartRecord, Option<&str>),
    token: &LinkToken,
    now: Instant,
) -> Option<Link> {
    let store = known.record.link_store()?;
    let path = format!("checkout/?orderFormId={}#/cart", record.order_form.as_str());
    let base = store.as_str().trim_end_matches('/');
    // An address elsewhere is not led to: the cart's own is always there.
    let named = named.and_then(|url| store.target(url).ok());
    let url = named.or_else(|| store.target(&format!("{base}/{path}")).ok())?;
    Some(Link {
        token: token.clone(),
        account: known.account.clone(),
        campaign_id: campaign.campaign_id.clone(),
        url,
        created_at: now,
        reminder: None,
        full: false,
    })
}

/// Sends a claimed message, once, and does what its answer says. What fails of that is picked up from the
/// cart's pointer, which stands until it is done.
pub(crate) async fn send<O: Outside>(
    deps: &Deps<O>,
    (known, token): (&Known, Option<&AccessToken>),
    claimed: Claimed,
) -> Outcome {
    let answer = ask(deps, (known, token), &claimed).await;
    let is_not_taken = match &answer {
        Sent::Accepted { .. } => false,
        Sent::Refused(answer) => action(*answer, claimed.attempts) != Action::Unknown,
    };
    match answered(deps, known, &claimed, answer).await {
        Ok(outcome) => Outcome { is_not_taken, ..outcome },
        Err(error) => {
            let error: &dyn std::error::Error = &error;
            let account = &known.account;
            tracing::error!(error, %account, cart = %claimed.send.cart, "an answer could not be noted");
            Outcome { is_not_taken, ..Outcome::default() }
        }
    }
}

async fn ask<O: Outside>(
    deps: &Deps<O>,
    (known, token): (&Known, Option<&AccessToken>),
    claimed: &Claimed,
) -> Sent {
    let (Some(connection), Some(token)) = (&known.connection, token) else {
        return Sent::Refused(Answer::NoConnection);
    };
    let picture = format!("{}/cart.png", deps.config.public_url);
    let campaign = &claimed.campaign;
    let shop = connection.verified_name.as_deref().unwrap_or(known.account.as_str());
    let message = Message {
        template: Template { language: campaign.language, message_type: campaign.message_type },
        to: claimed.phone.digits(),
        first_name: claimed.first_name.as_deref(),
        shop,
        picture: Some(&picture),
        coupon: campaign.sending.as_ref().and_then(|sending| sending.coupon_code.as_ref()),
        link_token: &claimed.send.link_token,
        send_id: &claimed.send.send_id,
        way: Way::of(connection.has_marketing_messages()),
    };
    // The claim may have taken long. What is late is not sent: no byte of it has left.
    if deps.clock.now().since(claimed.send.claimed_at) > LEAVES_WITHIN {
        return Sent::Refused(Answer::NoConnection);
    }
    deps.outside.send(token, &connection.phone_number_id, &message).await
}

async fn answered<O: Outside>(
    deps: &Deps<O>,
    known: &Known,
    claimed: &Claimed,
    sent: Sent,
) -> Result<Outcome, StoreError> {
    let (table, now) = (&deps.table, deps.clock.now());
    let Claimed { send, pointers, attempts, .. } = claimed;
    let answer = match sent {
        Sent::Accepted { reminder_id, held } => {
            if held {
                tracing::info!(account = %send.account, cart = %send.cart, "a message is held back by Meta");
            }
            table.send_finish(&deps.config.phone_key, send, &reminder_id, pointers, now).await?;
            let is_tried = known.tried_anew.contains(&claimed.campaign.campaign_id);
            if is_tried {
                note_template(deps, claimed, TemplateState::Approved, now).await?;
            }
            if known.is_blocked {
                table.whatsapp_unblock(&send.account, now).await?;
            }
            let was_wrong = known.malformed.contains(&claimed.campaign.campaign_id);
            if was_wrong {
                let noted_form = table.template_note_form(&send.account, claimed.template(), false);
                noted(&send.account, noted_form.await);
            }
            let is_stale = known.is_blocked || is_tried || was_wrong;
            return Ok(Outcome { accepted: true, is_stale, ..Outcome::default() });
        }
        Sent::Refused(answer) => answer,
    };
    let sending = Sending { send, led_by: pointers, now };
    let again = |after: Span, reason, is_attempt| {
        table.send_again(sending, (now.plus(after), reason, is_attempt))
    };
    let code = match answer {
        Answer::Code(code) => code,
        Answer::NoConnection | Answer::Silence | Answer::ServerError => 0,
    };
    let mut is_stale = false;
    match action(answer, *attempts) {
        Action::Later { after, slower, alarm } => {
            if slower {
                slow_down(deps, known, now).await;
            }
            if alarm {
                // Whatever else is due of this number would only be called spam, too.
                count(Counter::SendsHeldBack, 1);
                hold_back(deps, known, now.plus(after)).await;
                is_stale = true;
            }
            let is_attempt = answer != Answer::NoConnection;
            if is_attempt && *attempts >= limits::SEND_ATTEMPTS {
                table.send_reject(sending, None).await?;
            } else {
                again(after, None, is_attempt).await?;
            }
        }
        Action::UsualWay => {
            tracing::warn!(account = %send.account, code, "Marketing Messages take none of an account");
            table.whatsapp_note_marketing(&send.account, false, as_of_claim(send)).await?;
            is_stale = true;
            if *attempts >= limits::SEND_ATTEMPTS {
                table.send_reject(sending, None).await?;
            } else {
                again(NEXT_TICK, None, true).await?;
            }
        }
        Action::Unknown => {
            count(Counter::SendsUnknown, 1);
            table.send_lose(sending).await?;
        }
        Action::Blocked => {
            count(Counter::AccountsBlocked, 1);
            tracing::error!(account = %send.account, code, "Meta takes nothing of an account");
            if let Some(connection) = &known.connection {
                let blocked = Blocked { code, since: now };
                table.whatsapp_block(&send.account, &connection.phone_number_id, blocked).await?;
            }
            is_stale = true;
            again(PROBE, Some(Reason::AccountBlocked), false).await?;
        }
        Action::TemplateWaits(trouble) => {
            let (state, reason) = match trouble {
                TemplateTrouble::Missing => (TemplateState::Missing, Reason::TemplateMissing),
                TemplateTrouble::Paused => (TemplateState::Paused, Reason::TemplatePaused),
            };
            note_template(deps, claimed, state, now).await?;
            is_stale = true;
            again(PROBE, Some(reason), false).await?;
        }
        Action::Rejected(consequence) => {
            is_stale = reject(deps, claimed, (sending, consequence, code)).await?;
        }
    }
    Ok(Outcome { is_stale, ..Outcome::default() })
}

/// A refusal for good: first what it says of the contact or the template, then the send.
async fn reject<O: Outside>(
    deps: &Deps<O>,
    claimed: &Claimed,
    (sending, consequence, code): (Sending<'_>, Consequence, u32),
) -> Result<bool, StoreError> {
    let (table, now, send) = (&deps.table, sending.now, sending.send);
    table.contact_refused(&send.account, &send.contact, (consequence, code), now).await?;
    let (reason, is_stale) = match consequence {
        Consequence::Suppress(_) => (Some(Reason::Suppressed), false),
        Consequence::OptOut => (Some(Reason::OptedOut), false),
        Consequence::TemplateDisabled => {
            note_template(deps, claimed, TemplateState::Disabled, now).await?;
            (Some(Reason::TemplateDisabled), true)
        }
        Consequence::Malformed => {
            let template = claimed.template();
            let noted_form = table.template_note_form(&send.account, template, true).await;
            if noted(&send.account, noted_form).is_some_and(|times| times >= BROKEN_AFTER) {
                count(Counter::TemplatesBroken, 1);
                let account = &send.account;
                tracing::error!(%account, ?template, code, "a template's messages are refused as wrong");
                // Its other carts wait instead of being refused one by one; a message tries it now and then.
                note_template(deps, claimed, TemplateState::Paused, now).await?;
                (None, true)
            } else {
                (None, true)
            }
        }
    };
    table.send_reject(sending, reason).await?;
    Ok(is_stale)
}

/// The instant of what the answer to a message shows: its claim, in whole seconds as Meta's clock has them. What Meta told
/// after that is newer.
const fn as_of_claim(send: &SendRecord) -> Instant {
    Instant::from_millis(send.claimed_at.seconds() * 1_000)
}

async fn note_template<O: Outside>(
    deps: &Deps<O>,
    claimed: &Claimed,
    state: TemplateState,
    now: Instant,
) -> Result<(), StoreError> {
    let event_at = as_of_claim(&claimed.send);
    let told = TemplateTold::Shown(ToldState { state, event_at }, now);
    let Campaign { language, message_type, .. } = &claimed.campaign;
    let account = &claimed.send.account;
    deps.table.template_fold(account, *language, *message_type, &told).await.map(|_| ())
}

/// Meta said that the number is too fast: here, and on its connection for whichever instance sends next.
async fn slow_down<O: Outside>(deps: &Deps<O>, known: &Known, now: Instant) {
    let Some(connection) = &known.connection else { return };
    let number = &connection.phone_number_id;
    let Some(slowed) = deps.rates.halve(number, connection.is_fast, now) else { return };
    noted(&known.account, deps.table.whatsapp_slow(&known.account, number, slowed).await);
}

async fn hold_back<O: Outside>(deps: &Deps<O>, known: &Known, until: Instant) {
    let Some(connection) = &known.connection else { return };
    let number = &connection.phone_number_id;
    noted(&known.account, deps.table.whatsapp_hold(&known.account, number, until).await);
}

/// What can't be noted of a number or a template holds up no cart: else the answer to its message would be lost.
fn noted<T>(account: &Account, written: Result<T, StoreError>) -> Option<T> {
    written
        .inspect_err(|error| {
            let error: &dyn std::error::Error = error;
            tracing::warn!(error, %account, "what Meta said beside could not be noted");
        })
        .ok()
}
