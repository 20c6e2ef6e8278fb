#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::facts::order::Order;
use crate::samples::{identities, key, part, updated};
use crate::values::account::{Account, StoreUrl};
use crate::values::campaign::CampaignName;
use crate::values::identity::{OrderFormId, UserId};
use crate::values::ids::{CampaignId, LinkToken, OrderId, PhoneNumberId, ReminderId};
use crate::values::invalid::Invalid;
use crate::values::order_status::OrderStatus;

/// A number as texts write it: `1,000,000`.
fn told(number: i64) -> String {
    let mut text = number.to_string();
    let mut at = text.len();
    while at > 3 {
        at -= 3;
        text.insert(at, ',');
    }
    text
}

fn size(bytes: usize) -> String {
    told(i64::try_from(bytes).unwrap())
}

/// A rule of a value can't be made of a constant: here it is compared with it.
#[test]
fn errors_tell_the_limits_that_are_checked() {
    let whole = |rule: &str, number: &str| {
        rule.split(|c: char| !c.is_ascii_digit() && c != ',').any(|word| word == number)
    };
    let names = |refused: Invalid, number: String| {
        assert!(whole(refused.rule, &number), "{refused}: {number}");
    };
    let long = "x".repeat(3_000);
    names(Account::parse("").unwrap_err(), size(ACCOUNT_BYTES));
    names(StoreUrl::parse("").unwrap_err(), size(STORE_URL_BYTES));
    let store = StoreUrl::parse("https://acme.example").unwrap();
    names(store.target("").unwrap_err(), size(LINK_TARGET_BYTES));
    names(LinkToken::parse("").unwrap_err(), size(*LINK_TOKEN_BYTES.start()));
    names(LinkToken::parse("").unwrap_err(), size(*LINK_TOKEN_BYTES.end()));
    names(PhoneNumberId::parse("").unwrap_err(), size(PHONE_NUMBER_ID_DIGITS));
    names(CampaignId::parse("").unwrap_err(), size(CAMPAIGN_ID_BYTES));
    names(CampaignName::parse("").unwrap_err(), size(CAMPAIGN_NAME_CHARS));
    names(OrderStatus::parse(&long).unwrap_err(), size(ORDER_STATUS_BYTES));
    names(ReminderId::parse("").unwrap_err(), size(ID_BYTES));
    names(UserId::parse("").unwrap_err(), size(IDENTITY_CHARS));
    names(OrderFormId::parse("").unwrap_err(), size(IDENTITY_CHARS));

    let mut parts = Order::first(&updated());
    let mut refused = None;
    for number in 0..=PARTS_PER_ORDER {
        let event = part(&format!("o-{number:02}"), "created", "BRL", 1);
        refused = parts.fold(&event, &event.digest(&key())).err();
    }
    names(refused.unwrap(), size(PARTS_PER_ORDER));
    let mut gathered = Order::first(&updated());
    let mut refused = None;
    for number in 0..=IDENTITIES_PER_ORDER {
        let event = crate::facts::event::OrderUpdated {
            order_id: OrderId::parse("o-01").unwrap(),
            identities: identities(&format!("u{number:02}"), "", ""),
            ..updated()
        };
        refused = gathered.fold(&event, &event.digest(&key())).err();
    }
    names(refused.unwrap(), size(IDENTITIES_PER_ORDER));
}
