//! Whom an erasure is about: a shopper's identities.

use std::collections::BTreeSet;

use domain::rules::erasure::Mask;
use domain::values::account::Account;
use domain::values::identity::{Identities, IdentitySets, PhoneDigest, UserId};
use store::{StoreError, Table};

/// Facts that name a phone or a cart from which on it is taken for the store's own (the till's
/// number, a test cart) and not for the shopper's: no shopper has as many.
pub const SHARED_BY: usize = 1_000;

/// Who is to be erased.
#[derive(Clone, PartialEq, Eq)]
pub enum AskedShopper {
    /// Whom the store knows by this id.
    User(UserId),
    /// Whose phone number this is.
    Phone(PhoneDigest),
}

/// The identities of a shopper: the one that is asked for, and the phones and carts that its
/// facts name beside it. A phone leads to the user id that its facts name; where they name
/// several, these are several shoppers with one number, and stay. What more than
/// [`SHARED_BY`] facts name is no shopper's own and stays, too.
pub async fn identities(
    table: &Table,
    account: &Account,
    subject: &AskedShopper,
) -> Result<IdentitySets, StoreError> {
    let mut named = named_beside(table, account, subject).await?;
    if let AskedShopper::Phone(_) = subject {
        let mut users = std::mem::take(&mut named.user_ids);
        if let (Some(user), true) = (users.pop_first(), users.is_empty()) {
            let own = named_beside(table, account, &AskedShopper::User(user.clone())).await?;
            named.phones.extend(own.phones);
            named.order_form_ids.extend(own.order_form_ids);
            named.user_ids.insert(user);
        }
    }
    let mut own = IdentitySets { user_ids: named.user_ids, ..IdentitySets::default() };
    for phone in named.phones {
        let asked_for = matches!(subject, AskedShopper::Phone(asked) if *asked == phone);
        let alone = Identities { phone: Some(phone.clone()), ..Identities::default() };
        if asked_for || !table.pointers_exceed(account, &alone, SHARED_BY).await? {
            own.phones.insert(phone);
        }
    }
    for cart in named.order_form_ids {
        let alone = Identities { order_form_id: Some(cart.clone()), ..Identities::default() };
        if !table.pointers_exceed(account, &alone, SHARED_BY).await? {
            own.order_form_ids.insert(cart);
        }
    }
    Ok(own)
}

/// All identities that the facts of a subject name; of users another one's is left out.
async fn named_beside(
    table: &Table,
    account: &Account,
    subject: &AskedShopper,
) -> Result<IdentitySets, StoreError> {
    let mut named = IdentitySets::default();
    named.add(&match subject {
        AskedShopper::User(user) => {
            Identities { user_id: Some(user.clone()), ..Identities::default() }
        }
        AskedShopper::Phone(phone) => {
            Identities { phone: Some(phone.clone()), ..Identities::default() }
        }
    });
    let mask = Mask::new(named.clone(), &[0; 16]);
    let pointed = table.pointers_of(account, &mask).await?;
    for reminder in table.reminders(account, &pointed.reminders).await? {
        let Some(sent) = reminder.sent else { continue };
        if mask.is_named_by(&sent.identities) {
            named.add(&sent.identities);
        }
    }
    for order in table.orders(account, &pointed.orders).await? {
        if mask.is_named_by_any(&order.identities) {
            named.user_ids.extend(order.identities.user_ids);
            named.phones.extend(order.identities.phones);
            named.order_form_ids.extend(order.identities.order_form_ids);
        }
    }
    if let AskedShopper::User(user) = subject {
        named.user_ids = BTreeSet::from([user.clone()]);
    }
    Ok(named)
}
