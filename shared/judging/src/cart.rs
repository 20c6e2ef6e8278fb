//! One waiting cart at its gate: its orders, its shopper, and what the gate says of all of it.

use domain::facts::contact::Contact;
use domain::facts::decision::{Decision, Reason};
use domain::facts::order::Order;
use domain::rules::gate::{
    self, BOUGHT_BEFORE, Form, Judgement, Known as GateKnown, Needed, Own, PERSON_BOUGHT_BEFORE,
    Passage, Person, Sendable, Step,
};
use domain::values::account::Account;
use domain::values::identity::alias::Identity;
use domain::values::identity::{Identities, IdentitySets};
use domain::values::instant::Instant;
use domain::values::keyed_id::{CartId, ContactId};
use domain::values::limits;
use store::carts::CartRecord;
use store::{Allowance, StoreError};
use vtex::Stores;

use crate::Judging;
use crate::account::Known;
use crate::form::{self, CartForm};

/// What the account lets its carts do at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowed {
    /// Whether Meta's limit of messages a day leaves one more.
    pub may_send: bool,
    /// Whether one message tries an account from which Meta takes nothing.
    pub probes: bool,
}

/// What the gate said of a cart, and by what. No `Debug`: it holds a phone number.
pub struct Judged {
    /// Each step's finding, and what follows.
    pub judgement: Judgement,
    /// As of when.
    pub at: Instant,
    /// The decision of an earlier attempt.
    pub held: Option<Decision>,
    /// What is in the cart, where that was read.
    pub form: Option<CartForm>,
    /// Whom the message would go to, where that was read.
    pub contact: Option<ContactId>,
}

/// What the gate is judged by, as far as it was read.
struct Read {
    held: Option<Decision>,
    sendables: Vec<Sendable>,
    cart_bought_at: Option<Instant>,
    form: Option<CartForm>,
    contact: Option<ContactId>,
    person: Person,
}

