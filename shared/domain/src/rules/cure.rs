//! What a store can do when Meta takes nothing from it.

use serde::{Deserialize, Serialize};

/// What a store can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cure {
    /// Connect with a new token.
    RenewToken,
    /// Give the token's user the permissions that sending needs.
    GrantPermission,
    /// Settle the payment of the business account.
    SettlePayment,
    /// Register the phone number, or have its name approved.
    RegisterNumber,
    /// Ask Meta to lift the restriction of the account.
    AppealRestriction,
}

/// The cure of what Meta's code says. Codes: Meta, *`WhatsApp` Cloud API: error codes*.
#[must_use]
pub const fn cure(code: u32) -> Cure {
    match code {
        131_042 => Cure::SettlePayment,
        33 | 131_037 | 131_045 | 133_010 => Cure::RegisterNumber,
        368 | 131_031 => Cure::AppealRestriction,
        3 | 10 | 200..=299 | 131_005 => Cure::GrantPermission,
        _ => Cure::RenewToken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::answer::{Action, Answer, action};

    #[test]
    fn every_code_that_blocks_an_account_has_its_cure() {
        for (codes, expected) in [
            (&[0, 190][..], Cure::RenewToken),
            (&[3, 10, 200, 299, 131_005], Cure::GrantPermission),
            (&[131_042], Cure::SettlePayment),
            (&[33, 131_037, 131_045, 133_010], Cure::RegisterNumber),
            (&[368, 131_031], Cure::AppealRestriction),
        ] {
            for code in codes {
                assert_eq!(action(Answer::Code(*code), 1), Action::Blocked, "{code}");
                assert_eq!(cure(*code), expected, "{code}");
            }
        }
    }
}
