//! Each contradiction that there can be: a sound table is damaged, the audit says what is wrong, and a repair mends what it
//! can.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use dev::{BASE, Call, TestService, audit};
use referral_codes::store::{Finding, Repair};
use serde_json::Value;

use super::table::{Item, Items, dump, findings, repair_all, restore, restored};

/// The items of a table, to damage.
struct Damage(Items);

impl Damage {
    fn item(&mut self, pk: &str, sk: &str) -> &mut Item {
        self.0.get_mut(&(pk.to_owned(), sk.to_owned())).unwrap_or_else(|| panic!("no item {pk}/{sk}"))
    }

    fn record(&mut self, code: &Value) -> &mut Item {
        self.item(&record(code), "record")
    }

    fn held(&mut self, mentor: &str) -> &mut Item {
        match self.item(&format!("mentor#{mentor}"), "slot").get_mut("held") {
            Some(AttributeValue::M(held)) => held,
            other => panic!("the slot holds {other:?}"),
        }
    }

    fn earlier(&mut self, pk: &str, sk: &str) -> &mut Vec<AttributeValue> {
        match self.item(pk, sk).get_mut("earlier") {
            Some(AttributeValue::L(earlier)) => earlier,
            other => panic!("earlier codes are {other:?}"),
        }
    }

    fn remove(&mut self, pk: &str, sk: &str) -> Item {
        self.0.remove(&(pk.to_owned(), sk.to_owned())).unwrap()
    }

    fn add(&mut self, mut item: Item, pk: &str, sk: &str) {
        item.extend([("pk".into(), string(pk)), ("sk".into(), string(sk))]);
        self.0.insert((pk.to_owned(), sk.to_owned()), item);
    }
}

fn string(text: &str) -> AttributeValue {
    AttributeValue::S(text.into())
}

fn number(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// Ids and code strings of a sound table. `first` was rotated to `second`, which is active. `gone` was invalidated, and
/// `again` made after that. The mentor `often` has a page of earlier codes.
struct Table {
    items: Items,
    first: Value,
    second: Value,
    gone: Value,
    again: Value,
}

/// The partition key of a code's record.
fn record(code: &Value) -> String {
    format!("id#{}", text(code, "id"))
}

/// The partition key of a code's claim.
fn claim(code: &Value) -> String {
    format!("code#{}", text(code, "code"))
}

fn text<'a>(code: &'a Value, name: &str) -> &'a str {
    code[name].as_str().unwrap()
}

async fn sound_table() -> Table {
    let service = TestService::builder().in_process().build().await;
    let advance = || service.clock.advance(Duration::from_secs(1));
    let create = async |mentor: &str| {
        advance();
        service.create(mentor, "o").await
    };
    let rotate = async |code: &Value| {
        advance();
        service.rotate(code).await
    };
    let first = create("m").await;
    let second = rotate(&first).await;
    let gone = create("n").await;
    service.invalidate(&gone).await;
    let again = create("n").await;
    let mut often = create("often").await;
    for _ in 0..17 {
        often = rotate(&often).await;
    }
    let items = dump(&service).await;
    Table { items, first, second, gone, again }
}

