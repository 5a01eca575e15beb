//! Two changes of which one overtakes the other: the first reads; the second reads, writes and is answered; then the first
//! writes what it decided from its old read. Nothing in it is random.

use std::time::Duration;

use dev::{Fault, FaultInjector, TestClock, TestService, audit, simulated};
use tokio::time::sleep;

use crate::linearizability::checker::check;
use crate::linearizability::clients::Callers;
use crate::linearizability::history::Request;

/// What the mentor has before the two calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Before {
    Nothing,
    Active,
    Invalidated,
    /// Expired for the call that is overtaken. The other call comes from a process whose clock is behind.
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

/// Every pair of changes that is possible, in either order: first the one that is overtaken.
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

/// Plays a scenario after `sabotage`. Fails if the answers are not linearizable, or if the table breaks an invariant.
pub fn play((before, overtaken, overtaking): Scenario, sabotage: impl Fn(&FaultInjector)) -> Result<(), String> {
    simulated(1, async {
        let service = TestService::builder().in_process().build().await;
        let behind = TestClock::at("2026-01-10T09:00:00Z");
        let second_process = service.second_process(behind.reader()).await;
        let slow = Callers::new(&service, "m");
        let quick = slow.through(&second_process, &behind);
        let soon = Some(service.clock.text_in(Duration::from_secs(600)));
        let post = |expires_at| Request::Post { org: "org".into(), expires_at };
        match before {
            Before::Nothing => {}
            Before::Active => drop(slow.send(post(None)).await),
            Before::Invalidated => {
                slow.send(post(None)).await;
                slow.send(Request::Delete { id: slow.known()[0].clone() }).await;
            }
            Before::Expired => {
                slow.send(post(soon)).await;
                service.clock.advance(Duration::from_secs(600));
            }
        }
        // Each time in an answer now shows which clock it comes from.
        service.clock.advance(Duration::from_secs(60));
        sabotage(&service.faults);
        sabotage(&second_process.faults);

        // The first call's read arrives at 10 ms and is answered at 20 ms, and its write arrives at 30 ms. The second call
        // comes at 25 ms.
        service.faults.latency(Duration::from_millis(10));
        let known = slow.known();
        let (task, request) = (slow.clone(), overtaken.of(known.first()));
        let first = tokio::spawn(async move { task.send(request).await });
        sleep(Duration::from_millis(25)).await;
        quick.send(overtaking.of(known.first())).await;
        first.await.unwrap();

        verify(&service, &slow).await
    })
}

async fn verify(service: &TestService, callers: &Callers) -> Result<(), String> {
    callers.read_all().await;
    check(&callers.history.operations()).map_err(|refuted| refuted.0)?;
    audit(service).await
}

/// A create whose first attempt is delivered late: after its second attempt has found another caller's code, its call has
/// been answered with that code, and that code has been invalidated.
pub fn play_late_arrival(sabotage: impl Fn(&FaultInjector)) -> Result<(), String> {
    simulated(1, async {
        let service = TestService::builder().in_process().build().await;
        let second_process = service.second_process(TestClock::at("2026-01-10T09:00:00Z").reader()).await;
        let slow = Callers::new(&service, "m");
        let quick = slow.through(&second_process, &service.clock);
        sabotage(&service.faults);
        sabotage(&second_process.faults);
        service.faults.fail_next("TransactWriteItems", [Fault::BESIDE_RETRY]);
        let task = slow.clone();
        let first = tokio::spawn(async move { task.send(Change::Post.of(None)).await });
        sleep(Duration::from_secs(1)).await;
        quick.send(Change::Post.of(None)).await;
        first.await.unwrap();
        quick.send(Change::Delete.of(slow.known().first())).await;
        sleep(Duration::from_secs(10)).await;
        quick.send(Change::Post.of(None)).await;
        verify(&service, &slow).await
    })
}
