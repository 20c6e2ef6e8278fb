#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use crate::samples::{identities, key, sent, shirt, updated};

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
fn data_have_one_digest_each() {
    let key = key();
    let other_items = ReminderSent { items: shirt(9_991), ..sent() };
    assert_eq!(sent().digest(&key), sent().digest(&key));
    assert_ne!(sent().digest(&key), other_items.digest(&key));
    assert_ne!(sent().digest(&key), sent().digest(&PhoneKey::new("another")));
    assert_ne!(updated().digest(&key), OrderUpdated { value: 1, ..updated() }.digest(&key));
}