/// What the finding says, the damage that brings it, and whether a repair can mend that.
type Case = (&'static str, fn(&mut Damage, &Table), Repair);

fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut repaired = |says, damage| cases.push((says, damage, Repair::Done));
    repaired("/claim of m is missing", |items, table| drop(items.remove(&claim(&table.first), "claim")));
    repaired("id#rc_00000000/record of m is missing", |items, table| {
        let mut claim = items.item(&claim(&table.first), "claim").clone();
        claim.insert("id".into(), string("rc_00000000"));
        items.add(claim, "code#OLD-VERV-0000", "claim");
    });
    repaired("mentor#m/slot of m is missing", |items, _| drop(items.remove("mentor#m", "slot")));
    repaired("mentor#n/slot of n contradicts others of the mentor in its attributes earlier", |items, _| {
        items.earlier("mentor#n", "slot").clear();
    });
    repaired("/record of n contradicts others of the mentor in its attributes ended_at, status", |items, table| {
        let gone = items.record(&table.gone);
        gone.insert("status".into(), string("active"));
        gone.remove("ended_at");
    });
    repaired("/record of n contradicts others of the mentor in its attributes ended_at, status", |items, _| {
        items.held("n").extend([("status".into(), string("invalidated")), ("ended_at".into(), number(1))]);
    });
    repaired("/record of n is missing", |items, table| drop(items.remove(&record(&table.again), "record")));
    repaired("mentor#m/slot of m contradicts others of the mentor in its attributes earlier, held", |items, table| {
        let mut first = items.record(&table.first).clone();
        first.retain(|name, _| ["ulid", "org_id", "code"].contains(&name.as_str()));
        first.extend([("id".into(), string(text(&table.first, "id"))), ("status".into(), string("active"))]);
        let slot = items.item("mentor#m", "slot");
        slot.insert("held".into(), AttributeValue::M(first));
        slot.remove("earlier");
    });
    repaired("mentor#often/slot#00001 of often contradicts others", |items, _| {
        items.earlier("mentor#often", "slot#00001").push(string("01KEKV5N80HY7K2GXTA1S6B4QZ"));
    });
    repaired("mentor#often/slot#00001 of often contradicts others", |items, _| {
        let again = items.earlier("mentor#often", "slot")[0].clone();
        items.earlier("mentor#often", "slot#00001").push(again);
    });
    repaired("mentor#often/slot#00001 of often is missing", |items, _| {
        drop(items.remove("mentor#often", "slot#00001"));
    });
    repaired("mentor#m/slot#00001 of m is there, and the mentor's slot does not count it", |items, _| {
        let page = items.item("mentor#often", "slot#00001").clone();
        items.add(page, "mentor#m", "slot#00001");
    });
    repaired("/record of m is missing", |items, table| drop(items.remove(&record(&table.second), "record")));
    repaired("/record of m is missing", |items, table| drop(items.remove(&record(&table.first), "record")));
    repaired("in its attributes first_id, previous_code, previous_id, previous_status", |items, table| {
        let first = items.record(&table.first);
        first.insert("status".into(), string("invalidated"));
        first.retain(|name, _| !name.starts_with("successor"));
    });
    repaired("/record of m contradicts others of the mentor in its attributes first_id", |items, table| {
        items.record(&table.second).insert("first_id".into(), string("rc_00000000"));
    });
    let mut left = |says, damage| cases.push((says, damage, Repair::NeedsAPerson));
    left("of m contradict each other", |items, table| {
        items.item(&claim(&table.first), "claim").insert("id".into(), string(text(&table.again, "id")));
    });
    left("of m contradict each other", |items, table| {
        items.record(&table.first).insert("successor_id".into(), string(text(&table.again, "id")));
    });
    left("/record of the table has no attribute `org_id` of the right form", |items, table| {
        items.record(&table.gone).remove("org_id");
    });
    left("/record of the table has format 2", |items, table| {
        items.record(&table.gone).insert("format".into(), number(2));
    });
    cases
}

/// Every damage brings its finding. A part of the table of any size brings the same. A message names the mentor.
#[tokio::test]
async fn findings_name_each_damage_and_are_repaired_or_left_to_a_person() {
    let table = sound_table().await;
    let service = restored(&table.items, &[]).await;
    service.clock.set("2026-01-11T09:00:00Z");
    assert_eq!(findings(&service, 1_000).await.unwrap(), []);
    audit(&service).await.unwrap();
    for (says, damage, expected) in cases() {
        let mut items = Damage(table.items.clone());
        damage(&mut items, &table);
        restore(&service, &items.0).await;
        let found = findings(&service, 1_000).await.unwrap();
        let saying = |found: &[Finding]| found.iter().find(|finding| finding.to_string().contains(says)).cloned();
        let finding = saying(&found).unwrap_or_else(|| panic!("{says}: {found:#?}"));
        let texts = |found: &[Finding]| found.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
        if !says.contains("of the table") {
            audit(&service).await.expect_err(says);
            for text in texts(&found) {
                assert!(text.split([' ', ',']).any(|word| ["m", "n", "often"].contains(&word)), "{text}");
            }
        }
        assert_eq!(texts(&findings(&service, 10).await.unwrap()), texts(&found), "{says}");

        let repairs = repair_all(&service, 1_000).await.unwrap();
        let became = repairs.iter().find(|(repaired, _)| *repaired == finding).map(|(_, repair)| *repair);
        match expected {
            Repair::Done => {
                assert!(matches!(became, Some(Repair::Done | Repair::NotNeeded)), "{says}: {repairs:#?}");
                assert!(repairs.iter().any(|(_, repair)| *repair == Repair::Done), "{says}: {repairs:#?}");
                audit(&service).await.unwrap_or_else(|error| panic!("{says}: {error}"));
            }
            other => {
                assert_eq!(became, Some(other), "{says}: {repairs:#?}");
                assert!(saying(&findings(&service, 1_000).await.unwrap()).is_some(), "{says} is still found");
            }
        }
        let repaired = dump(&service).await;
        repair_all(&service, 1_000).await.unwrap();
        assert_eq!(dump(&service).await, repaired, "{says}: a second repair changes nothing");
    }
}

