//! The kinds of simulated histories. `cargo test` runs a few seeds of each, always the same. A search runs more, and new ones,
//! on all processors:
//!
//! ```text
//! TEST_SEEDS=1000 cargo test --locked --test it -- linearizability::kinds linearizability::threads --nocapture --test-threads=1
//! ```

use std::sync::atomic::{AtomicUsize, Ordering};

use dev::for_each_seed;

use super::histories::{Trouble, history};
use super::history::{Answer, Operation};
use super::{releases, repaired};

/// What the histories of one kind have in common.
#[derive(Default)]
struct Tally {
    calls: AtomicUsize,
    unavailable: AtomicUsize,
    linked: AtomicUsize,
}

impl Tally {
    fn of(few: u64, trouble: Trouble) -> Self {
        let tally = Self::default();
        for_each_seed(few, |seed| history(seed, trouble).map(|calls| tally.add(&calls)));
        tally
    }

    fn add(&self, calls: &[Operation]) {
        let count = |counter: &AtomicUsize, is_one: fn(&&Operation) -> bool| {
            counter.fetch_add(calls.iter().filter(is_one).count(), Ordering::Relaxed);
        };
        count(&self.calls, |_| true);
        count(&self.unavailable, |call| call.answered.is_none());
        count(&self.linked, |call| matches!(call.answered, Some((_, Answer::Linked { .. }))));
    }

    /// Fewer than one call in ten ends in 503.
    fn seldom_503(&self) {
        let (calls, unavailable) = (self.calls.load(Ordering::Relaxed), self.unavailable.load(Ordering::Relaxed));
        assert!(unavailable * 10 < calls, "{unavailable} of {calls} calls ended in 503");
    }
}

#[test]
fn faults_seldom_end_in_503() {
    Tally::of(6, Trouble { faults: 0.25, ..Trouble::NONE }).seldom_503();
}

/// If more than half of all requests fail, many calls end in 503, and later reads show what they did.
#[test]
fn many_unknown_outcomes() {
    Tally::of(4, Trouble { faults: 0.6, ..Trouble::NONE });
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
    Tally::of(6, Trouble::TORN).seldom_503();
}

#[test]
fn torn_transactions_stalls_and_faults() {
    Tally::of(6, Trouble::ALL);
}

#[test]
fn short_links_beside_torn_transactions_and_faults() {
    let tally = Tally::of(4, Trouble { faults: 0.15, links: true, ..Trouble::TORN });
    assert!(tally.linked.into_inner() > 10, "links lead somewhere");
}

#[test]
fn repairs_while_calls_run() {
    let damaged = AtomicUsize::new(0);
    for_each_seed(8, |seed| {
        damaged.fetch_add(repaired::history(seed)?.into(), Ordering::Relaxed);
        Ok(())
    });
    assert!(damaged.into_inner() > 0 || std::env::var_os("TEST_SEED").is_some(), "no table was damaged");
}

#[test]
fn release_that_adds_attributes_beside_one_that_does_not_know_them() {
    for_each_seed(4, releases::history);
}
