//! `/campaigns` and what lies below it.

pub(crate) mod edit;
pub(crate) mod history;
pub(crate) mod list;
pub(crate) mod pause_resume;
pub(crate) mod sending;
pub(crate) mod tenants;
pub(crate) mod test_message;
