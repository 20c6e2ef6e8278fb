//! The pointers that lead from an order's identities to it: those of all its identities at its
//! instant as folded (DESIGN, *Write a fact*).

use engine::faults::{Fault, Faults};
use serde_json::Value;

use crate::store::Store;
use crate::store::facts::Who;

const EARLY: &str = "2026-11-22T09:00:00.000Z";
const LATE: &str = "2026-11-22T11:00:00.000Z";

/// A part made at `created`.
async fn told(store: &Store, part: &str, created: &str, who: impl Into<Who<'_>>) {
    store.part("o", (part, "created"), (created, LATE), who, ("BRL", 100)).await;
}

/// All pointers as `kind#value instant`, sorted.
async fn pointers(store: &Store) -> Vec<String> {
    let mut pointers = Vec::new();
    for item in store.contents().await {
        let item: Value = serde_json::from_str(&item).unwrap();
        let (pk, sk) = (item["pk"].as_str().unwrap(), item["sk"].as_str().unwrap());
        if let Some(identity) = pk.strip_prefix("acme#ID#") {
            let at = sk.strip_prefix("ORDER#").and_then(|sk| sk.strip_suffix("#o")).unwrap();
            assert_eq!(item.as_object().unwrap().len(), 3, "a pointer is a key and an instant");
            pointers.push(format!("{identity} {at}"));
        }
    }
    pointers.sort();
    pointers
}

#[tokio::test]
async fn an_order_is_found_by_all_its_identities_at_its_instant() {
    let store = Store::open().await;
    told(&store, "01", LATE, ("ana", "a1")).await;
    assert_eq!(pointers(&store).await, [format!("cart#a1 {LATE}"), format!("user#ana {LATE}")]);
    // It becomes older by an event that names somebody else.
    told(&store, "02", EARLY, "bia").await;
    let made_older = [
        format!("cart#a1 {EARLY}"),
        // The stale ones stay.
        format!("cart#a1 {LATE}"),
        format!("user#ana {EARLY}"),
        format!("user#ana {LATE}"),
        format!("user#bia {EARLY}"),
    ];
    assert_eq!(pointers(&store).await, made_older);
    // A younger part doesn't make it younger.
    told(&store, "03", LATE, "cleo").await;
    let mut expected = made_older.to_vec();
    expected.push(format!("user#cleo {EARLY}"));
    assert_eq!(pointers(&store).await, expected);
}

#[tokio::test]
async fn pointers_that_are_there_are_not_written_again() {
    let mut store = Store::open().await;
    let (table, meter) = store.engine.metered();
    store.table = table;
    let written = |who: &'static str, part: &'static str| {
        let (store, meter) = (store.clone(), meter.clone());
        async move {
            meter.reset();
            store.part("o", (part, "created"), (LATE, LATE), who, ("BRL", 100)).await;
            // The order is one unit; so is each pointer.
            (meter.of("GetItem").calls, meter.of("BatchWriteItem").units, meter.of("PutItem").calls)
        }
    };
    assert_eq!(written("ana", "01").await, (1, 1.0, 1));
    assert_eq!(written("ana", "02").await, (1, 0.0, 1), "another part, the same shopper");
    assert_eq!(written("bia", "03").await, (1, 1.0, 1), "one more shopper");
    assert_eq!(written("bia", "03").await, (1, 0.0, 0), "the same again");
}

/// The writer dies between the pointers and the order, or right after it.
#[tokio::test]
async fn a_redelivery_completes_what_a_crash_left() {
    for dies_at in ["BatchWriteItem", "PutItem"] {
        let store = Store::open().await;
        told(&store, "01", LATE, ("ana", "a1")).await;
        let faults =
            Faults::planned(move |call| (call.operation == dies_at).then_some(Fault::CrashAfter));
        let mut dying = store.clone();
        dying.table = store.engine.table_through(faults.around(store.engine.http()), 1);
        tokio::select! {
            biased;
            () = told(&dying, "02", EARLY, "bia") => panic!("{dies_at} was never called"),
            () = faults.crashed() => (),
        }
        told(&store, "02", EARLY, "bia").await;
        let found = pointers(&store).await;
        for identity in ["cart#a1", "user#ana", "user#bia"] {
            assert!(found.contains(&format!("{identity} {EARLY}")), "{dies_at}: {found:?}");
        }
    }
}
