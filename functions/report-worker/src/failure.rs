//! Why an attempt at a report fails, and what is noted of it.

use shared::domain::reports::report::ReportFailure;
use shared::domain::values::period::PeriodError;
use shared::runtime::random::NoRandomness;
use shared::store::StoreError;

use crate::build::BuildError;
use crate::mail::MailError;

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why an attempt ended without a mail, or without a note of it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AttemptError {
    #[error("the table did not answer")]
    Table(#[source] StoreError),
    #[error("the account has no settings")]
    NoAccount,
    #[error("the report's days are no range")]
    Period(#[source] PeriodError),
    #[error("the recipient wished for no more mails")]
    RecipientUnsubscribed,
    #[error("the recipient did not confirm that they want it")]
    RecipientNotConfirmed,
    #[error("the recipient has yet to confirm and can't be asked again so soon")]
    RecipientNotAsked,
    #[error("the file could not be built")]
    Build(#[source] BuildError),
    #[error("the file could not be read back")]
    ReadBack(#[source] BoxError),
    #[error("there is no randomness for a token")]
    Randomness(#[source] NoRandomness),
    #[error("the mail could not be composed")]
    Compose(#[source] MailError),
    /// It certainly took no mail. Its message can name the recipient: only its code is kept.
    #[error("the mail service refused the mail: {0}")]
    Refused(String),
    /// It may have taken the mail all the same.
    #[error("the mail service did not answer")]
    Unanswered(#[source] BoxError),
    /// The attempt was taken for dead: another one has the report.
    #[error("another attempt has the report")]
    Superseded,
    /// It is mailed, and nothing says so: once the lease has ended it is mailed again.
    #[error("the report is mailed and could not be noted as such")]
    Unnoted(#[source] StoreError),
}

impl AttemptError {
    /// What is noted on the report; none where another attempt has it, or it is mailed.
    pub(crate) const fn failure(&self) -> Option<ReportFailure> {
        Some(match self {
            Self::Table(_) | Self::NoAccount | Self::Period(_) | Self::Randomness(_) => {
                ReportFailure::Table
            }
            Self::Build(error) if error.is_of_table() => ReportFailure::Table,
            Self::Build(_) | Self::ReadBack(_) => ReportFailure::Storage,
            Self::RecipientUnsubscribed => ReportFailure::RecipientUnsubscribed,
            Self::RecipientNotConfirmed => ReportFailure::RecipientNotConfirmed,
            Self::RecipientNotAsked => ReportFailure::RecipientNotAsked,
            Self::Compose(_) | Self::Refused(_) | Self::Unanswered(_) => ReportFailure::Mail,
            Self::Superseded | Self::Unnoted(_) => return None,
        })
    }
}
