//! Orders that move while the report is read: each is in it once, in its place where the file
//! hasn't passed it yet. Where it has, the file is built again.

use engine::faults::{Call, Faults};
use report_worker::build::{Built, LAST_BEGINS_WITHIN};

use crate::store::Store;
use crate::store::worker::Worker;

pub(super) fn reads_day(call: &Call, day: &str) -> bool {
    call.operation == "Query" && call.body.to_string().contains(&format!("acme#DAY#{day}"))
}

pub(super) fn reads_rollups(call: &Call) -> bool {
    call.operation == "Query" && call.body.to_string().contains("acme#ROLLUP")
}

fn reads_order(call: &Call, group: &str) -> bool {
    call.operation == "BatchGetItem"
        && call.body.to_string().contains(&format!("acme#ORDER#{group}\""))
}

pub(super) fn users(file: &str) -> Vec<&str> {
    file.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect()
}

/// Three days with an order each.
pub(super) async fn three_days() -> Worker {
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
/// to be sent. That takes so long that no second file is begun.
async fn changed_at(
    worker: &Worker,
    when: impl Fn(&Call) -> bool + Send + 'static,
    change: impl AsyncFnOnce(),
) -> String {
    let late = async || {
        change().await;
        worker.store.pass(LAST_BEGINS_WITHIN);
    };
    let (_, file) = built_while(worker, when, late).await;
    assert!(worker.pauses.made().is_empty());
    file
}

async fn built_while(
    worker: &Worker,
    when: impl Fn(&Call) -> bool + Send + 'static,
    change: impl AsyncFnOnce(),
) -> (Built, String) {
    let faults = Faults::default();
    let hold = faults.hold(when);
    let deps = worker.under(&faults);
    let meanwhile = async {
        hold.reached().await;
        change().await;
        hold.release();
    };
    tokio::join!(Box::pin(worker.built(&deps)), Box::pin(meanwhile)).0
}

#[tokio::test]
async fn at_rest_the_index_is_read_once() {
    let worker = three_days().await;
    let faults = Faults::default();
    let (_, file) = worker.built(&worker.under(&faults)).await;
    assert_eq!(users(&file), ["u-o1", "u-o2", "u-o3"]);
    let queries = faults.calls().iter().filter(|call| reads_day(call, "2026-11-")).count();
    assert_eq!(queries, 30);
    // What the rollups count is asked once, and nothing is waited for.
    assert_eq!(faults.calls().iter().filter(|call| reads_rollups(call)).count(), 1);
    assert!(worker.pauses.made().is_empty());
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
        // So late that this file is the last one.
        worker.store.pass(LAST_BEGINS_WITHIN);
        second.release();
    };
    let ((built, file), ()) = tokio::join!(worker.built(&deps), meanwhile);
    assert_eq!(users(&file), ["u-o2", "u-o3", "u-o1"]);
    assert_eq!(built.rows, 3);
}

/// Three days and an order at the end of the month.
async fn with_late_order(value: i64) -> Worker {
    let worker = three_days().await;
    let (sent, ordered) = ("2026-11-25T10:00:00-03:00", "2026-11-25T11:00:00-03:00");
    worker.store.conversion("late", sent, ordered, value).await;
    worker.store.settle().await;
    worker
}

/// Builds the file while the late order moves to the second day, behind the pages that are read ahead,
/// and `then` happens; all of it is counted.
async fn built_while_late_moves(worker: &Worker, then: impl AsyncFnOnce()) -> (Built, String) {
    let moves = async || {
        worker.store.move_to("late", "2026-11-02").await;
        then().await;
        worker.store.count().await;
    };
    built_while(worker, |call| reads_day(call, "2026-11-25"), moves).await
}

/// It moves from a day that isn't read yet to one that is: no page names it any more.
#[tokio::test]
async fn an_order_that_slips_behind_us_is_in_the_next_file() {
    let worker = with_late_order(100).await;
    let (built, file) = built_while_late_moves(&worker, async || {}).await;
    assert_eq!(users(&file), ["u-o1", "u-o2", "u-late", "u-o3"]);
    assert_eq!((worker.pauses.made(), built.short_of), (vec![1], None));
}

/// As many in each day as were taken there: only what they are worth tells that one is missing.
#[tokio::test]
async fn an_order_that_slips_behind_us_where_another_died_is_in_the_next_file() {
    let worker = with_late_order(250).await;
    let (built, file) = built_while_late_moves(&worker, async || {
        let when = ("2026-11-02T11:00:00-03:00", "2026-11-03T11:00:00-03:00");
        worker.store.part("o2", ("01", "canceled"), when, "u-o2", ("BRL", 100)).await;
        worker.store.judge("o2").await;
    })
    .await;
    assert_eq!(users(&file), ["u-o1", "u-late", "u-o3"]);
    assert_eq!((worker.pauses.made(), built.short_of), (vec![1], None));
}

/// There is no time for another file: it is told how many it should have.
#[tokio::test]
async fn an_order_that_slips_behind_the_last_file_is_told_to_be_missing() {
    let worker = with_late_order(100).await;
    let (built, file) = built_while_late_moves(&worker, async || {
        worker.store.pass(LAST_BEGINS_WITHIN);
    })
    .await;
    assert_eq!(users(&file), ["u-o1", "u-o2", "u-o3"]);
    assert_eq!((worker.pauses.made(), built.short_of), (vec![], Some(4)));
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
