//! The random histories hold what they are made for: a property test over histories in which
//! nothing happens would pass as well.

use std::collections::BTreeMap;

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use shared::domain::facts::credit::CreditKind;
use shared::domain::rules::credit::{ASSIST_WINDOW, CLICK_THROUGH_WINDOW, Outcome};
use shared::domain::values::span::Span;
use tests::history::History;
use tests::raw_event::{RawClicked, RawEvent, RawOrder, RawSent, millis};

use crate::domain_properties::{all_histories, engine};

/// Histories looked at, always the same ones.
const HISTORIES: u32 = 500;
/// How many of them have to hold each case: a run of 10,000 then meets it a hundred times.
const AT_LEAST: u32 = 5;

/// Every case that the histories have to hold.
const CASES: [&str; 27] = [
    "assisted",
    "assisted after exactly 3 days",
    "carts alone in common",
    "click after its order by 1 ms",
    "click at its order",
    "click before its reminder comes in",
    "click body settled by kind",
    "click through",
    "click through after exactly 15 days",
    "delivered after the order",
    "failed",
    "later click won",
    "later delivery won",
    "not delivered",
    "opt-out",
    "order comes in before the delivery",
    "order dead",
    "order in two live currencies",
    "order state settled by content",
    "order state settled by phase",
    "outvoted by a click",
    "reminder never sent",
    "reminder on a day of another length",
    "sent settled by content",
    "sent twice on two days",
    "tie lost",
    "too long ago by 1 ms",
];

#[test]
fn random_histories_hold_every_case() {
    let mut runner = TestRunner::deterministic();
    let mut seen: BTreeMap<&str, u32> = CASES.iter().map(|case| (*case, 0)).collect();
    for _ in 0..HISTORIES {
        let history = all_histories().new_tree(&mut runner).unwrap().current();
        let mut cases = outcomes(&history);
        cases.extend(collisions(&history));
        cases.sort_unstable();
        cases.dedup();
        for case in cases {
            *seen.get_mut(case).expect(case) += 1;
        }
    }
    let rare: Vec<_> = seen.iter().filter(|(_, count)| **count < AT_LEAST).collect();
    assert!(rare.is_empty(), "too rare: {rare:?}, of {seen:?}");
}

/// What the judgements of the orders show.
fn outcomes(history: &History) -> Vec<&'static str> {
    let engine = engine(history);
    let mut cases = Vec::new();
    for outcome in engine.judgements().iter().flat_map(|judgement| &judgement.outcomes) {
        let past = |window: Span| Span::millis(window.as_millis() + 1);
        cases.push(match outcome {
            Outcome::Won(by) if by.distance == CLICK_THROUGH_WINDOW => {
                "click through after exactly 15 days"
            }
            Outcome::Won(by)
                if by.by == CreditKind::ClickThrough && by.distance.as_millis() == 0 =>
            {
                "click at its order"
            }
            Outcome::Won(by) if by.by == CreditKind::ClickThrough => "click through",
            Outcome::Won(by) if by.distance == ASSIST_WINDOW => "assisted after exactly 3 days",
            Outcome::Won(_) => "assisted",
            Outcome::LaterClickWon(_) => "later click won",
            Outcome::ClickWon(_) => "outvoted by a click",
            Outcome::LaterDeliveryWon(_) => "later delivery won",
            Outcome::TieLost(_) => "tie lost",
            Outcome::TooLongAgo(by)
                if by.distance == past(ASSIST_WINDOW)
                    || by.distance == past(CLICK_THROUGH_WINDOW) =>
            {
                "too long ago by 1 ms"
            }
            Outcome::DeliveredAfterOrder(_) => "delivered after the order",
            Outcome::NotDelivered => "not delivered",
            Outcome::OrderNotLive => "order dead",
            Outcome::TooLongAgo(_) => continue,
        });
    }
    if history.questions().iter().any(|ask| engine.metrics(ask).totals.failed > 0) {
        cases.push("failed");
    }
    if history.questions().iter().any(|ask| engine.metrics(ask).totals.opt_outs > 0) {
        cases.push("opt-out");
    }
    cases
}

