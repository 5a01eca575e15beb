//! A model of the protocol of `src/store`: every interleaving of two callers, or of three, with crashes, lost responses,
//! delayed requests and clocks that differ. `docs/protocol.md` states what it explores and what it leaves out.
//!
//! * `code`, `table`: what is stored;
//! * `caller`: the protocol;
//! * `system`: everything that may happen to it;
//! * `observer`: what the answers show, and who else reads;
//! * `property`: what must hold;
//! * `guard`, `confirmation`: the conditions and the confirmations that the properties rest on.

mod caller;
mod code;
mod confirmation;
mod guard;
mod observer;
mod property;
mod system;
mod table;

use std::collections::BTreeSet;

use stateright::{Checker, HasDiscoveries, Model, StateRecorder};

use caller::{Answer, Operation, Phase};
use code::Code;
use confirmation::Confirmation;
use guard::Guard;
use system::{Rules, State, System};
use table::Key;

fn create(mentor: code::Mentor, label: u8) -> Operation {
    Operation::GetOrCreate { mentor, label }
}

fn rotate(mentor: code::Mentor) -> Operation {
    Operation::Rotate { mentor, id: system::first_id(mentor) }
}

fn invalidate() -> Operation {
    Operation::Invalidate { id: system::first_id(0) }
}

/// Rotates the code that the first caller makes.
fn rotate_drawn() -> Operation {
    Operation::Rotate { mentor: 0, id: system::drawn_id() }
}

/// Invalidates the code that the first caller makes.
fn invalidate_drawn() -> Operation {
    Operation::Invalidate { id: system::drawn_id() }
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

fn without(guards: &[Guard]) -> Rules {
    Rules { without: guards.to_vec(), ..Rules::default() }
}

fn explore(operations: &[Operation], rules: &Rules, until: HasDiscoveries) -> impl Checker<System> + use<> {
    System { operations: operations.to_vec(), rules: rules.clone() }.checker().finish_when(until).spawn_bfs().join()
}

/// Explores every state. Returns which of the properties that must occur sometimes did.
///
/// # Panics
/// If a property breaks, or if there are fewer states than `at_least`: a model that explores nothing must not pass.
fn hold(operations: &[Operation], rules: &Rules, at_least: usize) -> BTreeSet<&'static str> {
    let explored = explore(operations, rules, HasDiscoveries::AnyFailures);
    let mut seen = BTreeSet::new();
    for (name, path) in explored.discoveries() {
        let is_sometimes = name == property::MET || property::SOMETIMES.contains(&name);
        let last = path.last_state().clone();
        let steps = path.into_actions();
        assert!(is_sometimes, "broken: {name}\n{operations:?}\n{steps:#?}\n{last:#?}");
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
        seen.extend(hold(&operations, &Rules::default(), at_least));
    }
    assert_eq!(seen, BTreeSet::from(property::SOMETIMES));
}

#[test]
fn two_callers_for_two_mentors_keep_every_property() {
    let at_least = [48_000, 45_000, 21_000, 21_000];
    for (operations, at_least) in of_two_mentors().into_iter().zip(at_least) {
        hold(&operations, &Rules::default(), at_least);
    }
}

#[test]
fn three_callers_keep_every_property() {
    hold(&of_three(), &Rules::default(), 23_000);
}

/// An earlier form of the protocol. A caller is answered with another caller's code, which is then invalidated. A delayed
/// copy of the first caller's transaction finds the slot empty as before, and succeeds.
#[test]
fn emptied_slots_let_an_answered_call_create_a_code() {
    let until = HasDiscoveries::AllOf(BTreeSet::from([property::ANSWERED]));
    let explored = explore(&of_three(), &without(&[Guard::SlotStays]), until);
    assert!(explored.discoveries().contains_key(property::ANSWERED));
}

#[test]
fn properties_break_without_a_guard_and_its_second() {
    for guard in Guard::ALL {
        let worth = guard.worth();
        let removed: Vec<_> = [guard].into_iter().chain(worth.second).collect();
        let explored =
            explore(&worth.shown_by, &without(&removed), HasDiscoveries::AllOf(worth.breaks.iter().copied().collect()));
        let found = explored.discoveries();
        for name in worth.breaks {
            assert!(found.contains_key(name), "without {removed:?} this should break: {name}");
        }
    }
}

/// One of the two suffices. If that changes, the documentation of second guards is wrong.
#[test]
fn properties_hold_without_a_guard_that_has_a_second() {
    for guard in Guard::ALL {
        let worth = guard.worth();
        if worth.second.is_some() {
            hold(&worth.shown_by, &without(&[guard]), 4_500);
            hold(&worth.shown_by, &Rules { without: vec![guard], ..torn(0) }, 500);
        }
    }
}

/// Transactions are torn; of the callers, so many are faulty.
fn torn(faulty: usize) -> Rules {
    Rules { torn: true, faulty, ..Rules::default() }
}

