//! Keys of what an account has at `WhatsApp`: its connection, its templates, its contacts.

use domain::values::account::Account;
use domain::values::ids::WabaId;
use domain::values::keyed_id::{BusinessUserId, ContactId};

use super::{Key, contact_pk};

/// The start of the sort keys of a contact's pointers to business-scoped ids.
pub const BUSINESS_USER: &str = "BSUID#";

impl Key {
    /// An account's connection to `WhatsApp`.
    #[must_use]
    pub fn whatsapp(account: &Account) -> Self {
        Self::new(format!("{account}#ACCOUNT"), "WHATSAPP")
    }

    /// When an account's messages were tried out of late.
    #[must_use]
    pub fn whatsapp_tests(account: &Account) -> Self {
        Self::new(format!("{account}#ACCOUNT"), "WHATSAPP_TESTS")
    }

    /// That an account is connected to a business account of `WhatsApp`: what Meta tells of templates names no
    /// phone number.
    #[must_use]
    pub fn waba(waba: &WabaId, account: &Account) -> Self {
        Self::new(waba_pk(waba), account.as_str())
    }

    /// A template; `template` is its language and its message type.
    #[must_use]
    pub fn template(account: &Account, language: &str, message_type: &str) -> Self {
        Self::new(templates(account), format!("{language}#{message_type}"))
    }

    /// What is known of a contact.
    #[must_use]
    pub fn contact(account: &Account, contact: &ContactId) -> Self {
        Self::new(contact_pk(account, contact), "STATE")
    }

    /// What leads from a contact to a business-scoped id of theirs.
    #[must_use]
    pub fn contact_user(account: &Account, contact: &ContactId, user: &BusinessUserId) -> Self {
        Self::new(contact_pk(account, contact), format!("{BUSINESS_USER}{user}"))
    }

    /// What is known of a user by their business-scoped id.
    #[must_use]
    pub fn business_user(account: &Account, user: &BusinessUserId) -> Self {
        Self::new(format!("{account}#BSUID#{user}"), "CONTACT")
    }
}

/// The partition of an account's templates.
#[must_use]
pub fn templates(account: &Account) -> String {
    format!("{account}#TEMPLATE")
}

/// The partition of the accounts that are connected to a business account. Accounts are lower case: none is
/// called so.
#[must_use]
pub fn waba_pk(waba: &WabaId) -> String {
    format!("WABA#{waba}")
}
