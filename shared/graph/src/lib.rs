//! Meta's Graph API, as far as a sender of `WhatsApp` messages needs it.
//!
//! - [`template`]: our templates: their names, texts and buttons in three languages,
//! - [`message`]: one message of a template, and the [`way`] that it takes,
//! - [`client`]: the calls, and what an answer to a message says of it (R16).

/// A picture of a cart: the example of a template with a picture, and what stands in where no better one is at hand.
pub const PICTURE: &[u8] = include_bytes!("cart.png");

pub mod client;
pub mod message;
pub mod template;
pub mod way;

pub use client::{AccessToken, GraphApi, Sent};
pub use way::Way;
