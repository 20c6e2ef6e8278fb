//! What stores sold, as their order lists tell it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use http::StatusCode;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use shared::domain::values::account::Account;
use shared::domain::values::ids::OrderId;
use shared::domain::values::instant::Instant;
use shared::vtex::VtexError;
use shared::vtex::list::{ListPage, Listed, PER_PAGE, Paging, Slice};
use vtex_stand_in::documents::order_with;

/// The orders of the stores, and how these tell them. Clones are the same.
#[derive(Clone, Default)]
pub(super) struct Sold(Arc<Mutex<Stores>>);

#[derive(Default)]
struct Stores {
    orders: BTreeMap<(Account, String), (Instant, Value)>,
    down: BTreeSet<Account>,
    refusing: BTreeSet<Account>,
    /// How long a store takes to tell an order.
    pause: BTreeMap<Account, Duration>,
    listed: Vec<(Account, Slice)>,
    read: Vec<(Account, String)>,
    at_once: usize,
    most_at_once: usize,
}

/// An order with members of its own, made at an instant.
pub(super) fn made(number: u32, at: Instant, members: Value) -> Value {
    let mut document = order_with(json!({
        "orderId": format!("{number}-01"), "orderGroup": number.to_string(),
        "creationDate": at, "lastChange": at,
    }));
    let Value::Object(members) = members else { panic!("{members}") };
    document.as_object_mut().unwrap().extend(members);
    document
}

impl Sold {
    fn stores(&self) -> MutexGuard<'_, Stores> {
        self.0.lock().unwrap()
    }

    /// Adds an order to what a store sold.
    pub(super) fn add(&self, account: &Account, document: Value) {
        let text = |member: &str| document[member].as_str().unwrap().to_owned();
        let at = Instant::parse_rfc3339(&text("creationDate")).unwrap();
        self.stores().orders.insert((account.clone(), text("orderId")), (at, document));
    }

    /// A store tells nothing from now on.
    pub(super) fn close(&self, account: &Account) {
        self.stores().down.insert(account.clone());
    }

    /// It tells again.
    pub(super) fn reopen(&self, account: &Account) {
        self.stores().down.remove(account);
    }

    /// A store refuses its keys from now on.
    pub(super) fn refuse(&self, account: &Account) {
        self.stores().refusing.insert(account.clone());
    }

    /// How long a store takes from now on to tell an order.
    pub(super) fn take_time(&self, account: &Account, pause: Duration) {
        self.stores().pause.insert(account.clone(), pause);
    }

    /// Which lists were asked for.
    pub(super) fn listed(&self) -> Vec<(Account, Slice)> {
        self.stores().listed.clone()
    }

    /// Which orders were read, as often as they were.
    pub(super) fn read(&self) -> Vec<String> {
        self.stores().read.iter().map(|(_, id)| id.clone()).collect()
    }

    /// How many were read at a time, at most.
    pub(super) fn most_at_once(&self) -> usize {
        self.stores().most_at_once
    }

    fn answers(&self, account: &Account) -> Result<(), VtexError> {
        let (stores, operation) = (self.stores(), "read");
        if stores.refusing.contains(account) {
            return Err(VtexError::KeysRefused { operation, status: StatusCode::FORBIDDEN });
        }
        if stores.down.contains(account) {
            return Err(VtexError::Unreachable { operation, source: "down".into() });
        }
        Ok(())
    }
}

impl Sold {
    /// An order, as its store tells it.
    pub(super) async fn order(
        &self,
        account: &Account,
        id: &OrderId,
    ) -> Result<Box<RawValue>, VtexError> {
        let pause = {
            let mut stores = self.stores();
            stores.read.push((account.clone(), id.as_str().to_owned()));
            stores.at_once += 1;
            stores.most_at_once = stores.most_at_once.max(stores.at_once);
            stores.pause.get(account).copied().unwrap_or_default()
        };
        tokio::time::sleep(pause).await;
        self.stores().at_once -= 1;
        self.answers(account)?;
        let stores = self.stores();
        let order = stores.orders.get(&(account.clone(), id.as_str().to_owned()));
        let (_, document) = order.ok_or(VtexError::NotFound { operation: "read an order" })?;
        Ok(RawValue::from_string(document.to_string()).unwrap())
    }

    /// A page of a store's list.
    pub(super) fn orders(
        &self,
        account: &Account,
        slice: Slice,
        page: u32,
    ) -> Result<ListPage, VtexError> {
        self.stores().listed.push((account.clone(), slice));
        self.answers(account)?;
        let stores = self.stores();
        let made = stores
            .orders
            .iter()
            .filter(|((of, _), (at, _))| of == account && (slice.from..=slice.to).contains(at));
        let mut made: Vec<(Instant, &String)> = made.map(|((_, id), (at, _))| (*at, id)).collect();
        made.sort();
        let (total, per_page) = (made.len() as u64, PER_PAGE as usize);
        let on_page = made.into_iter().skip((page as usize - 1) * per_page).take(per_page);
        let list = on_page.map(|(_, id)| Listed { order_id: id.clone(), origin: None }).collect();
        Ok(ListPage { list, paging: Paging { total, pages: total.div_ceil(PER_PAGE.into()) } })
    }
}
