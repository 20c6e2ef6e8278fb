#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use crate::samples::{digest, identities, ms, order, part, reminder, updated};
use crate::values::ids::ReminderDigest;
use crate::values::instant::earliest;

const DAY: i64 = 24 * 60 * 60 * 1_000;

/// A candidate delivered so many ms before the order, with link clicks likewise.
fn candidate(id: &str, delivered: Option<i64>, clicks: &[i64]) -> Candidate {
    let mut reminder = reminder(id);
    reminder.delivered_at = delivered.map(|before| ms(-before));
    let clicks: Vec<Instant> = clicks.iter().map(|before| ms(-before)).collect();
    reminder.first_click_at = clicks.iter().fold(None, |min, at| earliest(min, Some(*at)));
    Candidate::of(&reminder, clicks, &order(&[updated()])).unwrap()
}

/// The winner of an order made at `ms(0)`, the candidates in either order.
fn winner(candidates: &[Candidate]) -> Option<(ReminderDigest, CreditKind)> {
    let judged = judge(&order(&[updated()]), candidates).credit;
    let reversed: Vec<_> = candidates.iter().rev().cloned().collect();
    assert_eq!(judge(&order(&[updated()]), &reversed).credit, judged);
    judged.map(|credit| (credit.reminder, credit.kind))
}

fn assisted(id: &str) -> (ReminderDigest, CreditKind) {
    (digest(id), CreditKind::Assisted)
}

fn by_click(id: &str) -> (ReminderDigest, CreditKind) {
    (digest(id), CreditKind::ClickThrough)
}

#[test]
fn r6_click_exactly_15_days_before_wins() {
    let delivered = Some(20 * DAY);
    assert_eq!(winner(&[candidate("r", delivered, &[15 * DAY])]), Some(by_click("r")));
    assert_eq!(winner(&[candidate("r", delivered, &[15 * DAY + 1])]), None);
    assert_eq!(winner(&[candidate("r", delivered, &[0])]), Some(by_click("r")));
}

#[test]
fn r6_delivery_exactly_3_days_before_assists() {
    assert_eq!(winner(&[candidate("r", Some(3 * DAY), &[])]), Some(assisted("r")));
    assert_eq!(winner(&[candidate("r", Some(3 * DAY + 1), &[])]), None);
    assert_eq!(winner(&[candidate("r", Some(0), &[])]), Some(assisted("r")));
}

#[test]
fn r5_a_reminder_delivered_after_the_order_is_no_candidate() {
    assert_eq!(winner(&[candidate("r", Some(-1), &[])]), None);
    assert_eq!(winner(&[candidate("r", None, &[])]), None);
    // A click after the order delivers too late as well.
    assert_eq!(winner(&[candidate("r", None, &[-1])]), None);
}

#[test]
fn r3_a_read_receipt_or_a_reply_alone_delivers() {
    let order = order(&[updated()]);
    let (mut read, mut replied) = (reminder("read"), reminder("replied"));
    read.read_at = Some(ms(-2));
    replied.first_click_at = Some(ms(-1));
    let candidates = [&read, &replied].map(|r| Candidate::of(r, vec![], &order).unwrap());
    assert_eq!(winner(&candidates[..1]), Some(assisted("read")));
    assert_eq!(winner(&candidates), Some(assisted("replied")));
}

#[test]
fn r6_a_click_after_the_order_leaves_the_delivery() {
    assert_eq!(winner(&[candidate("r", Some(5), &[-1])]), Some(assisted("r")));
    assert_eq!(winner(&[candidate("r", Some(5), &[-1, 3])]), Some(by_click("r")));
}

#[test]
fn r6_every_click_matters_not_only_the_first() {
    let old = candidate("a", Some(17 * DAY), &[16 * DAY, 15 * DAY]);
    assert_eq!(winner(std::slice::from_ref(&old)), Some(by_click("a")));
    let newer = candidate("b", Some(9 * DAY), &[8 * DAY]);
    assert_eq!(winner(&[old.clone(), newer.clone()]), Some(by_click("b")));
    let clicked_again = candidate("a", Some(17 * DAY), &[16 * DAY, 7 * DAY]);
    assert_eq!(winner(&[clicked_again, newer]), Some(by_click("a")));
}

#[test]
fn r6_a_click_goes_before_a_later_delivery() {
    let clicked = candidate("a", Some(15 * DAY), &[15 * DAY]);
    assert_eq!(winner(&[clicked, candidate("b", Some(1), &[])]), Some(by_click("a")));
}

