//! The two ways to Meta.

/// The way that a message takes to Meta. What is asked for is the same, and so is what is answered, and the statuses
/// (Meta, *Marketing Messages API for `WhatsApp`: Send messages*).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The Cloud API: Meta tries to deliver it for 30 days.
    Usual,
    /// Marketing Messages, of whose terms the business has to approve: Meta gives it up after its template's time to
    /// live.
    Marketing,
}

impl Way {
    /// That of an account which has Marketing Messages, or hasn't.
    #[must_use]
    pub const fn of(has_marketing_messages: bool) -> Self {
        if has_marketing_messages { Self::Marketing } else { Self::Usual }
    }

    /// The last step of its address, behind the phone number's id.
    pub(crate) const fn step(self) -> &'static str {
        match self {
            Self::Usual => "messages",
            Self::Marketing => "marketing_messages",
        }
    }
}
