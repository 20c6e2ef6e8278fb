//! How many items a derivation may still read.

use crate::StoreError;
use domain::values::limits;

/// What is left of the items that one derivation reads. Whoever gathers more than that (a link that
/// is tapped all day, a till's phone number) must not hold up everybody behind it.
#[derive(Debug, Clone)]
pub struct Allowance(Option<usize>);

impl Allowance {
    /// That of one record's derivation.
    #[must_use]
    pub const fn of_a_record() -> Self {
        Self(Some(limits::READS_PER_DERIVATION))
    }

    /// No bound: for an explanation, and for an operator who waits.
    #[must_use]
    pub const fn unlimited() -> Self {
        Self(None)
    }

    /// How many items are left; none: no bound.
    pub(crate) const fn left(&self) -> Option<usize> {
        self.0
    }

    /// Takes `items` off.
    ///
    /// # Errors
    /// [`StoreError::TooMany`] when fewer are left.
    pub(crate) fn take(&mut self, operation: &'static str, items: usize) -> Result<(), StoreError> {
        if let Some(left) = &mut self.0 {
            *left = left.checked_sub(items).ok_or(StoreError::TooMany { operation })?;
        }
        Ok(())
    }
}
