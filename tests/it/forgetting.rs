//! Forgetting a mentor: what callers see, that a run may stop at any write, and that no late write brings the mentor back.

use std::iter;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use dev::{BASE, Call, Fault, TestService, audit, simulated};
use referral_codes::commands::{CommandError, Report};
use referral_codes::limits::{COMPLETE_AFTER, FORGOTTEN_FOR_GOOD_AFTER};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::audit_and_repair::table::{Item, dump, findings, restore, restored};
use crate::linearizability::maintained::{run, upkeep};

async fn forget(service: &TestService, mentor: &str) -> Value {
    let report = run(service, &json!({ "maintenance": "forget", "mentor_id": mentor })).await.unwrap();
    assert!(matches!(report, Report::Forget { done: true, .. }), "{report:?}");
    json!(report)
}

/// The upkeep when nothing can be in flight any more.
async fn complete(service: &TestService) {
    service.clock.advance(FORGOTTEN_FOR_GOOD_AFTER + Duration::from_secs(1));
    upkeep(service).await;
}

/// The keys of the items that name the mentor.
async fn naming(service: &TestService, mentor: &str) -> Vec<(String, String)> {
    let items = dump(service).await.into_iter();
    items.filter(|(_, item)| format!("{item:?}").contains(mentor)).map(|(key, _)| key).collect()
}

/// Begins to forget the mentor, by a run that is stopped after so many writes. Whether it was.
async fn forget_until(service: &TestService, mentor: &str, writes: usize) -> bool {
    let (operator, mut left) = (service.other_process().await, writes);
    operator.faults.plan(move |recorded| {
        let is_write = matches!(recorded.operation.as_str(), "TransactWriteItems" | "PutItem");
        let is_stopped = is_write && left == 0;
        left -= usize::from(is_write && !is_stopped);
        is_stopped.then_some(Fault::Refused(400, "AccessDeniedException"))
    });
    run(&operator, &json!({ "maintenance": "forget", "mentor_id": mentor })).await.is_err()
}

/// What a repair reports: nothing, if there was nothing to repair.
async fn repair(service: &TestService) -> [Value; 2] {
    let report = json!(run(service, &json!({ "maintenance": "repair" })).await.unwrap());
    [report["repaired"].clone(), report["left"].clone()]
}

/// A mentor `usr_1` with so many codes, the last of them active.
async fn codes(service: &TestService, count: usize) -> Vec<Value> {
    let mut codes = vec![service.create("usr_1", "o").await];
    while codes.len() < count {
        service.clock.advance(Duration::from_secs(1));
        codes.push(service.rotate(codes.last().unwrap()).await);
    }
    codes
}

#[tokio::test]
async fn forgotten_mentor_is_a_pseudonym_and_comes_back_as_somebody_new() {
    let service = TestService::builder().in_process().setting("ROTATED_GRACE_DAYS", "7").build().await;
    let codes = codes(&service, 3).await;
    let report = forget(&service, "usr_1").await;
    let pseudonym = report["pseudonym"].as_str().unwrap();
    assert!(pseudonym.starts_with("forgotten-") && report["codes"] == 3, "{report}");
    let shown = service.list(&format!("?mentor_id={pseudonym}")).await;
    for (code, status) in codes.iter().zip(["rotated", "rotated", "invalidated"]) {
        let read = service.read(code).await;
        assert_eq!((&read["mentor_id"], &read["status"]), (&json!(pseudonym), &json!(status)), "{read}");
        assert!(shown["data"].as_array().unwrap().contains(&read), "{shown}");
        assert_eq!(read["code"], code["code"], "attribution by code stays");
        service.send(Call::rotate(code).with("mentor_id", "usr_1")).await.expect_problem(403, "mentor_mismatch");
        let link = format!("/r/{}", code["code"].as_str().unwrap());
        assert_eq!(service.send(Call::get(&link)).await.status, 410);
    }
    assert_eq!(service.list("?mentor_id=usr_1").await["pagination"]["total"], 0);
    assert_eq!(service.list("").await["pagination"]["total"], 3);
    run(&service, &json!({ "maintenance": "forget", "mentor_id": pseudonym })).await.unwrap_err();
    audit(&service).await.unwrap();
    assert_eq!(findings(&service, 100).await.unwrap(), []);

    let back = service.create("usr_1", "p").await;
    assert_eq!(service.list("?mentor_id=usr_1").await["data"], json!([back]));
    complete(&service).await;
    assert_eq!(service.read(&back).await["status"], "active");
    let again = forget(&service, "usr_1").await;
    assert!(again["pseudonym"] != report["pseudonym"] && again["codes"] == 1, "{again}");
    complete(&service).await;
    assert_eq!(naming(&service, "usr_1").await, []);
    let nothing = json!({ "maintenance": "forget", "codes": 0, "done": true });
    assert_eq!(forget(&service, "usr_1").await, nothing);
    assert_eq!(forget(&service, "usr_1").await, nothing);
    assert_eq!(findings(&service, 100).await.unwrap(), []);
    let back = service.create("usr_1", "p").await;
    complete(&service).await;
    assert_eq!(service.list("?mentor_id=usr_1").await["data"], json!([back]));
    let again = forget(&service, "usr_1").await;
    assert_eq!(service.read(&back).await["mentor_id"], again["pseudonym"]);
    audit(&service).await.unwrap();
}

