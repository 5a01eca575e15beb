//! A model of the protocol of `src/store`: every interleaving of two callers, or of three, with crashes, lost answers,
//! delayed requests and clocks that differ. `docs/protocol.md` tells what it explores and what it leaves out.
//!
//! `code` and `table` are what is stored, `caller` is the protocol, `system` is all that may happen to it, `property`
//! is what must come of it, and `guard` is what that rests on.

mod caller;
mod code;
mod guard;
mod property;
mod system;
mod table;

use std::collections::BTreeSet;

use stateright::{Checker, HasDiscoveries, Model};

use caller::Operation;
use guard::Guard;
use system::System;

fn create(mentor: code::Mentor, label: u8) -> Operation {
    Operation::GetOrCreate { mentor, label }
}

fn rotate(mentor: code::Mentor) -> Operation {
    Operation::Rotate { mentor, id: system::first_id(mentor) }
}

fn invalidate() -> Operation {
    Operation::Invalidate { id: system::first_id(0) }
}

fn of_one_mentor() -> [[Operation; 2]; 6] {
    let (create, rotate, invalidate) = (create(0, 0), rotate(0), invalidate());
    [
        [create, create],
        [create, rotate],
        [create, invalidate],
        [rotate, rotate],
        [rotate, invalidate],
        [invalidate, invalidate],
    ]
}

/// Callers for two mentors meet in ids and code strings alone, which an invalidation neither takes nor gives back.
fn of_two_mentors() -> [[Operation; 2]; 4] {
    [[create(0, 0), create(1, 0)], [create(0, 0), create(1, 1)], [rotate(0), create(1, 1)], [rotate(0), rotate(1)]]
}

/// One caller makes the code that keeps another from making its own, and the third invalidates it.
fn of_three() -> [Operation; 3] {
    [create(0, 0), create(0, 0), invalidate()]
}

fn explore(operations: &[Operation], without: &[Guard], until: HasDiscoveries) -> impl Checker<System> + use<> {
    System { operations: operations.to_vec(), without: without.to_vec() }
        .checker()
        .finish_when(until)
        .spawn_bfs()
        .join()
}

/// Explores every state, and tells which of the things that should happen sometimes did.
///
/// # Panics
/// When a property breaks, or there are fewer states than `at_least`, lest a model that explores nothing pass.
fn hold(operations: &[Operation], without: &[Guard], at_least: usize) -> BTreeSet<&'static str> {
    let explored = explore(operations, without, HasDiscoveries::AnyFailures);
    let mut seen = BTreeSet::new();
    for (name, path) in explored.discoveries() {
        let last = path.last_state().clone();
        let steps = path.into_actions();
        assert!(property::SOMETIMES.contains(&name), "not so: {name}\n{operations:?}\n{steps:#?}\n{last:#?}");
        seen.insert(name);
    }
    let states = explored.unique_state_count();
    assert!(states >= at_least, "{operations:?} have only {states} states");
    seen
}

#[test]
fn two_callers_for_one_mentor_keep_every_property() {
    let at_least = [38_000, 36_000, 15_000, 16_000, 7_000, 1_600];
    let mut seen = BTreeSet::new();
    for (operations, at_least) in of_one_mentor().into_iter().zip(at_least) {
        seen.extend(hold(&operations, &[], at_least));
    }
    assert_eq!(seen, BTreeSet::from(property::SOMETIMES));
}

#[test]
fn two_callers_for_two_mentors_keep_every_property() {
    let at_least = [48_000, 45_000, 21_000, 21_000];
    for (operations, at_least) in of_two_mentors().into_iter().zip(at_least) {
        hold(&operations, &[], at_least);
    }
}

#[test]
fn three_callers_keep_every_property() {
    hold(&of_three(), &[], 23_000);
}

/// The protocol as it was once. The caller is told of another's code; that is invalidated; and a copy of the caller's
/// own creation, long delayed, meets the slot empty as before.
#[test]
fn were_the_slot_emptied_a_call_that_was_answered_could_still_make_a_code() {
    let until = HasDiscoveries::AllOf(BTreeSet::from([property::ANSWERED]));
    let explored = explore(&of_three(), &[Guard::SlotStays], until);
    assert!(explored.discoveries().contains_key(property::ANSWERED));
}

#[test]
fn without_a_guard_and_its_like_the_properties_break() {
    for guard in Guard::ALL {
        let worth = guard.worth();
        let without: Vec<_> = [guard].into_iter().chain(worth.beside).collect();
        let explored =
            explore(&worth.shown_by, &without, HasDiscoveries::AllOf(worth.breaks.iter().copied().collect()));
        let found = explored.discoveries();
        for name in worth.breaks {
            assert!(found.contains_key(name), "nothing shows that {without:?} matters for: {name}");
        }
    }
}

/// One of the two suffices. Asserted, lest a test of the one be taken for a test of the other.
#[test]
fn without_a_guard_that_has_its_like_the_properties_hold() {
    for guard in Guard::ALL {
        let worth = guard.worth();
        if worth.beside.is_some() {
            hold(&worth.shown_by, &[guard], 4_500);
        }
    }
}
