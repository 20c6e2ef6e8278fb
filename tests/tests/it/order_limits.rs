//! R2: what an order keeps of more parts and identities than it may have doesn't depend on which of
//! them came first.

use proptest::prelude::*;
use shared::domain::facts::event::OrderUpdated;
use shared::domain::facts::order::Order;
use shared::domain::values::identity::{Identities, PhoneKey};
use shared::domain::values::ids::{OrderGroup, OrderId};
use shared::domain::values::instant::Instant;
use shared::domain::values::item::ItemList;
use shared::domain::values::limits::{IDENTITIES_PER_ORDER, PARTS_PER_ORDER};
use shared::domain::values::money::Currency;
use shared::domain::values::order_status::OrderStatus;
use shared::domain::values::phone::CountryCode;

use crate::store::now;

/// Parts, shoppers, phones and carts: ten more than are kept.
const MANY: usize = 60;

/// Part `number`. The greater its number, the earlier it was made and the later it changed, so that
/// what isn't kept of the parts names instant, shopper and cart of the order.
fn part(number: usize) -> OrderUpdated {
    let millis = i64::try_from(number).unwrap();
    let (user, cart) = (format!("u{number:02}"), format!("c{number:02}"));
    let phone = format!("+55 61 5555-00{number:02}");
    let key = PhoneKey::new("a secret of the tests");
    let phones = key.in_country(CountryCode::BRAZIL);
    OrderUpdated {
        order_group: OrderGroup::parse("o").unwrap(),
        order_id: OrderId::parse(&format!("o-{number:02}")).unwrap(),
        status: OrderStatus::parse("created").unwrap(),
        created_at: Instant::from_millis(now().millis() - millis),
        changed_at: Instant::from_millis(now().millis() + millis),
        identities: Identities::named(Some(&user), Some(&phone), Some(&cart), phones).unwrap(),
        currency: Currency::parse("BRL").unwrap(),
        value: 100,
        items: ItemList::default(),
    }
}

fn folded(events: impl IntoIterator<Item = OrderUpdated>) -> Order {
    let mut events = events.into_iter().peekable();
    let mut order = Order::first(events.peek().unwrap());
    for event in events {
        // What isn't kept is told to its sender, and depends on what came before.
        let _ = order.fold(&event, &event.digest(&PhoneKey::new("a secret of the tests")));
    }
    order
}

proptest! {
    /// All parts, some of them twice, and a later state of one of them.
    #[test]
    fn r2_what_an_order_keeps_does_not_depend_on_arrival(
        arrival in Just((0..MANY).chain(20..MANY).collect::<Vec<_>>()).prop_shuffle(),
        changed in 0..MANY,
        when in 0..=MANY,
    ) {
        let canceled = OrderUpdated {
            status: OrderStatus::parse("canceled").unwrap(),
            changed_at: Instant::from_millis(part(MANY).changed_at.millis()),
            ..part(changed)
        };
        let mut arriving: Vec<OrderUpdated> = arrival.into_iter().map(part).collect();
        arriving.insert(when, canceled.clone());
        let expected = folded((0..MANY).map(part).chain([canceled]));
        prop_assert_eq!(&folded(arriving), &expected);

        prop_assert_eq!(expected.parts.len(), PARTS_PER_ORDER);
        let last = expected.parts.keys().next_back().map(OrderId::as_str);
        prop_assert_eq!(last, Some("o-49"));
        let sets = &expected.identities;
        for size in [sets.user_ids.len(), sets.phones.len(), sets.order_form_ids.len()] {
            prop_assert_eq!(size, IDENTITIES_PER_ORDER);
        }
        prop_assert_eq!(expected.created_at, part(MANY - 1).created_at);
        prop_assert_eq!(expected.named_user.map(|named| named.value), part(changed).identities.user_id);
    }
}
