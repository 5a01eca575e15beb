//! Concurrent calls over an engine that is really concurrent: none fails, some order of them explains all answers, and the
//! table is sound afterwards.

use dev::{TestService, random_ids};
use tokio::task::JoinSet;

use crate::linearizability::clients::Callers;
use crate::linearizability::histories::judge;
use crate::linearizability::history::Request;

/// The calls of one mentor that are sent at once. Where no order explains many more, the search for one takes too long.
const CALLERS: usize = 16;
const ROUNDS: usize = 2;

fn post(org: &str) -> Request {
    Request::Post { org: org.into(), expires_at: None }
}

/// What each caller sends: by the caller's number and the id of the mentor's code, of a mentor who has one.
type Calls = fn(usize, &str) -> Request;

const RACES: [(&str, bool, Calls); 6] = [
    ("creates", false, |_, _| post("a")),
    ("creates for two organisations", false, |caller, _| post(["a", "b"][caller % 2])),
    ("rotations", true, |_, id| Request::Put(id.into())),
    ("invalidations", true, |_, id| Request::Delete(id.into())),
    ("rotations and invalidations", true, |caller, id| match caller % 2 {
        0 => Request::Put(id.into()),
        _ => Request::Delete(id.into()),
    }),
    ("a mix", true, |caller, id| match caller % 4 {
        0 | 1 => post("a"),
        2 => Request::Put(id.into()),
        _ => Request::Delete(id.into()),
    }),
];

/// In each round another mentor has a code, or none, and then each caller sends a call from a task of its own, to a process
/// whose clock is a second ahead of the one before.
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_calls_are_answered_as_if_one_came_after_the_other() {
    let service = TestService::on_a_socket().await;
    let mut processes = Vec::new();
    for seed in 0..CALLERS {
        let clock = service.clock.ahead(1_000 * i64::try_from(seed).unwrap());
        processes.push(service.second_process_with(&clock, random_ids(seed as u64, false), &[]).await);
    }
    for (name, has_code, call) in RACES {
        for round in 0..ROUNDS {
            let mentor = Callers::new(&service, &format!("{}_{round}", name.replace(' ', "_")));
            if has_code {
                mentor.send(post("a")).await;
            }
            let id = mentor.known().pop().unwrap_or_default();
            let calls = processes.iter().enumerate().map(|(caller, process)| {
                let (callers, request) = (mentor.through(process, &process.clock), call(caller, &id));
                async move { callers.send(request).await }
            });
            let are_answered = calls.collect::<JoinSet<_>>().join_all().await;
            assert!(are_answered.iter().all(|is_answered| *is_answered), "{name}: a call failed");
            judge(&service, &[mentor]).await.unwrap_or_else(|refuted| panic!("{name}: {refuted}"));
        }
    }
}
