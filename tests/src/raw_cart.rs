//! What happens to a store that the system sends for: each thing at its instant, as whoever did it knows it.

use chrono::Weekday;

/// Milliseconds since the epoch.
pub type Millis = i64;

/// Something, and when.
#[derive(Debug, Clone)]
pub struct Happened {
    /// When.
    pub at: Millis,
    /// What.
    pub what: Happening,
}

/// What may happen.
#[derive(Debug, Clone)]
pub enum Happening {
    /// A shopper's browser says that a cart lives.
    Beat {
        /// Which cart.
        cart: usize,
        /// Whether they are at the payment.
        payment: bool,
    },
    /// A store's backend tells of a cart.
    Told {
        /// Which cart.
        cart: usize,
        /// When the shopper was active, which is when it was said.
        active: Millis,
        /// Whether they came to the payment.
        payment: bool,
        /// The shopper's phone, language and consent, where it tells them.
        shopper: Option<(&'static str, &'static str, bool)>,
    },
    /// What a cart holds from now on; none: its store doesn't know it any more.
    Holds {
        /// Which cart.
        cart: usize,
        /// What.
        form: Option<RawForm>,
    },
    /// The store doesn't answer from now on, or answers again.
    StoreAnswers(bool),
    /// An order's state.
    Order {
        /// Its number.
        number: u32,
        /// VTEX's word.
        status: &'static str,
        /// When it was created.
        created: Millis,
        /// Whose it is.
        of: Buyer,
    },
    /// A campaign is as this from now on.
    Campaign(RawCampaign),
    /// The account sends, or doesn't.
    Sends(bool),
    /// When messages may go out: minutes of the day, by weekday.
    Hours(Vec<(Weekday, u32, u32)>),
    /// Meta's limit of messages a day.
    Limit(u64),
    /// Somebody wants no messages, or wants them again.
    Wish {
        /// Their phone.
        phone: &'static str,
        /// Whether they want none.
        out: bool,
    },
    /// Meta tells the state of the text's template in a language.
    Template {
        /// The language.
        language: &'static str,
        /// Meta's word.
        state: &'static str,
    },
    /// A status tells of the message of this number, counted from 0; of one that Meta didn't take nothing comes.
    Status(usize),
    /// The sender ran.
    Ran,
}

/// By what an order names its buyer.
#[derive(Debug, Clone, Copy)]
pub enum Buyer {
    /// By the cart.
    Cart(usize),
    /// By the user id of whoever has this phone.
    User(&'static str),
    /// By the phone.
    Phone(&'static str),
}

/// A cart's order form.
#[derive(Debug, Clone)]
pub struct RawForm {
    /// Whose user id it names: that of whoever has this phone.
    pub user: &'static str,
    /// The phone as it stands there.
    pub phone: Option<&'static str>,
    /// The locale.
    pub locale: &'static str,
    /// Whether they agreed to messages.
    pub agreed: bool,
    /// The currency.
    pub currency: &'static str,
    /// What it is worth, in cents.
    pub cents: i64,
    /// Whether anything is in it.
    pub filled: bool,
}

/// A campaign that the system sends.
#[derive(Debug, Clone)]
pub struct RawCampaign {
    /// Its id.
    pub id: &'static str,
    /// Its language.
    pub language: &'static str,
    /// Whether it is active, rather than paused.
    pub active: bool,
    /// Minutes.
    pub delay: i64,
    /// Whether it asks for the payment page.
    pub payment: bool,
    /// The least worth in BRL, in cents.
    pub minimum: Option<i64>,
    /// Its rank.
    pub rank: u32,
}

/// What Meta said to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RawAnswer {
    /// That it took it.
    Took,
    /// Nothing; whether it took it.
    Silence(bool),
    /// No connection came about.
    NoConnection,
    /// A code that says that it didn't take it.
    Refused(u32),
    /// A code that says nothing; whether it took it.
    Odd(u32, bool),
}

impl RawAnswer {
    /// Whether Meta took the message.
    #[must_use]
    pub const fn took(self) -> bool {
        matches!(self, Self::Took | Self::Silence(true) | Self::Odd(_, true))
    }
}