/// Of codes with their pages, as of one: whatever write is the last of a run, the upkeep goes on from there. A repair in between
/// finds nothing.
fn run_may_stop(counts: &[usize], step: usize) {
    for &count in counts {
        let (items, last, now) = simulated(1, async {
            let service = TestService::builder().in_process().build().await;
            let last = codes(&service, count).await.pop().unwrap();
            (dump(&service).await, last, service.clock.now())
        });
        for stop in (0..).step_by(step) {
            let was_stopped = simulated(1, async {
                let service = restored(&items, &[]).await;
                service.clock.set_to(now);
                let was_stopped = forget_until(&service, "usr_1", stop).await;
                // Calls in between are answered, or told to wait for the upkeep.
                for call in [Call::read(&last), Call::get(&format!("{BASE}?mentor_id=usr_1"))] {
                    let reply = service.send(call).await;
                    assert!([200, 503].contains(&reply.status), "{stop} of {count}: {reply:?}");
                }
                assert_eq!(repair(&service).await, [json!(0), json!([])], "{stop} of {count}");
                upkeep(&service).await;
                let is_begun = stop > 0 || !was_stopped;
                assert_eq!(service.read(&last).await["mentor_id"] == "usr_1", !is_begun, "{stop} of {count}");
                audit(&service).await.unwrap();
                assert_eq!(findings(&service, 1_000).await.unwrap(), [], "{stop} of {count}");
                complete(&service).await;
                assert_eq!(naming(&service, "usr_1").await.is_empty(), is_begun, "{stop} of {count}");
                was_stopped
            });
            if !was_stopped {
                assert!(stop > 2, "nothing was stopped");
                break;
            }
        }
    }
}

#[test]
fn run_may_stop_before_any_write_and_the_upkeep_goes_on() {
    run_may_stop(&[1, 15], 1);
    run_may_stop(&[120], 3);
}

#[test]
#[ignore = "long: every stop of a run over more codes than one transaction holds"]
fn long_run_may_stop_before_any_write_and_the_upkeep_goes_on() {
    run_may_stop(&[60, 120], 1);
}

/// Each run chooses another pseudonym. The second may stop once nothing names the first one's any more.
#[test]
fn no_page_stays_under_a_pseudonym_that_was_given_up() {
    for (first, second) in (3..6).flat_map(|first| (0..5).map(move |second| (first, second))) {
        simulated(1, async move {
            let service = TestService::builder().in_process().build().await;
            codes(&service, 16).await;
            for stop in [first, second] {
                forget_until(&service, "usr_1", stop).await;
            }
            upkeep(&service).await;
            complete(&service).await;
            assert_eq!(naming(&service, "usr_1").await, [], "{first}, {second}");
            assert_eq!(findings(&service, 100).await.unwrap(), [], "{first}, {second}");
        });
    }
}

