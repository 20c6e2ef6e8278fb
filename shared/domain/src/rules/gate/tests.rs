#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;

use super::*;
use crate::facts::cart::{Beat, Beaten};
use crate::samples::at;
use crate::values::keyed_id::CartId;
use crate::values::money::Currency;
use crate::values::sending::CooldownHours;

const ZONE: Tz = Tz::America__Sao_Paulo;
/// A Monday noon in São Paulo: the cart was left an hour and a minute before.
const NOW: &str = "2026-11-02T15:00:00Z";

/// Everything that the gate is judged by, as a cart has it that becomes a message.
struct Case {
    now: Instant,
    cart: Cart,
    sending: AccountSending,
    is_blocked: bool,
    limit_is_used_up: bool,
    campaigns: Vec<Sendable>,
    reminded_at: Option<Instant>,
    cart_bought_at: Option<Instant>,
    form: Form,
    person: Person,
}

fn brl(minor_units: i64) -> Money {
    Money { currency: Currency::parse("BRL").unwrap(), minor_units }
}

fn campaign(id: &str, rank: u32) -> Sendable {
    Sendable {
        campaign_id: CampaignId::parse(id).unwrap(),
        language: Language::PtBr,
        message_type: MessageType::Text,
        status: CampaignStatus::Active,
        sending: CampaignSending {
            enabled: true,
            delay_minutes: Delay::DEFAULT,
            trigger: Trigger::Payment,
            minimum: BTreeMap::from([(Currency::parse("BRL").unwrap(), 5_000)]),
            rank,
            coupon_code: None,
        },
        template: TemplateState::Approved,
    }
}

fn contents() -> Contents {
    Contents {
        is_empty: false,
        language: Some(Language::PtBr),
        worth: Some(brl(5_000)),
        phone: Ok(()),
        consent: true,
    }
}

fn person(contact: Contact) -> Person {
    Person::Known { contact, bought_at: None }
}

fn left_at(left: Instant) -> Cart {
    let beat = Beat { at: left, payment: true };
    let Beaten::Begins(cart) = Cart::beaten(None, beat, true, Delay::DEFAULT.span(), left) else {
        panic!("a first beat begins an episode")
    };
    cart
}

