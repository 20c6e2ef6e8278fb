#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use super::*;
use crate::samples::ms;

const HOUR: Span = Span::hours(1);

fn hours(count: i64) -> Instant {
    ms(0).plus(Span::hours(count))
}

fn beat(at: Instant) -> Beat {
    Beat { at, payment: true }
}

fn id(byte: u8) -> SendId {
    SendId::new(&[byte; 16])
}

/// A cart that was left at `ms(0)`.
fn waiting() -> Cart {
    match Cart::beaten(None, beat(ms(0)), true, HOUR, ms(0)) {
        Beaten::Begins(cart) => cart,
        other => panic!("{other:?}"),
    }
}

fn sending() -> Cart {
    waiting().claimed(id(1), hours(1)).unwrap()
}

#[test]
fn a_first_beat_begins_an_episode_named_by_its_instant() {
    let cart = waiting();
    assert_eq!((cart.state, cart.episode, cart.due_at), (CartState::Waiting, ms(0), hours(1)));
    // Nothing would remind of it: nothing is kept.
    assert_eq!(Cart::beaten(None, beat(ms(0)), false, HOUR, ms(0)), Beaten::Nothing);
}

#[test]
fn activity_is_never_in_the_future_and_never_goes_back() {
    let now = ms(1_000);
    let Beaten::Begins(cart) = Cart::beaten(None, beat(hours(40)), true, HOUR, now) else {
        panic!()
    };
    assert_eq!(cart.last_activity_at, now);
    let older = Cart::beaten(Some(&cart), Beat { at: ms(0), payment: false }, true, HOUR, now);
    assert_eq!(older, Beaten::Nothing);
}

#[test]
fn a_beat_moves_the_activity_and_leaves_the_pointer() {
    let at = ms(0).plus(ACTIVITY_STEP);
    let Beaten::Lives(cart) = Cart::beaten(Some(&waiting()), beat(at), true, HOUR, at) else {
        panic!()
    };
    assert_eq!((cart.last_activity_at, cart.due_at, cart.version), (at, hours(1), 2));
}

#[test]
fn a_beat_that_moves_little_and_says_nothing_else_is_not_written() {
    let soon = ms(0).plus(ACTIVITY_STEP).minus(Span::millis(1));
    assert_eq!(Cart::beaten(Some(&waiting()), beat(soon), true, HOUR, soon), Beaten::Nothing);
    // One that comes to the payment page says something.
    let elsewhere = Beat { at: ms(0), payment: false };
    let Beaten::Begins(cart) = Cart::beaten(None, elsewhere, true, HOUR, ms(0)) else { panic!() };
    let told = Cart::beaten(Some(&cart), beat(soon), true, HOUR, soon);
    let Beaten::Lives(cart) = told else { panic!("{told:?}") };
    assert_eq!((cart.last_activity_at, cart.payment), (soon, true));
}

#[test]
fn a_beat_puts_the_pointer_of_an_overdue_cart_again() {
    let late = hours(3);
    let told = Cart::beaten(Some(&waiting()), beat(late), true, HOUR, late);
    assert!(matches!(told, Beaten::Overdue(_)), "{told:?}");
}

#[test]
fn reaching_payment_later_begins_an_episode() {
    // Without the payment page nothing begins, and a cart that was closed for it is free at once.
    let closed = waiting().closed(hours(2), Reason::PaymentNotReached).unwrap();
    let told = Cart::beaten(Some(&closed), beat(hours(2)), true, HOUR, hours(2));
    let Beaten::Begins(cart) = told else { panic!("{told:?}") };
    assert_eq!((cart.episode, cart.payment, cart.version), (hours(2), true, closed.version + 1));
}

#[test]
fn a_returning_order_form_gets_a_new_episode() {
    // What was claimed was decided by then, however late its end is known.
    let unconfirmed =
        sending().unknown(&id(1), hours(25)).unwrap().unconfirmed(&id(1), hours(25)).unwrap();
    for (over, decided) in [
        (waiting().closed(hours(2), Reason::Purchased).unwrap(), hours(2)),
        (sending().rejected(&id(1), hours(2)).unwrap(), hours(1)),
        (sending().accepted(&id(1), hours(2)).unwrap(), hours(1)),
        (unconfirmed.accepted(&id(1), hours(120)).unwrap(), hours(1)),
        (unconfirmed, hours(1)),
    ] {
        let free = decided.plus(BETWEEN_EPISODES);
        let early = free.minus(Span::millis(1));
        assert_eq!(Cart::beaten(Some(&over), beat(early), true, HOUR, early), Beaten::Nothing);
        let told = Cart::beaten(Some(&over), beat(free), true, HOUR, free);
        let Beaten::Begins(cart) = told else { panic!("{told:?}") };
        assert_eq!((cart.episode, cart.attempts, cart.send_id), (free, 0, None));
        // What was said of the message before still says that the cart was reminded of.
        assert_eq!(cart.reminded_at, over.reminded_at);
    }
}