/// Which events of a history meet.
fn collisions(history: &History) -> Vec<&'static str> {
    let mut cases = Vec::new();
    for (turn, i) in history.arrivals.iter().enumerate() {
        for (other_turn, j) in history.arrivals.iter().enumerate() {
            let in_order = turn < other_turn;
            match (&history.events[*i], &history.events[*j]) {
                (RawEvent::Sent(a), RawEvent::Sent(b)) if a.reminder_id == b.reminder_id => {
                    cases.extend(two_sent(history, a, b));
                }
                (RawEvent::Clicked(a), RawEvent::Clicked(b)) if two_kinds_at_once(a, b) => {
                    cases.push("click body settled by kind");
                }
                (RawEvent::Order(a), RawEvent::Order(b)) if a.order_group == b.order_group => {
                    cases.extend(two_states(a, b));
                }
                (RawEvent::Clicked(click), RawEvent::Sent(sent))
                    if in_order && click.reminder_id == sent.reminder_id =>
                {
                    cases.push("click before its reminder comes in");
                }
                (RawEvent::Order(order), RawEvent::Sent(sent)) => {
                    let carts = [order.order_form_id.as_deref(), Some(sent.order_form_id.as_str())]
                        .map(|cart| cart.unwrap_or("").to_lowercase().replace('-', ""));
                    if !carts[0].is_empty() && carts[0] == carts[1] && order.user_id.is_none() {
                        cases.push("carts alone in common");
                    }
                }
                (RawEvent::Order(_), RawEvent::Status(status))
                    if in_order && status.status == "delivered" =>
                {
                    cases.push("order comes in before the delivery");
                }
                (RawEvent::Clicked(click), RawEvent::Order(order))
                    if millis(&click.at) == millis(&order.created_at) + 1 =>
                {
                    cases.push("click after its order by 1 ms");
                }
                _ => {}
            }
        }
    }
    let sent = |id: &str| {
        history.events.iter().any(|e| matches!(e, RawEvent::Sent(s) if s.reminder_id == id))
    };
    if history.events.iter().any(|e| matches!(e, RawEvent::Status(s) if !sent(&s.reminder_id))) {
        cases.push("reminder never sent");
    }
    cases
}

fn two_kinds_at_once(a: &RawClicked, b: &RawClicked) -> bool {
    (&a.reminder_id, &a.click_id) == (&b.reminder_id, &b.click_id)
        && millis(&a.at) == millis(&b.at)
        && a.kind != b.kind
}

fn two_sent(history: &History, a: &RawSent, b: &RawSent) -> Vec<&'static str> {
    let mut cases = Vec::new();
    let at = |millis| {
        chrono::DateTime::from_timestamp_millis(millis).unwrap().with_timezone(&history.zone)
    };
    let (first, second) = (millis(&a.at), millis(&b.at));
    if at(first).date_naive() != at(second).date_naive() {
        cases.push("sent twice on two days");
    }
    if first == second && (&a.campaign_id, &a.order_form_id) != (&b.campaign_id, &b.order_form_id) {
        cases.push("sent settled by content");
    }
    if at(first).naive_local() - at(first + 86_400_000).naive_local() != chrono::TimeDelta::days(-1)
    {
        cases.push("reminder on a day of another length");
    }
    cases
}

fn two_states(a: &RawOrder, b: &RawOrder) -> Vec<&'static str> {
    let mut cases = Vec::new();
    let dead = |status: &str| {
        matches!(status, "canceled" | "replaced" | "order-creation-error" | "incomplete" | "")
    };
    let both_live = !dead(&a.status) && !dead(&b.status);
    let at_once = millis(&a.changed_at) == millis(&b.changed_at);
    if a.order_id != b.order_id {
        if both_live && a.currency != b.currency {
            cases.push("order in two live currencies");
        }
    } else if at_once && both_live && a.value != b.value {
        cases.push("order state settled by content");
    } else if at_once && dead(&a.status) != dead(&b.status) {
        cases.push("order state settled by phase");
    }
    cases
}
