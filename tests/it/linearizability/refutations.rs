//! What torn transactions show where a guard of the protocol is taken away: the reads that confirm a change, or the decision
//! what a call's own attempt in flight means.

use std::time::Duration;

use dev::seeds;

use super::histories::{Trouble, history};
use super::torn_scenarios::{Before, Scenario, Shows, Step};

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

const fn scenario(before: Before, in_flight: Step, then: &'static [Step]) -> Scenario {
    Scenario { before, in_flight, then }
}

/// Histories on still clocks that refute a store which takes its own attempt in flight for another caller's change.
const OWN_ATTEMPT_IN_FLIGHT: [u64; 4] = [51, 114, 132, 186];

const UNCONFIRMED: Trouble = Trouble { unconfirmed: &[2, 3, 4], ..Trouble::TORN };

/// The checker finds the same in histories of callers at random, and in those of callers who follow short links. And torn
/// transactions are what refutes the store: the same histories without them are linearizable.
#[test]
fn histories_without_confirmations_refute_the_store() {
    for links in [false, true] {
        let torn = Trouble { links, ..UNCONFIRMED };
        let seed = (1..=20).find(|seed| history(*seed, torn).is_err()).expect("all are linearizable");
        let whole = Trouble { max_in_flight: Duration::ZERO, ..torn };
        history(seed, whole).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    }
}

/// Only so is a seed enough to repeat a refutation.
#[test]
fn history_follows_from_its_seed() {
    let [first, second] = [(); 2].map(|()| format!("{:#?}", history(7, Trouble::ALL)));
    assert_eq!(first, second);
}

/// Prints the first seeds that show what a row of [`REFUTED`] says.
#[test]
#[ignore = "a tool: it prints seeds for the table of this file"]
fn search_for_seeds() {
    for (scenario, unconfirmed, _, shows) in REFUTED {
        let found = (1..=400).find(|seed| scenario.is_refuted_without(unconfirmed, *seed, shows));
        eprintln!("{scenario:?} without {unconfirmed:?}, {shows:?}: seed {found:?}");
    }
}

/// Each confirmation is needed: without it a seed refutes the store, the one of the table first.
#[test]
fn scenarios_without_a_confirmation_refute_the_store() {
    for (scenario, unconfirmed, seed, shows) in REFUTED {
        let mut seeds = [seed].into_iter().chain(1..=100);
        let is_refuted = seeds.any(|seed| scenario.is_refuted_without(unconfirmed, seed, shows));
        assert!(is_refuted, "{scenario:?} without {unconfirmed:?} does not show {shows:?}");
    }
}

#[test]
fn scenarios_with_torn_transactions_are_linearizable() {
    for (scenario, _, seed, _) in REFUTED {
        for seed in seeds(2).into_iter().chain([seed]) {
            scenario.play(seed).unwrap_or_else(|error| panic!("{scenario:?} with seed {seed}: {error}"));
        }
    }
}

#[test]
fn histories_with_an_own_attempt_in_flight_are_linearizable() {
    for seed in OWN_ATTEMPT_IN_FLIGHT {
        let outcome = history(seed, Trouble { clocks_move: false, ..Trouble::ALL });
        outcome.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    }
}
