//! Two changes that meet: one reads; another is made and answered; then the first writes what it decided on by what it
//! had read. The worst that can happen between two callers, without any chance in it.

use std::time::Duration;

use dev::{Fault, FaultInjector, TestClock, TestService, audit, simulated};
use tokio::time::sleep;

use crate::linearizability::checker::check;
use crate::linearizability::clients::Shared;
use crate::linearizability::history::Request;

/// What the mentor has when the two calls meet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Before {
    Nothing,
    Active,
    Invalidated,
    /// For the call that is overtaken; the other comes from a process whose clock is behind.
    Expired,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    Post,
    Put,
    Delete,
}

impl Change {
    fn of(self, id: Option<&String>) -> Request {
        let id = || id.unwrap().clone();
        match self {
            Self::Post => Request::Post { org: "org".into(), expires_at: None },
            Self::Put => Request::Put { id: id() },
            Self::Delete => Request::Delete { id: id() },
        }
    }
}

pub type Scenario = (Before, Change, Change);

/// Every pair of changes that can meet, in either order: the one that is overtaken, then the one that overtakes it.
pub const SCENARIOS: [Scenario; 9] = [
    (Before::Nothing, Change::Post, Change::Post),
    (Before::Invalidated, Change::Post, Change::Post),
    (Before::Expired, Change::Post, Change::Post),
    (Before::Expired, Change::Post, Change::Put),
    (Before::Expired, Change::Post, Change::Delete),
    (Before::Active, Change::Put, Change::Put),
    (Before::Active, Change::Put, Change::Delete),
    (Before::Active, Change::Delete, Change::Put),
    (Before::Active, Change::Delete, Change::Delete),
];

/// Plays a scenario without these guards, and gives back what is wrong with what was heard or with what is left.
pub fn play((before, overtaken, overtaking): Scenario, sabotage: impl Fn(&FaultInjector)) -> Result<(), String> {
    simulated(1, async {
        let world = TestService::builder().in_process().build().await;
        let behind = TestClock::at("2026-01-10T09:00:00Z");
        let second_process = world.second_process(behind.reader()).await;
        let slow = Shared::new(&world, "m");
        let quick = slow.through(&second_process, &behind);
        let soon = Some(world.clock.text_in(Duration::from_secs(600)));
        let make = |expires_at| Request::Post { org: "org".into(), expires_at };
        match before {
            Before::Nothing => {}
            Before::Active => drop(slow.send(make(None)).await),
            Before::Invalidated => {
                slow.send(make(None)).await;
                slow.send(Request::Delete { id: slow.known()[0].clone() }).await;
            }
            Before::Expired => {
                slow.send(make(soon)).await;
                world.clock.advance(Duration::from_secs(600));
            }
        }
        // So that it shows which of the two a time comes from.
        world.clock.advance(Duration::from_secs(60));
        sabotage(&world.faults);
        sabotage(&second_process.faults);

        // It reads at 10 ms, knows at 20 ms, and writes at 30 ms; the other comes at 25 ms.
        world.faults.latency(Duration::from_millis(10));
        let known = slow.known();
        let (task, request) = (slow.clone(), overtaken.of(known.first()));
        let first = tokio::spawn(async move { task.send(request).await });
        sleep(Duration::from_millis(25)).await;
        quick.send(overtaking.of(known.first())).await;
        first.await.unwrap();

        judge(&world, &slow).await
    })
}

async fn judge(world: &TestService, callers: &Shared) -> Result<(), String> {
    callers.look_around().await;
    check(&callers.history.operations()).map_err(|refuted| refuted.0)?;
    audit(world).await
}

/// A creation whose first attempt is held up on its way, until its second has met another's code, its call has been
/// answered with that, and that code has been invalidated.
pub fn play_late_arrival(sabotage: impl Fn(&FaultInjector)) -> Result<(), String> {
    simulated(1, async {
        let world = TestService::builder().in_process().build().await;
        let second_process = world.second_process(TestClock::at("2026-01-10T09:00:00Z").reader()).await;
        let slow = Shared::new(&world, "m");
        let quick = slow.through(&second_process, &world.clock);
        sabotage(&world.faults);
        sabotage(&second_process.faults);
        world.faults.fail_next("TransactWriteItems", [Fault::DeliveredLate]);
        let task = slow.clone();
        let first = tokio::spawn(async move { task.send(Change::Post.of(None)).await });
        sleep(Duration::from_secs(1)).await;
        quick.send(Change::Post.of(None)).await;
        first.await.unwrap();
        quick.send(Change::Delete.of(slow.known().first())).await;
        sleep(Duration::from_secs(10)).await;
        quick.send(Change::Post.of(None)).await;
        judge(&world, &slow).await
    })
}
