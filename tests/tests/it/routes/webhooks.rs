//! `/webhooks`.

pub(crate) mod vtex;
pub(crate) mod whatsapp;
