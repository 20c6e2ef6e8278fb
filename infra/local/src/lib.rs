//! The local stack (DESIGN section 7): everything that is deployed, in one process and without AWS.

pub mod template;
