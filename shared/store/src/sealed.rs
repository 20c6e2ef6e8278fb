//! Secrets as the table holds them: sealed.
//!
//! Those from before there was sealing stand in clear. They are read as ever, and sealed whenever what
//! holds them is written, or by an operator for all accounts at once.

use serde::{Deserialize, Serialize};

use crate::StoreError;
use domain::values::account::Account;
use domain::values::instant::Instant;
use domain::values::span::Span;
use runtime::config::Secret;
use runtime::sealing::{Sealed, SealedFor, SealingKey};

/// How long a signing secret outlives its successor: senders change theirs within a day.
pub(crate) const OLD_SECRET_STAYS: Span = Span::hours(24);

/// What a secret is for. A value that is sealed for one of them opens for no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// It signs an account's events and sends.
    SigningSecret,
    /// VTEX's hook sends it.
    HookSecret,
    /// It opens a store's VTEX API.
    VtexAppToken,
    /// A store's backend told it of a shopper.
    CartData,
    /// It opens a business account at Meta.
    WhatsappToken,
}

impl Purpose {
    const fn word(self) -> &'static str {
        match self {
            Self::SigningSecret => "signing-secret",
            Self::HookSecret => "vtex-hook-secret",
            Self::VtexAppToken => "vtex-app-token",
            Self::CartData => "cart-data",
            Self::WhatsappToken => "whatsapp-token",
        }
    }
}

/// A secret as the table holds it. `Debug` doesn't show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum KeptSecret {
    /// Sealed.
    Sealed(Sealed),
    /// In clear, as it was kept before there was sealing.
    Clear(String),
}

impl KeptSecret {
    /// Seals a secret.
    pub(crate) fn seal(
        (key, account): (&SealingKey, &Account),
        purpose: Purpose,
        secret: &Secret,
    ) -> Result<Self, StoreError> {
        let of = SealedFor { account, purpose: purpose.word() };
        key.seal(of, secret).map(Self::Sealed).map_err(|error| StoreError::Unavailable {
            operation: "seal a secret",
            source: Box::new(error),
        })
    }

    /// The secret.
    pub(crate) fn open(
        &self,
        (key, account): (&SealingKey, &Account),
        purpose: Purpose,
    ) -> Result<Secret, StoreError> {
        match self {
            Self::Clear(text) => Ok(Secret::new(text)),
            Self::Sealed(sealed) => {
                let of = SealedFor { account, purpose: purpose.word() };
                let opened = key.open(of, sealed);
                opened.map_err(|error| StoreError::corrupt(purpose.word(), error))
            }
        }
    }

    /// Seals what stands in clear; whether it did.
    pub(crate) fn close(
        &mut self,
        by: (&SealingKey, &Account),
        purpose: Purpose,
    ) -> Result<bool, StoreError> {
        let Self::Clear(text) = self else { return Ok(false) };
        *self = Self::seal(by, purpose, &Secret::new(std::mem::take(text)))?;
        Ok(true)
    }
}

impl std::fmt::Debug for KeptSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sealed(_) => "KeptSecret(sealed)",
            Self::Clear(_) => "KeptSecret(in clear)",
        })
    }
}

/// A secret and how long it is valid. `Debug` doesn't show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredSecret {
    secret: KeptSecret,
    /// The end of its validity once it has a successor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    valid_until: Option<Instant>,
}

impl StoredSecret {
    /// A secret without an end.
    pub(crate) const fn new(secret: KeptSecret) -> Self {
        Self { secret, valid_until: None }
    }

    /// The secret.
    pub(crate) fn open(
        &self,
        by: (&SealingKey, &Account),
        purpose: Purpose,
    ) -> Result<Secret, StoreError> {
        self.secret.open(by, purpose)
    }

    /// Seals it if it stands in clear; whether it did.
    pub(crate) fn close(
        &mut self,
        by: (&SealingKey, &Account),
        purpose: Purpose,
    ) -> Result<bool, StoreError> {
        self.secret.close(by, purpose)
    }

    /// Whether it is valid at `now`.
    pub(crate) fn is_valid(&self, now: Instant) -> bool {
        self.valid_until.is_none_or(|until| now < until)
    }

    /// Puts `secret` before those that are held, newest first. The one before stays valid for
    /// [`OLD_SECRET_STAYS`], older ones as long as they had left.
    pub(crate) fn succeed(held: &mut Vec<Self>, secret: KeptSecret, now: Instant) {
        let until = now.plus(OLD_SECRET_STAYS);
        for old in held.iter_mut() {
            old.valid_until = Some(old.valid_until.map_or(until, |valid| valid.min(until)));
        }
        held.retain(|old| old.is_valid(now));
        held.insert(0, Self::new(secret));
    }
}
