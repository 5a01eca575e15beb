//! Histories on transactions in flight that become visible item by item, as DynamoDB documents it.

use std::time::Duration;

use dev::{TestService, seeds, simulated};

use super::histories::{Calls, one_history};
use super::torn_scenarios::{Before, Scenario, Shows, Step};

/// What the requests of a history meet.
#[derive(Clone, Copy)]
struct Trouble {
    /// How long a transaction may be in flight.
    max_in_flight: Duration,
    /// The share of requests that meet a fault.
    faults: f64,
    /// The share of transactions that stall.
    stalls: f64,
}

const TORN: Trouble = Trouble { max_in_flight: Duration::from_millis(250), faults: 0.0, stalls: 0.0 };

/// How many requests each caller sends before and after the clock moves.
const REQUESTS: usize = 5;
/// A history of callers of two processes.
async fn torn_history(
    seed: u64,
    trouble: Trouble,
    unconfirmed: &'static [usize],
    calls: &mut Calls,
) -> Result<(), String> {
    let service = TestService::builder().isolation(seed, trouble.max_in_flight).scarce_ids(seed).build().await;
    let other = service.second_process_with_scarce_ids(seed + 1000).await;
    service.isolation().index_lag(Duration::from_secs(1));
    service.isolation().random_stalls(trouble.stalls);
    service.isolation().void_snapshots_of(unconfirmed);
    for (process, seed) in [(&service, seed), (&other, seed + 1000)] {
        process.faults.random_latency(seed);
        process.faults.random_with_mismatches(seed, trouble.faults);
    }
    one_history(&[&service, &other], REQUESTS, seed, calls).await
}

/// A scenario; the changes whose confirmation is taken away, by the number of their items (creations have 3, rotations and
/// creations after an expiry 4, invalidations 2); a seed under which it then refutes the store; and what its history shows.
///
/// A change of `src/store` that sends other requests gives other histories. Then `search_for_seeds` finds new seeds.
#[rustfmt::skip]
const REFUTED: [(Scenario, &[usize], u64, Shows); 14] = [
    // POST answers with a code that GET calls unknown.
    (scenario(Before::Nothing, Step::Post, &[Step::Post]), &[3], 3, Shows::UnknownId),
    (scenario(Before::Invalidated, Step::Post, &[Step::Post]), &[3], 9, Shows::UnknownId),
    (scenario(Before::Expired, Step::Post, &[Step::Post]), &[4], 5, Shows::UnknownId),
    (scenario(Before::Active, Step::PutA, &[Step::Post]), &[4], 5, Shows::UnknownId),
    // So does a list.
    (scenario(Before::Nothing, Step::Post, &[Step::ListActive]), &[3], 7, Shows::UnknownId),
    // PUT again answers with a code that GET calls unknown.
    (scenario(Before::Active, Step::PutA, &[Step::PutA]), &[4], 5, Shows::UnknownId),
    // The claim is part of the change: POST answers with a code, and no code has its string.
    (scenario(Before::Nothing, Step::Post, &[Step::Post]), &[3], 1, Shows::UnknownString),
    (scenario(Before::Expired, Step::Post, &[Step::List]), &[4], 2, Shows::UnknownString),
    // POST A in flight: PUT builds B upon it, and no code has A's string.
    (scenario(Before::Nothing, Step::Post, &[Step::Post, Step::PutA]), &[3], 28, Shows::UnknownString),
    // A list shows two active codes.
    (scenario(Before::Active, Step::PutA, &[Step::List]), &[4], 4, Shows::TwoActiveCodes),
    // POST gives out the new code, and GET shows the old one as active.
    (scenario(Before::Active, Step::PutA, &[Step::Post]), &[2, 3, 4], 1, Shows::OlderCodeActive),
    // A→B in flight: PUT makes C of B, and GET shows A as active.
    (scenario(Before::Active, Step::PutA, &[Step::Post, Step::PutNewest]), &[2, 3, 4], 23, Shows::OlderCodeActiveAfterNextChange),
    // DELETE A in flight: POST makes B upon the slot, and GET shows A as active.
    (scenario(Before::Active, Step::DeleteA, &[Step::Post]), &[2, 3, 4], 56, Shows::OlderCodeActiveAfterNextChange),
    // DELETE again is answered, and POST gives out the code that has ended.
    (scenario(Before::Active, Step::DeleteA, &[Step::DeleteA, Step::Post]), &[2, 3, 4], 2, Shows::EndedCodeGivenOut),
];

