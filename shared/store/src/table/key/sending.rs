//! The keys of what the system sends itself: carts, what leads to them, decisions, contacts, sends.

use super::{FACT, Key};
use domain::facts::cart::SendId;
use domain::facts::decision::Outcome;
use domain::values::account::Account;
use domain::values::due_shard::DueShard;
use domain::values::identity::PhoneKey;
use domain::values::identity::alias::Identity;
use domain::values::instant::Instant;
use domain::values::item::ItemsDigest;
use domain::values::keyed_id::{CartId, ContactId};
use serde::{Deserialize, Serialize};

/// The start of the sort keys of a contact's pointers to its sends, and of sends' partitions.
pub const SEND: &str = "SEND#";
/// The start of the index sort keys of decisions.
pub const DECISION: &str = "DECISION#";
/// The sort key of a cart.
pub const LIVE: &str = "LIVE";
/// The start of the sort keys of a shard's counts of messages.
pub const HOUR: &str = "HOUR#";

impl Key {
    /// A cart.
    #[must_use]
    pub fn cart(account: &Account, cart: &CartId) -> Self {
        Self::new(cart_pk(account, cart), LIVE)
    }

    /// What a store's backend told of a cart.
    #[must_use]
    pub fn cart_data(account: &Account, cart: &CartId) -> Self {
        Self::new(cart_pk(account, cart), "DATA")
    }

    /// The items that a store's backend told of a cart.
    #[must_use]
    pub fn live_cart_items(account: &Account, cart: &CartId) -> Self {
        Self::new(cart_pk(account, cart), "ITEMS")
    }

    /// The item list that a send's cart had when it was claimed.
    #[must_use]
    pub fn send_items(send: &SendId, items: &ItemsDigest) -> Self {
        Self::new(send_pk(send), format!("ITEMS#{items}"))
    }

    /// What leads the sender to a cart that is due.
    #[must_use]
    pub fn due(due: &DueKey) -> Self {
        let DueKey { due_at, account, cart } = due;
        Self::new(due_pk(DueShard::of(account)), format!("{due_at}#{account}#{cart}"))
    }

    /// The decision of an episode of a cart.
    #[must_use]
    pub fn decision(account: &Account, cart: &CartId, episode: Instant) -> Self {
        Self::new(format!("{account}#DECISION#{cart}-{episode}"), FACT)
    }

    /// What leads from a contact to a send.
    #[must_use]
    pub fn contact_send(account: &Account, contact: &ContactId, send: &SendId) -> Self {
        Self::new(contact_pk(account, contact), format!("{SEND}{}", send.as_str()))
    }

    /// What leads from a value to a cart or a send that names it.
    #[must_use]
    pub fn named(key: &PhoneKey, account: &Account, value: &Identity, naming: &Naming) -> Self {
        let sk = match naming {
            Naming::Cart(cart) => format!("CART#{cart}"),
            Naming::Send(send) => format!("{SEND}{}", send.as_str()),
        };
        Self::new(named_pk(key, account, value), sk)
    }

    /// A send.
    #[must_use]
    pub fn send(send: &SendId) -> Self {
        Self::new(send_pk(send), "SEND")
    }

    /// How many carts of an account browsers began within the second that `at` lies in. It has a partition of the
    /// account's own: a flood slows nobody else down.
    #[must_use]
    pub fn begun(account: &Account, at: Instant) -> Self {
        Self::new(format!("{account}#BEGUN"), format!("{:012}", at.seconds()))
    }

    /// How many carts of an account browsers began within the minute that `at` lies in, while most were made up.
    #[must_use]
    pub fn begun_in_doubt(account: &Account, at: Instant) -> Self {
        Self::new(format!("{account}#BEGUN"), format!("MINUTE#{:010}", at.seconds() / 60))
    }

    /// How many carts of an account were read at its store within a window, and how many of them there were not.
    #[must_use]
    pub fn carts_read(account: &Account, window: i64) -> Self {
        Self::new(format!("{account}#CARTS_READ"), format!("{window:012}"))
    }

    /// Who looks at a shard at present.
    #[must_use]
    pub fn lease(shard: DueShard) -> Self {
        Self::new(sender_pk(shard), "LEASE")
    }

