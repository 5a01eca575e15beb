//! Each guard of each transaction is removed in turn, and the test shows what breaks without it. So the tests of races can
//! fail. `docs/guarantee.md` has this file as a table.

mod guard;
mod scenario;

use dev::{BASE, Call, TestService, audit, seeds, simulated};
use guard::{Guard, drop_tokens, empty_slots, hide_existing_items, remove};
use scenario::{SCENARIOS, Scenario, play, play_late_arrival};
use serde_json::json;

use crate::linearizability::histories::{Processes, Trouble};
use crate::linearizability::scenario::Before;
use crate::linearizability::scenario::Step::{DeleteA, Post, PutA};

const FAULTS: Trouble = Trouble { faults: 0.2, ..Trouble::NONE };

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
fn create_without_record_or_claim_guard_gives_an_id_or_a_string_out_twice() {
    // If ids collide, the guard of the claim does not help: the string grows by digits that the id already has.
    for (digits, guard) in [(["8f3a21bc0", "8f3a21bc1"], Guard::NewRecord), (["8f3a21bc", "8f3a2fff"], Guard::NewClaim)]
    {
        collide(digits, &[]).unwrap();
        collide(digits, &[guard]).unwrap_err();
    }
}

/// What breaks without guards, and nothing else does. That nothing breaks with all of them follows: without `RotateSlot`
/// nothing does either.
#[test]
fn changes_without_their_guards_break_the_promise() {
    for (guards, broken) in [
        // Two active codes.
        (&[Guard::CreateNoSlot][..], &[(Before::Nothing, Post, Post)][..]),
        (&[Guard::CreateSlot], &[(Before::Invalidated, Post, Post)]),
        // An invalidation is undone. It comes from a process whose clock is behind, so that the code has not expired for it. After
        // an invalidation the slot still holds the same code, so its guard does not refuse. After a rotation it would.
        (&[Guard::CreateOldRecord], &[(Before::Expired, Post, DeleteA)]),
        (&[Guard::RotateOldRecord], &[(Before::Active, PutA, DeleteA)]),
        // While a record is active, its mentor's slot holds it. So the record's guard refuses all that the slot's guard refuses.
        // That one stays because its refusal brings back the slot, which is the answer.
        (&[Guard::RotateSlot], &[]),
        (
            &[Guard::RotateSlot, Guard::RotateOldRecord],
            &[(Before::Active, PutA, PutA), (Before::Active, PutA, DeleteA)],
        ),
        // Either is enough, for the same reason.
        (&[Guard::InvalidateRecord], &[]),
        (&[Guard::InvalidateSlot], &[]),
        (
            &[Guard::InvalidateRecord, Guard::InvalidateSlot],
            &[(Before::Active, DeleteA, PutA), (Before::Active, DeleteA, DeleteA)],
        ),
    ] {
        let is_broken = |scenario: &Scenario| play(*scenario, |faults| remove(faults, guards)).is_err();
        assert_eq!(SCENARIOS.into_iter().filter(is_broken).collect::<Vec<_>>(), broken, "without {guards:?}");
    }
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
    for seed in seeds(2) {
        history(seed, sabotage).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    }
}
