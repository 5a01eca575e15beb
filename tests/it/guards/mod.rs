//! Each guard of each transaction is taken away in turn, and what breaks without it is seen: the tests of the races can
//! fail. `docs/guards.md` is this file as a table.

mod guard;
mod scenario;

use dev::{BASE, Call, TestService, audit, seeds, simulated};
use guard::{Guard, drop_tokens, empty_slots, hide_what_refused, remove};
use scenario::{Before, Change, SCENARIOS, Scenario, play, play_late_arrival};
use serde_json::json;

use crate::linearizability::histories::{Heard, simulated_history};

/// The scenarios that break without these guards.
fn broken_without(guards: &[Guard]) -> Vec<Scenario> {
    SCENARIOS.into_iter().filter(|scenario| play(*scenario, |wire| remove(wire, guards)).is_err()).collect()
}

#[test]
fn with_all_guards_in_place_every_pair_of_changes_is_linearizable() {
    for scenario in SCENARIOS {
        play(scenario, |_| {}).unwrap_or_else(|why| panic!("{scenario:?}: {why}"));
    }
    play_late_arrival(|_| {}).unwrap();
}

/// Makes codes for two mentors of one name whose ids begin with these digits, without the guard, and looks at the table.
fn collide(digits: [&str; 2], guards: &[Guard]) -> Result<(), String> {
    simulated(1, async {
        let world = TestService::builder().in_process().ids(&digits).build().await;
        remove(&world.faults, guards);
        for mentor in ["m", "n"] {
            let body = json!({ "mentor_id": mentor, "org_id": "o", "mentor_name": "Jan" });
            world.send(Call::post(BASE, &body)).await.expect(201);
        }
        audit(&world).await
    })
}

#[test]
fn without_the_guard_of_a_new_record_an_id_is_given_out_twice() {
    let same_id = ["8f3a21bc0", "8f3a21bc1"];
    collide(same_id, &[]).unwrap();
    // The claim alone does not help: the string grows by digits that the id already has.
    collide(same_id, &[Guard::NewRecord]).unwrap_err();
}

#[test]
fn without_the_guard_of_a_new_claim_a_string_is_given_out_twice() {
    let same_string = ["8f3a21bc", "8f3a2fff"];
    collide(same_string, &[]).unwrap();
    collide(same_string, &[Guard::NewClaim]).unwrap_err();
}

#[test]
fn without_the_slot_guard_of_a_first_creation_two_creators_both_create() {
    let broken = broken_without(&[Guard::CreateNoSlot]);
    assert_eq!(broken, [(Before::Nothing, Change::Post, Change::Post)]);
}

#[test]
fn without_the_slot_guard_of_a_later_creation_two_creators_both_create() {
    let broken = broken_without(&[Guard::CreateSlot]);
    assert_eq!(broken, [(Before::Invalidated, Change::Post, Change::Post)]);
}

/// By a process whose clock is behind, for which the code has not expired yet. After a rotation the slot holds another
/// code and refuses; after an invalidation it holds the same.
#[test]
fn without_the_guard_of_an_expired_record_an_invalidation_is_undone() {
    let broken = broken_without(&[Guard::CreateOldRecord]);
    assert_eq!(broken, [(Before::Expired, Change::Post, Change::Delete)]);
}

#[test]
fn without_the_guard_of_the_old_record_a_rotation_undoes_an_invalidation() {
    let broken = broken_without(&[Guard::RotateOldRecord]);
    assert_eq!(broken, [(Before::Active, Change::Put, Change::Delete)]);
}

/// While a record is active its mentor's slot holds it, so what the slot's guard refuses the record's refuses as well.
/// It stays because its refusal brings back what the slot holds, which is the answer.
#[test]
fn the_slot_guard_of_a_rotation_is_a_second_one() {
    assert_eq!(broken_without(&[Guard::RotateSlot]), []);
    let broken = broken_without(&[Guard::RotateSlot, Guard::RotateOldRecord]);
    assert_eq!(broken, [(Before::Active, Change::Put, Change::Put), (Before::Active, Change::Put, Change::Delete)]);
}

/// Either is enough, for the same reason: what is active in the one is active in the other.
#[test]
fn the_two_guards_of_an_invalidation_are_each_other_s_second() {
    assert_eq!(broken_without(&[Guard::InvalidateRecord]), []);
    assert_eq!(broken_without(&[Guard::InvalidateSlot]), []);
    let broken = broken_without(&[Guard::InvalidateRecord, Guard::InvalidateSlot]);
    assert_eq!(
        broken,
        [(Before::Active, Change::Delete, Change::Put), (Before::Active, Change::Delete, Change::Delete)]
    );
}

#[test]
fn with_emptied_slots_an_attempt_that_arrives_late_makes_a_code_for_nobody() {
    play_late_arrival(empty_slots).unwrap_err();
}

/// Histories by chance find the same as the scenarios do, so the checker earns its place.
#[test]
fn generated_histories_are_refuted_without_a_guard() {
    for guards in [
        &[Guard::NewClaim][..],
        &[Guard::CreateSlot],
        &[Guard::RotateOldRecord],
        &[Guard::InvalidateRecord, Guard::InvalidateSlot],
    ] {
        let history = async |seed| {
            simulated_history(seed, 0.2, |world| remove(&world.faults, guards), &mut Heard::default()).await
        };
        let refuted = (1..=10).find(|seed| simulated(*seed, history(*seed)).is_err());
        assert!(refuted.is_some(), "no history of ten needs {guards:?}");
    }
}

/// An engine that does not know `ALL_OLD`: what stood in the way is read instead.
#[test]
fn refusals_that_tell_nothing_cost_a_read_and_break_nothing() {
    for scenario in SCENARIOS {
        play(scenario, hide_what_refused).unwrap_or_else(|why| panic!("{scenario:?}: {why}"));
    }
    histories_pass(|world| hide_what_refused(&world.faults));
}

/// A table that has forgotten the token, as `DynamoDB` does after ten minutes: the conditions alone keep the promise.
#[test]
fn transactions_without_a_token_break_nothing() {
    play_late_arrival(drop_tokens).unwrap();
    histories_pass(|world| drop_tokens(&world.faults));
}

fn histories_pass(sabotage: impl Fn(&TestService) + Copy) {
    for seed in seeds(6) {
        let told = simulated(seed, simulated_history(seed, 0.2, sabotage, &mut Heard::default()));
        told.unwrap_or_else(|why| panic!("seed {seed}: {why}"));
    }
}