#[test]
fn r6_the_last_delivery_assists() {
    let both = [candidate("b", Some(2), &[]), candidate("a", Some(1), &[])];
    assert_eq!(winner(&both), Some(assisted("a")));
}

#[test]
fn r6_ties_go_to_the_greatest_digest_by_bytes() {
    // The ids themselves say nothing of it: they can be erased.
    let mut by_id_too = 0;
    for (one, other) in [("A", "a"), ("Z", "a"), ("r", "r="), ("r10", "r9"), ("b", "c")] {
        let by_digest = digest(one) < digest(other);
        by_id_too += usize::from(by_digest == (one < other));
        let (less, greater) = if by_digest { (one, other) } else { (other, one) };
        let click = [candidate(less, Some(9), &[5]), candidate(greater, Some(9), &[5])];
        assert_eq!(winner(&click), Some(by_click(greater)));
        let delivery = [candidate(less, Some(9), &[]), candidate(greater, Some(9), &[])];
        assert_eq!(winner(&delivery), Some(assisted(greater)));
    }
    assert!(by_id_too < 5, "{by_id_too} of 5 would end the same by their ids");
}

#[test]
fn r5_only_what_shares_an_identity_is_a_candidate() {
    let order = order(&[updated()]);
    let mut other = reminder("r");
    other.sent.as_mut().unwrap().identities = identities("", "", "d");
    assert_eq!(Candidate::of(&other, vec![], &order), None);
    let unsent = Reminder::new(other.reminder.clone());
    assert_eq!(Candidate::of(&unsent, vec![ms(0)], &order), None);
}

#[test]
fn r7_a_dead_order_is_credited_to_none() {
    let dead = order(&[part("o-01", "canceled", "BRL", 1), part("o-02", "", "BRL", 1)]);
    let judgement = judge(&dead, &[candidate("r", Some(1), &[1])]);
    assert_eq!(judgement.credit, None);
    assert_eq!(judgement.outcomes, [Outcome::OrderNotLive]);
}

#[test]
fn r1_the_credit_carries_the_reminders_cohort() {
    let credit = judge(&order(&[updated()]), &[candidate("r", Some(1), &[])]).credit.unwrap();
    assert_eq!(credit.day.to_string(), "2026-11-01");
    assert_eq!(credit.campaign_id.as_str(), "spring");
    let json = serde_json::to_string(&credit).unwrap();
    assert!(json.contains(r#""kind":"assisted""#), "{json}");
    assert_eq!(serde_json::from_str::<Credit>(&json).unwrap(), credit);
}

#[test]
fn every_candidate_is_told_why_it_lost() {
    let decisive =
        |by, before: i64| Decisive { by, at: ms(-before), distance: Span::millis(before) };
    let (click, delivery) = (CreditKind::ClickThrough, CreditKind::Assisted);
    let tied = ["tied", "tie", "even", "equal"].into_iter().find(|id| digest(id) < digest("won"));
    let tied = tied.unwrap();
    let clicked = [
        (candidate("won", Some(9), &[5]), Outcome::Won(decisive(click, 5))),
        (candidate("earlier", Some(9), &[6]), Outcome::LaterClickWon(decisive(click, 6))),
        (candidate(tied, Some(9), &[5]), Outcome::TieLost(decisive(click, 5))),
        (candidate("unclicked", Some(1), &[]), Outcome::ClickWon(decisive(delivery, 1))),
        (
            candidate("long-ago", Some(3 * DAY + 1), &[]),
            Outcome::TooLongAgo(decisive(delivery, 3 * DAY + 1)),
        ),
        (
            candidate("clicked-long-ago", Some(16 * DAY), &[15 * DAY + 1]),
            Outcome::TooLongAgo(decisive(click, 15 * DAY + 1)),
        ),
        (candidate("late", Some(-1), &[]), Outcome::DeliveredAfterOrder(ms(1))),
        (candidate("lost", None, &[]), Outcome::NotDelivered),
    ];
    let delivered = [
        (candidate("won", Some(2), &[]), Outcome::Won(decisive(delivery, 2))),
        (candidate("earlier", Some(3), &[]), Outcome::LaterDeliveryWon(decisive(delivery, 3))),
        (candidate(tied, Some(2), &[]), Outcome::TieLost(decisive(delivery, 2))),
    ];
    for told in [&clicked[..], &delivered[..]] {
        let (candidates, outcomes): (Vec<_>, Vec<_>) = told.iter().cloned().unzip();
        let judgement = judge(&order(&[updated()]), &candidates);
        assert_eq!(judgement.outcomes, outcomes);
        assert_eq!(judgement.credit.unwrap().reminder, digest("won"));
    }
}