/// It names what stands in the slot's place, which it has read: at first, and after its id was taken.
#[tokio::test]
async fn create_of_afterwards_takes_no_transaction_in_vain() {
    const TAKEN: [&str; 4] = ["8f3a21bc0", "8f3a21bc1", "8f3a21bc2", "8f3a21bc3"];
    for (ids, transactions) in [(&["8f3a21bc", "9c4b32de"][..], 1), (&TAKEN, 2)] {
        let service = TestService::builder().in_process().ids(ids).build().await;
        service.create("usr_1", "o").await;
        forget(&service, "usr_1").await;
        service.faults.take();
        service.create("usr_1", "o").await;
        let sent = service.faults.take();
        let sent = sent.iter().filter(|request| request.operation == "TransactWriteItems").count();
        assert_eq!(sent, transactions, "{ids:?}");
    }
}

/// The pages stand under the pseudonym before its slot does. A request of the slow process takes 200 ms. So here, and in the tests
/// below, each step is between two other requests.
#[test]
fn repair_beside_a_forgetting_changes_nothing() {
    for step in 0..16 {
        simulated(1, async move {
            let service = TestService::builder().in_process().build().await;
            codes(&service, 16).await;
            let slow = service.other_process().await;
            slow.faults.latency(Duration::from_millis(100));
            let late = tokio::spawn(async move { forget(&slow, "usr_1").await });
            sleep(Duration::from_millis(200 * step + 10)).await;
            assert_eq!(repair(&service).await, [json!(0), json!([])], "{step}");
            let pseudonym = late.await.unwrap()["pseudonym"].clone();
            let listed = service.list(&format!("?mentor_id={}", pseudonym.as_str().unwrap())).await;
            assert_eq!(listed["pagination"]["total"], 16, "{step}");
            assert_eq!(findings(&service, 100).await.unwrap(), [], "{step}");
        });
    }
}

/// Whether a code has expired is worked out when it is read: its record is stored as active, under the pseudonym too.
#[tokio::test]
async fn expired_code_of_a_forgotten_mentor_is_shown_as_expired() {
    let service = TestService::builder().in_process().build().await;
    let create = Call::create("usr_1", "o").with("expires_at", "2026-01-10T10:00:00Z");
    let code = service.send(create).await.expect(201);
    service.clock.advance(Duration::from_secs(60 * 60));
    let report = forget(&service, "usr_1").await;
    assert_eq!(service.read(&code).await["status"], "expired");
    let of_mentor = format!("&mentor_id={}", report["pseudonym"].as_str().unwrap());
    for filter in ["", &of_mentor] {
        for (status, total) in [("active", 0), ("expired", 1)] {
            let list = service.list(&format!("?status={status}{filter}")).await;
            assert_eq!(list["pagination"]["total"], total, "{status}{filter}");
        }
    }
    let leave = run(&service, &json!({ "maintenance": "leave", "org_id": "o" })).await.unwrap();
    assert_eq!(json!(leave)["count"], 0);
    service.create("usr_1", "o").await;
    complete(&service).await;
    audit(&service).await.unwrap();
    assert_eq!(findings(&service, 100).await.unwrap(), []);
}

/// A slow upkeep finds the forgetting begun. Before its next read another one has moved the slot, and the mentor is back.
#[test]
fn overlapping_upkeeps_leave_the_codes_of_a_mentor_who_came_back() {
    for step in 0..11 {
        simulated(1, async move {
            let service = TestService::builder().in_process().build().await;
            service.create("usr_1", "o").await;
            assert!(forget_until(&service, "usr_1", 1).await);
            let slow = service.other_process().await;
            slow.faults.latency(Duration::from_millis(100));
            let late = tokio::spawn(async move { run(&slow, &json!({ "maintenance": "upkeep" })).await.is_ok() });
            sleep(Duration::from_millis(200 * step + 10)).await;
            upkeep(&service).await;
            let back = service.create("usr_1", "o").await;
            late.await.unwrap();
            assert_eq!(service.read(&back).await["status"], "active", "{step}");
            complete(&service).await;
            assert_eq!(service.read(&back).await["mentor_id"], "usr_1", "{step}");
            audit(&service).await.unwrap();
        });
    }
}

