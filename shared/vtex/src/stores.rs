//! What is read of stores.

use std::future::Future;

use domain::values::account::Account;
use domain::values::ids::OrderId;
use domain::values::order_form::OrderForm;
use serde_json::value::RawValue;
use store::vtex::VtexKeys;

use crate::error::VtexError;
use crate::list::{ListPage, Slice};

/// Where orders and order forms are read: VTEX, or what plays it.
pub trait Stores: Send + Sync {
    /// An order as its store tells it now: JSON, not yet judged.
    fn order(
        &self,
        account: &Account,
        keys: &VtexKeys,
        id: &OrderId,
    ) -> impl Future<Output = Result<Box<RawValue>, VtexError>> + Send;

    /// An order form as its store tells it now: JSON, not yet judged.
    fn order_form(
        &self,
        account: &Account,
        keys: &VtexKeys,
        form: &OrderForm,
    ) -> impl Future<Output = Result<Box<RawValue>, VtexError>> + Send;

    /// One page of the orders that were made within a slice of time, oldest first.
    fn orders(
        &self,
        account: &Account,
        keys: &VtexKeys,
        slice: Slice,
        page: u32,
    ) -> impl Future<Output = Result<ListPage, VtexError>> + Send;
}
