//! `/webhooks/whatsapp`.

pub(crate) mod handshake;
pub(crate) mod heard;
pub(crate) mod items;
pub(crate) mod opt_outs;
pub(crate) mod other_traffic;
pub(crate) mod pending;
pub(crate) mod sends;
pub(crate) mod signature;
pub(crate) mod templates;