/// A backup may have any part of the transaction that moves the slot, and not the others. It is minutes old.
#[test]
fn torn_forgetting_is_repaired_and_completed() {
    for subset in 0..16_usize {
        simulated(1, async move {
            let service = TestService::builder().in_process().build().await;
            let code = service.create("usr_1", "o").await;
            service.invalidate(&code).await;
            let mut items = dump(&service).await;
            let report = forget(&service, "usr_1").await;
            let mut after = dump(&service).await;
            let slot = (format!("mentor#{}", report["pseudonym"].as_str().unwrap()), "slot".to_owned());
            after.get_mut(&slot).unwrap().insert("moving".into(), AttributeValue::N("1".into()));
            let pending = ("pending#all".to_owned(), "forget#usr_1".to_owned());
            items.insert(pending.clone(), after[&pending].clone());
            let parts: Vec<_> = after.into_iter().filter(|(key, item)| items.get(key) != Some(item)).collect();
            assert_eq!(parts.len(), 4);
            items.extend(parts.into_iter().enumerate().filter(|(nth, _)| subset >> nth & 1 == 1).map(|(_, part)| part));
            restore(&service, &items).await;
            service.clock.advance(Duration::from_secs(10 * 60));
            repair(&service).await;
            forget(&service, "usr_1").await;
            repair(&service).await;
            assert_eq!(findings(&service, 100).await.unwrap(), [], "{subset:04b}");
            complete(&service).await;
            assert_eq!(naming(&service, "usr_1").await, [], "{subset:04b}");
            audit(&service).await.unwrap();
            let [read, made] = [service.read(&code).await, service.create("usr_1", "o").await];
            assert!(read["status"] == "invalidated" && made["id"] != code["id"], "{subset:04b}: {read}");
        });
    }
}

/// A list reads the slot, then the records. In between the mentor is forgotten.
#[test]
fn list_never_shows_a_mentor_beside_the_pseudonym() {
    for step in 0..6 {
        simulated(1, async move {
            let service = TestService::builder().in_process().build().await;
            let code = codes(&service, 2).await.pop().unwrap();
            service.invalidate(&code).await;
            service.clock.advance(COMPLETE_AFTER);
            let slow = service.other_process().await;
            slow.faults.latency(Duration::from_millis(100));
            let list = tokio::spawn(async move { slow.send(Call::get(&format!("{BASE}?mentor_id=usr_1"))).await });
            sleep(Duration::from_millis(200 * step + 10)).await;
            forget(&service, "usr_1").await;
            let list = list.await.unwrap().expect(200);
            let shown = list["data"].as_array().unwrap();
            assert!(shown.iter().all(|code| code["mentor_id"] == "usr_1"), "{step}: {list}");
            assert_eq!(list["pagination"]["total"], shown.len(), "{step}: {list}");
        });
    }
}

/// A create has read that the mentor is forgotten, then that the mentor is back with a code that has ended later than the create
/// began; and the mentor is forgotten again before its transaction. The new code's time is the create's own.
#[test]
fn create_takes_no_time_from_a_code_that_is_forgotten_meanwhile() {
    let mut seen = 0;
    for step in 1..6 {
        seen += simulated(1, async move {
            let service = TestService::builder().in_process().build().await;
            service.create("usr_1", "o").await;
            forget(&service, "usr_1").await;
            let (slow, began) = (service.other_process().await, service.clock.text());
            slow.faults.latency(Duration::from_millis(100));
            let created = tokio::spawn(async move { slow.create("usr_1", "o").await });
            sleep(Duration::from_millis(150)).await;
            service.clock.advance(Duration::from_secs(2));
            let back = service.create("usr_1", "o").await;
            service.invalidate(&back).await;
            sleep(Duration::from_millis(200 * step)).await;
            forget(&service, "usr_1").await;
            let created = created.await.unwrap();
            let is_new = service.read(&created).await["mentor_id"] == "usr_1";
            assert!(!is_new || created["created_at"] == began, "{step}: {created}");
            usize::from(is_new)
        });
    }
    assert!((1..5).contains(&seen), "{seen}");
}

