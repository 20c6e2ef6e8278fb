#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use crate::samples::{identities, key, ms, order, part, shirt, updated};
use crate::values::item::ItemList;

#[test]
fn r7_a_state_is_incomplete_dead_or_live() {
    for (status, phase) in [
        ("", Phase::Incomplete),
        ("incomplete", Phase::Incomplete),
        ("canceled", Phase::Dead),
        ("cancelled", Phase::Dead),
        ("cancel", Phase::Dead),
        ("replaced", Phase::Dead),
        ("payment-denied", Phase::Dead),
        ("order-create-error", Phase::Dead),
        ("order-creation-error", Phase::Dead),
        ("request-cancel", Phase::Live),
        ("cancellation-requested", Phase::Live),
        ("Canceled", Phase::Live),
        ("payment-pending", Phase::Live),
        ("never-heard-of", Phase::Live),
    ] {
        assert_eq!(OrderStatus::parse(status).unwrap().phase(), phase, "{status}");
    }
    assert!(OrderStatus::parse(&"s".repeat(50)).is_ok());
    assert!(OrderStatus::parse(&"s".repeat(51)).is_err());
    assert!(OrderStatus::parse("on hold").is_err());
}

#[test]
fn r2_an_order_is_as_old_as_its_oldest_creation_dead_parts_too() {
    let early = OrderUpdated { created_at: ms(-5), ..part("o-02", "canceled", "BRL", 1) };
    // A stale state counts as well, though its part keeps the later one.
    let stale = OrderUpdated { created_at: ms(-9), changed_at: ms(-1), ..updated() };
    assert_eq!(order(&[updated(), early.clone()]).created_at, ms(-5));
    let all = order(&[stale, updated(), early]);
    assert_eq!(all.created_at, ms(-9));
    assert_eq!(all.parts.values().next().unwrap().created_at, ms(0));
}

#[test]
fn r2_a_stale_event_still_names_its_shopper() {
    let mut stale = OrderUpdated { changed_at: ms(-1), ..updated() };
    stale.identities = identities("ana", "5561999990001", "d");
    for events in [[updated(), stale.clone()], [stale.clone(), updated()]] {
        let order = order(&events);
        assert!(order.identities.matches(&identities("ana", "", "")));
        assert!(order.identities.matches(&identities("", "", "c")));
        assert!(order.identities.matches(&identities("", "", "d")));
        assert_eq!(order.parts.values().next().unwrap().identities, updated().identities);
        assert_eq!(order.named_user.unwrap().value.as_str(), "ana");
        assert_eq!(order.named_cart.unwrap().value.as_str(), "c");
    }
}

#[test]
fn r10_the_cart_is_the_one_named_last_then_that_of_the_greater_digest() {
    let naming = |changed: i64, part: &str, cart: &str| OrderUpdated {
        changed_at: ms(changed),
        order_id: OrderId::parse(part).unwrap(),
        identities: identities("", "", cart),
        ..updated()
    };
    for (events, expected) in [
        ([naming(1, "o-01", "a"), naming(0, "o-02", "b")], "a"),
        ([naming(0, "o-01", "a"), naming(1, "o-02", "")], "a"),
    ] {
        assert_eq!(order(&events).named_cart.unwrap().value.as_str(), expected);
    }
    for (one, other) in [("a", "b"), ("b", "A"), ("c", "d")] {
        let (one, other) = (naming(0, "o-01", one), naming(0, "o-02", other));
        let greater = if one.digest(&key()) > other.digest(&key()) { &one } else { &other };
        let expected = greater.identities.order_form_id.clone();
        for events in [[one.clone(), other.clone()], [other.clone(), one.clone()]] {
            assert_eq!(order(&events).named_cart.map(|named| named.value), expected);
        }
    }
}

