//! Forgetting a mentor: what callers see, that a run may stop at any write, and that no late write brings the mentor back.

use std::iter;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use dev::{BASE, Call, Fault, TestService, audit, simulated};
use referral_codes::commands::{CommandError, Report};
use referral_codes::limits::{COMPLETE_AFTER, FORGOTTEN_FOR_GOOD_AFTER};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::audit_and_repair::table::{Item, dump, findings, restore};
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
    assert_eq!(forget(&service, "usr_1").await, json!({ "maintenance": "forget", "codes": 0, "done": true }));
    audit(&service).await.unwrap();
}

/// Of 60 codes with their pages, as of one, and as of none but an expired one: whatever write is the last of a run, the
/// upkeep goes on from there. A repair in between hides no code from it.
#[test]
fn run_may_stop_before_any_write_and_the_upkeep_goes_on() {
    for (count, repairs) in [(1, false), (15, false), (60, false), (120, true)] {
        for stop in 0.. {
            let was_stopped = simulated(1, async {
                let service = TestService::builder().in_process().build().await;
                let last = codes(&service, count).await.pop().unwrap();
                let operator = service.other_process().await;
                let mut writes = 0;
                operator.faults.plan(move |recorded| {
                    writes += usize::from(matches!(recorded.operation.as_str(), "TransactWriteItems" | "PutItem"));
                    (writes > stop).then_some(Fault::Refused(400, "AccessDeniedException"))
                });
                let command = json!({ "maintenance": "forget", "mentor_id": "usr_1" });
                let was_stopped = run(&operator, &command).await.is_err();
                operator.faults.clear_faults();
                // Calls in between are answered, or told to wait for the upkeep.
                for call in [Call::read(&last), Call::get(&format!("{BASE}?mentor_id=usr_1"))] {
                    let reply = service.send(call).await;
                    assert!([200, 503].contains(&reply.status), "{stop} of {count}: {reply:?}");
                }
                let repair = json!({ "maintenance": "repair" });
                if repairs {
                    run(&service, &repair).await.unwrap();
                }
                upkeep(&service).await;
                if repairs {
                    run(&service, &repair).await.unwrap();
                }
                let is_begun = stop > 0 || !was_stopped;
                assert_eq!(service.read(&last).await["mentor_id"] == "usr_1", !is_begun, "{stop} of {count}");
                audit(&service).await.unwrap();
                assert_eq!(findings(&service, 1_000).await.unwrap(), [], "{stop} of {count}");
                complete(&service).await;
                assert_eq!(naming(&service, "usr_1").await.is_empty(), is_begun, "{stop} of {count}");
                was_stopped
            });
            if !was_stopped {
                assert!(stop > 2, "every write was stopped");
                break;
            }
        }
    }
}

