//! VTEX's order hook on an embedded table and a stand-in VTEX that answers slowly, wrongly, with 404,
//! 429 and 500.

mod answers;
mod catch_up;
mod hook;
mod logs;
mod oddities;
mod support;