#[test]
fn r2_replays_change_nothing() {
    let events = [updated(), part("o-02", "canceled", "CLP", 7)];
    let once = order(&events);
    let again = order(&[events[1].clone(), events[0].clone(), events[1].clone()]);
    assert_eq!(once, again);
}

/// A part that was told in this state.
fn state(event: &OrderUpdated) -> Part {
    order(std::slice::from_ref(event)).parts.into_values().next().unwrap()
}

#[test]
fn r2_a_part_keeps_its_latest_state() {
    let canceled = state(&part("o-01", "canceled", "BRL", 1));
    let live = state(&OrderUpdated { changed_at: ms(1), ..updated() });
    assert!(live.supersedes(&canceled) && !canceled.supersedes(&live));
    let incomplete = OrderUpdated { changed_at: ms(2), ..part("o-01", "incomplete", "BRL", 1) };
    let incomplete = state(&incomplete);
    assert!(incomplete.supersedes(&live) && !live.supersedes(&incomplete));
}

#[test]
fn r2_at_one_instant_dead_wins_then_live_over_incomplete() {
    for dead in ["canceled", "replaced", "payment-denied"] {
        check_rank(["", "payment-approved", dead]);
    }
}

fn check_rank(statuses: [&str; 3]) {
    let states = statuses.map(|status| state(&part("o-01", status, "BRL", 1)));
    for (i, one) in states.iter().enumerate() {
        for (j, other) in states.iter().enumerate() {
            assert_eq!(one.supersedes(other), i > j, "{} {}", statuses[i], statuses[j]);
        }
    }
}

#[test]
fn r2_states_of_one_instant_and_phase_are_settled_by_their_digest() {
    let held = updated();
    for other in [
        OrderUpdated { items: shirt(9_991), ..updated() },
        OrderUpdated { value: 1, ..updated() },
        OrderUpdated { identities: identities("ana", "", "c"), ..updated() },
    ] {
        let (less, greater) = if held.digest(&key()) < other.digest(&key()) {
            (held.clone(), other)
        } else {
            (other, held.clone())
        };
        let expected = state(&greater);
        for events in [[less.clone(), greater.clone()], [greater, less]] {
            assert_eq!(order(&events).parts.into_values().next().unwrap(), expected);
        }
    }
}

#[test]
fn r7_the_value_is_that_of_the_live_parts() {
    let order = |one: &str, other: &str| {
        order(&[part("o-01", one, "BRL", 100), part("o-02", other, "BRL", 20)])
    };
    let amount = |order: &Order| order.amount().map(|money| money.minor_units);
    assert_eq!(amount(&order("created", "invoiced")), Some(120));
    assert_eq!(amount(&order("canceled", "invoiced")), Some(20));
    assert_eq!(amount(&order("created", "incomplete")), Some(100));
    let dead = order("canceled", "");
    assert!(amount(&dead).is_none() && !dead.is_live());
}

#[test]
fn r8_the_currency_is_that_of_the_live_part_with_the_smallest_id() {
    let parts = [
        part("o-02", "created", "BRL", 100),
        part("o-01", "canceled", "USD", 7),
        part("o-03", "created", "CLP", 5),
        part("o-04", "created", "BRL", 20),
    ];
    let mixed = order(&parts);
    let brl = Money { currency: Currency::parse("BRL").unwrap(), minor_units: 120 };
    assert_eq!(mixed.amount(), Some(brl));
    assert!(mixed.mixes_currencies());
    // A dead part's currency is no alarm.
    assert!(!order(&[parts[0].clone(), parts[1].clone()]).mixes_currencies());
}

/// `updated` of part `number`, made and changed then; its shopper is of that number, too.
fn numbered(number: usize) -> OrderUpdated {
    let then = ms(-i64::try_from(number).unwrap());
    OrderUpdated {
        created_at: then,
        changed_at: then,
        identities: identities(&format!("u{number:02}"), "", "c"),
        ..part(&format!("o-{number:02}"), "created", "BRL", 1)
    }
}