/// A DELETE has read the record, and reads the slot once the mentor is back.
#[test]
fn refusal_of_a_forgotten_code_does_not_tell_who_came_back() {
    for step in 0..4 {
        simulated(1, async move {
            let service = TestService::builder().in_process().build().await;
            let codes = codes(&service, 2).await;
            service.clock.advance(COMPLETE_AFTER);
            let (slow, delete) = (service.other_process().await, Call::invalidate(&codes[0]));
            slow.faults.latency(Duration::from_millis(100));
            let refused = tokio::spawn(async move { slow.send(delete).await });
            sleep(Duration::from_millis(200 * step + 10)).await;
            forget(&service, "usr_1").await;
            let back = service.create("usr_1", "o").await;
            let problem = refused.await.unwrap().expect_problem(409, "code_not_active");
            assert_ne!(problem["active_id"], back["id"], "{step}");
        });
    }
}

/// A list has read the slot, whose last change is fresh, and the snapshot that confirms it is from after the move. Of that only the
/// slot and the record of its code are visible.
#[test]
fn list_that_has_read_the_slot_waits_until_all_is_done() {
    let mut seen = 0;
    for step in 0..8 {
        seen += simulated(1, async move {
            let service = TestService::builder().isolation(1, Duration::ZERO).build().await;
            let codes = codes(&service, 2).await;
            service.clock.advance(COMPLETE_AFTER);
            service.invalidate(&codes[1]).await;
            let (reader, operator) = (service.other_process().await, service.clone());
            service.isolation().schedule(|schedule| {
                schedule.next_orders = vec![vec![0, 1], vec![0, 1, 3, 2, 4, 5, 6]];
                schedule.next_stalls = vec![usize::MAX, 4];
            });
            reader.faults.latency(Duration::from_millis(100));
            let slow = reader.clone();
            let list = tokio::spawn(async move { slow.list("?mentor_id=usr_1").await });
            sleep(Duration::from_millis(50 * step + 10)).await;
            let forgetting = tokio::spawn(async move { forget(&operator, "usr_1").await });
            let is_forgotten = list.await.unwrap()["pagination"]["total"] == 0;
            if is_forgotten {
                assert_ne!(reader.read(&codes[0]).await["mentor_id"], "usr_1", "{step}");
            }
            forgetting.await.unwrap();
            usize::from(is_forgotten)
        });
    }
    assert!((1..8).contains(&seen), "{seen}");
}

/// A read has shown the place of the slot, and the snapshot that confirms it is from before.
#[tokio::test(start_paused = true)]
async fn older_snapshot_does_not_show_a_forgotten_mentor_again() {
    let service = TestService::builder().in_process().build().await;
    let code = service.create("usr_1", "o").await;
    service.invalidate(&code).await;
    service.clock.advance(COMPLETE_AFTER);
    let slot = dump(&service).await.remove(&("mentor#usr_1".to_owned(), "slot".to_owned())).unwrap();
    forget(&service, "usr_1").await;
    let older = json!({ "Responses": [{ "Item": as_json(&slot) }, {}] }).to_string();
    let reader = service.other_process().await;
    reader.faults.fail_next("TransactGetItems", [Fault::Garbled(200, older.leak())]);
    assert_eq!(reader.list("?mentor_id=usr_1").await["pagination"]["total"], 0);
}

fn as_json(item: &Item) -> Value {
    let value = |value: &AttributeValue| match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::M(map) => json!({ "M": as_json(map) }),
        other => panic!("{other:?}"),
    };
    item.iter().map(|(name, of)| (name.clone(), value(of))).collect::<serde_json::Map<_, _>>().into()
}