    /// How many messages an account sent within the hour that `at` lies in.
    #[must_use]
    pub fn hour(account: &Account, at: Instant) -> Self {
        let hour = at.seconds() / 3_600;
        // Fixed width: hours sort as numbers.
        Self::new(sender_pk(DueShard::of(account)), format!("{HOUR}{account}#{hour:010}"))
    }
}

/// What names somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Naming {
    /// A cart: by what a store's backend told of it, or by the number that its gate read.
    Cart(CartId),
    /// A send.
    Send(SendId),
}

/// Whose cart is due, and when its pointer says so.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DueKey {
    /// When, as far as the pointer knows: the cart alone says it.
    pub due_at: Instant,
    /// The account.
    pub account: Account,
    /// The cart.
    pub cart: CartId,
}

impl DueKey {
    /// Reads the sort key of a pointer to a due cart.
    #[must_use]
    pub fn parse(sk: &str) -> Option<Self> {
        let (due_at, rest) = sk.split_once('#')?;
        let (account, cart) = rest.split_once('#')?;
        Some(Self {
            due_at: Instant::parse_rfc3339(due_at).ok()?,
            account: Account::parse(account).ok()?,
            cart: CartId::parse(cart).ok()?,
        })
    }
}

/// The partition of a cart.
#[must_use]
pub fn cart_pk(account: &Account, cart: &CartId) -> String {
    format!("{account}#CART#{cart}")
}

/// The partition of a shard's pointers to due carts. Accounts are lower case: none is called DUE.
#[must_use]
pub fn due_pk(shard: DueShard) -> String {
    format!("DUE#{}", shard.number())
}

/// The bound, inclusive, of the sort keys of carts that are due at `now`.
#[must_use]
pub fn due_until(now: Instant) -> String {
    format!("{now}#\u{10ffff}")
}

/// The partition of a contact.
#[must_use]
pub fn contact_pk(account: &Account, contact: &ContactId) -> String {
    format!("{account}#CONTACT#{contact}")
}

/// The partition of what leads from a value to the carts and sends that name it. What a store's backend tells of
/// a person stands nowhere in the clear.
#[must_use]
pub fn named_pk(key: &PhoneKey, account: &Account, value: &Identity) -> String {
    let digest = key.digest_of(&format!("named#{}#{}", value.kind(), value.value()));
    format!("{account}#NAMED#{digest}")
}

/// The partition of a send.
#[must_use]
pub fn send_pk(send: &SendId) -> String {
    format!("{SEND}{}", send.as_str())
}

/// The partition of a shard's lease and counts.
#[must_use]
pub fn sender_pk(shard: DueShard) -> String {
    format!("SENDER#{}", shard.number())
}

/// The bounds, both inclusive, of the sort keys of an account's counts of messages from the hour of
/// `from` to that of `to`.
#[must_use]
pub fn hours(account: &Account, from: Instant, to: Instant) -> (String, String) {
    (Key::hour(account, from).sk, Key::hour(account, to).sk)
}

/// The index sort key of a decision: a day's decisions of one outcome sort as they were made.
#[must_use]
pub fn decision_day_sk(outcome: Outcome, decided_at: Instant, cart: &CartId) -> String {
    format!("{}{decided_at}#{cart}", decision_day_prefix(outcome))
}

/// The start of the index sort keys of a day's decisions of one outcome.
#[must_use]
pub fn decision_day_prefix(outcome: Outcome) -> String {
    format!("{DECISION}{}#", outcome.word())
}

/// When a decision was made, and of which cart, by its index sort key.
#[must_use]
pub fn parse_decision_day_sk(sk: &str) -> Option<(Instant, CartId)> {
    let (_, place) = sk.strip_prefix(DECISION)?.split_once('#')?;
    let (decided_at, cart) = place.split_once('#')?;
    Some((Instant::parse_rfc3339(decided_at).ok()?, CartId::parse(cart).ok()?))
}

/// Characters of an instant in a key.
const INSTANT_CHARS: usize = 24;

/// The cart and the episode whose decision lies in the partition that goes on so.
pub(super) fn parse_decision(rest: &str) -> Option<(CartId, Instant)> {
    // A digest may hold dashes, an instant's text has a fixed width.
    let (cart, episode) = rest.split_at_checked(rest.len().checked_sub(INSTANT_CHARS)?)?;
    let cart = CartId::parse(cart.strip_suffix('-')?).ok()?;
    Some((cart, Instant::parse_rfc3339(episode).ok()?))
}

#[cfg(test)]
mod tests;