fn fold(order: &mut Order, event: &OrderUpdated) -> Result<(), Invalid> {
    order.fold(event, &event.digest(&key()))
}

fn folded(events: impl IntoIterator<Item = OrderUpdated>) -> Order {
    let mut events = events.into_iter().peekable();
    let mut order = Order::first(events.peek().unwrap());
    for event in events {
        // What isn't kept is told; that is another test's.
        let _ = order.fold(&event, &event.digest(&key()));
    }
    order
}

#[test]
fn an_order_keeps_the_50_parts_with_the_smallest_ids() {
    let (limit, of) = (limits::PARTS_PER_ORDER, |number: usize| OrderUpdated {
        identities: identities("", "", "c"),
        ..numbered(number)
    });
    let ids = |order: &Order| {
        let mut ids = order.parts.keys().map(|id| id.as_str().to_owned());
        let last = ids.next_back().unwrap();
        (ids.next().unwrap_or_else(|| last.clone()), last)
    };
    let mut full = folded((1..=limit).map(of));
    assert_eq!(full.parts.len(), limit);
    let refused = fold(&mut full, &of(limit + 1)).unwrap_err();
    assert_eq!(refused.what, "orderId");
    assert_eq!(ids(&full), ("o-01".to_owned(), "o-50".to_owned()));
    // What else the event says counts: the order's instant is the earliest of all its parts.
    assert_eq!(full.created_at, of(limit + 1).created_at);
    // A smaller one is kept, and the greatest gives way.
    assert!(fold(&mut full, &of(0)).is_ok());
    assert_eq!(ids(&full), ("o-00".to_owned(), "o-49".to_owned()));
    // What it knows goes on changing; what gave way doesn't come back.
    let canceled = |number| OrderUpdated {
        status: OrderStatus::parse("canceled").unwrap(),
        changed_at: ms(1),
        ..of(number)
    };
    assert!(fold(&mut full, &canceled(limit - 1)).is_ok());
    assert_eq!(full.live_parts().count(), limit - 1);
    assert!(fold(&mut full, &canceled(limit)).is_err());
    assert_eq!(full.live_parts().count(), limit - 1);
}

#[test]
fn an_order_keeps_the_50_smallest_identities_of_a_kind() {
    let (limit, of) = (limits::IDENTITIES_PER_ORDER, |number: usize| OrderUpdated {
        order_id: OrderId::parse("o-01").unwrap(),
        ..numbered(number)
    });
    let mut full = folded((1..=limit).map(of));
    let mut beyond = of(limit + 1);
    beyond.changed_at = ms(9);
    beyond.value = 7;
    let refused = fold(&mut full, &beyond).unwrap_err();
    assert_eq!(refused.what, "userId");
    assert_eq!(full.identities.user_ids.len(), limit);
    assert!(!full.identities.matches(&identities("u51", "", "")));
    // The state of its part is kept all the same, and it names the shopper of the report.
    assert_eq!(full.parts.values().next().unwrap().value, 7);
    assert_eq!(full.named_user.as_ref().unwrap().value.as_str(), "u51");
    assert!(fold(&mut full, &of(0)).is_ok());
    assert_eq!(full.identities.user_ids.len(), limit);
    assert!(full.identities.matches(&identities("u00", "", "")));
    assert!(!full.identities.matches(&identities("u50", "", "")));
}

#[test]
fn an_order_is_stored_and_read_as_it_is() {
    let mut event = updated();
    event.identities = identities("ana", "5561999990001", "c");
    let bare = OrderUpdated {
        items: ItemList::default(),
        identities: identities("", "", ""),
        ..part("o-02", "", "CLP", 0)
    };
    let whole = order(&[event, bare.clone()]);
    for order in [whole, order(&[bare])] {
        let json = serde_json::to_string(&order).unwrap();
        assert_eq!(serde_json::from_str::<Order>(&json).unwrap(), order, "{json}");
    }
}
