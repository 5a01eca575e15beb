//! Two changes of which one overtakes the other: the first reads; the second reads, writes and is answered; then the first
//! writes what it decided from its old read. Nothing in it is random.

use std::time::Duration;

use dev::{Fault, FaultInjector, TestClock, TestService, simulated};
use tokio::time::sleep;

use crate::linearizability::clients::Callers;
use crate::linearizability::histories::judge;
use crate::linearizability::scenario::Before;
use crate::linearizability::scenario::Step::{self, DeleteA, Post, PutA};

pub type Scenario = (Before, Step, Step);

/// Every pair of changes that is possible, in either order: first the one that is overtaken. A code that has expired has not
/// for the other call, which comes from a process whose clock is behind.
pub const SCENARIOS: [Scenario; 9] = [
    (Before::Nothing, Post, Post),
    (Before::Invalidated, Post, Post),
    (Before::Expired, Post, Post),
    (Before::Expired, Post, PutA),
    (Before::Expired, Post, DeleteA),
    (Before::Active, PutA, PutA),
    (Before::Active, PutA, DeleteA),
    (Before::Active, DeleteA, PutA),
    (Before::Active, DeleteA, DeleteA),
];

/// Plays a scenario after `sabotage`. Fails if the answers are not linearizable, or if the table breaks an invariant.
pub fn play((before, overtaken, overtaking): Scenario, sabotage: impl Fn(&FaultInjector)) -> Result<(), String> {
    simulated(1, async {
        let (service, slow, quick) = sabotaged(sabotage, before).await;
        // The first call's read arrives at 10 ms and is answered at 20 ms, and its write arrives at 30 ms. The second call
        // comes at 25 ms.
        service.faults.latency(Duration::from_millis(10));
        let task = slow.clone();
        let first = tokio::spawn(async move { overtaken.send(&task).await });
        sleep(Duration::from_millis(25)).await;
        overtaking.send(&quick).await;
        first.await.unwrap();
        judge(&service, &[slow]).await
    })
}

/// Two processes whose transactions are changed, and the callers of each. The second one's clock is behind.
async fn sabotaged(sabotage: impl Fn(&FaultInjector), before: Before) -> (TestService, Callers, Callers) {
    let service = TestService::builder().in_process().build().await;
    let behind = TestClock::at("2026-01-10T09:00:00Z");
    let second_process = service.second_process(behind.reader()).await;
    let slow = Callers::new(&service, "m");
    slow.begin_with(before).await;
    sabotage(&service.faults);
    sabotage(&second_process.faults);
    let quick = slow.through(&second_process, &behind);
    (service, slow, quick)
}

/// A create whose first attempt is delivered late: after its second attempt has found another caller's code, its call has
/// been answered with that code, and that code has been invalidated.
pub fn play_late_arrival(sabotage: impl Fn(&FaultInjector)) -> Result<(), String> {
    simulated(1, async {
        let (service, slow, quick) = sabotaged(sabotage, Before::Nothing).await;
        service.faults.fail_next("TransactWriteItems", [Fault::BESIDE_RETRY]);
        let task = slow.clone();
        let first = tokio::spawn(async move { Post.send(&task).await });
        sleep(Duration::from_secs(1)).await;
        Post.send(&quick).await;
        first.await.unwrap();
        DeleteA.send(&quick).await;
        sleep(Duration::from_secs(10)).await;
        Post.send(&quick).await;
        judge(&service, &[slow]).await
    })
}
