//! `/account` and what lies below it.

pub(crate) mod activity;
pub(crate) mod pending;
pub(crate) mod sealed;
pub(crate) mod sending;
pub(crate) mod settings;
pub(crate) mod signing_secret;
pub(crate) mod vtex;
pub(crate) mod whatsapp;
