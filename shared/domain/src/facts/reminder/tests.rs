#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use crate::samples::{at, details, digest, identities, key, ms, reminder, sent, shirt};

#[test]
fn r2_the_earliest_instant_of_each_receipt_is_kept() {
    for order in [[1, 5, 3], [5, 3, 1], [3, 1, 5]] {
        let mut reminder = reminder("r");
        for millis in order {
            reminder.fold_receipt(Receipt::Delivered, ms(millis));
            reminder.fold_receipt(Receipt::Read, ms(millis + 10));
            reminder.fold_receipt(Receipt::Failed, ms(millis + 20));
            reminder.fold_click(ms(millis + 30));
        }
        assert_eq!(reminder.delivered_at, Some(ms(1)));
        assert_eq!(reminder.read_at, Some(ms(11)));
        assert_eq!(reminder.failed_at, Some(ms(21)));
        assert_eq!(reminder.first_click_at, Some(ms(31)));
    }
}

#[test]
fn r3_what_is_read_or_clicked_was_delivered() {
    // delivered, read, clicked: implied instant, delivered, read
    for (receipts, delivered_at, is_read) in [
        ([None, None, None], None, false),
        ([Some(5), None, None], Some(5), false),
        ([None, Some(5), None], Some(5), true),
        ([None, None, Some(5)], Some(5), true),
        ([Some(7), Some(6), Some(5)], Some(5), true),
        ([Some(5), Some(6), Some(7)], Some(5), true),
        ([Some(6), Some(5), None], Some(5), true),
    ] {
        let mut reminder = reminder("r");
        reminder.delivered_at = receipts[0].map(ms);
        reminder.read_at = receipts[1].map(ms);
        reminder.first_click_at = receipts[2].map(ms);
        assert_eq!(reminder.delivered_at(), delivered_at.map(ms), "{receipts:?}");
        assert_eq!(reminder.is_delivered(), delivered_at.is_some(), "{receipts:?}");
        assert_eq!(reminder.is_read(), is_read, "{receipts:?}");
        assert!(!reminder.is_failed());
        reminder.fold_receipt(Receipt::Failed, ms(0));
        assert_eq!(reminder.is_failed(), delivered_at.is_none(), "{receipts:?}");
    }
}

#[test]
fn r1_the_day_is_that_of_the_sending_in_the_stores_zone() {
    let event = ReminderSent { at: at("2026-11-02T02:59:59.999Z"), ..sent() };
    let of = |zone| Sent::of(&event, event.digest(&key()), zone);
    let details = of(chrono_tz::Tz::America__Sao_Paulo);
    assert_eq!(details.day.to_string(), "2026-11-01");
    assert_eq!(of(chrono_tz::Tz::UTC).day.to_string(), "2026-11-02");
}

#[test]
fn r2_a_reminder_keeps_its_earliest_details() {
    let first = details(&sent());
    let later = details(&ReminderSent { at: ms(1), items: shirt(99_999), ..sent() });
    assert!(first.supersedes(&later) && !later.supersedes(&first));
    assert!(!first.supersedes(&first));
}

#[test]
fn r2_details_of_one_instant_are_settled_by_their_digest() {
    let link_token = Some(LinkToken::parse(&"t".repeat(22)).unwrap());
    let held = details(&sent());
    for other in [
        ReminderSent { link_token, ..sent() },
        ReminderSent { identities: identities("", "", "d"), ..sent() },
        ReminderSent { items: shirt(9_991), ..sent() },
    ] {
        let other = details(&other);
        assert_eq!(other.supersedes(&held), other.digest > held.digest);
        assert_eq!(held.supersedes(&other), held.digest > other.digest);
        assert_ne!(other.digest, held.digest);
        // Whom they name by now plays no part: a tie ends the same after an erasure.
        let renamed = Sent { identities: identities("z", "", ""), ..other.clone() };
        assert_eq!(renamed.supersedes(&held), other.supersedes(&held));
    }
}

#[test]
fn a_reminder_is_stored_and_read_as_it_is() {
    let mut receipts_alone = Reminder::new(digest("r"));
    receipts_alone.fold_receipt(Receipt::Read, ms(1));
    receipts_alone.fold_click(ms(2));
    let mut whole = reminder("r");
    whole.fold_receipt(Receipt::Delivered, ms(1));
    for reminder in [receipts_alone, whole, reminder("r")] {
        let json = serde_json::to_string(&reminder).unwrap();
        assert_eq!(serde_json::from_str::<Reminder>(&json).unwrap(), reminder, "{json}");
    }
}

#[test]
fn r4_a_reminder_is_its_shoppers_also_one_that_names_nobody() {
    let mut held = reminder("r");
    assert_eq!(held.shopper(), identities("", "", "c").shopper());
    held.sent.as_mut().unwrap().identities = identities("", "", "");
    assert_eq!(held.shopper(), Some(Shopper::unnamed(&held.reminder)));
    assert_eq!(Reminder::new(held.reminder).shopper(), None);
}