/// The upkeep cannot read the slot of one of two mentors. The other one is forgotten, and no message has an id.
#[tokio::test]
async fn forgetting_that_fails_keeps_no_other_and_names_nobody() {
    let service = TestService::builder().in_process().build().await;
    for mentor in ["usr_0", "usr_1"] {
        service.create(mentor, "o").await;
        assert!(forget_until(&service, mentor, 1).await);
    }
    let mut items = dump(&service).await;
    let slot = items.get_mut(&("mentor#usr_0".to_owned(), "slot".to_owned())).unwrap();
    slot.insert("format".into(), AttributeValue::N("99".into()));
    restore(&service, &items).await;
    for command in [json!({ "maintenance": "upkeep" }), json!({ "maintenance": "forget", "mentor_id": "usr_0" })] {
        let CommandError::Failed(error) = run(&service, &command).await.unwrap_err() else { panic!("it failed") };
        assert!(error.to_string().contains("format") && !error.to_string().contains("usr_0"), "{error}");
    }
    assert_eq!(service.list("?mentor_id=usr_1").await["pagination"]["total"], 0);
}

/// A create whose every request is lost but one, which arrives twelve minutes later: the mentor was forgotten by then, with
/// a code of another create or without. Returns what is named at the end.
fn late_create(has_code: bool, sabotage: impl Fn(&TestService)) -> Vec<(String, String)> {
    simulated(1, async {
        let service = TestService::builder().in_process().build().await;
        let slow = service.other_process().await;
        let only_the_first_arrives = iter::once(Fault::MINUTES_LATE).chain(iter::repeat(Fault::RequestLost));
        slow.faults.fail_next("TransactWriteItems", only_the_first_arrives);
        slow.send(Call::create("usr_1", "o")).await.expect_problem(503, "unavailable");
        if has_code {
            service.create("usr_1", "o").await;
        }
        sabotage(&service);
        assert_eq!(forget(&service, "usr_1").await["codes"], u8::from(has_code));
        sleep(Duration::from_secs(13 * 60)).await;
        complete(&service).await;
        naming(&service, "usr_1").await
    })
}

#[test]
fn late_create_does_not_bring_a_forgotten_mentor_back() {
    for has_code in [true, false] {
        assert_eq!(late_create(has_code, |_| {}), []);
    }
}

/// Without the item in the slot's place, the create finds no slot, again.
#[test]
fn forgetting_that_deletes_the_slot_lets_a_late_create_bring_the_mentor_back() {
    let named = late_create(true, |service| {
        service.faults.edit_transactions(|transaction| {
            for write in transaction["TransactItems"].as_array_mut().unwrap() {
                let put = &write["Put"];
                if put.pointer("/Item/forgotten").is_some() {
                    let key = json!({ "pk": put["Item"]["pk"], "sk": put["Item"]["sk"] });
                    *write = json!({ "Delete": { "TableName": put["TableName"], "Key": key } });
                }
            }
        });
    });
    assert_eq!(named.len(), 3, "its record, its claim and its slot: {named:?}");
}

/// The create's first attempt succeeds, and its answer is late; the mentor is forgotten before the second one, which DynamoDB
/// does not recognise.
#[test]
fn create_that_meets_its_own_code_as_forgotten_makes_no_other() {
    simulated(1, async {
        let service = TestService::builder().in_process().build().await;
        let slow = service.other_process().await;
        slow.faults
            .edit_transactions(|transaction| drop(transaction.as_object_mut().unwrap().remove("ClientRequestToken")));
        slow.faults.fail_next("TransactWriteItems", [Fault::Late]);
        let created = tokio::spawn(async move { slow.create("usr_1", "o").await });
        sleep(Duration::from_secs(1)).await;
        let report = forget(&service, "usr_1").await;
        let created = created.await.unwrap();
        assert_eq!(report["codes"], 1);
        assert_eq!(service.read(&created).await["mentor_id"], report["pseudonym"]);
        assert_eq!(service.list("").await["pagination"]["total"], 1);
    });
}

