//! The local stack: everything that is deployed, in one process and without AWS. The functions are
//! the real ones and get the events that they get in Lambda; what stands around them is played here, on what
//! template.yaml says.

pub mod aws;
pub mod demo;
mod events;
pub mod functions;
mod gateway;
pub mod graph;
pub mod mailbox;
pub mod openapi;
mod schedule;
mod serve;
pub mod stack;
mod streams;
pub mod template;
#[cfg(test)]
mod tests;

pub use gateway::{AUDIENCE, AuthorizerError, ISSUER};
pub use schedule::ScheduleError;
pub use streams::{DrainError, StreamsError};
