//! The gate: whether a due cart becomes a message now, later or never (R15).
//!
//! What is known goes in, and each step with its finding comes out; the first step that fails decides.
//! The same function decides and explains, so that an explanation can't disagree with what happened.
//!
//! Some of what the gate asks costs a call to the store or reads of the table. So these parts come in
//! as they were read, or not yet: a step that needs more says what is to be read, and the gate is
//! judged again with it. Nothing is read for a cart that fails without.

use chrono_tz::Tz;
use serde::Serialize;

use crate::facts::cart::Cart;
use crate::facts::contact::Contact;
use crate::facts::decision::Reason;
use crate::facts::template::TemplateState;
use crate::rules::due;
use crate::values::campaign::{Campaign, CampaignStatus, Language, MessageType};
use crate::values::ids::CampaignId;
use crate::values::instant::Instant;
use crate::values::keyed_id::CartId;
use crate::values::money::Money;
use crate::values::sending::{AccountSending, CampaignSending, ConsentPolicy, Delay, Trigger};
use crate::values::span::Span;

/// R15: for how long a cart that was reminded of isn't again, whatever its episode.
pub const ONE_REMINDER_A_CART: Span = Span::days(15);
/// R15: how long before the episode an order of this very cart still counts as its purchase.
pub const BOUGHT_BEFORE: Span = Span::hours(24);
/// R15: the same for an order that shares the user or the phone.
pub const PERSON_BOUGHT_BEFORE: Span = Span::hours(1);
/// Over how much of an opening the messages that waited for it are spread.
pub const SPREAD_MINUTES: u16 = 20;

/// A campaign as the gate sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sendable {
    /// Its id.
    pub campaign_id: CampaignId,
    /// Its language.
    pub language: Language,
    /// What its messages carry.
    pub message_type: MessageType,
    /// Whether it sends.
    pub status: CampaignStatus,
    /// How it sends.
    pub sending: CampaignSending,
    /// The state of its message's template.
    pub template: TemplateState,
}

impl Sendable {
    /// `campaign` with how it sends and the state of its template.
    #[must_use]
    pub fn of(campaign: &Campaign, sending: CampaignSending, template: TemplateState) -> Self {
        Self {
            campaign_id: campaign.campaign_id.clone(),
            language: campaign.language,
            message_type: campaign.message_type,
            status: campaign.status,
            sending,
            template,
        }
    }

    fn is_active(&self) -> bool {
        self.status == CampaignStatus::Active
    }
}

/// What the system knows of itself: the account, and this cart in our own table.
#[derive(Debug, Clone)]
pub struct Own<'a> {
    /// Which cart it is.
    pub cart_id: &'a CartId,
    /// How the account sends.
    pub sending: &'a AccountSending,
    /// Its zone.
    pub zone: Tz,
    /// The language of a cart that names none.
    pub language: Language,
    /// Whether Meta takes nothing from it at present.
    pub is_blocked: bool,
    /// Whether Meta's limit of messages a day is used up.
    pub limit_is_used_up: bool,
    /// Its campaigns that the system sends (R20).
    pub campaigns: &'a [Sendable],
    /// When another episode of this cart was reminded of last; a rejected one is no reminder.
    pub reminded_at: Option<Instant>,
    /// When a live order of this cart was created last.
    pub cart_bought_at: Option<Instant>,
    /// Spreads the messages that wait for one opening: any number that stays with the cart.
    pub spread: u64,
}

/// The cart as the store has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Form {
    /// Not read yet.
    #[default]
    Unread,
    /// The store didn't answer.
    Unreachable,
    /// The store knows no such cart.
    Gone,
    /// What is in it.
    Known(Contents),
}

/// What is in a cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// Whether nothing is.
    pub is_empty: bool,
    /// The shopper's language.
    pub language: Option<Language>,
    /// What it is worth.
    pub worth: Option<Money>,
    /// Where the message would go to.
    pub phone: Result<(), Reason>,
    /// Whether an opt-in is recorded with it.
    pub consent: bool,
}