impl<S: Stores> Judging<'_, S> {
    /// Judges a waiting cart by no more than its gate asks for.
    pub async fn judge(
        &self,
        known: &Known,
        (id, record): (&CartId, &CartRecord),
        allowed: Allowed,
    ) -> Result<Judged, StoreError> {
        let mut read = self.begin(known, id, record).await?;
        loop {
            let (judgement, at) = self.judged(known, (id, record), &read, allowed);
            match judgement.passage {
                Passage::Read(Needed::Form) if read.form.is_none() => {
                    read.form = Some(form::read(self, known, (id, record)).await?);
                }
                Passage::Read(Needed::Person) if read.person == Person::Unread => {
                    (read.contact, read.person) = self.person(known, record, &read).await?;
                }
                Passage::Read(_) => {
                    return Err(StoreError::corrupt("gate", "it asks for what was read"));
                }
                _ => {
                    let Read { held, form, contact, .. } = read;
                    return Ok(Judged { judgement, at, held, form, contact });
                }
            }
        }
    }

    /// Judges a waiting cart by all there is, so that each step has its finding. What a store that doesn't answer
    /// could tell stays open.
    pub async fn explain(
        &self,
        known: &Known,
        (id, record): (&CartId, &CartRecord),
    ) -> Result<Judged, StoreError> {
        let mut read = self.begin(known, id, record).await?;
        let may_send = self.messages_left(known).await? > 0;
        if !record.order_form.is_erased() {
            let form = form::read(self, known, (id, record)).await?;
            let is_known = matches!(form.gate, Form::Known(_));
            read.form = Some(form);
            if is_known {
                (read.contact, read.person) = self.person(known, record, &read).await?;
            }
        }
        let allowed = Allowed { may_send, probes: false };
        let (judgement, at) = self.judged(known, (id, record), &read, allowed);
        let Read { held, form, contact, .. } = read;
        Ok(Judged { judgement, at, held, form, contact })
    }

    fn judged(
        &self,
        known: &Known,
        (id, record): (&CartId, &CartRecord),
        read: &Read,
        allowed: Allowed,
    ) -> (Judgement, Instant) {
        let now = self.clock.now();
        if record.order_form.is_erased() {
            // R18: there is nothing left to read it by, and nobody to write to.
            return (Judgement::ended(Step::Consent, Reason::Erased), now);
        }
        let judgement = gate::judge(&GateKnown {
            now,
            cart: &record.cart,
            own: Own {
                cart_id: id,
                sending: &known.sending,
                zone: known.zone(),
                language: known.record.settings.language,
                is_blocked: known.is_blocked && !allowed.probes,
                limit_is_used_up: !allowed.may_send,
                campaigns: &read.sendables,
                reminded_at: record.cart.reminded_at,
                cart_bought_at: read.cart_bought_at,
                spread: form::spread(id),
            },
            form: read.form.as_ref().map_or(Form::Unread, |form| form.gate.clone()),
            person: read.person.clone(),
        });
        (judgement, now)
    }

    /// What is judged first: our own table alone. A cart that was claimed before keeps its campaign (R14).
    async fn begin(
        &self,
        known: &Known,
        id: &CartId,
        record: &CartRecord,
    ) -> Result<Read, StoreError> {
        let cart = &record.cart;
        let held = if cart.claimed_at.is_some() {
            self.table.decision(&known.account, id, cart.episode).await?
        } else {
            None
        };
        let mut sendables = known.sendables.clone();
        if let Some(campaign) = held.as_ref().and_then(|held| held.campaign_id.as_ref()) {
            sendables.retain(|sendable| sendable.campaign_id == *campaign);
        }
        let cart_bought_at =
            self.cart_bought_at(&known.account, record, (cart.episode, self.future())).await?;
        let (form, contact, person) = (None, None, Person::Unread);
        Ok(Read { held, sendables, cart_bought_at, form, contact, person })
    }

    /// When a live order of this very cart was created last, up to an instant, as far as it counts as the purchase of
    /// an episode.
    pub async fn cart_bought_at(
        &self,
        account: &Account,
        record: &CartRecord,
        (episode, to): (Instant, Instant),
    ) -> Result<Option<Instant>, StoreError> {
        let order_form_id = Some(record.order_form.id());
        let named = Identities { order_form_id, ..Identities::default() };
        self.bought_at(account, &named, (episode.minus(BOUGHT_BEFORE), to)).await
    }

    /// Up to where an order may be dated.
    fn future(&self) -> Instant {
        self.clock.now().plus(limits::FUTURE)
    }

    /// When a live order that shares one of these identities was created last, within these bounds.
    async fn bought_at(
        &self,
        account: &Account,
        named: &Identities,
        (from, to): (Instant, Instant),
    ) -> Result<Option<Instant>, StoreError> {
        let mut sets = IdentitySets::default();
        sets.add(named);
        let mut allowance = Allowance::of_a_record();
        let orders =
            self.table.orders_created_within(account, &sets, &[(from, to)], &mut allowance).await?;
        let orders: Vec<Order> = self.table.orders(account, &orders).await?;
        let live = orders
            .iter()
            .filter(|order| order.is_live() && (from..=to).contains(&order.created_at));
        // A pointer is only a hint.
        let named = live.filter(|order| order.identities.matches(named));
        Ok(named.map(|order| order.created_at).max())
    }

    /// Who it is: what they want, and whether they bought by another cart.
    async fn person(
        &self,
        known: &Known,
        record: &CartRecord,
        read: &Read,
    ) -> Result<(Option<ContactId>, Person), StoreError> {
        let form = read.form.as_ref();
        let form =
            form.ok_or_else(|| StoreError::corrupt("gate", "it asks for nobody's shopper"))?;
        let named = form::person(form, self.phone_key, record);
        let from = record.cart.episode.minus(PERSON_BOUGHT_BEFORE);
        let bought_at = self.bought_at(&known.account, &named, (from, self.future())).await?;
        let contact_id = form.phone.as_ref().map(|phone| self.phone_key.contact(phone));
        let mut contact = match &contact_id {
            Some(id) => self.table.contact(&known.account, id).await?,
            None => Contact::default(),
        };
        // R18: whoever was erased wants no messages, by whatever name they were.
        let all = form.identities(self.phone_key, record);
        let marks = self.table.marks(self.phone_key, &known.account, all.each()).await?;
        // A cart is nobody's name: its order form may be another person's next.
        let who = all.each().filter(|identity| !matches!(identity, Identity::Cart(_)));
        if let Some(at) = marks.latest(who) {
            contact = contact.erased(at);
        }
        if !marks.renamed(all.each(), record.cart.episode).is_empty() {
            contact = contact.erased(record.cart.episode);
        }
        Ok((contact_id, Person::Known { contact, bought_at }))
    }
}
