//! A restored backup: for every change, every part of its items is left out, and the table is repaired while calls run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use dev::{BASE, Call, SharedTestService, TestClock, TestService, audit, seeds, simulated};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::lost_rotation::{LostRotation, ended, is_whole_in};
use super::table::{Item, Items, dump, findings, repair_all, restore, restored};
use crate::linearizability::checker::check;
use crate::linearizability::clients::Callers;
use crate::linearizability::history::{Answer, History, Operation, Request};
use crate::linearizability::model::millis;

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

/// How many items a change writes.
fn items_of(change: Change) -> usize {
    match change {
        Change::Invalidate => 2,
        Change::CreateFirst | Change::CreateAfterInvalidation => 3,
        Change::CreateAfterExpiry | Change::Rotate => 4,
        Change::RotateWithFullSlot => 5,
    }
}

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

    fn id(&self) -> &str {
        self.shown["id"].as_str().unwrap()
    }

    /// Whether these items name the code that the change has made.
    fn is_named_in(&self, items: &Items) -> bool {
        items.values().any(|item| format!("{item:?}").contains(self.id()))
    }
}

/// A caller of a table that may not be sound yet.
#[derive(Clone)]
struct Caller {
    service: SharedTestService,
    clock: TestClock,
    history: Arc<History>,
    /// Ids that answers have shown.
    known: Vec<String>,
    is_sound: Arc<AtomicBool>,
}

impl Caller {
    async fn run(mut self, mut rng: fastrand::Rng) {
        for _ in 0..REQUESTS {
            tokio::time::sleep(Duration::from_millis(rng.u64(0..=60))).await;
            let recent: Vec<_> = self.known.iter().rev().take(2).cloned().collect();
            let request = match rng.choice(recent) {
                Some(id) => match rng.u8(0..100) {
                    0..30 => post(None),
                    30..60 => Request::Put { id },
                    60..80 => Request::Delete { id },
                    _ => Request::Get { id },
                },
                None => post(None),
            };
            self.send(request).await;
        }
    }

    /// Sends a request, and records it as far as it can be judged.
    ///
    /// Until the table is sound, an answer that only rests on reads can contradict another one: the two rest on items that
    /// contradict each other. So such an answer is not judged. A change that was acknowledged must hold all the same, and
    /// what a failed call has done is unknown.
    async fn send(&mut self, request: Request) {
        let was_sound = self.is_sound.load(Ordering::SeqCst);
        let (now, called) = (self.clock.unix_millis(), self.history.tick());
        let reply = self.service.send(request.call(MENTOR)).await;
        let answer = if reply.status == 500 && !was_sound { None } else { request.read(&reply) };
        let is_change = match &answer {
            Some(Answer::Created(_)) => true,
            // Else it repeats what an earlier call has done, by a read.
            Some(Answer::Successor(code)) => millis(&code.created_at) == now,
            Some(Answer::Invalidated { at }) => millis(at) == now,
            _ => false,
        };
        if answer.is_some() && !was_sound && !is_change {
            return;
        }
        self.known.extend(answer.iter().flat_map(Answer::ids));
        let answered = answer.map(|answer| (self.history.tick(), answer));
        self.history.record(Operation { request, now, called, answered });
    }
}

async fn call_concurrently(caller: &Caller, rng: &mut fastrand::Rng) {
    let mut tasks = JoinSet::new();
    for _ in 0..CALLERS {
        tasks.spawn(caller.clone().run(rng.fork()));
    }
    tasks.join_all().await;
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
    let is_sound = Arc::new(AtomicBool::new(false));
    let caller = Caller {
        service: service.share(),
        clock: service.clock.clone(),
        history: Arc::clone(&callers.history),
        known: callers.known(),
        is_sound: Arc::clone(&is_sound),
    };
    let mut rng = fastrand::Rng::with_seed(seed);
    let repair = async {
        tokio::time::sleep(Duration::from_millis(seed % 7 * 15)).await;
        while let Err(error) = repair_all(&service, 7).await {
            assert!(matches!(error, referral_codes::store::StoreError::Unavailable(_)), "{error}");
        }
        is_sound.store(true, Ordering::SeqCst);
    };
    let mut before_sound = rng.fork();
    tokio::join!(repair, call_concurrently(&caller, &mut before_sound));
    service.clock.advance(Duration::from_secs(1));
    call_concurrently(&caller, &mut rng).await;

    service.faults.clear_faults();
    tokio::time::sleep(Duration::from_secs(60)).await;
    let left = findings(&service, 1_000).await.map_err(|error| error.to_string())?;
    if !left.is_empty() {
        return Err(format!("after the repair, the audit finds {left:#?}"));
    }
    audit(&service).await?;
    // A list also shows the code that a repair has ended, of which no call knows.
    callers.read_codes().await;
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
    let parts = 0..(1 << items_of(change)) - 1;
    for (seed, mask) in seeds(1).into_iter().flat_map(|seed| parts.clone().map(move |mask| (seed, mask))) {
        let outcome = simulated(seed, repair_while_calls_run(change, mask, seed * 100 + mask as u64));
        outcome.unwrap_or_else(|error| panic!("{change:?} without {mask:b}, seed {seed}: {error}"));
    }
}

#[test]
fn repair_of_every_part_of_a_first_create_while_calls_run() {
    every_part_is_repaired(Change::CreateFirst);
}

#[test]
fn repair_of_every_part_of_a_create_after_an_invalidation_while_calls_run() {
    every_part_is_repaired(Change::CreateAfterInvalidation);
}

#[test]
fn repair_of_every_part_of_a_create_after_an_expiry_while_calls_run() {
    every_part_is_repaired(Change::CreateAfterExpiry);
}

#[test]
fn repair_of_every_part_of_a_rotation_while_calls_run() {
    every_part_is_repaired(Change::Rotate);
}

#[test]
fn repair_of_every_part_of_an_invalidation_while_calls_run() {
    every_part_is_repaired(Change::Invalidate);
}

#[test]
fn repair_of_every_part_of_a_rotation_that_moves_a_page_while_calls_run() {
    every_part_is_repaired(Change::RotateWithFullSlot);
}

/// The numbers of items above are those of the changes.
#[test]
fn changes_write_the_items_that_are_left_out() {
    for change in CHANGES {
        let before = Before { rotations: 0, skew: 0 };
        let written = simulated(1, async { Backup::of(change, before, 1).await.written() });
        assert_eq!(written.len(), items_of(change), "{change:?}: {written:?}");
    }
}

/// Repairs every part of a change at rest.
fn repair_every_part(change: Change, before: Before) {
    simulated(1, async {
        let backup = Backup::of(change, before, 1).await;
        let service = restored(&backup.after, &[]).await;
        for mask in 0..(1 << items_of(change)) - 1 {
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
    for change in CHANGES {
        for (skew, rotations) in [(-5, 16), (-1, 1), (0, 1), (1, 1), (5, 16)] {
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
            for mask in 0..(1 << items_of(change)) - 1 {
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
