//! The common crate of the WhatsApp campaigns system.
//!
//! - [`domain`]: the rules (R1-R12) as pure functions and types,
//! - [`store`]: the facts, rollups and settings in the `DynamoDB` table,
//! - [`web`]: HTTP conventions: errors, claims, signatures, bodies,
//! - [`vtex`]: VTEX's API and what its documents mean here,
//! - [`stream`]: the shape of the table's stream as a Lambda receives it,
//! - [`clock`], [`config`], [`telemetry`]: time, settings, metrics and logs.
//!
//! Dependencies point one way: the functions use `web` and `store`, these use `domain`,
//! and `domain` uses no AWS type, no clock and no randomness.

pub mod clock;
pub mod config;
pub mod domain;
pub mod secrets;
pub mod store;
pub mod stream;
pub mod telemetry;
pub mod vtex;
pub mod web;
