//! Each guard of each transaction is removed in turn, and the test shows what breaks without it. So the tests of races can
//! fail. `docs/guarantee.md` has this file as a table.

mod guard;
mod scenario;

use dev::{BASE, Call, TestService, audit, seeds, simulated};
use guard::{Guard, drop_tokens, empty_slots, hide_existing_items, remove};
use scenario::{Before, Change, SCENARIOS, Scenario, play, play_late_arrival};
use serde_json::json;

use crate::linearizability::histories::{Processes, Trouble};

const FAULTS: Trouble = Trouble { faults: 0.2, ..Trouble::NONE };

/// The scenarios that break without these guards.
fn broken_without(guards: &[Guard]) -> Vec<Scenario> {
    SCENARIOS.into_iter().filter(|scenario| play(*scenario, |faults| remove(faults, guards)).is_err()).collect()
}

#[test]
fn pairs_of_changes_are_linearizable_with_all_guards() {
    for scenario in SCENARIOS {
        play(scenario, |_| {}).unwrap_or_else(|error| panic!("{scenario:?}: {error}"));
    }
    play_late_arrival(|_| {}).unwrap();
}

/// Creates codes for two mentors of one name without these guards, and audits the table. The ids begin with these digits.
fn collide(digits: [&str; 2], guards: &[Guard]) -> Result<(), String> {
    simulated(1, async {
        let service = TestService::builder().in_process().ids(&digits).build().await;
        remove(&service.faults, guards);
        for mentor in ["m", "n"] {
            let body = json!({ "mentor_id": mentor, "org_id": "o", "mentor_name": "Jan" });
            service.send(Call::post(BASE, &body)).await.expect(201);
        }
        audit(&service).await
    })
}

#[test]
fn create_without_record_guard_gives_an_id_out_twice() {
    let same_id = ["8f3a21bc0", "8f3a21bc1"];
    collide(same_id, &[]).unwrap();
    // The guard of the claim does not help: the string grows by digits that the id already has.
    collide(same_id, &[Guard::NewRecord]).unwrap_err();
}

#[test]
fn create_without_claim_guard_gives_a_string_out_twice() {
    let same_string = ["8f3a21bc", "8f3a2fff"];
    collide(same_string, &[]).unwrap();
    collide(same_string, &[Guard::NewClaim]).unwrap_err();
}

#[test]
fn first_create_without_slot_guard_makes_two_active_codes() {
    let broken = broken_without(&[Guard::CreateNoSlot]);
    assert_eq!(broken, [(Before::Nothing, Change::Post, Change::Post)]);
}

#[test]
fn later_create_without_slot_guard_makes_two_active_codes() {
    let broken = broken_without(&[Guard::CreateSlot]);
    assert_eq!(broken, [(Before::Invalidated, Change::Post, Change::Post)]);
}

/// The invalidation comes from a process whose clock is behind, so that the code has not expired for it. After an
/// invalidation the slot still holds the same code, so its guard does not refuse. After a rotation it would.
#[test]
fn create_without_expired_record_guard_undoes_an_invalidation() {
    let broken = broken_without(&[Guard::CreateOldRecord]);
    assert_eq!(broken, [(Before::Expired, Change::Post, Change::Delete)]);
}

#[test]
fn rotate_without_old_record_guard_undoes_an_invalidation() {
    let broken = broken_without(&[Guard::RotateOldRecord]);
    assert_eq!(broken, [(Before::Active, Change::Put, Change::Delete)]);
}

/// While a record is active, its mentor's slot holds it. So the record's guard refuses all that the slot's guard refuses.
/// The slot's guard stays because its refusal brings back the slot, which is the answer.
#[test]
fn rotate_slot_guard_is_a_second_guard() {
    assert_eq!(broken_without(&[Guard::RotateSlot]), []);
    let broken = broken_without(&[Guard::RotateSlot, Guard::RotateOldRecord]);
    assert_eq!(broken, [(Before::Active, Change::Put, Change::Put), (Before::Active, Change::Put, Change::Delete)]);
}

/// Either is enough, for the same reason: a code that is active in one item is active in the other.
#[test]
fn invalidate_guards_are_each_other_s_second() {
    assert_eq!(broken_without(&[Guard::InvalidateRecord]), []);
    assert_eq!(broken_without(&[Guard::InvalidateSlot]), []);
    let broken = broken_without(&[Guard::InvalidateRecord, Guard::InvalidateSlot]);
    assert_eq!(
        broken,
        [(Before::Active, Change::Delete, Change::Put), (Before::Active, Change::Delete, Change::Delete)]
    );
}

#[test]
fn emptied_slots_let_a_late_attempt_create_an_unwanted_code() {
    play_late_arrival(empty_slots).unwrap_err();
}

/// Generated histories find the same as the scenarios do: the checker can refute.
#[test]
fn generated_histories_without_a_guard_are_refuted() {
    for guards in [
        &[Guard::NewClaim][..],
        &[Guard::CreateSlot],
        &[Guard::RotateOldRecord],
        &[Guard::InvalidateRecord, Guard::InvalidateSlot],
    ] {
        let is_refuted = |seed| history(seed, |service| remove(&service.faults, guards)).is_err();
        let refuted = (1..=40).find(|seed| is_refuted(*seed));
        assert!(refuted.is_some(), "no history of forty was refuted without {guards:?}");
    }
}

/// An engine may not support `ALL_OLD`. The store then reads the existing item.
#[test]
fn refusals_without_the_existing_item_cost_a_read_and_break_nothing() {
    for scenario in SCENARIOS {
        play(scenario, hide_existing_items).unwrap_or_else(|error| panic!("{scenario:?}: {error}"));
    }
    histories_pass(|service| hide_existing_items(&service.faults));
}

/// DynamoDB forgets a token after ten minutes. The conditions alone keep the promise.
#[test]
fn transactions_without_a_token_break_nothing() {
    play_late_arrival(drop_tokens).unwrap();
    histories_pass(|service| drop_tokens(&service.faults));
}

/// A history whose processes are changed before it.
fn history(seed: u64, sabotage: impl Fn(&TestService)) -> Result<(), String> {
    simulated(seed, async {
        let processes = Processes::start(seed, FAULTS).await;
        processes.processes.iter().for_each(sabotage);
        processes.history(seed).await.map(drop)
    })
}

fn histories_pass(sabotage: impl Fn(&TestService) + Copy) {
    for seed in seeds(6) {
        history(seed, sabotage).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    }
}