/// The shopper behind the cart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Person {
    /// Not read yet.
    #[default]
    Unread,
    /// What is known of them.
    Known {
        /// The contact that the message would go to.
        contact: Contact,
        /// When a live order that shares the user or the phone was created last.
        bought_at: Option<Instant>,
    },
}

/// All that the gate is judged by.
#[derive(Debug, Clone)]
pub struct Known<'a> {
    /// When it is judged.
    pub now: Instant,
    /// The cart.
    pub cart: &'a Cart,
    /// What we know ourselves.
    pub own: Own<'a>,
    /// What the store knows.
    pub form: Form,
    /// Who it is.
    pub person: Person,
}

/// What is to be read before the gate can be judged on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needed {
    /// The cart as the store has it.
    Form,
    /// The shopper: orders and contact.
    Person,
}

/// The steps, in the order in which they are judged (R15). The words of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// It didn't wait too long.
    InTime,
    /// The shopper is away for long enough.
    Away,
    /// The account sends.
    Switches,
    /// We know of no reminder and no purchase of this cart.
    OwnFacts,
    /// The store has it, and something is in it.
    Form,
    /// A campaign is there for it.
    Campaign,
    /// Its template may be sent.
    Template,
    /// The shopper didn't buy by another cart.
    Purchase,
    /// There is a phone number to write to.
    Phone,
    /// The shopper agreed.
    Consent,
    /// It is worth a message.
    Worth,
    /// The shopper got none a short while ago.
    Cooldown,
    /// The hour and Meta's limits allow it.
    Time,
}

impl Step {
    /// All of them, in order.
    pub const ALL: [Self; 13] = [
        Self::InTime,
        Self::Away,
        Self::Switches,
        Self::OwnFacts,
        Self::Form,
        Self::Campaign,
        Self::Template,
        Self::Purchase,
        Self::Phone,
        Self::Consent,
        Self::Worth,
        Self::Cooldown,
        Self::Time,
    ];

    /// The step that ends a cart for a reason. A purchase may be one of this very cart, too: then [`Step::OwnFacts`]
    /// ended it.
    #[must_use]
    pub const fn that_ends(reason: Reason) -> Self {
        match reason {
            Reason::Expired => Self::InTime,
            Reason::SendingDisabled | Reason::AccountBlocked => Self::Switches,
            Reason::AlreadyReminded => Self::OwnFacts,
            Reason::StoreUnreachable | Reason::CartGone | Reason::CartEmpty => Self::Form,
            Reason::NoCampaign | Reason::CampaignPaused | Reason::PaymentNotReached => {
                Self::Campaign
            }
            Reason::TemplateMissing
            | Reason::TemplatePending
            | Reason::TemplatePaused
            | Reason::TemplateRejected
            | Reason::TemplateDisabled => Self::Template,
            Reason::Purchased => Self::Purchase,
            Reason::NoPhone
            | Reason::PhoneMasked
            | Reason::PhoneInvalid
            | Reason::CountryUnsupported => Self::Phone,
            Reason::NoConsent | Reason::OptedOut | Reason::Suppressed | Reason::Erased => {
                Self::Consent
            }
            Reason::CurrencyUnlisted | Reason::BelowMinimum => Self::Worth,
            Reason::Cooldown => Self::Cooldown,
            Reason::QuietHours | Reason::MessagingLimit => Self::Time,
        }
    }
}

/// What a step found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// It lets the cart through.
    Passes,
    /// The shopper is still there: until then.
    Waits(Instant),
    /// It is closed at present: try again then.
    Defers(Reason, Instant),
    /// The cart becomes no message.
    Ends(Reason),
    /// More must be read first.
    Needs(Needed),
}

/// What becomes of the cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passage {
    /// A message of this campaign may be claimed.
    Opens(CampaignId),
    /// Not yet: wait until then, for this reason or because the shopper is still there.
    Waits(Option<Reason>, Instant),
    /// Never: it is skipped, and this is why.
    Ends(Reason),
    /// Read this, then judge again.
    Read(Needed),
}

