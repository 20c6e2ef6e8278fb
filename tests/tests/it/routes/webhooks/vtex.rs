//! `/webhooks/vtex/{account}`, with a stand-in VTEX that answers slowly, wrongly, with 404, 429 and 500.

pub(crate) mod answers;
pub(crate) mod hook;
pub(crate) mod logs;
pub(crate) mod oddities;