/// Reads answer that there is no such code, by its id and by its string. The string is not given out again.
#[tokio::test]
async fn lost_code_answers_404_and_keeps_its_id_and_its_string() {
    let service = TestService::builder().in_process().ids(&["8f3a21bc0", "8f3a21bc1"]).build().await;
    let lost = service.create("m", "o").await;
    let mut items = Damage(dump(&service).await);
    items.remove(&record(&lost), "record");
    items.remove("mentor#m", "slot");
    let service = restored(&items.0, &["8f3a21bc2", "8f3a21bc3"]).await;
    repair_all(&service, 1_000).await.unwrap();
    audit(&service).await.unwrap();

    for call in [Call::read(&lost), Call::url(&lost), Call::rotate(&lost), Call::invalidate(&lost)] {
        service.send(call).await.expect_problem(404, "code_not_found");
    }
    let by_code = format!("?code={}", text(&lost, "code"));
    assert_eq!(Damage(dump(&service).await).record(&lost)["code"], string(text(&lost, "code")));
    for (name, value) in [("format", number(2)), ("lost_at", string("yesterday"))] {
        let mut items = Damage(dump(&service).await);
        items.record(&lost).insert(name.into(), value);
        let unreadable = restored(&items.0, &[]).await;
        for call in [Call::read(&lost), Call::get(&format!("{BASE}{by_code}"))] {
            unreadable.send(call).await.expect_problem(500, "internal");
        }
    }
    for query in [&by_code, ""] {
        assert_eq!(service.list(query).await["pagination"]["total"], 0);
    }
    let code = service.create("m", "o").await;
    assert!(text(&code, "id").starts_with(text(&lost, "id")) && code["id"] != lost["id"], "{code}");
    assert!(text(&code, "code").starts_with(text(&lost, "code")) && code["code"] != lost["code"], "{code}");
}

/// A change that starts from the slot as it was before a repair does not undo the repair.
#[tokio::test]
async fn repair_of_a_list_outlives_a_change_that_began_before_it() {
    tokio::time::pause();
    let table = sound_table().await;
    let mut items = Damage(table.items.clone());
    items.earlier("mentor#n", "slot").clear();
    let service = restored(&items.0, &[]).await;
    // So late that the call confirms no change, which would be a read after the repair.
    service.clock.set("2026-01-11T09:00:00Z");
    // The call reads until 20 ms, and its write arrives at 30 ms. The repair is done in between.
    service.faults.latency(Duration::from_millis(10));
    let (caller, rotation) = (service.clone(), Call::rotate(&table.again));
    let call = tokio::spawn(async move { caller.send(rotation).await });
    tokio::time::sleep(Duration::from_millis(25)).await;
    let at_once = service.second_process(service.clock.reader()).await;
    repair_all(&at_once, 1_000).await.unwrap();
    assert!(!call.is_finished());
    call.await.unwrap().expect(200);
    audit(&service).await.unwrap();
}

/// An index that was counted without a code is right again after a repair has put that code's record back, and an upkeep.
#[tokio::test]
async fn page_index_is_right_after_a_repair_has_put_a_record_back() {
    let service = TestService::builder().in_process().build().await;
    let mut lost = None;
    for nth in 0..205 {
        service.clock.advance(Duration::from_secs(1));
        let code = service.create(&format!("m_{nth}"), "o").await;
        lost = lost.or_else(|| (nth == 50).then(|| text(&code, "id").to_owned()));
    }
    let mut items = Damage(dump(&service).await);
    items.remove(&format!("id#{}", lost.unwrap()), "record");
    let service = restored(&items.0, &[]).await;
    service.clock.set("2026-01-11T09:00:00Z");
    service.upkeep().await.unwrap();
    assert!(dump(&service).await.keys().any(|(pk, _)| pk.starts_with("marks#")), "marks are made without the code");
    repair_all(&service, 1_000).await.unwrap();
    for _ in 0..2 {
        service.upkeep().await.unwrap();
        service.clock.advance(Duration::from_secs(60));
    }
    audit(&service).await.unwrap();
    assert_eq!(service.list("").await["pagination"]["total"], 205);
}
