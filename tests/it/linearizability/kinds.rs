//! The kinds of simulated histories. `cargo test` runs a few seeds of each, always the same. A search runs more, and new ones,
//! on all processors:
//!
//! ```text
//! TEST_SEEDS=1000 cargo test --locked --test it -- linearizability::kinds --nocapture --test-threads=1
//! ```

use std::sync::Mutex;

use dev::{TestService, for_each_seed};
use tokio::runtime::Builder;

use super::clients::{self, Callers};
use super::histories::{Trouble, history, judge};
use super::history::{Answer, Operation, Request};
use super::{maintained, releases};
use crate::audit_and_repair::restored;

/// What the histories of one kind give back, all together.
fn all<T: Send>(few: u64, history: impl Fn(u64) -> Result<T, String> + Sync) -> Vec<T> {
    let all = Mutex::new(Vec::new());
    for_each_seed(few, |seed| history(seed).map(|outcome| all.lock().unwrap().push(outcome)));
    all.into_inner().unwrap()
}

fn calls(few: u64, trouble: Trouble) -> Vec<Operation> {
    all(few, |seed| history(seed, trouble)).concat()
}

/// Fewer than one call in ten ends in 503.
fn seldom_503(calls: &[Operation]) {
    let unavailable = calls.iter().filter(|call| call.answered.is_none()).count();
    assert!(unavailable * 10 < calls.len(), "{unavailable} of {} calls ended in 503", calls.len());
}

#[test]
fn faults_seldom_end_in_503() {
    seldom_503(&calls(3, Trouble { faults: 0.25, ..Trouble::NONE }));
}

/// If more than half of all requests fail, many calls end in 503, and later reads show what they did.
#[test]
fn many_unknown_outcomes() {
    calls(2, Trouble { faults: 0.6, ..Trouble::NONE });
}

/// A DELETE of an expired code, which another call replaces between the reads of its record and of its slot, must not tell
/// the status of before and the active code of after.
#[test]
fn refusal_of_an_expired_code_tells_the_state_of_one_moment() {
    let calls = history(357_395_194, Trouble { faults: 0.6, ..Trouble::NONE });
    calls.unwrap_or_else(|refuted| panic!("{refuted}"));
}

#[test]
fn torn_transactions_seldom_end_in_503() {
    seldom_503(&calls(3, Trouble::TORN));
}

#[test]
fn torn_transactions_stalls_and_faults() {
    calls(3, Trouble::ALL);
}

#[test]
fn short_links_beside_torn_transactions_and_faults() {
    let calls = calls(2, Trouble { faults: 0.15, links: true, ..Trouble::TORN });
    let linked = calls
        .iter()
        .filter(|call| matches!((&call.request, &call.answered), (Request::Follow(_), Some((_, Answer::Url(_))))));
    assert!(linked.count() > 10, "links lead somewhere");
}

#[test]
fn repairs_while_calls_run() {
    let is_damaged = all(4, restored::history);
    assert!(is_damaged.contains(&true) || std::env::var_os("TEST_SEED").is_some(), "no table was damaged");
}

#[test]
fn release_that_adds_attributes_beside_one_that_does_not_know_them() {
    for_each_seed(2, releases::history);
}

/// The engine and the callers run on several threads. Here the seed decides the calls and the faults, but not their
/// interleaving.
#[test]
fn callers_on_several_threads() {
    for_each_seed(2, |seed| {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let service = TestService::builder().on_a_socket().scarce_ids(seed).build().await;
            service.faults.random_quick(seed, 0.15);
            let mentors = ["usr_0", "usr_1"].map(|mentor| Callers::new(&service, mentor));
            clients::run(&mentors, 4, 6, &mut fastrand::Rng::with_seed(seed)).await;
            service.faults.clear_faults();
            judge(&service, &mentors).await
        })
    });
}

#[test]
fn mentor_is_forgotten_while_calls_run() {
    for_each_seed(3, |seed| maintained::forgotten(seed, Trouble::ALL));
}

#[test]
fn organisation_leaves_while_calls_run() {
    for_each_seed(3, |seed| maintained::left(seed, Trouble::ALL));
}
