//! Processes that are killed in the middle of their calls. Some order of the calls explains all answers: what was acknowledged
//! stays, and a mentor has at most one active code at every moment.
//!
//! A process keeps nothing but its memory. So one is killed by dropping its calls wherever they are, and the next begins with
//! none of its memory. What the killed one has sent may still be carried out.

use std::time::Duration;

use dev::{Call, Reply, TestService, for_each_seed, random_ids, simulated};
use fastrand::Rng;
use futures_util::future::BoxFuture;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::linearizability::clients::{self, Callers};
use crate::linearizability::histories::judge;

const MENTORS: usize = 2;
/// Of each mentor, and the calls of each.
const CALLERS: usize = 3;
const CALLS: usize = 12;
const MAX_IN_FLIGHT: Duration = Duration::from_millis(40);

/// Sends calls to the process of the moment. None if it is killed before it answers.
fn door(process: &watch::Sender<TestService>) -> impl Fn(Call) -> BoxFuture<'static, Option<Reply>> + use<> {
    let process = process.subscribe();
    move |call| {
        let mut process = process.clone();
        Box::pin(async move {
            let service = process.borrow_and_update().clone();
            tokio::select! {
                reply = service.send(call) => Some(reply),
                _ = process.changed() => None,
            }
        })
    }
}

/// Kills the process again and again, and starts another one in its place.
async fn keep_killing(process: &watch::Sender<TestService>, first: &TestService, mut rng: Rng) {
    loop {
        sleep(Duration::from_millis(rng.u64(20..400))).await;
        let next = first.second_process_with(&first.clock, random_ids(rng.u64(..), true), &[]).await;
        next.faults.random_latency(rng.u64(..));
        process.send_replace(next);
    }
}

#[test]
fn acknowledged_changes_survive_killed_processes() {
    for_each_seed(4, |seed| {
        simulated(seed, async {
            let mut rng = Rng::with_seed(seed);
            let first = TestService::builder().isolation(seed, MAX_IN_FLIGHT).scarce_ids(seed).build().await;
            first.faults.random_latency(seed);
            let process = watch::Sender::new(first.clone());
            let callers = |nth| Callers::at(std::sync::Arc::new(door(&process)), &first.clock, &format!("usr_{nth}"));
            let mentors: Vec<_> = (0..MENTORS).map(callers).collect();
            let choices = rng.fork();
            tokio::select! {
                () = clients::run(&mentors, CALLERS, CALLS, &mut rng) => {}
                () = keep_killing(&process, &first, choices) => {}
            }
            let calls: Vec<_> = mentors.iter().flat_map(|mentor| mentor.history.operations()).collect();
            let killed = calls.iter().filter(|call| call.answered.is_none()).count();
            assert!(killed > 3 && killed < calls.len() / 2, "{killed} of {} calls were killed", calls.len());
            judge(&first, &mentors).await
        })
    });
}