/// Of a creation in flight only the slot is visible, and the code has expired meanwhile.
#[test]
fn forgetting_waits_for_a_code_in_flight() {
    simulated(1, async {
        let service = TestService::builder().isolation(1, Duration::ZERO).build().await;
        service
            .isolation()
            .schedule(|schedule| (schedule.next_orders, schedule.next_stalls) = (vec![vec![2, 0, 1]], vec![2]));
        let (caller, create) = (service.clone(), Call::create("usr_1", "o").with("expires_at", "2026-01-10T09:00:01Z"));
        let created = tokio::spawn(async move { caller.send(create).await });
        sleep(Duration::from_secs(1)).await;
        service.clock.advance(Duration::from_secs(2));
        assert_eq!(forget(&service, "usr_1").await["codes"], 1);
        created.await.unwrap().expect(201);
        let named = naming(&service, "usr_1").await;
        assert!(named.iter().all(|(_, sk)| sk == "slot" || sk == "forget#usr_1"), "{named:?}");
    });
}

/// A page of earlier codes that a call has put late names nobody for ever.
#[tokio::test]
async fn late_page_of_earlier_codes_goes_with_the_next_upkeep() {
    let service = TestService::builder().in_process().build().await;
    codes(&service, 16).await;
    let page = dump(&service).await.into_iter().find(|((_, sk), _)| sk == "slot#00001").unwrap();
    forget(&service, "usr_1").await;
    let mut items = dump(&service).await;
    items.insert(page.0, page.1);
    restore(&service, &items).await;
    complete(&service).await;
    complete(&service).await;
    assert_eq!(naming(&service, "usr_1").await, []);
    audit(&service).await.unwrap();
}

/// A repair has put a lost code in the place of a record. No slot names it, and the mentor may have none.
#[tokio::test]
async fn lost_code_and_its_claim_are_forgotten_too() {
    for has_slot in [true, false] {
        let service = TestService::builder().in_process().build().await;
        let mut items = dump(&service).await;
        let mut lost = service.create("usr_1", "o").await;
        if has_slot {
            items = dump(&service).await;
            lost = service.rotate(&lost).await;
        }
        let claim = (format!("code#{}", lost["code"].as_str().unwrap()), "claim".to_owned());
        items.insert(claim.clone(), dump(&service).await[&claim].clone());
        restore(&service, &items).await;
        assert_eq!(repair(&service).await, [json!(1), json!([])]);
        assert!(dump(&service).await.values().any(|item| item.contains_key("lost_at")));
        assert!(forget(&service, "usr_1").await["pseudonym"].is_string());
        complete(&service).await;
        assert_eq!(naming(&service, "usr_1").await, []);
        assert_eq!(findings(&service, 100).await.unwrap(), []);
    }
}

/// Reads while the mentor's old codes are being forgotten by a transaction in flight, whose items become visible one by one.
/// Fails if the mentor is shown as forgotten, and then not.
fn reads_beside(seed: u64, says_that_it_moves: bool) -> Result<(), String> {
    simulated(seed, async {
        let service = TestService::builder().isolation(seed, Duration::from_millis(250)).build().await;
        let codes = codes(&service, 2).await;
        service.invalidate(&codes[1]).await;
        service.clock.advance(COMPLETE_AFTER);
        service.faults.edit_transactions(move |transaction| {
            for write in transaction["TransactItems"].as_array_mut().unwrap() {
                if let Some(item) = write.pointer_mut("/Put/Item").and_then(Value::as_object_mut)
                    && !says_that_it_moves
                {
                    item.remove("moving");
                }
            }
        });
        let (reader, operator) = (service.other_process().await, service.clone());
        let task = tokio::spawn(async move { forget(&operator, "usr_1").await });
        let mut before = false;
        for nth in 0..60 {
            sleep(Duration::from_millis(5)).await;
            let is_forgotten = match codes.get(nth % 3) {
                Some(code) => reader.read(code).await["mentor_id"] != "usr_1",
                None => reader.list("?mentor_id=usr_1").await["pagination"]["total"] == 0,
            };
            if before && !is_forgotten {
                return Err(format!("read {nth} shows the mentor again"));
            }
            before = is_forgotten;
        }
        task.await.unwrap();
        Ok(())
    })
}

#[test]
fn reads_beside_a_forgetting_wait_until_all_is_done() {
    for seed in 1..=8 {
        reads_beside(seed, true).unwrap();
    }
    assert!((1..=8).any(|seed| reads_beside(seed, false).is_err()), "nothing is shown too early");
}
