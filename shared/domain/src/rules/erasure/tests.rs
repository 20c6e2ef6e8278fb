#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use crate::samples::{details, digest, identities, key, ms, order, reminder, sent, updated};
use crate::values::ids::ReminderId;

fn user(text: &str) -> Identity {
    identities(text, "", "").each().next().unwrap()
}

fn cart(text: &str) -> Identity {
    identities("", "", text).each().next().unwrap()
}

/// The marks of a value that was erased at these instants, and of the aliases.
fn marked(value: &Identity, erased_at: &[i64]) -> Marks {
    let mut held = MarkList::default();
    let mut lists = Vec::new();
    for (number, at) in (1..).zip(erased_at) {
        let alias = value.alias(&[number; 16]);
        lists.push((alias.clone(), held.of_alias(ms(*at))));
        held = held.with(Mark { alias, erased_at: ms(*at) }).unwrap();
    }
    lists.push((value.clone(), held));
    lists.into_iter().collect()
}

#[test]
fn a_value_becomes_the_alias_of_its_first_mark_that_covers_the_fact() {
    let ana = user("ana");
    let marks = marked(&ana, &[10, 20]);
    let (first, second) = (ana.alias(&[1; 16]), ana.alias(&[2; 16]));
    for (began, expected) in [
        (9, Some(&first)),
        (10, Some(&first)),
        (11, Some(&second)),
        (20, Some(&second)),
        (21, None),
    ] {
        assert_eq!(marks.alias(&ana, ms(began)), expected, "{began}");
    }
    // What was renamed by the second begins earlier: it is the first one's, too.
    assert_eq!(marks.alias(&second, ms(10)), Some(&first));
    assert_eq!(marks.alias(&second, ms(11)), None);
    assert_eq!(marks.alias(&first, ms(0)), None);
    assert_eq!(marks.erased_at(&second), Some(ms(20)));
    assert_eq!(marks.erased_at(&ana), None);
}

#[test]
fn a_value_is_marked_again_for_later_facts_alone() {
    let mark = |at| Mark { alias: user("ana").alias(&[1; 16]), erased_at: ms(at) };
    let held = MarkList::default().with(mark(10)).unwrap();
    assert_eq!(held.with(mark(10)), None);
    assert_eq!(held.with(mark(9)), None);
    assert_eq!(held.with(mark(11)).unwrap().marks.len(), 2);
}

#[test]
fn others_stay_as_they_are() {
    let marks = marked(&user("ana"), &[10]);
    let bia = identities("bia", "5561999990001", "c");
    assert_eq!(marks.identities(&bia, ms(0)), bia);
    // Equal texts of another kind are others.
    assert_eq!(marks.alias(&cart("ana"), ms(0)), None);
}

#[test]
fn an_order_is_renamed_wherever_it_names_the_value() {
    let mut event = updated();
    event.identities = identities("ana", "5561999990001", "c");
    let held = order(&[event]);
    let (ana, c) = (user("ana"), cart("c"));
    let mut marks = marked(&ana, &[10]);
    marks.0.extend(marked(&c, &[10]).0);
    let renamed = marks.order(&held, ms(10));
    let text = serde_json::to_string(&renamed).unwrap();
    assert!(!text.contains("\"ana\"") && !text.contains("\"c\""), "{text}");
    assert_eq!(renamed.named_user.as_ref().map(|named| named.at), Some(ms(0)));
    // The phone is not marked, and everything else is as it was.
    assert_eq!(renamed.identities.phones, held.identities.phones);
    let as_it_was = Order {
        identities: held.identities.clone(),
        named_user: held.named_user.clone(),
        named_cart: held.named_cart.clone(),
        parts: held.parts.clone(),
        ..renamed.clone()
    };
    assert_eq!(as_it_was, held);
    assert_eq!(marks.order(&held, ms(11)), held);
    assert_eq!(marks.order(&renamed, ms(10)), renamed);
}

#[test]
fn a_reminder_loses_its_clear_id_with_the_first_value() {
    let held = reminder("r");
    let marks = marked(&cart("c"), &[10]);
    let renamed = marks.reminder(&held, ms(0));
    assert_eq!((renamed.reminder_id.as_ref(), renamed.is_erased()), (None, true));
    assert_eq!(renamed.reminder, held.reminder);
    assert_eq!(marks.reminder(&held, ms(11)), held);
    // Also where only what another event named is renamed.
    let mut held = held;
    let other = ReminderSent { at: ms(5), identities: identities("ana", "", "d"), ..sent() };
    held.fold_sent(&other, other.digest(&key()), chrono_tz::Tz::UTC);
    assert_eq!(held.reminder_id, Some(ReminderId::parse("r").unwrap()));
    assert!(held.others.contains(&user("ana")));
    let renamed = marked(&user("ana"), &[10]).reminder(&held, ms(0));
    assert_eq!((renamed.reminder_id, renamed.sent), (None, held.sent));
}

#[test]
fn events_are_folded_to_the_same_whatever_came_first() {
    let marks = marked(&user("ana"), &[10]);
    let first = ReminderSent { at: ms(5), identities: identities("ana", "", "c"), ..sent() };
    let second = ReminderSent { at: ms(50), identities: identities("ana", "", "d"), ..sent() };
    let mut found = Vec::new();
    for events in [[&first, &second], [&second, &first]] {
        let mut held = Reminder::new(digest("r"));
        for event in events {
            let began = held.sent.as_ref().map_or(event.at, |sent| sent.sent_at.min(event.at));
            held = marks.reminder(&held, began);
            let (event, told) = (marks.sent(event, began), event.digest(&key()));
            held.fold_sent(&event, told, chrono_tz::Tz::UTC);
        }
        found.push(held);
    }
    assert_eq!(found[0], found[1]);
    assert!(found[0].is_erased() && !found[0].named().contains(&user("ana")));
    assert_eq!(found[0].sent.as_ref().unwrap().digest, details(&first).digest);
}

#[test]
fn what_stands_beside_an_alias_is_taken_along() {
    let sets = |named: &[Identity]| named.iter().cloned().collect::<IdentitySets>();
    let phone = |text: &str| identities("", text, "").each().next().unwrap();
    let alias = |value: &Identity| value.alias(&[7; 16]);
    let (ana, bia, p, c) = (user("ana"), user("bia"), phone("5561999990001"), cart("c"));
    for (named, taken) in [
        (vec![alias(&ana), p.clone(), c.clone()], vec![p.clone(), c.clone()]),
        (vec![alias(&p), c.clone()], vec![c.clone()]),
        (vec![alias(&p), phone("5561999990002"), c.clone()], vec![c.clone()]),
        // Another person's, too.
        (vec![alias(&ana), bia.clone(), p.clone(), c.clone()], vec![]),
        (vec![bia, alias(&p), c.clone()], vec![]),
        (vec![alias(&c), p.clone()], vec![]),
        (vec![p, c], vec![]),
    ] {
        assert_eq!(beside(&sets(&named)), sets(&taken), "{named:?}");
    }
}
