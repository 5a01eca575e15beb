//! Concurrent calls over an engine that is really concurrent: none fails, some order of them explains all answers, and the
//! table is sound afterwards.

use dev::{TestService, random_ids};
use tokio::task::JoinSet;

use crate::linearizability::clients::Callers;
use crate::linearizability::histories::judge;
use crate::linearizability::history::Request;

/// The calls of one mentor that are sent at once. Where no order explains many more, the search for one takes too long.
const CALLERS: usize = 16;
const ROUNDS: usize = 6;

fn post(org: &str) -> Request {
    Request::Post { org: org.into(), expires_at: None }
}

fn put(id: &str) -> Request {
    Request::Put { id: id.into() }
}

fn delete(id: &str) -> Request {
    Request::Delete { id: id.into() }
}

/// In each round another mentor has a code, or none, and then each caller sends a call from a task of its own, to a process
/// whose clock is a second ahead of the one before. `call` gets the caller's number, and the id of the mentor's code.
async fn race(has_code: bool, call: fn(usize, &str) -> Request) {
    let service = TestService::on_a_socket().await;
    let mut processes = Vec::new();
    for seed in 0..CALLERS {
        let clock = service.clock.ahead(1_000 * i64::try_from(seed).unwrap());
        processes.push(service.second_process_with(&clock, random_ids(seed as u64, false), &[]).await);
    }
    for round in 0..ROUNDS {
        let mentor = Callers::new(&service, &format!("usr_{round}"));
        if has_code {
            mentor.send(post("a")).await;
        }
        let id = mentor.known().pop().unwrap_or_default();
        let calls = processes.iter().enumerate().map(|(caller, process)| {
            let (callers, request) = (mentor.through(process, &process.clock), call(caller, &id));
            async move { callers.send(request).await }
        });
        let are_answered = calls.collect::<JoinSet<_>>().join_all().await;
        assert!(are_answered.iter().all(|is_answered| *is_answered), "a call failed");
        judge(&service, &[mentor]).await.unwrap_or_else(|refuted| panic!("{refuted}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_creates_return_one_code() {
    race(false, |_, _| post("a")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_creates_for_two_organisations_have_one_winner() {
    race(false, |caller, _| post(["a", "b"][caller % 2])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_rotations_return_one_successor() {
    race(true, |_, id| put(id)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_invalidations_return_one_time() {
    race(true, |_, id| delete(id)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_rotation_and_invalidation_do_not_both_happen() {
    race(true, |caller, id| if caller % 2 == 0 { put(id) } else { delete(id) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_mix_of_calls_leaves_at_most_one_active_code() {
    race(true, |caller, id| match caller % 4 {
        0 | 1 => post("a"),
        2 => put(id),
        _ => delete(id),
    })
    .await;
}
