#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use percent_encoding::percent_decode_str;
use proptest::prelude::*;

use super::*;
use domain::values::identity::{Identities, OrderFormId, PhoneKey, UserId};
use domain::values::ids::ReminderId;

/// Ids that a provider mints: visible ASCII without `#` and `%`.
const ID: &str = "[!-\"$&-~]{1,200}";
const ACCOUNT: &str = "[a-z0-9-]{1,50}";
const TOKEN: &str = "[A-Za-z0-9_-]{20,64}";
/// Anything, with the separator and its escape more often than chance has it.
const TEXT: &str = "(#|%|%23|ACCOUNT|\\PC|\\x00){1,14}";

fn account(text: &str) -> Account {
    Account::parse(text).unwrap()
}

/// The group of an id: one between slashes that is nothing but dots is none.
fn group(id: &str) -> OrderGroup {
    OrderGroup::parse(&id.replace('.', ":")).unwrap()
}

fn fact(key: &Key) -> Option<FactKey> {
    FactKey::parse(&key.pk, &key.sk)
}

proptest! {
    /// Whatever a user id holds, the key has as many fields as it was made of, and the value can be
    /// had back: no two values share a key, and none reaches into another field.
    #[test]
    fn no_text_forges_a_separator(owner in ACCOUNT, user in TEXT, cart in TEXT) {
        let owner = account(&owner);
        let named = Identities {
            user_id: UserId::optional(&user).unwrap(),
            phone: None,
            order_form_id: OrderFormId::optional(&cart).unwrap(),
        };
        let values = [
            ("user", named.user_id.as_ref().map(UserId::as_str)),
            ("cart", named.order_form_id.as_ref().map(OrderFormId::as_str)),
        ];
        let expected: Vec<(&str, &str)> =
            values.into_iter().filter_map(|(kind, value)| Some((kind, value?))).collect();
        let pks = identity_pks(&owner, &named.each().collect());
        prop_assert_eq!(pks.len(), expected.len());
        for (pk, (kind, value)) in pks.iter().zip(expected) {
            let fields: Vec<&str> = pk.split('#').collect();
            prop_assert_eq!(&fields[..3], &[owner.as_str(), "ID", kind]);
            prop_assert_eq!(fields.len(), 4);
            prop_assert_eq!(percent_decode_str(fields[3]).decode_utf8().unwrap(), value);
            prop_assert!(!pk.chars().any(|c| c.is_ascii_control()));
        }
    }

    #[test]
    fn other_texts_stay_within_their_field(owner in ACCOUNT, text in TEXT) {
        let at = Instant::from_millis(0);
        let owner = account(&owner);
        let number = AsideOwner::PhoneNumber(PhoneNumberId::parse("106540352242922").unwrap());
        for (owner, pk_fields, sk_fields) in
            [(AsideOwner::Account(owner), 2, 2), (number, 3, 1), (AsideOwner::Nobody, 3, 1)]
        {
            let aside = Key::aside(&owner, at, &text);
            prop_assert_eq!(aside.pk.split('#').count(), pk_fields);
            prop_assert_eq!(aside.sk.split('#').count(), sk_fields);
            prop_assert_eq!(&Key::aside_with_id(&owner, &aside.sk), &aside);
        }
        for key in [Key::mark(&text), Key::checkpoint(&text), Key::report_request(&text)] {
            prop_assert_eq!(key.pk.split('#').count(), 2);
        }
    }

    #[test]
    fn a_fact_is_read_back_from_its_key(
        owner in ACCOUNT, id in ID, other in ID, token in TOKEN,
    ) {
        let owner = account(&owner);
        let reminder = ReminderId::parse(&id).unwrap().digest(&PhoneKey::new("key"));
        let click = ClickId::parse(&other).unwrap();
        let group = group(&id);
        let token = LinkToken::parse(&token).unwrap();
        prop_assert_eq!(
            fact(&Key::reminder(&owner, &reminder)),
            Some(FactKey::Reminder(owner.clone(), reminder.clone()))
        );
        prop_assert_eq!(
            fact(&Key::click(&owner, &reminder, &click)),
            Some(FactKey::Click(owner.clone(), reminder.clone(), click.clone()))
        );
        prop_assert_eq!(
            fact(&Key::order(&owner, &group)),
            Some(FactKey::Order(owner.clone(), group.clone()))
        );
        let shopper = Shopper::unnamed(&reminder);
        prop_assert_eq!(
            fact(&Key::clicked_reminders(&owner, &shopper)),
            Some(FactKey::Shopper(owner.clone(), shopper))
        );
        prop_assert_eq!(fact(&Key::link(&token)), Some(FactKey::Link(token.clone())));
        prop_assert_eq!(
            fact(&Key::early_click(&token, &click)),
            Some(FactKey::EarlyClick(token, click))
        );
        let named = Identities { user_id: UserId::optional("ana").unwrap(), ..Identities::default() };
        let (named, at) = (named.each().collect(), Instant::from_millis(0));
        for pointer in reminder_pointers(&owner, &named, &reminder) {
            prop_assert_eq!(fact(&pointer), None);
        }
        for pointer in order_pointers(&owner, &named, at, &group) {
            prop_assert_eq!(fact(&pointer), None);
        }
    }

    #[test]
    fn what_the_index_holds_is_read_back(
        id in ID, millis in 0_i64..253_402_300_799_999,
    ) {
        let group = group(&id);
        let at = Instant::from_millis(millis);
        let sk = conversion_day_sk(at, &group);
        let created_at = at.to_string();
        prop_assert_eq!(parse_conversion_day_sk(&sk), Some((created_at.as_str(), group.as_str())));
    }

    /// Whatever the order group's text, a pointer leads to that order, is found in a range that
    /// holds its instant and in no other, and no reminder's pointer is taken for one.
    #[test]
    fn a_pointer_to_an_order_is_read_back(
        owner in ACCOUNT, user in TEXT, id in ID, millis in 1_i64..253_402_300_799_999,
    ) {
        let (owner, group) = (account(&owner), group(&id));
        let user_id = UserId::parse(&format!("u{user}")).ok();
        let mut named = IdentitySets::default();
        named.add(&Identities { user_id, ..Identities::default() });
        let at = Instant::from_millis(millis);
        let pointers = order_pointers(&owner, &named, at, &group);
        prop_assert_eq!(pointers.len(), 1);
        let key = pointers.first().unwrap();
        prop_assert_eq!(key.pk.split('#').count(), 4);
        prop_assert_eq!(key.sk.split('#').count(), 3);
        prop_assert!(key.sk.len() <= 1_024);
        prop_assert_eq!(parse_order_pointer(&key.sk), Some((at, group)));
        let within = |from: i64, to: i64| {
            let range = (Instant::from_millis(from), Instant::from_millis(to));
            let (from, to) = order_pointer_range(range.0, range.1);
            from <= key.sk && key.sk <= to
        };
        prop_assert!(within(millis, millis) && within(0, millis) && within(millis, i64::MAX));
        prop_assert!(!within(0, millis - 1) && !within(millis + 1, i64::MAX));
        let reminder = ReminderId::parse(&id).unwrap().digest(&PhoneKey::new("key"));
        let pointers = reminder_pointers(&owner, &named, &reminder);
        prop_assert!(pointers.iter().all(|key| parse_order_pointer(&key.sk).is_none()));
    }

    /// Texts of instants sort as instants do, and so do keys that start with them.
    #[test]
    fn keys_sort_as_their_instants(
        a in 0_i64..253_402_300_799_999, b in 0_i64..253_402_300_799_999, one in ID, other in ID,
    ) {
        prop_assume!(a != b);
        let sk = |millis, id: &str| {
            conversion_day_sk(Instant::from_millis(millis), &group(id))
        };
        prop_assert_eq!(a < b, sk(a, &one) < sk(b, &other));
    }
}

