//! The local stack's command.
fn main() {}