/// Seeds of [`torn_history`], without faults and stalls, that refute the store without any confirmation.
const REFUTED_HISTORIES: [u64; 6] = [1, 2, 8, 13, 22, 25];

const fn scenario(before: Before, in_flight: Step, then: &'static [Step]) -> Scenario {
    Scenario { before, in_flight, then }
}

/// The same histories without torn transactions are linearizable. So torn transactions are what refutes the store, and
/// neither the layer nor the two processes do.
#[test]
fn histories_of_two_processes_without_torn_transactions_are_linearizable() {
    let whole = Trouble { max_in_flight: Duration::ZERO, ..TORN };
    for seed in REFUTED_HISTORIES {
        for trouble in [whole, Trouble { faults: 0.15, ..whole }] {
            let outcome = simulated(seed, torn_history(seed, trouble, &[], &mut Calls::default()));
            outcome.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        }
    }
}

/// Only so is a seed enough to repeat a refutation.
#[test]
fn history_with_torn_transactions_follows_from_its_seed() {
    let trouble = Trouble { faults: 0.15, stalls: 0.1, ..TORN };
    let [first, second] = [(); 2].map(|()| {
        let mut calls = Calls::default();
        let outcome = simulated(7, torn_history(7, trouble, &[], &mut calls));
        (calls.text(), outcome)
    });
    assert_eq!(first, second);
}

/// Prints the first seeds that show what a row of [`REFUTED`] says.
#[test]
#[ignore = "a tool: it prints seeds for the tables of this file"]
fn search_for_seeds() {
    for (scenario, unconfirmed, _, shows) in REFUTED {
        let found = (1..=400).find(|seed| scenario.is_refuted_without(unconfirmed, *seed, shows));
        eprintln!("{scenario:?} without {unconfirmed:?}, {shows:?}: seed {found:?}");
    }
    let refuted = |seed: &u64| simulated(*seed, torn_history(*seed, TORN, &[2, 3, 4], &mut Calls::default())).is_err();
    eprintln!("histories: {:?}", (1..=40).filter(refuted).collect::<Vec<_>>());
}

/// Each confirmation is needed: without it a named seed refutes the store.
#[test]
fn scenarios_without_a_confirmation_refute_the_store() {
    for (scenario, unconfirmed, seed, shows) in REFUTED {
        let is_refuted = scenario.is_refuted_without(unconfirmed, seed, shows);
        assert!(is_refuted, "{scenario:?} without {unconfirmed:?}, seed {seed}, does not show {shows:?}");
    }
}

/// The checker finds the same in histories of callers at random.
#[test]
fn histories_without_confirmations_refute_the_store() {
    for seed in REFUTED_HISTORIES {
        let outcome = simulated(seed, torn_history(seed, TORN, &[2, 3, 4], &mut Calls::default()));
        assert!(outcome.is_err(), "seed {seed} is linearizable");
    }
}

#[test]
fn scenarios_with_torn_transactions_are_linearizable() {
    for (scenario, _, seed, _) in REFUTED {
        for seed in seeds(5).into_iter().chain([seed]) {
            scenario.play(seed).unwrap_or_else(|error| panic!("{scenario:?} with seed {seed}: {error}"));
        }
    }
}

/// And fewer than one call in ten ends in 503.
#[test]
fn histories_with_torn_transactions_are_linearizable() {
    let mut calls = Calls::default();
    for seed in seeds(30).into_iter().chain(REFUTED_HISTORIES) {
        let outcome = simulated(seed, torn_history(seed, TORN, &[], &mut calls));
        outcome.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    }
    calls.seldom_503();
}

/// Seeds of the next test that refute a store which takes its own attempt in flight for another caller's change.
const OWN_ATTEMPT_IN_FLIGHT: [u64; 4] = [51, 114, 132, 186];

#[test]
fn histories_with_torn_transactions_stalls_and_faults_are_linearizable() {
    for seed in seeds(20).into_iter().chain(OWN_ATTEMPT_IN_FLIGHT) {
        let trouble = Trouble { faults: 0.15, stalls: 0.1, ..TORN };
        let outcome = simulated(seed, torn_history(seed, trouble, &[], &mut Calls::default()));
        outcome.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    }
}
