//! Explores [the model](protocol) of the protocol of `src/store`. The tests named `deep_` are ignored by default:
//! `cargo test --test it protocol:: -- --ignored`.

use std::collections::BTreeSet;

use protocol::confirmation::{self, Confirmation};
use protocol::{
    Draws, Guard, Operation, Rules, create, find, hold, invalidate, invalidate_drawn, property, rotate, rotate_drawn,
};

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

/// A call, and a command that forgets its mentor or closes its organisation.
fn of_commands() -> [[Operation; 2]; 6] {
    let (forget, leave) = (Operation::Forget { mentor: 0 }, Operation::Leave { mentor: 0 });
    let [create, rotate, invalidate] = [create(0, 0), rotate(0), invalidate()];
    [[create, forget], [rotate, forget], [invalidate, forget], [create, leave], [rotate, leave], [invalidate, leave]]
}

/// Callers for two mentors share only ids and code strings. An invalidation neither takes nor frees any.
fn of_two_mentors() -> [[Operation; 2]; 4] {
    [[create(0, 0), create(1, 0)], [create(0, 0), create(1, 1)], [rotate(0), create(1, 1)], [rotate(0), rotate(1)]]
}

/// Two callers create for one mentor, and the third invalidates.
fn of_three() -> [Operation; 3] {
    [create(0, 0), create(0, 0), invalidate()]
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

/// Transactions are torn; of the callers, so many are faulty.
fn torn(faulty: usize) -> Rules {
    Rules { torn: true, faulty, ..Rules::default() }
}

#[test]
#[ignore = "deep: 115,000 states"]
fn deep_two_callers_for_one_mentor_keep_every_property() {
    let at_least = [38_000, 36_000, 15_000, 17_000, 7_000, 1_600];
    let mut seen = BTreeSet::new();
    for (operations, at_least) in of_one_mentor().into_iter().zip(at_least) {
        seen.extend(hold(&operations, &Rules::default(), at_least));
    }
    assert_eq!(seen, BTreeSet::from(property::SOMETIMES));
}

#[test]
#[ignore = "deep: 136,000 states"]
fn deep_two_callers_for_two_mentors_keep_every_property() {
    for (operations, at_least) in of_two_mentors().into_iter().zip([48_000, 45_000, 21_000, 21_000]) {
        hold(&operations, &Rules::default(), at_least);
    }
}

#[test]
#[ignore = "deep: 95,000 states"]
fn deep_three_callers_keep_every_property() {
    hold(&of_three(), &Rules::default(), 23_000);
    let others = [[rotate(0), rotate_drawn(), create(0, 0)], [create(0, 0), rotate_drawn(), invalidate_drawn()]];
    for (operations, at_least) in [of_three()].into_iter().chain(others).zip([24_000, 18_000, 28_000]) {
        hold(&operations, &torn(0), at_least);
    }
}

#[test]
fn torn_transactions_of_two_callers_keep_every_property() {
    let pairs = of_one_mentor().into_iter().chain(of_two_mentors()).chain(of_one_code());
    let at_least = [6_200, 5_700, 1_790, 2_600, 860, 180, 9_400, 9_100, 5_400, 4_200, 4_900, 1_300, 1_500, 550];
    let mut seen = BTreeSet::new();
    for (operations, at_least) in pairs.zip(at_least) {
        seen.extend(hold(&operations, &torn(0), at_least));
    }
    assert!(seen.contains(property::MET));
}

/// The first caller crashes, its requests are delayed, its responses are lost and its tokens forgotten; the second changes the
/// code that the first makes.
#[test]
fn torn_transactions_and_a_faulty_caller_keep_every_property() {
    for (operations, at_least) in of_one_code().into_iter().zip([27_000, 16_000, 12_000, 4_700]) {
        hold(&operations, &Rules { draws: Draws::Few, ..torn(1) }, at_least);
    }
}

/// The same for all ten pairs, whose callers may draw the same id and code string; with the second caller faulty instead; and
/// with tokens that are unknown even while their transaction is in flight.
#[test]
#[ignore = "deep: 395,000 states"]
fn deep_torn_transactions_and_a_faulty_caller_keep_every_property() {
    let shared = Rules { draws: Draws::Shared, ..torn(1) };
    let unknown = Rules { without: vec![Guard::TokenInFlight], ..shared.clone() };
    for [one, other] in of_one_mentor().into_iter().chain(of_one_code()) {
        for rules in [&shared, &unknown] {
            hold(&[one, other], rules, 900);
            if one != other {
                hold(&[other, one], rules, 750);
            }
        }
    }
}

#[test]
#[ignore = "deep: 259,000 states"]
fn deep_torn_transactions_and_two_faulty_callers_keep_every_property() {
    for operations in of_one_mentor() {
        hold(&operations, &Rules { draws: Draws::Few, ..torn(2) }, 7_000);
    }
}

/// A command and a call crash, their requests are delayed, their responses are lost and their tokens forgotten.
#[test]
fn commands_beside_a_call_keep_every_property() {
    for (operations, at_least) in of_commands().into_iter().zip([50_000, 12_000, 5_700, 5_700, 4_200, 2_400]) {
        hold(&operations, &Rules { draws: Draws::Few, ..Rules::default() }, at_least);
    }
}

/// `guards` removes each guard from the store itself, and shows which are second ones.
#[test]
fn properties_break_without_guards() {
    let (create_one, rotate_one, invalidate) = (create(0, 0), rotate(0), invalidate());
    let (same_label, other_label) = (create(1, 0), create(1, 1));
    let both = [Guard::Slot, Guard::OldRecord];
    let [[_, forget], .., [_, leave]] = of_commands();
    for (guards, operations, breaks) in [
        (&[Guard::NewRecord][..], vec![create_one, other_label], &[property::ONCE, property::AGREEMENT][..]),
        (&[Guard::NewClaim], vec![create_one, same_label], &[property::ONCE]),
        (&[Guard::Slot], vec![create_one; 2], &[property::ONE_ACTIVE, property::AGREEMENT, property::CRASHED]),
        (&both, vec![rotate_one; 2], &[property::ONE_ACTIVE, property::KEPT, property::ENDED, property::CRASHED]),
        (&both, vec![invalidate, rotate_one], &[property::AGREEMENT, property::KEPT, property::ENDED]),
        (&[Guard::SlotStays], vec![create_one, invalidate], &[property::CRASHED]),
        // A caller is answered with another caller's code, which is then invalidated. A delayed copy of the first caller's
        // transaction finds the slot empty as before, and succeeds.
        (&[Guard::SlotStays], of_three().into(), &[property::ANSWERED]),
        (&[Guard::OwnWrite], vec![create_one, invalidate], &[property::ONE_EFFECT]),
        // A code that is made between the read and the move has no slot, and the next create makes another.
        (&[Guard::MovedSlot], vec![create_one, forget], &[property::AGREEMENT, property::ONE_ACTIVE]),
        (&[Guard::PlaceStays], vec![create_one, forget], &[property::BACK]),
        (&[Guard::SecondPhase], vec![create_one, forget], &[property::BACK]),
        (&[Guard::SecondPhase], vec![create_one, leave], &[property::LEFT]),
    ] {
        let draws = if operations.iter().any(|operation| operation.is_command()) { Draws::Few } else { Draws::Many };
        find(&operations, &Rules { draws, without: guards.to_vec(), ..Rules::default() }, breaks);
    }
}

/// The table has forgotten the token of a transaction that is complete. Sent again, the transaction meets a conflict at its
/// own record, which another change holds, and a failed condition elsewhere.
#[test]
fn properties_break_if_a_conflict_at_the_record_decides() {
    let rules = Rules { draws: Draws::Few, without: vec![Guard::RecordDecides], ..torn(1) };
    find(&[create(0, 0), rotate_drawn()], &rules, &[property::TOLD]);
    find(&[create(0, 0), invalidate_drawn()], &rules, &[property::ONE_EFFECT, property::ENDED]);
    find(&[rotate(0), rotate_drawn()], &rules, &[property::DECLINED]);
    find(&[rotate(0), invalidate_drawn()], &rules, &[property::DECLINED]);
}

#[test]
fn properties_break_without_a_confirmation() {
    for (confirmation, operations, breaks) in confirmation::worths() {
        let rules = Rules { draws: Draws::Few, unconfirmed: vec![confirmation], ..torn(0) };
        let rules = match confirmation {
            Confirmation::OwnRecord => Rules { faulty: 1, without: vec![Guard::TokenInFlight], ..rules },
            _ => rules,
        };
        find(&operations, &rules, breaks);
    }
}

/// A cancellation shows a call's own record only when the transaction is complete. If that changes, the documentation is wrong.
#[test]
fn properties_hold_without_the_confirmation_of_the_own_record() {
    let rules = Rules { draws: Draws::Few, unconfirmed: vec![Confirmation::OwnRecord], ..torn(1) };
    hold(&[create(0, 0), create(0, 0)], &rules, 9_500);
}