#[test]
fn an_old_sign_of_life_begins_nothing() {
    let closed = waiting().closed(hours(2), Reason::NoPhone).unwrap();
    assert_eq!(Cart::beaten(Some(&closed), beat(ms(0)), true, HOUR, hours(9)), Beaten::Nothing);
}

#[test]
fn each_step_starts_from_its_own_state_and_message() {
    let (waiting, sending) = (waiting(), sending());
    let unknown = sending.unknown(&id(1), hours(25)).unwrap();
    let unconfirmed = unknown.unconfirmed(&id(1), hours(25)).unwrap();
    let closed = waiting.closed(hours(2), Reason::Purchased).unwrap();
    for cart in [&sending, &unknown, &unconfirmed, &closed] {
        assert_eq!(cart.claimed(id(2), hours(3)), None);
        assert_eq!(cart.closed(hours(3), Reason::Purchased), None);
        assert_eq!(cart.postponed(hours(3), None, true), None);
    }
    for cart in [&waiting, &closed] {
        assert_eq!(cart.rejected(&id(1), hours(3)), None);
        assert_eq!(cart.told(false), None);
    }
    for cart in [&waiting, &unknown, &unconfirmed, &closed] {
        assert_eq!(cart.waits_again(&id(1), (hours(3), None), true), None);
        assert_eq!(cart.unknown(&id(1), hours(3)), None);
    }
    for cart in [&waiting, &sending, &unconfirmed, &closed] {
        assert_eq!(cart.unconfirmed(&id(1), hours(3)), None);
    }
    // Another attempt's answer says nothing of this one.
    assert_eq!(sending.rejected(&id(2), hours(3)), None);
    assert_eq!(sending.unknown(&id(2), hours(3)), None);
    assert_eq!(sending.waits_again(&id(2), (hours(3), None), true), None);
    assert_eq!(sending.accepted(&id(2), hours(3)), None);
}

#[test]
fn an_acceptance_resolves_whatever_state_the_cart_is_in_once() {
    let sending = sending();
    let unknown = sending.unknown(&id(1), hours(25)).unwrap();
    let unconfirmed = unknown.unconfirmed(&id(1), hours(25)).unwrap();
    let rejected = sending.rejected(&id(1), hours(2)).unwrap();
    let again = sending.waits_again(&id(1), (hours(2), None), true).unwrap();
    for cart in [sending, unknown, unconfirmed, rejected, again] {
        let accepted = cart.accepted(&id(1), hours(30)).unwrap();
        assert_eq!((accepted.state, accepted.reminded_at), (CartState::Closed, Some(hours(1))));
        assert_eq!(accepted.accepted(&id(1), hours(31)), None);
    }
}

#[test]
fn every_write_raises_the_version() {
    let waiting = waiting();
    let sending = sending();
    assert_eq!((waiting.version, sending.version), (1, 2));
    assert_eq!(sending.waits_again(&id(1), (hours(2), None), true).unwrap().version, 3);
    assert_eq!(sending.accepted(&id(1), hours(2)).unwrap().version, 3);
}

#[test]
fn a_second_attempt_keeps_count_and_its_episode() {
    let held_by = Some(Reason::AccountBlocked);
    let again = sending().waits_again(&id(1), (hours(2), held_by), true).unwrap();
    let second = again.claimed(id(2), hours(2)).unwrap();
    assert_eq!((second.attempts, second.episode, second.send_id), (2, ms(0), Some(id(2))));
    // Where nothing left, that was no attempt.
    let again = sending().waits_again(&id(1), (hours(2), held_by), false).unwrap();
    assert_eq!(again.claimed(id(2), hours(2)).unwrap().attempts, 1);
}

#[test]
fn a_refusal_that_comes_after_all_resolves_a_lost_answer() {
    let unknown = sending().unknown(&id(1), hours(25)).unwrap();
    let unconfirmed = unknown.unconfirmed(&id(1), hours(25)).unwrap();
    // It may have arrived: the cart counts as reminded of until somebody says no.
    assert_eq!(unconfirmed.reminded_at, Some(hours(1)));
    for cart in [unknown, unconfirmed] {
        let rejected = cart.rejected(&id(1), hours(26)).unwrap();
        assert_eq!((rejected.state, rejected.reminded_at), (CartState::Closed, None));
    }
}

#[test]
fn what_is_told_of_an_open_cart_raises_its_version() {
    assert_eq!(waiting().told(true).unwrap().version, 2);
    let closed = waiting().closed(hours(2), Reason::Purchased).unwrap();
    assert_eq!((closed.told(true), closed.held_by), (None, Some(Reason::Purchased)));
}

#[test]
fn an_answer_is_lost_after_five_minutes() {
    let cart = sending();
    assert!(!cart.answer_is_lost(hours(1).plus(Span::seconds(299))));
    assert!(cart.answer_is_lost(hours(1).plus(Span::seconds(300))));
    assert!(!waiting().answer_is_lost(hours(9)));
}
