//! A restored backup: for every change, every part of its items is left out, and the table is repaired while calls run.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use dev::{BASE, Call, TestClock, TestService, audit, seeds, simulated};
use referral_codes::store::StoreError;
use serde_json::{Value, json};

use super::lost_rotation::{LostRotation, ended, is_whole_in};
use super::table::{Item, Items, dump, findings, repair_all, restore, restored};
use crate::linearizability::checker::check;
use crate::linearizability::clients::{self, Callers, Items as Known};
use crate::linearizability::history::{Answer, Operation, Request};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Change {
    CreateFirst,
    CreateAfterInvalidation,
    CreateAfterExpiry,
    Rotate,
    Invalidate,
    /// The slot is full, so its earlier codes move to a page.
    RotateWithFullSlot,
}

const CHANGES: [Change; 6] = [
    Change::CreateFirst,
    Change::CreateAfterInvalidation,
    Change::CreateAfterExpiry,
    Change::Rotate,
    Change::Invalidate,
    Change::RotateWithFullSlot,
];

const MENTOR: &str = "m";
const CALLERS: usize = 4;
const REQUESTS: usize = 3;

fn post(expires_at: Option<String>) -> Request {
    Request::Post { org: "org".into(), expires_at }
}

/// Random beginnings of ids that follow from a seed.
fn digits(seed: u64) -> Vec<String> {
    let mut rng = fastrand::Rng::with_seed(seed);
    (0..100).map(|_| format!("{:019x}", rng.u128(0..1 << 76))).collect()
}

