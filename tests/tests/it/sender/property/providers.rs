//! Whoever tells the system something: through a table that may fail or die at any write, and once more until it is
//! acknowledged, as providers do (R12).

use engine::dice::Dice;
use engine::faults::{Fault, Faults};
use shared::store::{StoreError, Table};

use crate::sender::world::World;

/// How often a provider meets a table that may fail; then it finds a sound one.
const REDELIVERIES: usize = 3;

/// A crash before or after the write of this number, counted from 0.
pub(super) fn dies_at(number: usize, fault: Fault) -> Faults {
    let mut left = number;
    Faults::planned(move |call| {
        if !call.is_write() {
            return None;
        }
        let dies = left == 0;
        left = left.wrapping_sub(1);
        dies.then_some(fault)
    })
}

/// What may go wrong with a call of about so many writes.
pub(super) fn trouble(dice: &mut Dice, writes: usize) -> Faults {
    match dice.below(4) {
        0 => Faults::default(),
        1 => Faults::random(dice.fork(), 60),
        _ => {
            let fault = if dice.chance(500) { Fault::CrashBefore } else { Fault::CrashAfter };
            dies_at(dice.below(writes), fault)
        }
    }
}

/// A call; none where whoever took it died.
pub(super) async fn attempt<T>(
    world: &World,
    faults: &Faults,
    act: impl AsyncFn(&Table) -> Result<T, StoreError>,
) -> Option<Result<T, StoreError>> {
    let table = world.table_through(faults);
    tokio::select! {
        done = act(&table) => Some(done),
        () = faults.crashed() => None,
    }
}

/// What a browser tells: it comes or is lost.
pub(super) async fn beacon<T>(
    world: &World,
    dice: &mut Dice,
    act: impl AsyncFn(&Table) -> Result<T, StoreError>,
) {
    let faults = trouble(dice, 4);
    drop(attempt(world, &faults, act).await);
}

/// What a provider tells: it comes again until it was acknowledged, and now and then once more.
pub(super) async fn deliver<T>(
    world: &World,
    dice: &mut Dice,
    act: impl AsyncFn(&Table) -> Result<T, StoreError>,
) -> T {
    for _ in 0..REDELIVERIES {
        let faults = trouble(dice, 8);
        let done = attempt(world, &faults, &act).await;
        if let Some(Ok(done)) = done
            && dice.chance(800)
        {
            return done;
        }
    }
    act(&world.table).await.unwrap()
}