/// The second caller changes the code that the first one makes.
fn of_one_code() -> [[Operation; 2]; 4] {
    [
        [create(0, 0), rotate_drawn()],
        [create(0, 0), invalidate_drawn()],
        [rotate(0), rotate_drawn()],
        [rotate(0), invalidate_drawn()],
    ]
}

#[test]
fn torn_transactions_of_two_callers_keep_every_property() {
    let pairs = of_one_mentor().into_iter().chain(of_two_mentors()).chain(of_one_code());
    let at_least = [6_800, 6_000, 1_800, 2_900, 890, 190, 10_300, 9_100, 5_400, 4_900, 4_900, 1_300, 1_500, 550];
    let mut seen = BTreeSet::new();
    for (operations, at_least) in pairs.zip(at_least) {
        seen.extend(hold(&operations, &torn(0), at_least));
    }
    assert!(seen.contains(property::MET));
}

#[test]
fn torn_transactions_of_three_callers_keep_every_property() {
    let threes =
        [of_three(), [rotate(0), rotate_drawn(), create(0, 0)], [create(0, 0), rotate_drawn(), invalidate_drawn()]];
    for (operations, at_least) in threes.into_iter().zip([25_000, 18_000, 30_000]) {
        hold(&operations, &torn(0), at_least);
    }
}

/// The first caller crashes, and its requests are delayed and its responses lost.
#[test]
fn torn_transactions_and_a_faulty_caller_keep_every_property() {
    let all = [create(0, 0), rotate(0), invalidate()];
    let at_least = [11_900, 10_000, 7_100, 7_600, 6_800, 4_900, 2_500, 1_700, 1_100];
    let pairs = all.into_iter().flat_map(|first| all.map(|second| [first, second]));
    for (operations, at_least) in pairs.zip(at_least) {
        hold(&operations, &Rules { small: true, ..torn(1) }, at_least);
    }
}

#[test]
#[ignore = "the same with two faulty callers takes some 50 s of processor time"]
fn torn_transactions_and_two_faulty_callers_keep_every_property() {
    for operations in of_one_mentor() {
        hold(&operations, &Rules { small: true, ..torn(2) }, 10_000);
    }
}

#[test]
fn properties_break_without_a_confirmation() {
    for confirmation in Confirmation::ALL {
        let (operations, breaks) = confirmation.worth();
        let rules = Rules { small: true, unconfirmed: vec![confirmation], ..torn(0) };
        let rules = match confirmation {
            Confirmation::OwnRecord => Rules { faulty: 1, without: vec![Guard::TokenInFlight], ..rules },
            _ => rules,
        };
        let explored = explore(&operations, &rules, HasDiscoveries::AllOf(breaks.iter().copied().collect()));
        let found = explored.discoveries();
        for name in breaks {
            assert!(found.contains_key(name), "without {confirmation:?} this should break: {name}");
        }
    }
}

/// A refusal shows a call's own record only when the transaction is complete. If that changes, the documentation is wrong.
#[test]
fn properties_hold_without_the_confirmation_of_the_own_record() {
    let operations = Confirmation::OwnRecord.worth().0;
    hold(&operations, &Rules { small: true, unconfirmed: vec![Confirmation::OwnRecord], ..torn(1) }, 11_800);
}

/// What a state may show of a code that a caller was answered with.
type Shape = fn(&State, &Code) -> bool;

/// The counterexamples that reads beside a transaction in flight bring about if a call answers, or sends, too early.
#[test]
fn an_answered_code_is_unknown_or_beside_another_active_code_without_a_confirmation() {
    let unknown = |state: &State, new: &Code| state.table.read(new.record()).is_none();
    let beside_first = |state: &State, new: &Code| {
        let first = state.table.read(Key::Record(system::first_id(0)));
        first.is_some_and(|first| first.state == code::State::Active && !first.is_same_as(new))
    };
    let cases: [(Confirmation, [Operation; 2], Shape); 4] = [
        (Confirmation::SlotBeforeAnswer, [create(0, 0), create(0, 0)], unknown),
        (Confirmation::SlotBeforeAnswer, [rotate(0), rotate(0)], beside_first),
        (Confirmation::SlotBeforeTransaction, [create(0, 0), invalidate()], beside_first),
        (Confirmation::SlotBeforeTransaction, [rotate(0), rotate_drawn()], beside_first),
    ];
    for (confirmation, operations, shape) in cases {
        for unconfirmed in [vec![], vec![confirmation]] {
            let is_shown = unconfirmed.contains(&confirmation);
            let rules = Rules { unconfirmed, ..torn(0) };
            let (recorder, states) = StateRecorder::new_with_accessor();
            System { operations: operations.to_vec(), rules }.checker().visitor(recorder).spawn_bfs().join();
            let is_met = states().iter().any(|state| {
                state.callers.iter().any(|caller| match &caller.phase {
                    Phase::Answered(_, Answer::Code(new)) => shape(state, new),
                    _ => false,
                })
            });
            assert_eq!(is_met, is_shown, "{operations:?} with or without {confirmation:?}");
        }
    }
}