fn strs(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

/// What a backup holds besides the change: how often the mentor's code was rotated before, and how many seconds the clock
/// of the process that made the change is ahead of the others'.
#[derive(Clone, Copy, Debug)]
struct Before {
    rotations: usize,
    skew: i64,
}

/// A table before and after a change, and the calls until then. The change is a call without an answer.
struct Backup {
    change: Change,
    before: Items,
    after: Items,
    /// The answer that the caller of the change had, in a time that the backup lacks.
    shown: Value,
    answer: Option<Answer>,
    /// When the history has the call: it was answered at the next moment, if at all.
    called: u64,
    callers: Callers,
    clock: TestClock,
}

impl Backup {
    async fn of(change: Change, Before { rotations, skew }: Before, seed: u64) -> Self {
        let service = TestService::builder().in_process().ids(&strs(&digits(seed))).build().await;
        let callers = Callers::new(&service, MENTOR);
        let second = || service.clock.advance(Duration::from_secs(1));
        let last = || callers.known().last().unwrap().clone();
        let rotations = match change {
            Change::CreateFirst => None,
            // The slot is full every 14 codes.
            Change::RotateWithFullSlot => Some(14 * (1 + rotations / 14)),
            _ => Some(rotations),
        };
        if let Some(rotations) = rotations {
            callers.send(post(Some(service.clock.text_in(Duration::from_secs(600))))).await;
            for _ in 0..rotations {
                second();
                callers.send(Request::Put { id: last() }).await;
            }
        }
        let request = match change {
            Change::CreateFirst => post(None),
            Change::CreateAfterInvalidation => {
                second();
                callers.send(Request::Delete { id: last() }).await;
                post(None)
            }
            Change::CreateAfterExpiry => {
                service.clock.advance(Duration::from_secs(610));
                post(None)
            }
            Change::Rotate | Change::RotateWithFullSlot => Request::Put { id: last() },
            Change::Invalidate => Request::Delete { id: last() },
        };
        second();
        let (before, now) = (dump(&service).await, service.clock.now());
        let ahead = Duration::from_secs(skew.unsigned_abs());
        service.clock.set_to(if skew < 0 { now - ahead } else { now + ahead });
        let reply = service.send(request.call(MENTOR)).await;
        assert!(reply.status < 300, "{reply:?}");
        let (at, answer) = (service.clock.unix_millis(), request.read(&reply));
        let called = callers.history.tick();
        callers.history.tick();
        callers.history.record(Operation { request, now: at, called, answered: None });
        service.clock.set_to(now);
        let (after, shown, clock) = (dump(&service).await, reply.json(), service.clock.clone());
        Self { change, before, after, shown, answer, called, callers, clock }
    }

    /// The keys of the items that the change has written.
    fn written(&self) -> Vec<(String, String)> {
        let changed = self.after.iter().filter(|(key, item)| self.before.get(*key) != Some(item));
        changed.map(|(key, _)| key.clone()).collect()
    }

    /// The table after the change, without those of its items that the mask has.
    fn without(&self, mask: usize) -> Items {
        let mut items = self.after.clone();
        let left_out = self.written().into_iter().enumerate().filter(|(nth, _)| mask & (1 << nth) != 0);
        for (_, key) in left_out {
            match self.before.get(&key) {
                Some(item) => drop(items.insert(key, item.clone())),
                None => drop(items.remove(&key)),
            }
        }
        items
    }

    /// Every part of the items that the change has written, but for all of them.
    fn parts(&self) -> std::ops::Range<usize> {
        0..(1 << self.written().len()) - 1
    }

    fn id(&self) -> &str {
        self.shown["id"].as_str().unwrap()
    }

    /// Whether these items name the code that the change has made.
    fn is_named_in(&self, items: &Items) -> bool {
        items.values().any(|item| format!("{item:?}").contains(self.id()))
    }
}

async fn repair_while_calls_run(change: Change, mask: usize, seed: u64) -> Result<(), String> {
    let before = Before { rotations: usize::from(seed % 2 == 1), skew: (seed % 11).cast_signed() - 5 };
    let backup = Backup::of(change, before, seed).await;
    let items = backup.without(mask);
    let service = restored(&items, &strs(&digits(seed + 1_000))).await;
    service.clock.set_to(backup.clock.now() + Duration::from_secs(2));
    service.faults.random_latency(seed);
    if seed.is_multiple_of(2) {
        service.faults.random(seed, 0.05);
    }
    let callers = backup.callers.through(&service, &service.clock);
    if change == Change::Invalidate {
        // A call may replace the slot's copy, which alone has the time of the end. Then the repair ends the record anew.
        let (request, now) = (Request::Delete { id: callers.known().pop().unwrap() }, service.clock.unix_millis());
        callers.history.record(Operation { request, now, called: callers.history.tick(), answered: None });
    }
    let lost = LostRotation::of(&backup.before, &items, backup.called, backup.answer.as_ref());
    if let Some(lost) = &lost {
        lost.record(&callers.history, service.clock.unix_millis());
    }
    callers.meet(Known::Contradicting);
    let mut rng = fastrand::Rng::with_seed(seed);
    let repair = async {
        tokio::time::sleep(Duration::from_millis(seed % 7 * 15)).await;
        while let Err(error) = repair_all(&service, 7).await {
            assert!(matches!(error, StoreError::Unavailable(_) | StoreError::Contended(_)), "{error}");
        }
        // A list also shows the code that a repair has ended, of which no call knows.
        callers.meet(Known::Repaired);
    };
    let mentors = [callers.clone()];
    tokio::join!(repair, clients::run(&mentors, CALLERS, REQUESTS, &mut rng));
    service.clock.advance(Duration::from_secs(1));
    clients::run(&mentors, CALLERS, REQUESTS, &mut rng).await;

    service.faults.clear_faults();
    tokio::time::sleep(Duration::from_secs(60)).await;
    let left = findings(&service, 1_000).await.map_err(|error| error.to_string())?;
    if !left.is_empty() {
        return Err(format!("after the repair, the audit finds {left:#?}"));
    }
    audit(&service).await?;
    callers.read_all().await;
    let mut operations = callers.history.operations();
    if let Some(lost) = &lost {
        lost.explain(&mut operations);
    }
    check(&operations).map_err(|refuted| refuted.0)?;

    let repaired = dump(&service).await;
    let second = repair_all(&service, 3).await.map_err(|error| error.to_string())?;
    if !second.is_empty() || dump(&service).await != repaired {
        return Err(format!("a second repair finds {second:#?}"));
    }
    if change != Change::Invalidate && backup.is_named_in(&items) {
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

/// Leaves out every part of the change's items in turn. Each has a seed of its own.
fn every_part_is_repaired(change: Change) {
    let backup = simulated(1, Backup::of(change, Before { rotations: 0, skew: 0 }, 1));
    for (seed, mask) in seeds(1).into_iter().flat_map(|seed| backup.parts().map(move |mask| (seed, mask))) {
        let outcome = simulated(seed, repair_while_calls_run(change, mask, seed * 100 + mask as u64));
        outcome.unwrap_or_else(|error| panic!("{change:?} without {mask:b}, seed {seed}: {error}"));
    }
}

macro_rules! every_part {
    ($($name:ident: $change:ident,)*) => {
        $(#[test]
        fn $name() {
            every_part_is_repaired(Change::$change);
        })*
    };
}

every_part! {
    repair_of_every_part_of_a_first_create_while_calls_run: CreateFirst,
    repair_of_every_part_of_a_create_after_an_invalidation_while_calls_run: CreateAfterInvalidation,
    repair_of_every_part_of_a_create_after_an_expiry_while_calls_run: CreateAfterExpiry,
    repair_of_every_part_of_a_rotation_while_calls_run: Rotate,
    repair_of_every_part_of_an_invalidation_while_calls_run: Invalidate,
}

#[test]
#[ignore = "long: 31 parts, each of a table with 15 codes"]
fn long_repair_of_every_part_of_a_rotation_that_moves_a_page_while_calls_run() {
    every_part_is_repaired(Change::RotateWithFullSlot);
}

/// Repairs every part of a change at rest.
fn repair_every_part(change: Change, before: Before) {
    simulated(1, async {
        let backup = Backup::of(change, before, 1).await;
        let service = restored(&backup.after, &[]).await;
        for mask in backup.parts() {
            let items = backup.without(mask);
            restore(&service, &items).await;
            service.clock.set_to(backup.clock.now() + Duration::from_secs(10));
            repair_all(&service, 1_000).await.unwrap();
            let what = || format!("{change:?} without {mask:b} after {before:?}");
            audit(&service).await.unwrap_or_else(|error| panic!("{error}: {}", what()));
            assert_eq!(findings(&service, 1_000).await.unwrap(), [], "{}", what());
            code_is_whole_or_lost(&backup, &items, &service).await;
        }
    });
}

/// Whatever the clocks say: a change is completed if a whole copy of its code is left. Otherwise the code is lost, and the
/// mentor has the one before if that has not ended.
async fn code_is_whole_or_lost(backup: &Backup, items: &Items, service: &TestService) {
    let what = || format!("{:?} of {items:#?}", backup.change);
    let post = json!({ "mentor_id": MENTOR, "org_id": "org" });
    let shown = service.send(Call::get(&format!("{BASE}/{}", backup.id()))).await;
    if backup.change == Change::Invalidate {
        assert_eq!(shown.json()["invalidated_at"], backup.shown["invalidated_at"], "{}", what());
        service.send(Call::post(BASE, &post)).await.expect(201);
    } else if is_whole_in(items, backup.id()) {
        for name in ["id", "code", "org_id", "status", "expires_at", "previous_code", "created_at", "rotated_at"] {
            assert_eq!(shown.json()[name], backup.shown[name], "{name}: {}", what());
        }
        assert_eq!(service.send(Call::post(BASE, &post)).await.expect(200)["id"], backup.id(), "{}", what());
    } else {
        shown.expect_problem(404, "code_not_found");
        let is_active = matches!(backup.change, Change::Rotate | Change::RotateWithFullSlot)
            && ended(items) == ended(&backup.before);
        let next = service.send(Call::post(BASE, &post)).await;
        assert_eq!(next.status, if is_active { 200 } else { 201 }, "{}", what());
    }
}

#[test]
fn repair_completes_a_whole_code_and_loses_the_rest_whatever_the_clocks_say() {
    repair_every_part_of_every_change(&[(-5, 1), (5, 1)]);
}

#[test]
#[ignore = "long: after many rotations, and with clocks that differ less"]
fn long_repair_completes_a_whole_code_and_loses_the_rest() {
    repair_every_part_of_every_change(&[(-5, 16), (-1, 1), (0, 1), (1, 1), (5, 16)]);
}

/// With clocks so many seconds apart, after so many rotations.
fn repair_every_part_of_every_change(cases: &[(i64, usize)]) {
    for change in CHANGES {
        for &(skew, rotations) in cases {
            repair_every_part(change, Before { rotations, skew });
        }
    }
}

/// The backup lacks the slot. Before the repair, calls make another code and end it.
#[test]
fn code_from_before_an_end_does_not_become_active_again() {
    simulated(1, async {
        let backup = Backup::of(Change::CreateFirst, Before { rotations: 0, skew: 0 }, 1).await;
        let mut items = backup.after.clone();
        items.remove(&(format!("mentor#{MENTOR}"), "slot".to_owned()));
        let service = restored(&items, &[]).await;
        service.clock.set_to(backup.clock.now() + Duration::from_secs(2));
        let post = || Call::post(BASE, &json!({ "mentor_id": MENTOR, "org_id": "org" }));
        let another = service.send(post()).await.expect(201);
        service.send(Call::delete(&format!("{BASE}/{}", another["id"].as_str().unwrap()))).await.expect(200);
        repair_all(&service, 1_000).await.unwrap();
        audit(&service).await.unwrap();
        let shown = service.send(Call::get(&format!("{BASE}/{}", backup.id()))).await.expect(200);
        assert_eq!(shown["status"], "invalidated");
        service.send(post()).await.expect(201);
    });
}

/// Another release has given every item an attribute. Each is still there after a repair, and a code that is written from
/// its copy has it, too.
#[test]
fn repair_keeps_attributes_that_it_does_not_know() {
    let of_release = |key: &(String, String), item: &mut Item| {
        let value = |of: &str| AttributeValue::S(format!("later, of {of}"));
        let of = key.0.trim_start_matches("id#").to_owned();
        if let Some(AttributeValue::M(held)) = item.get_mut("held") {
            let id = held["id"].as_s().unwrap().clone();
            held.insert("later".into(), value(&id));
        }
        item.insert("later".into(), value(&of));
    };
    for change in CHANGES {
        simulated(1, async {
            let mut backup = Backup::of(change, Before { rotations: 1, skew: 0 }, 1).await;
            for items in [&mut backup.before, &mut backup.after] {
                for (key, item) in items.iter_mut() {
                    of_release(key, item);
                }
            }
            let service = restored(&backup.after, &[]).await;
            for mask in backup.parts() {
                let items = backup.without(mask);
                restore(&service, &items).await;
                service.clock.set_to(backup.clock.now());
                repair_all(&service, 1_000).await.unwrap();
                // A copy in a slot must be as its record, with all attributes.
                audit(&service).await.unwrap_or_else(|error| panic!("{change:?} without {mask:b}: {error}"));
                let repaired = dump(&service).await;
                for (key, item) in &items {
                    assert_eq!(repaired[key].get("later"), item.get("later"), "{change:?} without {mask:b}: {key:?}");
                }
                let record = &repaired.get(&(format!("id#{}", backup.id()), "record".to_owned()));
                if change != Change::Invalidate && is_whole_in(&items, backup.id()) {
                    assert!(record.unwrap().contains_key("later"), "{change:?} without {mask:b}: {record:?}");
                }
            }
        });
    }
}
