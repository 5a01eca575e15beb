//! A restored backup: for every change, every part of its items is left out, and the table is repaired, at once or while calls
//! run.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use dev::{BASE, Call, TestClock, TestService, audit, random_ids, seeds, simulated};
use serde_json::{Value, json};

use super::lost_change::{LostChange, ended, is_whole_in};
use super::table::{Item, Items, dump, findings, repair_all, restore, restored};
use crate::linearizability::clients::{self, Callers};
use crate::linearizability::histories::{Processes, Trouble, judge};
use crate::linearizability::history::Answer;
use crate::linearizability::scenario::{Before, Step};

/// What the mentor has, how often that was rotated before, and the change.
type Change = (Before, usize, Step);

/// After 14 rotations the slot is full, so its earlier codes move to a page.
const CHANGES: [Change; 6] = [
    (Before::Nothing, 0, Step::Post),
    (Before::Invalidated, 0, Step::Post),
    (Before::Expired, 0, Step::Post),
    (Before::Active, 0, Step::PutNewest),
    (Before::Active, 0, Step::DeleteNewest),
    (Before::Active, 14, Step::PutNewest),
];

const MENTOR: &str = "m";
const CALLERS: usize = 4;
const REQUESTS: usize = 3;

/// A change, what its caller was shown, and the calls until then.
struct Backup {
    change: Change,
    lost: LostChange,
    shown: Value,
    callers: Callers,
    clock: TestClock,
}

impl Backup {
    /// The clock of the process that made the change is so many seconds ahead of the others'.
    async fn of(change: Change, ahead: i64, seed: u64) -> Self {
        let (before, rotations, step) = change;
        let service = TestService::builder().in_process().random(random_ids(seed, false)).build().await;
        let callers = Callers::new(&service, MENTOR);
        callers.begin_after(before, rotations).await;
        let lost = LostChange::send(&service, &callers, step.request(&callers).unwrap(), ahead).await;
        let shown = match lost.answer.as_ref().unwrap() {
            Answer::Invalidated(at) => json!({ "id": callers.known().pop(), "invalidated_at": at }),
            answer => service.send(Call::get(&format!("{BASE}/{}", answer.code().unwrap().id))).await.expect(200),
        };
        Self { change, lost, shown, callers, clock: service.clock.clone() }
    }

    fn id(&self) -> &str {
        self.shown["id"].as_str().unwrap()
    }

    fn is_of_a_new_code(&self) -> bool {
        self.change.2 != Step::DeleteNewest
    }
}

async fn repair_while_calls_run((before, rotations, step): Change, mask: usize, seed: u64) -> Result<(), String> {
    // Odd seeds have an earlier code; a slot that is to be full has it anyway.
    let rotations = if before == Before::Nothing || rotations > 0 { rotations } else { usize::from(seed % 2 == 1) };
    let backup = Backup::of((before, rotations, step), (seed % 11).cast_signed() - 5, seed).await;
    let damaged = backup.lost.without(mask);
    let service = TestService::builder().in_process().random(random_ids(seed + 1_000, false)).build().await;
    service.clock.set_to(backup.clock.now());
    service.faults.random_latency(seed);
    let faults = |rate| service.faults.random(seed, if seed.is_multiple_of(2) { rate } else { 0.0 });
    let mentors = [backup.callers.through(&service, &service.clock)];
    let mut rng = fastrand::Rng::with_seed(seed);
    let calls = async || {
        clients::run(&mentors, CALLERS, REQUESTS, &mut rng).await;
        service.clock.advance(Duration::from_secs(1));
    };
    let until_repair = Duration::from_millis(seed % 7 * 15);
    let repair = backup.lost.repair_while_calls_run(&service, &mentors[0], &damaged, (until_repair, faults), calls);
    let repaired = repair.await?;
    if backup.is_of_a_new_code() && damaged.values().any(|item| format!("{item:?}").contains(backup.id())) {
        offer_again(&repaired, &backup.shown).await?;
    }
    Ok(())
}