/// A slow upkeep finds the forgetting begun. Before its next read another one has moved the slot, and the mentor is back.
#[test]
fn overlapping_upkeeps_leave_the_codes_of_a_mentor_who_came_back() {
    for step in 0..40 {
        simulated(1, async move {
            let service = TestService::builder().in_process().build().await;
            service.create("usr_1", "o").await;
            let operator = service.other_process().await;
            let mut writes = 0;
            operator.faults.plan(move |recorded| {
                writes += usize::from(recorded.operation == "TransactWriteItems");
                (writes > 1).then_some(Fault::Refused(400, "AccessDeniedException"))
            });
            run(&operator, &json!({ "maintenance": "forget", "mentor_id": "usr_1" })).await.unwrap_err();
            let slow = service.other_process().await;
            slow.faults.latency(Duration::from_millis(100));
            let late = tokio::spawn(async move { run(&slow, &json!({ "maintenance": "upkeep" })).await.is_ok() });
            sleep(Duration::from_millis(50 * step + 10)).await;
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

/// A backup may have any part of the transaction that moves the slot, and not the others.
#[test]
fn torn_forgetting_is_repaired_and_completed() {
    for subset in 0..32_usize {
        simulated(1, async move {
            let service = TestService::builder().in_process().build().await;
            let code = service.create("usr_1", "o").await;
            service.invalidate(&code).await;
            let mut items = dump(&service).await;
            let report = forget(&service, "usr_1").await;
            let mut after = dump(&service).await;
            let number = |text: &str| AttributeValue::N(text.into());
            let slot = (format!("mentor#{}", report["pseudonym"].as_str().unwrap()), "slot".to_owned());
            after.get_mut(&slot).unwrap().insert("moving".into(), number("1"));
            let pending = ("pending#all".to_owned(), "forget#usr_1".to_owned());
            items.insert(pending.clone(), after[&pending].clone());
            items.get_mut(&pending).unwrap().insert("moved".into(), number("0"));
            let parts: Vec<_> = after.into_iter().filter(|(key, item)| items.get(key) != Some(item)).collect();
            assert_eq!(parts.len(), 5);
            items.extend(parts.into_iter().enumerate().filter(|(nth, _)| subset >> nth & 1 == 1).map(|(_, part)| part));
            restore(&service, &items).await;
            run(&service, &json!({ "maintenance": "repair" })).await.unwrap();
            complete(&service).await;
            forget(&service, "usr_1").await;
            complete(&service).await;
            assert_eq!(naming(&service, "usr_1").await, [], "{subset:05b}");
            assert_eq!(findings(&service, 100).await.unwrap(), [], "{subset:05b}");
            audit(&service).await.unwrap();
            let [read, made] = [service.read(&code).await, service.create("usr_1", "o").await];
            assert!(read["status"] == "invalidated" && made["id"] != code["id"], "{subset:05b}: {read}");
        });
    }
}

/// A list reads the slot, then the records. In between the mentor is forgotten.
#[test]
fn list_never_shows_a_mentor_beside_the_pseudonym() {
    for step in 0..20 {
        simulated(1, async move {
            let service = TestService::builder().in_process().build().await;
            let code = codes(&service, 2).await.pop().unwrap();
            service.invalidate(&code).await;
            service.clock.advance(COMPLETE_AFTER);
            let slow = service.other_process().await;
            slow.faults.latency(Duration::from_millis(100));
            let list = tokio::spawn(async move { slow.send(Call::get(&format!("{BASE}?mentor_id=usr_1"))).await });
            sleep(Duration::from_millis(50 * step + 10)).await;
            forget(&service, "usr_1").await;
            for shown in list.await.unwrap().expect(200)["data"].as_array().unwrap() {
                assert_eq!(shown["mentor_id"], "usr_1", "{step}");
            }
        });
    }
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
    let operator = service.other_process().await;
    for mentor in ["usr_0", "usr_1"] {
        service.create(mentor, "o").await;
        let mut writes = 0;
        operator.faults.plan(move |recorded| {
            writes += usize::from(recorded.operation == "TransactWriteItems");
            (writes > 1).then_some(Fault::Refused(400, "AccessDeniedException"))
        });
        run(&operator, &json!({ "maintenance": "forget", "mentor_id": mentor })).await.unwrap_err();
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

/// A create whose every request is lost but one, which arrives twelve minutes later: the mentor then has had a code, and
/// was forgotten. Returns what is named at the end.
fn late_create(sabotage: impl Fn(&TestService)) -> Vec<(String, String)> {
    simulated(1, async {
        let service = TestService::builder().in_process().build().await;
        let slow = service.other_process().await;
        let only_the_first_arrives = iter::once(Fault::MINUTES_LATE).chain(iter::repeat(Fault::RequestLost));
        slow.faults.fail_next("TransactWriteItems", only_the_first_arrives);
        slow.send(Call::create("usr_1", "o")).await.expect_problem(503, "unavailable");
        service.create("usr_1", "o").await;
        sabotage(&service);
        forget(&service, "usr_1").await;
        sleep(Duration::from_secs(13 * 60)).await;
        complete(&service).await;
        naming(&service, "usr_1").await
    })
}

#[test]
fn late_create_does_not_bring_a_forgotten_mentor_back() {
    assert_eq!(late_create(|_| {}), []);
}

/// Without the item in the slot's place, the create finds no slot, again.
#[test]
fn forgetting_that_deletes_the_slot_lets_a_late_create_bring_the_mentor_back() {
    let named = late_create(|service| {
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

/// A repair has put a lost code in the place of a record. No slot names it.
#[tokio::test]
async fn lost_code_and_its_claim_are_forgotten_too() {
    let service = TestService::builder().in_process().build().await;
    let code = service.create("usr_1", "o").await;
    let before = dump(&service).await;
    let next = service.rotate(&code).await;
    let claim = (format!("code#{}", next["code"].as_str().unwrap()), "claim".to_owned());
    let mut items = before;
    items.insert(claim.clone(), dump(&service).await[&claim].clone());
    restore(&service, &items).await;
    run(&service, &json!({ "maintenance": "repair" })).await.unwrap();
    assert!(dump(&service).await.values().any(|item| item.contains_key("lost_at")));
    forget(&service, "usr_1").await;
    complete(&service).await;
    assert_eq!(naming(&service, "usr_1").await, []);
    assert_eq!(findings(&service, 100).await.unwrap(), []);
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
    for seed in 1..=20 {
        reads_beside(seed, true).unwrap();
    }
    assert!((1..=20).any(|seed| reads_beside(seed, false).is_err()), "nothing is shown too early");
}
