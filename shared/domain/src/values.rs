//! Values: texts, instants, money, days. An invalid one can't be built, so nothing behind the edge
//! checks again. They know no fact and no rule.

pub mod account;
pub mod campaign;
pub mod daily_limit;
pub mod digest;
pub mod domain_name;
pub mod due_shard;
pub mod email;
pub mod identity;
pub mod ids;
pub mod instant;
pub mod invalid;
pub mod item;
pub mod keyed_id;
pub mod limits;
pub mod money;
pub mod order_form;
pub mod order_status;
pub mod period;
pub mod phone;
pub mod sending;
pub mod sending_hours;
pub mod span;
pub mod stop_word;
pub mod store_day;
pub mod store_hosts;
pub mod tally;
pub(crate) mod text;
pub(crate) mod uuid;
