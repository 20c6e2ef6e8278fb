#![allow(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;

use super::*;
use crate::table::key::FactKey;
use domain::values::identity::UserId;

const DIGEST: &str = "[A-Za-z0-9_-]{43}";
const ACCOUNT: &str = "[a-z0-9-]{1,50}";
const MILLIS: std::ops::Range<i64> = 0..253_402_300_799_999;

fn account(text: &str) -> Account {
    Account::parse(text).unwrap()
}

proptest! {
    #[test]
    fn a_pointer_to_a_due_cart_is_read_back(owner in ACCOUNT, cart in DIGEST, millis in MILLIS) {
        let due = DueKey {
            due_at: Instant::from_millis(millis),
            account: account(&owner),
            cart: CartId::parse(&cart).unwrap(),
        };
        let key = Key::due(&due);
        prop_assert_eq!(key.pk, due_pk(DueShard::of(&due.account)));
        prop_assert_eq!(DueKey::parse(&key.sk), Some(due.clone()));
        prop_assert!(key.sk <= due_until(due.due_at));
        prop_assert!(key.sk > due_until(Instant::from_millis(millis - 1)) || millis == 0);
    }

    #[test]
    fn a_decision_is_read_back_from_its_key(owner in ACCOUNT, cart in DIGEST, millis in MILLIS) {
        let owner = account(&owner);
        let cart = CartId::parse(&cart).unwrap();
        let episode = Instant::from_millis(millis);
        let key = Key::decision(&owner, &cart, episode);
        let read = FactKey::parse(&key.pk, &key.sk);
        prop_assert_eq!(read, Some(FactKey::Decision(owner, cart, episode)));
    }

    #[test]
    fn hours_sort_as_they_pass(owner in ACCOUNT, millis in 0_i64..253_402_000_000_000, later in 0_i64..90_000_000) {
        let owner = account(&owner);
        let at = |millis| Key::hour(&owner, Instant::from_millis(millis)).sk;
        prop_assert!(at(millis) <= at(millis + later));
        let (from, to) = hours(&owner, Instant::from_millis(millis), Instant::from_millis(millis + later));
        prop_assert!(from <= at(millis) && at(millis + later) <= to);
    }
}

#[test]
fn no_cart_contact_or_send_is_a_fact() {
    let owner = account("acme");
    let digest = "A".repeat(43);
    let (cart, contact) = (CartId::parse(&digest).unwrap(), ContactId::parse(&digest).unwrap());
    let send = SendId::new(&[7; 16]);
    let secret = PhoneKey::new("system-secret");
    let named = Identity::User(UserId::parse("ana").unwrap());
    let due =
        DueKey { due_at: Instant::from_millis(0), account: owner.clone(), cart: cart.clone() };
    let keys = [
        Key::cart(&owner, &cart),
        Key::cart_data(&owner, &cart),
        Key::live_cart_items(&owner, &cart),
        Key::due(&due),
        Key::contact_send(&owner, &contact, &send),
        Key::send(&send),
        Key::named(&secret, &owner, &named, &Naming::Cart(cart.clone())),
        Key::named(&secret, &owner, &named, &Naming::Send(send.clone())),
        Key::lease(DueShard::of(&owner)),
        Key::hour(&owner, Instant::from_millis(0)),
    ];
    for key in &keys {
        assert_eq!(FactKey::parse(&key.pk, &key.sk), None, "{key:?}");
    }
    let mut distinct = keys.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), keys.len());
}
