//! Meta's Graph API, as far as a sender of `WhatsApp` messages needs it.
//!
//! - [`template`]: our templates: their names, texts and buttons in three languages,
//! - [`message`]: one message of a template,
//! - [`client`]: the calls, and what an answer to a message says of it (R16).

pub mod client;
pub mod message;
pub mod template;

pub use client::{AccessToken, GraphApi, Sent};