/// The string and the id that a caller was once shown are given to no other code, though its random numbers are the same.
async fn offer_again(repaired: &Items, shown: &Value) -> Result<(), String> {
    let digits = shown["id"].as_str().unwrap().trim_start_matches("rc_").to_owned();
    let service = restored(repaired, &[&digits, &digits]).await;
    service.clock.set("2026-01-12T09:00:00Z");
    for mentor in ["another", "yet_another"] {
        let body = json!({ "mentor_id": mentor, "org_id": "org", "mentor_name": "Jan" });
        let code = service.send(Call::post(BASE, &body)).await.expect(201);
        if code["id"] == shown["id"] || code["code"] == shown["code"] {
            return Err(format!("{shown} was given out again: {code}"));
        }
    }
    audit(&service).await
}

/// Leaves out one part of the change's items after the other, each with a seed of its own.
fn parts_are_repaired(changes: &[Change], step: usize) {
    for (seed, &change) in seeds(1).into_iter().flat_map(|seed| changes.iter().map(move |change| (seed, change))) {
        let backup = simulated(seed, Backup::of(change, 0, seed));
        for mask in backup.lost.parts().step_by(step) {
            let outcome = simulated(seed, repair_while_calls_run(change, mask, seed * 100 + mask as u64));
            outcome.unwrap_or_else(|error| panic!("{change:?} without {mask:b}, seed {seed}: {error}"));
        }
    }
}

#[test]
fn parts_of_every_change_are_repaired_while_calls_run() {
    parts_are_repaired(&CHANGES[..5], 3);
    // A create by a fast clock is lost, and the end of the expired code is not.
    let seed = 46_377_324_012;
    simulated(seed, repair_while_calls_run(CHANGES[2], 0b1100, seed)).unwrap();
}

#[test]
#[ignore = "long: 77 parts, 31 of them of a table with 15 codes"]
fn long_every_part_of_every_change_is_repaired_while_calls_run() {
    parts_are_repaired(&CHANGES, 1);
}

/// Leaves out one part of the change's items after the other, and repairs without calls. Every item has an attribute that this
/// release does not know, and keeps it.
fn repair_parts(change: Change, ahead: i64, step: usize) {
    simulated(1, async {
        let mut backup = Backup::of(change, ahead, 1).await;
        for items in [&mut backup.lost.before, &mut backup.lost.after] {
            items.values_mut().for_each(add_attribute);
        }
        let service = restored(&backup.lost.after, &[]).await;
        for mask in backup.lost.parts().step_by(step) {
            let items = backup.lost.without(mask);
            restore(&service, &items).await;
            service.clock.set_to(backup.clock.now() + Duration::from_secs(10));
            repair_all(&service, 1_000).await.unwrap();
            let what = format!("{change:?} without {mask:b}, {ahead} s ahead");
            // A copy in a slot must be as its record, with all attributes.
            audit(&service).await.unwrap_or_else(|error| panic!("{error}: {what}"));
            assert_eq!(findings(&service, 1_000).await.unwrap(), [], "{what}");
            let repaired = dump(&service).await;
            for (key, item) in &items {
                assert_eq!(repaired[key].get("later"), item.get("later"), "{key:?}: {what}");
            }
            if backup.is_of_a_new_code() && is_whole_in(&items, backup.id()) {
                let record = &repaired[&(format!("id#{}", backup.id()), "record".to_owned())];
                assert!(record.contains_key("later"), "{record:?}: {what}");
            }
            code_is_whole_or_lost(&backup, &items, &service, &what).await;
        }
    });
}

/// Puts the attribute into an item, and into the code that a slot holds. It names the code.
fn add_attribute(item: &mut Item) {
    if let Some(AttributeValue::M(held)) = item.get_mut("held") {
        held.insert("later".into(), held["id"].clone());
    }
    let of = item["pk"].as_s().unwrap().trim_start_matches("id#").to_owned();
    item.insert("later".into(), AttributeValue::S(of));
}