/// The gate with each step's finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// One finding for each of [`Step::ALL`], or for those up to the one that ended the cart.
    pub steps: Vec<(Step, Finding)>,
    /// What follows from the first that doesn't pass.
    pub passage: Passage,
    /// The campaign that was chosen; none where none was, or not yet.
    pub campaign: Option<CampaignId>,
}

impl Judgement {
    /// The gate of a cart that `step` ended: those before it let it through, and none behind it was looked at.
    #[must_use]
    pub fn ended(step: Step, reason: Reason) -> Self {
        let before = Step::ALL.into_iter().filter(|each| *each < step);
        let mut steps: Vec<(Step, Finding)> = before.map(|each| (each, Finding::Passes)).collect();
        steps.push((step, Finding::Ends(reason)));
        Self { steps, passage: Passage::Ends(reason), campaign: None }
    }

    /// The gate of a cart that all steps let through.
    #[must_use]
    pub fn opened(campaign: CampaignId) -> Self {
        let steps = Step::ALL.into_iter().map(|each| (each, Finding::Passes)).collect();
        Self { steps, passage: Passage::Opens(campaign.clone()), campaign: Some(campaign) }
    }
}

/// R15: judges the gate of a cart.
#[must_use]
pub fn judge(known: &Known<'_>) -> Judgement {
    let choice = known.choice();
    let steps: Vec<(Step, Finding)> =
        Step::ALL.into_iter().map(|step| (step, known.finding(step, choice))).collect();
    let first = steps.iter().map(|(_, finding)| *finding).find(|found| *found != Finding::Passes);
    let passage = match (first, choice) {
        (None, Choice::Campaign(campaign)) => Passage::Opens(campaign.campaign_id.clone()),
        // Without a choice the campaign's step doesn't pass: this is never reached.
        (None | Some(Finding::Passes), _) => Passage::Read(Needed::Form),
        (Some(Finding::Waits(until)), _) => Passage::Waits(None, until),
        (Some(Finding::Defers(reason, until)), _) => Passage::Waits(Some(reason), until),
        (Some(Finding::Ends(reason)), _) => Passage::Ends(reason),
        (Some(Finding::Needs(needed)), _) => match known.quiet_until() {
            // The store isn't asked about a cart that would have to wait anyway.
            Some(until) => Passage::Waits(Some(Reason::QuietHours), until),
            None => Passage::Read(needed),
        },
    };
    let campaign = match choice {
        Choice::Campaign(campaign) => Some(campaign.campaign_id.clone()),
        Choice::None(_) | Choice::Unread => None,
    };
    Judgement { steps, passage, campaign }
}

/// Which campaign reminds of the cart.
#[derive(Clone, Copy)]
enum Choice<'a> {
    Campaign(&'a Sendable),
    None(Reason),
    Unread,
}

impl<'a> Known<'a> {
    fn contents(&self) -> Option<&Contents> {
        match &self.form {
            Form::Known(contents) => Some(contents),
            Form::Unread | Form::Unreachable | Form::Gone => None,
        }
    }

