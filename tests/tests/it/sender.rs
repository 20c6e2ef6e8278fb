//! The system's own sender, on the embedded table, with Meta and the stores as tests say (SENDING).

mod answers;
mod anybodys;
mod caught_up;
mod claims;
mod erased;
mod explained;
mod gates;
mod modelled;
mod outage;
mod pointers;
mod property;
mod resolved;
mod sold;
mod stand_ins;
mod world;
