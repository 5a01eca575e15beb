//! Histories of callers who also follow the links of all codes that they know, in a grace that does not end within them.

use std::time::Duration;

use dev::{TestService, seeds, simulated};

use super::clients::Callers;
use super::histories::{Calls, history_of};

/// How many requests each caller sends before and after the clock moves.
const REQUESTS: usize = 5;
const GRACE: (&str, &str) = ("ROTATED_GRACE_DAYS", "365");

/// A history of callers of two processes, over transactions that are in flight for so long, and void confirmations.
async fn history(
    seed: u64,
    max_in_flight: Duration,
    faults: f64,
    unconfirmed: &'static [usize],
    calls: &mut Calls,
) -> Result<(), String> {
    let service = TestService::builder().setting(GRACE.0, GRACE.1).isolation(seed, max_in_flight).scarce_ids(seed);
    let service = service.build().await;
    let other = service.second_process_with_settings(seed + 1000, &[GRACE]).await;
    service.isolation().void_snapshots_of(unconfirmed);
    for (process, seed) in [(&service, seed), (&other, seed + 1000)] {
        process.faults.random_latency(seed);
        process.faults.random(seed, faults);
    }
    let callers = |nth| Callers::new(&service, &format!("usr_{nth}")).follow_links();
    history_of((0..2).map(callers).collect(), &[&service, &other], REQUESTS, seed, calls).await
}

const TORN: Duration = Duration::from_millis(250);

#[test]
fn short_links_beside_whole_transactions_are_linearizable() {
    for seed in seeds(3) {
        let outcome = simulated(seed, history(seed, Duration::ZERO, 0.15, &[], &mut Calls::default()));
        outcome.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    }
}

#[test]
fn short_links_beside_torn_transactions_are_linearizable() {
    let mut calls = Calls::default();
    for seed in seeds(5) {
        let outcome = simulated(seed, history(seed, TORN, 0.0, &[], &mut calls));
        outcome.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    }
    calls.seldom_503();
    assert!(calls.text().matches("Linked {").count() > 10, "links lead somewhere");
}

/// So the confirmations are what makes them so.
#[test]
fn short_links_without_confirmations_refute_the_store() {
    let is_refuted = |seed| simulated(seed, history(seed, TORN, 0.0, &[2, 3, 4], &mut Calls::default())).is_err();
    assert!((1..=10).any(is_refuted), "all are linearizable");
}