    /// The campaign of the lowest rank among the active ones in the cart's language for which the
    /// shopper came far enough.
    fn choice(&self) -> Choice<'a> {
        let Some(contents) = self.contents() else { return Choice::Unread };
        let language = contents.language.unwrap_or(self.own.language);
        let campaigns: &'a [Sendable] = self.own.campaigns;
        let of_language: Vec<&Sendable> = campaigns
            .iter()
            .filter(|campaign| campaign.sending.enabled && campaign.language == language)
            .collect();
        if of_language.is_empty() {
            return Choice::None(Reason::NoCampaign);
        }
        if !of_language.iter().any(|campaign| campaign.is_active()) {
            return Choice::None(Reason::CampaignPaused);
        }
        of_language
            .into_iter()
            .filter(|campaign| campaign.is_active())
            .filter(|campaign| self.cart.payment || campaign.sending.trigger == Trigger::Any)
            .min_by_key(|campaign| (campaign.sending.rank, &campaign.campaign_id))
            .map_or(Choice::None(Reason::PaymentNotReached), Choice::Campaign)
    }

    /// The delay of the chosen campaign; before one is chosen the smallest there is (R13).
    fn delay(&self, choice: Choice<'_>) -> Delay {
        match choice {
            Choice::Campaign(campaign) => campaign.sending.delay_minutes,
            Choice::None(_) | Choice::Unread => smallest_delay(self.own.campaigns),
        }
    }

    fn due(&self, choice: Choice<'_>) -> Instant {
        self.cart.last_activity_at.plus(self.delay(choice).span())
    }

    /// The instant from which the time until it expires runs. Before a campaign is chosen this goes by the greatest delay
    /// there is, so that no cart expires early.
    fn due_at_the_latest(&self, choice: Choice<'_>) -> Instant {
        let delay = match choice {
            Choice::Campaign(campaign) => campaign.sending.delay_minutes,
            Choice::None(_) | Choice::Unread => greatest_delay(self.own.campaigns),
        };
        self.cart.last_activity_at.plus(delay.span())
    }

    fn deferred(&self, reason: Reason, choice: Choice<'_>) -> Finding {
        Finding::Defers(reason, due::try_again_at(self.due(choice), self.now))
    }

    /// Until when the store lets nothing go out; none while it does. What waited for one opening is
    /// spread over its first minutes, and over no more of them than it has.
    fn quiet_until(&self) -> Option<Instant> {
        let (hours, zone) = (&self.own.sending.hours, self.own.zone);
        (!hours.are_open(self.now, zone)).then(|| {
            let opening = hours.opening(self.now, zone);
            let minutes = u64::from(hours.minutes_left(opening, zone).clamp(1, SPREAD_MINUTES));
            let minute = i64::try_from(self.own.spread % minutes).unwrap_or(0);
            opening.plus(Span::seconds(minute * 60))
        })
    }

    fn finding(&self, step: Step, choice: Choice<'_>) -> Finding {
        match step {
            Step::InTime => {
                let due = self.due_at_the_latest(choice);
                let (hours, zone) = (&self.own.sending.hours, self.own.zone);
                ends_if(due::is_expired(due, hours, zone, self.now), Reason::Expired)
            }
            Step::Away => {
                let due = self.due(choice);
                if self.now < due { Finding::Waits(due) } else { Finding::Passes }
            }
            Step::Switches if !self.own.sending.enabled => {
                self.deferred(Reason::SendingDisabled, choice)
            }
            Step::Switches if self.own.is_blocked => self.deferred(Reason::AccountBlocked, choice),
            Step::Switches => Finding::Passes,
            Step::OwnFacts => self.own_facts(),
            Step::Form => self.form(choice),
            Step::Campaign => match choice {
                Choice::Campaign(_) => Finding::Passes,
                Choice::Unread => Finding::Needs(Needed::Form),
                Choice::None(Reason::CampaignPaused) => {
                    self.deferred(Reason::CampaignPaused, choice)
                }
                Choice::None(reason) => Finding::Ends(reason),
            },
            Step::Template => self.template(choice),
            Step::Purchase => self.with_person(|_, bought_at| {
                ends_if(self.bought(bought_at, PERSON_BOUGHT_BEFORE), Reason::Purchased)
            }),
            Step::Phone => match self.contents() {
                None => Finding::Needs(Needed::Form),
                Some(contents) => contents.phone.map_or_else(Finding::Ends, |()| Finding::Passes),
            },
            Step::Consent => self.consent(),
            Step::Worth => self.worth(choice),
            Step::Cooldown => self.with_person(|contact, _| {
                let cooldown = self.own.sending.cooldown_hours.span();
                let episode = (self.own.cart_id, self.cart.episode);
                ends_if(contact.cools_down(episode, cooldown, self.now), Reason::Cooldown)
            }),
            Step::Time => match self.quiet_until() {
                Some(until) => Finding::Defers(Reason::QuietHours, until),
                None if self.own.limit_is_used_up => {
                    Finding::Defers(Reason::MessagingLimit, self.now.plus(Span::hours(1)))
                }
                None => Finding::Passes,
            },
        }
    }

    fn own_facts(&self) -> Finding {
        let reminded = self.own.reminded_at;
        if reminded.is_some_and(|at| self.now.since(at) < ONE_REMINDER_A_CART) {
            return Finding::Ends(Reason::AlreadyReminded);
        }
        ends_if(self.bought(self.own.cart_bought_at, BOUGHT_BEFORE), Reason::Purchased)
    }

    fn bought(&self, at: Option<Instant>, before: Span) -> bool {
        at.is_some_and(|at| at >= self.cart.episode.minus(before))
    }

    fn form(&self, choice: Choice<'_>) -> Finding {
        match &self.form {
            Form::Unread => Finding::Needs(Needed::Form),
            Form::Unreachable => self.deferred(Reason::StoreUnreachable, choice),
            Form::Gone => Finding::Ends(Reason::CartGone),
            Form::Known(contents) => ends_if(contents.is_empty, Reason::CartEmpty),
        }
    }

    fn template(&self, choice: Choice<'_>) -> Finding {
        let Choice::Campaign(campaign) = choice else { return Finding::Needs(Needed::Form) };
        match campaign.template.reason() {
            None => Finding::Passes,
            Some(
                reason @ (Reason::TemplateMissing
                | Reason::TemplatePending
                | Reason::TemplatePaused),
            ) => self.deferred(reason, choice),
            Some(reason) => Finding::Ends(reason),
        }
    }

    fn with_person(&self, judged: impl FnOnce(&Contact, Option<Instant>) -> Finding) -> Finding {
        match &self.person {
            Person::Unread => Finding::Needs(Needed::Person),
            Person::Known { contact, bought_at } => judged(contact, *bought_at),
        }
    }

    fn consent(&self) -> Finding {
        let Some(contents) = self.contents() else { return Finding::Needs(Needed::Form) };
        let agreed = match &self.own.sending.consent {
            // R18: consent unknown is no.
            None => false,
            Some(ConsentPolicy::Recorded) => contents.consent,
            Some(ConsentPolicy::Declared { .. }) => true,
        };
        if !agreed {
            return Finding::Ends(Reason::NoConsent);
        }
        self.with_person(|contact, _| {
            if contact.erased_at.is_some_and(|erased| self.cart.episode <= erased) {
                Finding::Ends(Reason::Erased)
            } else if contact.opt_out {
                Finding::Ends(Reason::OptedOut)
            } else {
                ends_if(contact.is_suppressed(self.now), Reason::Suppressed)
            }
        })
    }

    fn worth(&self, choice: Choice<'_>) -> Finding {
        let (Choice::Campaign(campaign), Some(contents)) = (choice, self.contents()) else {
            return Finding::Needs(Needed::Form);
        };
        let minimum = &campaign.sending.minimum;
        if minimum.is_empty() {
            return Finding::Passes;
        }
        let Some(worth) = &contents.worth else { return Finding::Ends(Reason::CurrencyUnlisted) };
        match minimum.get(&worth.currency) {
            None => Finding::Ends(Reason::CurrencyUnlisted),
            Some(least) => ends_if(worth.minor_units < *least, Reason::BelowMinimum),
        }
    }
}

fn ends_if(fails: bool, reason: Reason) -> Finding {
    if fails { Finding::Ends(reason) } else { Finding::Passes }
}

/// The smallest delay of the campaigns that the system sends: by it a cart is looked at first (R13).
#[must_use]
pub fn smallest_delay(campaigns: &[Sendable]) -> Delay {
    delays(campaigns).min().unwrap_or_default()
}

fn greatest_delay(campaigns: &[Sendable]) -> Delay {
    delays(campaigns).max().unwrap_or_default()
}

fn delays(campaigns: &[Sendable]) -> impl Iterator<Item = Delay> {
    let enabled = campaigns.iter().filter(|campaign| campaign.sending.enabled);
    enabled.map(|campaign| campaign.sending.delay_minutes)
}

#[cfg(test)]
mod tests;
