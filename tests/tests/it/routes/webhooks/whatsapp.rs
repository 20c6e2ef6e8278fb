//! `/webhooks/whatsapp`.

pub(crate) mod handshake;
pub(crate) mod items;
pub(crate) mod other_traffic;
pub(crate) mod signature;
