//! A model of the protocol of `src/store`: every interleaving of two callers, or of three, with crashes, lost responses,
//! delayed requests and clocks that differ. `docs/protocol.md` states what it explores and what it leaves out.
//!
//! * `code`, `table`: what is stored;
//! * `caller`: the protocol;
//! * `system`: everything that may happen to it;
//! * `property`: what must hold;
//! * `guard`: the conditions that the properties rest on.

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

/// Callers for two mentors share only ids and code strings. An invalidation neither takes nor frees any.
fn of_two_mentors() -> [[Operation; 2]; 4] {
    [[create(0, 0), create(1, 0)], [create(0, 0), create(1, 1)], [rotate(0), create(1, 1)], [rotate(0), rotate(1)]]
}

/// Two callers create for one mentor, and the third invalidates.
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

/// Explores every state. Returns which of the properties in [`property::SOMETIMES`] occurred.
///
/// # Panics
/// If a property breaks, or if there are fewer states than `at_least`: a model that explores nothing must not pass.
fn hold(operations: &[Operation], without: &[Guard], at_least: usize) -> BTreeSet<&'static str> {
    let explored = explore(operations, without, HasDiscoveries::AnyFailures);
    let mut seen = BTreeSet::new();
    for (name, path) in explored.discoveries() {
        let last = path.last_state().clone();
        let steps = path.into_actions();
        assert!(property::SOMETIMES.contains(&name), "broken: {name}\n{operations:?}\n{steps:#?}\n{last:#?}");
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

/// An earlier form of the protocol. A caller is answered with another caller's code, which is then invalidated. A delayed
/// copy of the first caller's transaction finds the slot empty as before, and succeeds.
#[test]
fn emptied_slots_let_an_answered_call_create_a_code() {
    let until = HasDiscoveries::AllOf(BTreeSet::from([property::ANSWERED]));
    let explored = explore(&of_three(), &[Guard::SlotStays], until);
    assert!(explored.discoveries().contains_key(property::ANSWERED));
}

#[test]
fn properties_break_without_a_guard_and_its_second() {
    for guard in Guard::ALL {
        let worth = guard.worth();
        let without: Vec<_> = [guard].into_iter().chain(worth.second).collect();
        let explored =
            explore(&worth.shown_by, &without, HasDiscoveries::AllOf(worth.breaks.iter().copied().collect()));
        let found = explored.discoveries();
        for name in worth.breaks {
            assert!(found.contains_key(name), "without {without:?} this should break: {name}");
        }
    }
}

/// One of the two suffices. If that changes, the documentation of second guards is wrong.
#[test]
fn properties_hold_without_a_guard_that_has_a_second() {
    for guard in Guard::ALL {
        let worth = guard.worth();
        if worth.second.is_some() {
            hold(&worth.shown_by, &[guard], 4_500);
        }
    }
}