fn case() -> Case {
    let now = at(NOW);
    Case {
        now,
        cart: left_at(now.minus(Span::seconds(61 * 60))),
        sending: AccountSending {
            enabled: true,
            hours: serde_json::from_str(r#"{"mon":["09:00","20:00"],"tue":["09:00","20:00"]}"#)
                .unwrap(),
            cooldown_hours: CooldownHours::new(24).unwrap(),
            consent: Some(ConsentPolicy::Recorded),
        },
        is_blocked: false,
        limit_is_used_up: false,
        campaigns: vec![campaign("spring", 1)],
        reminded_at: None,
        cart_bought_at: None,
        form: Form::Known(contents()),
        person: person(Contact::default()),
    }
}

impl Case {
    /// Judged; whatever follows, the step that did it is the one by which its reason is explained.
    fn judge(&self) -> Judgement {
        let judged = self.judged();
        let stopped = judged.steps.iter().find(|(_, finding)| *finding != Finding::Passes);
        if let Some((step, Finding::Ends(reason) | Finding::Defers(reason, _))) = stopped {
            let is_own = (*step, *reason) == (Step::OwnFacts, Reason::Purchased);
            assert!(is_own || Step::that_ends(*reason) == *step, "{reason:?} at {step:?}");
            if judged.passage == Passage::Ends(*reason) {
                let known = Judgement::ended(*step, *reason).steps;
                assert!(judged.steps.starts_with(&known), "{reason:?}");
            }
        }
        judged
    }

    fn judged(&self) -> Judgement {
        judge(&Known {
            now: self.now,
            cart: &self.cart,
            own: Own {
                cart_id: &CartId::parse(&"a".repeat(43)).unwrap(),
                sending: &self.sending,
                zone: ZONE,
                language: Language::PtBr,
                is_blocked: self.is_blocked,
                limit_is_used_up: self.limit_is_used_up,
                campaigns: &self.campaigns,
                reminded_at: self.reminded_at,
                cart_bought_at: self.cart_bought_at,
                spread: 47,
            },
            form: self.form.clone(),
            person: self.person.clone(),
        })
    }
}

fn passage(change: impl FnOnce(&mut Case)) -> Passage {
    let mut case = case();
    change(&mut case);
    case.judge().passage
}

fn with_contents(change: impl FnOnce(&mut Contents)) -> Passage {
    let mut contents = contents();
    change(&mut contents);
    passage(|case| case.form = Form::Known(contents))
}

fn with_contact(contact: Contact) -> Passage {
    passage(|case| case.person = person(contact))
}

#[test]
fn a_cart_that_nothing_speaks_against_opens_the_gate() {
    let judged = case().judge();
    let id = CampaignId::parse("spring").unwrap();
    assert_eq!(judged.passage, Passage::Opens(id.clone()));
    assert_eq!(judged.campaign, Some(id));
    assert!(judged.steps.iter().all(|(_, finding)| *finding == Finding::Passes), "{judged:?}");
}

/// A change of what is known that closes one step, and what the gate says then.
type Closing = (Step, fn(&mut Case), Result<Reason, Option<Reason>>);

/// One closing of each step, in the order of the steps: `Ok` ends, `Err` waits.
fn closings() -> Vec<Closing> {
    fn form(case: &mut Case, change: impl FnOnce(&mut Contents)) {
        if let Form::Known(contents) = &mut case.form {
            change(contents);
        }
    }
    fn contact(case: &mut Case, change: impl FnOnce(&mut Contact)) {
        if let Person::Known { contact, .. } = &mut case.person {
            change(contact);
        }
    }
    vec![
        (
            Step::InTime,
            |case| case.cart.last_activity_at = at("2026-10-28T15:00:00Z"),
            Ok(Reason::Expired),
        ),
        (Step::Away, |case| case.cart.last_activity_at = case.now, Err(None)),
        (Step::Switches, |case| case.sending.enabled = false, Err(Some(Reason::SendingDisabled))),
        (Step::Switches, |case| case.is_blocked = true, Err(Some(Reason::AccountBlocked))),
        (Step::OwnFacts, |case| case.reminded_at = Some(case.now), Ok(Reason::AlreadyReminded)),
        (Step::OwnFacts, |case| case.cart_bought_at = Some(case.now), Ok(Reason::Purchased)),
        (Step::Form, |case| case.form = Form::Unreachable, Err(Some(Reason::StoreUnreachable))),
        (Step::Form, |case| case.form = Form::Gone, Ok(Reason::CartGone)),
        (Step::Form, |case| form(case, |it| it.is_empty = true), Ok(Reason::CartEmpty)),
        (
            Step::Campaign,
            |case| form(case, |it| it.language = Some(Language::Es)),
            Ok(Reason::NoCampaign),
        ),
        (
            Step::Campaign,
            |case| case.campaigns[0].status = CampaignStatus::Paused,
            Err(Some(Reason::CampaignPaused)),
        ),
        (Step::Campaign, |case| case.cart.payment = false, Ok(Reason::PaymentNotReached)),
        (
            Step::Template,
            |case| case.campaigns[0].template = TemplateState::Missing,
            Err(Some(Reason::TemplateMissing)),
        ),
        (
            Step::Template,
            |case| case.campaigns[0].template = TemplateState::Pending,
            Err(Some(Reason::TemplatePending)),
        ),
        (
            Step::Template,
            |case| case.campaigns[0].template = TemplateState::Paused,
            Err(Some(Reason::TemplatePaused)),
        ),
        (
            Step::Template,
            |case| case.campaigns[0].template = TemplateState::Rejected,
            Ok(Reason::TemplateRejected),
        ),
        (
            Step::Template,
            |case| case.campaigns[0].template = TemplateState::Disabled,
            Ok(Reason::TemplateDisabled),
        ),
        (
            Step::Purchase,
            |case| {
                if let Person::Known { bought_at, .. } = &mut case.person {
                    *bought_at = Some(case.now);
                }
            },
            Ok(Reason::Purchased),
        ),
        (
            Step::Phone,
            |case| form(case, |it| it.phone = Err(Reason::PhoneMasked)),
            Ok(Reason::PhoneMasked),
        ),
        (Step::Consent, |case| form(case, |it| it.consent = false), Ok(Reason::NoConsent)),
        (Step::Consent, |case| contact(case, |it| it.opt_out = true), Ok(Reason::OptedOut)),
        (
            Step::Consent,
            |case| {
                let until = case.now.plus(Span::days(1));
                contact(case, |it| it.suppressed_until = Some(until));
            },
            Ok(Reason::Suppressed),
        ),
        (Step::Worth, |case| form(case, |it| it.worth = None), Ok(Reason::CurrencyUnlisted)),
        (
            Step::Worth,
            |case| form(case, |it| it.worth = Some(brl(4_999))),
            Ok(Reason::BelowMinimum),
        ),
        (
            Step::Cooldown,
            |case| {
                let last = case.now.minus(Span::hours(23));
                contact(case, |it| it.last_decided_at = Some(last));
            },
            Ok(Reason::Cooldown),
        ),
        (Step::Time, |case| case.limit_is_used_up = true, Err(Some(Reason::MessagingLimit))),
    ]
}

fn said(passage: &Passage) -> Result<Reason, Option<Reason>> {
    match passage {
        Passage::Ends(reason) => Ok(*reason),
        Passage::Waits(reason, _) => Err(*reason),
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_reason_closes_the_gate() {
    for (step, close, expected) in closings() {
        let mut case = case();
        close(&mut case);
        let judged = case.judge();
        assert_eq!(said(&judged.passage), expected, "{step:?}");
        let failing = judged.steps.iter().find(|(_, finding)| *finding != Finding::Passes).unwrap();
        assert_eq!(failing.0, step);
    }
}

#[test]
fn of_two_reasons_the_earlier_step_is_told() {
    for (first, close_first, expected) in closings() {
        for (second, close_second, _) in closings() {
            if first >= second {
                continue;
            }
            let mut case = case();
            close_second(&mut case);
            close_first(&mut case);
            let judged = case.judge();
            // What one closing takes away the other can't change.
            let failing =
                judged.steps.iter().find(|(_, finding)| *finding != Finding::Passes).unwrap();
            assert!(failing.0 <= first, "{first:?} {second:?}");
            if failing.0 == first {
                assert_eq!(said(&judged.passage), expected, "{first:?} before {second:?}");
            }
        }
    }
}

#[test]
fn nothing_is_read_for_a_cart_that_fails_without() {
    for (step, close, _) in closings() {
        let mut case = case();
        close(&mut case);
        let full = case.judge().passage;
        let form = std::mem::take(&mut case.form);
        let person = std::mem::take(&mut case.person);
        if step < Step::Form {
            assert_eq!(case.judge().passage, full, "{step:?}");
            continue;
        }
        assert_eq!(case.judge().passage, Passage::Read(Needed::Form), "{step:?}");
        case.form = form;
        // A cart in Campaign or Template fails by the form alone; the shopper is read for later steps.
        let asked = case.judge().passage;
        if step < Step::Purchase {
            assert_eq!(asked, full, "{step:?}");
        } else {
            assert_eq!(asked, Passage::Read(Needed::Person), "{step:?}");
        }
        case.person = person;
        assert_eq!(case.judge().passage, full, "{step:?}");
    }
}

/// Each cart's share of an opening lies in it, be it shorter than what carts are spread over.
#[test]
fn a_short_opening_is_shared_by_all() {
    for (closes, until) in [("09:01", 0), ("09:05", 2), ("09:20", 7), ("20:00", 7)] {
        let waits = passage(|case| {
            case.now = at("2026-11-03T02:00:00Z");
            case.cart = left_at(case.now.minus(Span::hours(2)));
            let hours = format!(r#"{{"tue":["09:00","{closes}"]}}"#);
            case.sending.hours = serde_json::from_str(&hours).unwrap();
        });
        let until = at("2026-11-03T12:00:00Z").plus(Span::seconds(until * 60));
        assert_eq!(waits, Passage::Waits(Some(Reason::QuietHours), until), "{closes}");
    }
}

/// Before a campaign is chosen none expires that would be in time for the slowest.
#[test]
fn a_cart_expires_by_the_delay_of_its_own_campaign() {
    let judged = |hours: i64, form: Form| {
        passage(|case| {
            let mut slow = campaign("slow", 0);
            slow.sending.delay_minutes = Delay::try_from(1_440).unwrap();
            let mut quick = campaign("quick", 1);
            quick.sending.delay_minutes = Delay::try_from(20).unwrap();
            case.campaigns = vec![slow, quick];
            case.cart = left_at(case.now.minus(Span::hours(hours)));
            case.form = form;
            case.person = Person::Unread;
        })
    };
    // 48 hours after a delay of 20 minutes, and within those after a day.
    assert_eq!(judged(60, Form::Unread), Passage::Read(Needed::Form));
    assert_eq!(judged(60, Form::Known(contents())), Passage::Read(Needed::Person));
    assert_eq!(judged(73, Form::Unread), Passage::Ends(Reason::Expired));
    // The quick one's language is English: its cart is too old by its own delay.
    let own = passage(|case| {
        let mut slow = campaign("slow", 0);
        slow.sending.delay_minutes = Delay::try_from(1_440).unwrap();
        slow.language = Language::EnUs;
        let mut quick = campaign("quick", 1);
        quick.sending.delay_minutes = Delay::try_from(20).unwrap();
        case.campaigns = vec![slow, quick];
        case.cart = left_at(case.now.minus(Span::hours(60)));
    });
    assert_eq!(own, Passage::Ends(Reason::Expired));
}

#[test]
fn a_quiet_hour_is_told_before_the_store_is_asked() {
    let night = at("2026-11-03T02:00:00Z");
    // Tuesday's opening at 12:00 UTC, and the seven minutes of this cart's share of it.
    let until = at("2026-11-03T12:07:00Z");
    let waits = Passage::Waits(Some(Reason::QuietHours), until);
    let late = |case: &mut Case| {
        case.now = night;
        case.cart = left_at(night.minus(Span::hours(2)));
    };
    let unread = passage(|case| {
        late(case);
        case.form = Form::Unread;
        case.person = Person::Unread;
    });
    assert_eq!(unread, waits);
    // What is known already goes first.
    let bought = passage(|case| {
        late(case);
        case.form = Form::Unread;
        case.cart_bought_at = Some(night);
    });
    assert_eq!(bought, Passage::Ends(Reason::Purchased));
    assert_eq!(passage(late), waits);
}

#[test]
fn an_order_just_before_the_first_beat_counts_as_bought() {
    let episode = case().cart.episode;
    let bought = |before: Span, by_person: bool| {
        passage(|case| {
            let bought_at = Some(episode.minus(before));
            if by_person {
                case.person = Person::Known { contact: Contact::default(), bought_at };
            } else {
                case.cart_bought_at = bought_at;
            }
        })
    };
    let ended = Passage::Ends(Reason::Purchased);
    let opens = Passage::Opens(CampaignId::parse("spring").unwrap());
    let moment = Span::millis(1);
    for (span, by_person) in [(BOUGHT_BEFORE, false), (PERSON_BOUGHT_BEFORE, true)] {
        assert_eq!(bought(span, by_person), ended);
        let longer = Span::millis(span.as_millis() + moment.as_millis());
        assert_eq!(bought(longer, by_person), opens);
    }
}

#[test]
fn a_reminder_of_the_cart_lasts_15_days() {
    let reminded = |ago: Span| passage(|case| case.reminded_at = Some(case.now.minus(ago)));
    let moment = Span::millis(ONE_REMINDER_A_CART.as_millis() - 1);
    assert_eq!(reminded(moment), Passage::Ends(Reason::AlreadyReminded));
    assert!(matches!(reminded(ONE_REMINDER_A_CART), Passage::Opens(_)));
}

#[test]
fn the_lowest_rank_that_the_shopper_came_far_enough_for_is_taken() {
    let chosen = |payment: bool, change: fn(&mut Vec<Sendable>)| {
        passage(|case| {
            case.cart.payment = payment;
            case.campaigns = vec![campaign("b", 2), campaign("a", 2), campaign("c", 1)];
            change(&mut case.campaigns);
        })
    };
    let opens = |id: &str| Passage::Opens(CampaignId::parse(id).unwrap());
    assert_eq!(chosen(true, |_| {}), opens("c"));
    assert_eq!(chosen(true, |all| all[2].status = CampaignStatus::Paused), opens("a"));
    assert_eq!(chosen(true, |all| all[2].sending.enabled = false), opens("a"));
    assert_eq!(chosen(false, |all| all[0].sending.trigger = Trigger::Any), opens("b"));
}

#[test]
fn the_chosen_campaigns_delay_decides() {
    let slow = Delay::minutes(90).unwrap();
    // Two campaigns: by the smaller delay the cart is looked at, by the chosen one's it is due.
    let judged = passage(|case| {
        case.campaigns[0].sending.delay_minutes = slow;
        let mut other = campaign("other", 9);
        other.sending.delay_minutes = Delay::minutes(20).unwrap();
        case.campaigns.push(other);
    });
    let due = case().cart.last_activity_at.plus(slow.span());
    assert_eq!(judged, Passage::Waits(None, due));
}

#[test]
fn a_declared_consent_needs_no_record() {
    let declared = passage(|case| {
        case.sending.consent = Some(ConsentPolicy::Declared { by: "ana".to_owned(), at: case.now });
        case.form = Form::Known(Contents { consent: false, ..contents() });
    });
    assert!(matches!(declared, Passage::Opens(_)));
    // An account that said nothing has nobody's consent.
    assert_eq!(passage(|case| case.sending.consent = None), Passage::Ends(Reason::NoConsent));
}

#[test]
fn an_erased_shoppers_waiting_cart_sends_nothing() {
    let (cart, contact) = (case().cart, Contact::default());
    assert_eq!(with_contact(contact.erased(cart.episode)), Passage::Ends(Reason::Erased));
    // A later cart of whoever came back: they opted out all the same.
    let before = contact.erased(cart.episode.minus(Span::days(9)));
    assert_eq!(with_contact(before), Passage::Ends(Reason::OptedOut));
}

#[test]
fn an_unlisted_currency_is_not_sent() {
    let clp = Money { currency: Currency::parse("CLP").unwrap(), minor_units: 900_000 };
    let listed = with_contents(|contents| contents.worth = Some(clp.clone()));
    assert_eq!(listed, Passage::Ends(Reason::CurrencyUnlisted));
    // Without any minimum every cart is worth it.
    let free = passage(|case| {
        case.campaigns[0].sending.minimum.clear();
        case.form = Form::Known(Contents { worth: Some(clp), ..contents() });
    });
    assert!(matches!(free, Passage::Opens(_)));
}

#[test]
fn a_closed_gate_says_when_it_is_tried_again() {
    let tried = passage(|case| case.is_blocked = true);
    let soon = at(NOW).plus(due::TRY_AGAIN);
    assert_eq!(tried, Passage::Waits(Some(Reason::AccountBlocked), soon));
    let limited = passage(|case| case.limit_is_used_up = true);
    let hour = at(NOW).plus(Span::hours(1));
    assert_eq!(limited, Passage::Waits(Some(Reason::MessagingLimit), hour));
}

#[test]
fn the_smallest_delay_is_of_those_that_are_sent() {
    assert_eq!(smallest_delay(&[]), Delay::DEFAULT);
    let mut quick = campaign("quick", 1);
    quick.sending.delay_minutes = Delay::minutes(20).unwrap();
    assert_eq!(smallest_delay(&[campaign("a", 1), quick.clone()]), Delay::minutes(20).unwrap());
    quick.sending.enabled = false;
    assert_eq!(smallest_delay(&[campaign("a", 1), quick]), Delay::DEFAULT);
}
