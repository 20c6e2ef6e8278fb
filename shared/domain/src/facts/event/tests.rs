#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use crate::samples::{identities, ms, part, sent, shirt, updated};

#[test]
fn r2_canonical_json_has_sorted_keys_and_normalised_values() {
    let mut reminder = sent();
    reminder.identities = identities("ana", "+55 61 99999-0001", "C-1");
    assert_eq!(
        reminder.canonical_json(),
        r#"{"campaignId":"spring","checkoutItems":[{"id":"sku-1","name":"Camiseta","price":9990,"quantity":1}],"linkToken":null,"orderFormId":"c1","phone":"8CiwDatgyuSXj-wsAvHdk1Kuj0PCYYwkWhWTTqBGuHs","reminderId":"r","userId":"ana"}"#
    );
    assert_eq!(
        updated().canonical_json(),
        r#"{"changedAt":"2026-11-01T12:00:00.000Z","createdAt":"2026-11-01T12:00:00.000Z","currency":"BRL","items":[{"id":"sku-1","name":"Camiseta","price":9990,"quantity":1}],"orderFormId":"c","orderGroup":"o","orderId":"o-01","phone":null,"status":"payment-approved","userId":null,"value":19990}"#
    );
}

#[test]
fn r2_a_reminder_keeps_its_earliest_details() {
    let first = sent();
    let later = ReminderSent { at: ms(1), items: shirt(99_999), ..sent() };
    assert!(first.supersedes(&later) && !later.supersedes(&first));
    assert!(!first.supersedes(&first));
}

#[test]
fn r2_details_of_one_instant_are_settled_by_content() {
    let less = sent();
    let link_token = Some(LinkToken::parse(&"t".repeat(22)).unwrap());
    // A text goes before null, whose n is greater than a quotation mark.
    let with_link = ReminderSent { link_token, ..sent() };
    assert!(less.supersedes(&with_link) && !with_link.supersedes(&less));
    let other_cart = ReminderSent { identities: identities("", "", "d"), ..sent() };
    assert!(other_cart.supersedes(&less) && !less.supersedes(&other_cart));
    let other_items = ReminderSent { items: shirt(9_991), ..sent() };
    assert!(other_items.supersedes(&less) && !less.supersedes(&other_items));
}

#[test]
fn r2_a_part_keeps_its_latest_state() {
    let canceled = part("o-01", "canceled", "BRL", 1);
    let live = OrderUpdated { changed_at: ms(1), ..updated() };
    assert!(live.supersedes(&canceled) && !canceled.supersedes(&live));
    let incomplete = OrderUpdated { changed_at: ms(2), ..part("o-01", "incomplete", "BRL", 1) };
    assert!(incomplete.supersedes(&live) && !live.supersedes(&incomplete));
}

#[test]
fn r2_at_one_instant_dead_wins_then_live_over_incomplete() {
    for dead in ["canceled", "replaced", "payment-denied"] {
        check_rank(["", "payment-approved", dead]);
    }
}

fn check_rank(statuses: [&str; 3]) {
    let states = statuses.map(|status| part("o-01", status, "BRL", 1));
    for (i, one) in states.iter().enumerate() {
        for (j, other) in states.iter().enumerate() {
            assert_eq!(one.supersedes(other), i > j, "{} {}", statuses[i], statuses[j]);
        }
    }
}

#[test]
fn r2_states_of_one_instant_and_phase_are_settled_by_content() {
    let (less, more) = (part("o-01", "created", "BRL", 1), part("o-01", "created", "BRL", 2));
    assert!(more.supersedes(&less) && !less.supersedes(&more) && !less.supersedes(&less));
    // As text, not as a number.
    let nine = part("o-01", "created", "BRL", 9);
    assert!(nine.supersedes(&part("o-01", "created", "BRL", 10)));
}