#[test]
fn a_report_is_read_back_from_its_key() {
    let owner = account("acme");
    let id = ReportId::new(Instant::from_millis(1), &[7; 10]);
    let key = Key::report(&owner, &id);
    assert_eq!(parse_report(&key.pk, &key.sk), Some((owner.clone(), id.clone())));
    let others = [Key::report_rate(&owner), Key::open_report(&owner, &id), Key::settings(&owner)];
    for key in others {
        assert_eq!(parse_report(&key.pk, &key.sk), None, "{key:?}");
    }
}

#[test]
fn what_is_no_fact_is_not_taken_for_one() {
    let owner = account("acme");
    let campaign = CampaignId::parse("spring").unwrap();
    let day = StoreDay::parse("2026-11-01").unwrap();
    let reminder = ReminderId::parse("r").unwrap().digest(&PhoneKey::new("key"));
    let items: ItemsDigest = serde_json::from_str(r#""22b1061d520891c60beed2f5cf4d183e""#).unwrap();
    for key in [
        Key::settings(&owner),
        Key::campaign(&owner, &campaign),
        Key::campaign_change(&owner, &campaign, 1),
        Key::rollup(&owner, &Cohort::of(day, campaign.clone())),
        Key::rollup(&owner, &Cohort::of_all(day)),
        Key::cart_items(&owner, &reminder, &items),
        Key::checkpoint("shardId-1"),
        Key::warm_up(),
    ] {
        assert_eq!(fact(&key), None, "{key:?}");
    }
    assert_eq!(FactKey::parse("acme#REMINDER#a#b", FACT), None);
    assert_eq!(FactKey::parse("", ""), None);
}
