//! Orders that move while the report is read: each is in it once, in its place where the file
//! hasn't passed it yet.

use engine::faults::{Call, Faults};

use crate::store::Store;
use crate::store::worker::Worker;

fn reads_day(call: &Call, day: &str) -> bool {
    call.operation == "Query" && call.body.to_string().contains(&format!("acme#DAY#{day}"))
}

fn reads_order(call: &Call, group: &str) -> bool {
    call.operation == "BatchGetItem"
        && call.body.to_string().contains(&format!("acme#ORDER#{group}\""))
}

fn users(file: &str) -> Vec<&str> {
    file.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect()
}

/// Three days with an order each.
async fn three_days() -> Worker {
    let store = Store::open_at_noon().await;
    for n in 1..=3 {
        let (sent, ordered) =
            (format!("2026-11-0{n}T10:00:00-03:00"), format!("2026-11-0{n}T11:00:00-03:00"));
        store.conversion(&format!("o{n}"), &sent, &ordered, 100).await;
    }
    store.settle().await;
    Worker::of(&store).await
}

/// Builds the report, and makes the change when the first call for which `when` holds is about
/// to be sent.
async fn changed_at(
    worker: &Worker,
    when: impl Fn(&Call) -> bool + Send + 'static,
    change: impl AsyncFnOnce(),
) -> String {
    let faults = Faults::default();
    let hold = faults.hold(when);
    let deps = worker.under(&faults);
    let meanwhile = async {
        hold.reached().await;
        change().await;
        hold.release();
    };
    let ((_, file), ()) = tokio::join!(Box::pin(worker.built(&deps)), Box::pin(meanwhile));
    file
}

#[tokio::test]
async fn at_rest_the_index_is_read_once() {
    let worker = three_days().await;
    let faults = Faults::default();
    let (_, file) = worker.built(&worker.under(&faults)).await;
    assert_eq!(users(&file), ["u-o1", "u-o2", "u-o3"]);
    let queries = faults.calls().iter().filter(|call| reads_day(call, "2026-11-")).count();
    assert_eq!(queries, 30);
}

#[tokio::test]
async fn an_order_that_moves_ahead_waits_for_its_place() {
    let worker = three_days().await;
    // The index named it in the first day; its fact names the third.
    let file = changed_at(
        &worker,
        |call| reads_order(call, "o1"),
        async || {
            worker.store.move_to("o1", "2026-11-03").await;
        },
    )
    .await;
    assert_eq!(users(&file), ["u-o2", "u-o1", "u-o3"]);
}

#[tokio::test]
async fn an_order_that_was_taken_is_not_taken_again() {
    let worker = three_days().await;
    // Far behind the pages that are read ahead: the first day's row is written.
    let file = changed_at(
        &worker,
        |call| reads_day(call, "2026-11-25"),
        async || {
            worker.store.move_to("o1", "2026-11-25").await;
        },
    )
    .await;
    assert_eq!(users(&file), ["u-o1", "u-o2", "u-o3"]);
}

/// It waits for the place that its fact named, and is met there again in another.
#[tokio::test]
async fn an_order_that_moves_twice_is_taken_once() {
    let worker = three_days().await;
    let faults = Faults::default();
    let (first, second) = (
        faults.hold(|call| reads_order(call, "o1")),
        faults.hold(|call| reads_day(call, "2026-11-25")),
    );
    let deps = worker.under(&faults);
    let meanwhile = async {
        first.reached().await;
        worker.store.move_to("o1", "2026-11-25").await;
        first.release();
        second.reached().await;
        let when = ("2026-11-01T10:30:00-03:00", "2026-11-01T11:30:00-03:00");
        worker.store.part("o1", ("01", "invoiced"), when, "u-o1", ("BRL", 100)).await;
        worker.store.judge("o1").await;
        worker.store.move_to("o1", "2026-11-25").await;
        second.release();
    };
    let ((built, file), ()) = tokio::join!(worker.built(&deps), meanwhile);
    assert_eq!(users(&file), ["u-o2", "u-o3", "u-o1"]);
    assert_eq!(built.rows, 3);
}

/// It moves from a day that isn't read yet to one that is: no page names it any more.
#[tokio::test]
async fn an_order_that_slips_behind_us_comes_last() {
    let worker = three_days().await;
    worker
        .store
        .conversion("late", "2026-11-25T10:00:00-03:00", "2026-11-25T11:00:00-03:00", 100)
        .await;
    worker.store.settle().await;
    let file = changed_at(
        &worker,
        |call| reads_day(call, "2026-11-25"),
        async || {
            // Behind the pages that are read ahead.
            worker.store.move_to("late", "2026-11-02").await;
        },
    )
    .await;
    assert_eq!(users(&file), ["u-o1", "u-o2", "u-o3", "u-late"]);
}

/// As many in each day as were taken there: only what they are worth tells that one is missing.
#[tokio::test]
async fn an_order_that_slips_behind_us_where_another_died_comes_last() {
    let worker = three_days().await;
    worker
        .store
        .conversion("late", "2026-11-25T10:00:00-03:00", "2026-11-25T11:00:00-03:00", 250)
        .await;
    worker.store.settle().await;
    let file = changed_at(
        &worker,
        |call| reads_day(call, "2026-11-25"),
        async || {
            worker.store.move_to("late", "2026-11-02").await;
            let when = ("2026-11-02T11:00:00-03:00", "2026-11-03T11:00:00-03:00");
            worker.store.part("o2", ("01", "canceled"), when, "u-o2", ("BRL", 100)).await;
            worker.store.judge("o2").await;
            worker.store.count().await;
        },
    )
    .await;
    assert_eq!(users(&file), ["u-o1", "u-o2", "u-o3", "u-late"]);
}

#[tokio::test]
async fn an_order_that_leaves_the_range_is_left_out() {
    let worker = three_days().await;
    let file = changed_at(
        &worker,
        |call| reads_order(call, "o2"),
        async || {
            worker.store.move_to("o2", "2026-12-01").await;
        },
    )
    .await;
    assert_eq!(users(&file), ["u-o1", "u-o3"]);
}

/// Within a day the facts decide over the order, not the index.
#[tokio::test]
async fn an_order_found_to_be_older_takes_its_place_in_its_day() {
    let worker = Worker::open().await;
    let sent = "2026-11-01T10:00:00-03:00";
    worker.store.conversion("a", sent, "2026-11-01T12:00:00-03:00", 1).await;
    worker.store.conversion("b", sent, "2026-11-01T13:00:00-03:00", 1).await;
    worker.store.settle().await;
    let file = changed_at(
        &worker,
        |call| reads_order(call, "a"),
        async || {
            let when = ("2026-11-01T11:00:00-03:00", "2026-11-01T13:30:00-03:00");
            worker.store.part("b", ("01", "invoiced"), when, "u-b", ("BRL", 1)).await;
            worker.store.judge("b").await;
        },
    )
    .await;
    assert_eq!(users(&file), ["u-b", "u-a"]);
}
