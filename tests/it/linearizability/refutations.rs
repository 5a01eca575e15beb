//! What torn transactions show where a part of the protocol is taken away: the reads that confirm a change, or the decision
//! what a call's own attempt in flight means. And the histories that have refuted the store, by their seeds.

use std::time::Duration;

use dev::{TestService, random_ids, seeds, simulated};
use tokio::time::sleep;

use super::clients::Callers;
use super::histories::{GRACE, Trouble, history, judge};
use super::scenario::{Before, Step};
use crate::audit_and_repair::restored;

/// What the mentor has; the change that one process has sent and that is in flight; and what another process sends then, one
/// request after the other, before it reads all that it has heard of. The seed decides when they come, and which of the
/// change's items are visible by then.
type Scenario = (Before, Step, &'static [Step]);

/// A scenario; the changes whose confirmation is taken away, by the number of their items (creations have 3, rotations and
/// creations after an expiry 4, invalidations 2); and a seed under which it then refutes the store.
const REFUTED: [(Scenario, &[usize], u64); 13] = [
    // POST answers with a code that GET calls unknown.
    ((Before::Nothing, Step::Post, &[Step::Post]), &[3], 3),
    ((Before::Invalidated, Step::Post, &[Step::Post]), &[3], 9),
    ((Before::Expired, Step::Post, &[Step::Post]), &[4], 5),
    ((Before::Active, Step::PutA, &[Step::Post]), &[4], 5),
    // So do a list and a repeated PUT.
    ((Before::Nothing, Step::Post, &[Step::ListActive]), &[3], 7),
    ((Before::Expired, Step::Post, &[Step::List]), &[4], 2),
    ((Before::Active, Step::PutA, &[Step::PutA]), &[4], 5),
    // POST A in flight: PUT builds B upon it, and no code has A's string.
    ((Before::Nothing, Step::Post, &[Step::Post, Step::PutA]), &[3], 28),
    // The short link of A leads to a code that other calls do not find.
    ((Before::Rotated, Step::PutNewest, &[Step::FollowA]), &[4], 12),
    // A list shows two active codes.
    ((Before::Active, Step::PutA, &[Step::List]), &[4], 4),
    // A→B in flight: PUT makes C of B, and GET shows A as active.
    ((Before::Active, Step::PutA, &[Step::Post, Step::PutNewest]), &[2, 3, 4], 23),
    // DELETE A in flight: POST makes B upon the slot, and GET shows A as active.
    ((Before::Active, Step::DeleteA, &[Step::Post]), &[2, 3, 4], 56),
    // DELETE again is answered, and POST gives out the code that has ended.
    ((Before::Active, Step::DeleteA, &[Step::DeleteA, Step::Post]), &[2, 3, 4], 2),
];

/// Plays a scenario without these confirmations. Fails if the answers are not linearizable, or if the table breaks an
/// invariant.
fn play((before, in_flight, then): Scenario, unconfirmed: &'static [usize], seed: u64) -> Result<(), String> {
    simulated(seed, async {
        let most = Duration::from_millis(100);
        let builder = TestService::builder().isolation(seed, most).scarce_ids(seed);
        let service = builder.setting(GRACE.0, GRACE.1).build().await;
        let other = service.second_process_with(&service.clock, random_ids(seed + 1000, true), &[GRACE]).await;
        let first = Callers::new(&service, "usr_0");
        let second = first.through(&other, &other.clock);
        first.begin_with(before).await;
        service.isolation().schedule(|schedule| schedule.void_snapshots = unconfirmed);

        let task = first.clone();
        let change = tokio::spawn(async move { in_flight.send(&task).await });
        sleep(Duration::from_millis(fastrand::Rng::with_seed(seed).u64(1..40))).await;
        for step in then {
            step.send(&second).await;
        }
        second.read_all().await;
        change.await.unwrap();
        judge(&service, &[first]).await
    })
}

/// Each confirmation is needed: without it a seed refutes the store, the one of the table first.
#[test]
fn scenarios_without_a_confirmation_refute_the_store() {
    for (scenario, unconfirmed, seed) in REFUTED {
        let is_refuted = [seed].into_iter().chain(1..=100).any(|seed| play(scenario, unconfirmed, seed).is_err());
        assert!(is_refuted, "{scenario:?} without {unconfirmed:?}");
    }
}

#[test]
fn scenarios_with_torn_transactions_are_linearizable() {
    for (scenario, _, seed) in REFUTED {
        for seed in seeds(1).into_iter().chain([seed]) {
            play(scenario, &[], seed).unwrap_or_else(|error| panic!("{scenario:?} with seed {seed}: {error}"));
        }
    }
}

/// The checker finds the same in histories of callers at random, and in those of callers who follow short links. And torn
/// transactions are what refutes the store: the same histories without them are linearizable.
#[test]
fn histories_without_confirmations_refute_the_store() {
    for links in [false, true] {
        let torn = Trouble { links, unconfirmed: &[2, 3, 4], ..Trouble::TORN };
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

/// Histories in which a change is lost in part, and a repair completes or ends it after calls have made others: their times are
/// not in the order of the calls.
const LATE_REPAIRS: [u64; 5] = [960_981_440, 960_981_445, 960_981_955, 960_982_095, 960_982_295];

const OFTEN: Trouble = Trouble { faults: 0.4, stalls: 0.5, ..Trouble::ALL };

/// Histories that refute a store which takes its own attempt in flight for another caller's change.
const OWN_ATTEMPTS: [(u64, Trouble); 6] =
    [(132, Trouble::ALL), (15, OFTEN), (33, OFTEN), (51, OFTEN), (62, OFTEN), (66, OFTEN)];

fn are_linearizable(repaired: &[u64], troubled: &[(u64, Trouble)]) {
    for seed in repaired {
        assert_eq!(restored::history(*seed), Ok(true), "seed {seed}");
    }
    for (seed, trouble) in troubled {
        history(*seed, *trouble).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    }
}

#[test]
fn histories_that_have_refuted_the_store_are_linearizable() {
    are_linearizable(&LATE_REPAIRS[..1], &OWN_ATTEMPTS[..1]);
}

#[test]
#[ignore = "long: all of them"]
fn long_histories_that_have_refuted_the_store_are_linearizable() {
    are_linearizable(&LATE_REPAIRS, &OWN_ATTEMPTS);
}
