//! `/webhooks/whatsapp`.

pub(crate) mod handshake;
pub(crate) mod items;
pub(crate) mod pending;
pub(crate) mod signature;