/// Whatever the clocks say: a change is completed if a whole copy of its code is left. Otherwise the code is lost, and the
/// mentor has the one before if that has not ended.
async fn code_is_whole_or_lost(backup: &Backup, items: &Items, service: &TestService, what: &str) {
    let shown = service.send(Call::get(&format!("{BASE}/{}", backup.id()))).await;
    let next = service.send(Call::create(MENTOR, "org")).await;
    let is_whole = is_whole_in(items, backup.id());
    if !backup.is_of_a_new_code() {
        assert_eq!(shown.json()["invalidated_at"], backup.shown["invalidated_at"], "{what}");
        assert_eq!(next.status, 201, "{what}");
    } else if is_whole {
        for name in ["id", "code", "org_id", "status", "expires_at", "previous_code", "created_at", "rotated_at"] {
            assert_eq!(shown.json()[name], backup.shown[name], "{name}: {what}");
        }
        assert_eq!(next.expect(200)["id"], backup.id(), "{what}");
    } else {
        shown.expect_problem(404, "code_not_found");
        let is_active = backup.change.2 == Step::PutNewest && ended(items) == ended(&backup.lost.before);
        assert_eq!(next.status, if is_active { 200 } else { 201 }, "{what}");
    }
}

#[test]
fn repair_completes_a_whole_code_and_loses_the_rest_whatever_the_clocks_say() {
    for (nth, (before, rotations, change)) in CHANGES.into_iter().enumerate() {
        let (rotations, step) = if rotations == 0 { (usize::from(nth > 0), 1) } else { (rotations, 4) };
        repair_parts((before, rotations, change), [-5, 5][nth % 2], step);
    }
}

#[test]
#[ignore = "long: after many rotations, and with clocks that differ less"]
fn long_repair_completes_a_whole_code_and_loses_the_rest() {
    for (before, full, change) in CHANGES {
        let rotations = match (before, full) {
            (Before::Nothing, _) => &[0][..],
            (_, 0) => &[1, 16],
            _ => &[14, 28],
        };
        for (rotations, ahead) in
            rotations.iter().flat_map(|rotations| [-5, -1, 0, 1, 5].map(|ahead| (*rotations, ahead)))
        {
            repair_parts((before, rotations, change), ahead, 1);
        }
    }
}

/// The backup lacks the slot. Before the repair, calls make another code and end it.
#[test]
fn code_from_before_an_end_does_not_become_active_again() {
    simulated(1, async {
        let backup = Backup::of(CHANGES[0], 0, 1).await;
        let mut items = backup.lost.after.clone();
        items.remove(&(format!("mentor#{MENTOR}"), "slot".to_owned()));
        let service = restored(&items, &[]).await;
        service.clock.set_to(backup.clock.now() + Duration::from_secs(2));
        let another = service.create(MENTOR, "org").await;
        service.invalidate(&another).await;
        repair_all(&service, 1_000).await.unwrap();
        audit(&service).await.unwrap();
        let shown = service.send(Call::read(&backup.shown)).await.expect(200);
        assert_eq!(shown["status"], "invalidated");
        service.create(MENTOR, "org").await;
    });
}

/// A change at random after calls at random, of which a backup lacks a part at random, in the world of
/// [`linearizability::histories`](crate::linearizability). Returns whether the table was damaged.
pub fn history(seed: u64) -> Result<bool, String> {
    /// Plentiful ids: while a claim is missing its string can be given out again, and then a person must decide. Still clocks:
    /// a repair knows the time of a lost change to the second.
    const TROUBLE: Trouble = Trouble { clocks_move: false, scarce_ids: false, faults: 0.05, ..Trouble::ALL };
    simulated(seed, async {
        let world = Processes::start(seed, TROUBLE).await;
        let (callers, mut rng) = (world.mentors[0].clone(), fastrand::Rng::with_seed(seed));
        world.call(&mut rng).await;
        world.calm_down().await;
        callers.read_codes().await;
        let request = callers.next_change(&mut rng);
        let [service, other] = &world.processes;
        let lost = LostChange::send(service, &callers, request, 0).await;
        let items = lost.without((0..lost.size()).filter(|_| rng.bool()).fold(0, |mask, nth| mask | 1 << nth));
        let (until_repair, faults) = (Duration::from_millis(rng.u64(0..200)), |rate| world.meet_faults(seed, rate));
        let calls = async || world.call(&mut rng).await;
        lost.repair_while_calls_run(other, &callers, &items, (until_repair, faults), calls).await?;
        judge(service, &world.mentors[1..]).await?;
        Ok(items != lost.after)
    })
}
