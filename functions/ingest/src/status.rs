//! What the status of a message means: `WhatsApp`'s words, which senders forward in their events.

use shared::domain::facts::event::Receipt;

/// What a status means here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// A receipt.
    Receipt(Receipt),
    /// Nothing of this system's: counted by this kind and dropped (R12).
    Ignored(&'static str),
    /// A word that nobody knows. `WhatsApp` may say what it likes; in an event of ours it is a mistake.
    Unknown,
}

impl Status {
    /// The meaning of a word.
    pub(crate) fn of(word: &str) -> Self {
        match word {
            "delivered" => Self::Receipt(Receipt::Delivered),
            // A voice message is read by playing it.
            "read" | "played" => Self::Receipt(Receipt::Read),
            "failed" => Self::Receipt(Receipt::Failed),
            // `reminder.sent` says so with more.
            "sent" => Self::Ignored("sent"),
            "deleted" => Self::Ignored("deleted"),
            "warning" => Self::Ignored("warning"),
            _ => Self::Unknown,
        }
    }
}
