//! The formats of the items. A table that an earlier release wrote stays readable, and one that a later release wrote is
//! an error that names the item.
//!
//! `format_1.json` is a table in format 1, written by the service: codes in every status, of several mentors, a mentor
//! with a page of earlier codes, and page marks. Do not write it anew when the format changes: a new format gets a file
//! of its own, and this one must still be read.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use dev::{BASE, Call, TestService, audit, path};
use serde_json::{Map, Value, json};

const FORMAT_1: &str = include_str!("formats/format_1.json");

type Item = HashMap<String, AttributeValue>;

fn to_json(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(digits) => json!({ "N": digits }),
        AttributeValue::L(list) => json!({ "L": list.iter().map(to_json).collect::<Vec<_>>() }),
        AttributeValue::M(map) => json!({ "M": item_to_json(map) }),
        other => panic!("no item has {other:?}"),
    }
}

fn item_to_json(item: &Item) -> Map<String, Value> {
    let sorted: BTreeMap<_, _> = item.iter().map(|(name, value)| (name.clone(), to_json(value))).collect();
    sorted.into_iter().collect()
}

fn from_json(value: &Value) -> AttributeValue {
    let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
    match kind.as_str() {
        "S" => AttributeValue::S(value.as_str().unwrap().to_owned()),
        "N" => AttributeValue::N(value.as_str().unwrap().to_owned()),
        "L" => AttributeValue::L(value.as_array().unwrap().iter().map(from_json).collect()),
        "M" => AttributeValue::M(item_from_json(value)),
        other => panic!("no item has {other}"),
    }
}

fn item_from_json(item: &Value) -> Item {
    item.as_object().unwrap().iter().map(|(name, value)| (name.clone(), from_json(value))).collect()
}

/// Every item of the table, in the order of their keys.
async fn dump(service: &TestService) -> Vec<Value> {
    let mut items = Vec::new();
    let mut from = None;
    loop {
        let scan = service.client.scan().table_name(&service.table).consistent_read(true);
        let answer = scan.set_exclusive_start_key(from).send().await.unwrap();
        items.extend(answer.items().iter().map(|item| Value::Object(item_to_json(item))));
        from = answer.last_evaluated_key;
        if from.is_none() {
            break;
        }
    }
    items.sort_by_key(|item| (item["pk"]["S"].to_string(), item["sk"]["S"].to_string()));
    items
}

async fn load(service: &TestService, items: &Value) {
    for item in items.as_array().unwrap() {
        let put = service.client.put_item().table_name(&service.table).set_item(Some(item_from_json(item)));
        put.send().await.unwrap();
    }
}

/// What the table in `format_1.json` comes from: every kind of change, and the upkeep of the page index.
async fn write_one_of_everything(service: &TestService) {
    let create = async |call: Call| {
        service.clock.advance(Duration::from_secs(1));
        service.send(call).await.expect(201)
    };
    let rotate = async |code: &Value| {
        service.clock.advance(Duration::from_secs(1));
        service.rotate(code).await
    };
    let expiring = |mentor: &str| {
        Call::create(mentor, "org_002").with("mentor_name", "Åse").with("expires_at", "2026-01-11T09:00:00Z")
    };
    rotate(&create(Call::create("usr_4491", "org_002").with("mentor_name", "Jan")).await).await;
    for mentor in ["usr_invalidated", "usr_again"] {
        service.invalidate(&create(Call::create(mentor, "org_001")).await).await;
    }
    create(Call::create("usr_again", "org_003")).await;
    let rotated = rotate(&create(expiring("usr_renewed")).await).await;
    assert_eq!(rotated["expires_at"], "2026-01-11T09:00:00Z");
    create(expiring("usr_expired")).await;
    let mut code = create(Call::create("usr_often", "org_002")).await;
    for _ in 0..18 {
        code = rotate(&code).await;
    }
    service.clock.set("2026-01-12T09:00:00Z");
    create(Call::create("usr_renewed", "org_002")).await;
    for nth in 0..80 {
        create(Call::create(&format!("usr_{nth}"), "org_004")).await;
    }
    service.clock.advance(Duration::from_secs(120));
    service.upkeep().await.unwrap();
}

fn random_numbers() -> Vec<String> {
    let mut rng = fastrand::Rng::with_seed(1);
    (0..200).map(|_| format!("{:019x}", rng.u128(0..1 << 76))).collect()
}

/// A service with the clock and the random numbers of the file.
async fn service() -> TestService {
    let random = random_numbers();
    TestService::builder().in_process().ids(&random.iter().map(String::as_str).collect::<Vec<_>>()).build().await
}

/// What this release writes is format 1, byte for byte. If this test fails, a release that runs beside the one before
/// would write items that it does not know. `WRITE_FORMAT_1=1` made the file.
#[tokio::test]
async fn format_1_is_what_this_release_writes() {
    let service = service().await;
    write_one_of_everything(&service).await;
    let written = dump(&service).await;
    if std::env::var_os("WRITE_FORMAT_1").is_some() {
        let lines: Vec<_> = written.iter().map(Value::to_string).collect();
        std::fs::write("tests/it/formats/format_1.json", format!("[\n{}\n]\n", lines.join(",\n"))).unwrap();
        return;
    }
    let kept: Vec<Value> = serde_json::from_str(FORMAT_1).unwrap();
    assert_eq!(written.len(), kept.len());
    for (written, kept) in written.iter().zip(&kept) {
        assert_eq!(written, kept);
    }
}

/// A kind of item that the file does not have would be held to nothing. A new kind belongs into the file of a new format.
#[test]
fn format_1_has_every_kind_of_item_and_each_carries_its_format() {
    let items: Vec<Value> = serde_json::from_str(FORMAT_1).unwrap();
    let mut kinds = BTreeSet::new();
    for item in &items {
        assert_eq!(item["format"], json!({ "N": "1" }), "{item}");
        kinds.insert(kind_of(item));
    }
    assert_eq!(kinds, EVERY_KIND.map(String::from).into());
}

/// The items of the codes, and those of the page indexes.
const EVERY_KIND: [&str; 6] = ["code", "head", "id", "marks", "mentor", "mentor, earlier codes"];

fn kind_of(item: &Value) -> String {
    let kind = item["pk"]["S"].as_str().unwrap().split('#').next().unwrap().to_owned();
    if item["sk"]["S"].as_str().unwrap().starts_with("slot#") { format!("{kind}, earlier codes") } else { kind }
}

/// After a roll-back from a release that has begun a new format of the page index. Lists and the upkeep must not count on a
/// head that they cannot read, and not replace it.
#[tokio::test]
async fn page_index_of_a_later_format_is_an_error_and_stays_as_it_is() {
    let service = TestService::builder().in_process().build().await;
    let mut items: Vec<Value> = serde_json::from_str(FORMAT_1).unwrap();
    let of_index = |item: &Value| ["head", "marks"].contains(&kind_of(item).as_str());
    for item in items.iter_mut().filter(|item| of_index(item)) {
        item["format"] = json!({ "N": "2" });
    }
    load(&service, &json!(items)).await;
    service.clock.set("2026-01-12T10:00:00Z");
    service.send(Call::get(BASE)).await.expect_problem(500, "internal");
    assert!(service.upkeep().await.is_err());
    let dumped = dump(&service).await;
    let of_index: Vec<_> = dumped.iter().filter(|item| of_index(item)).collect();
    assert_eq!(of_index.len(), 2);
    assert!(of_index.iter().all(|item| item["format"]["N"] == "2"), "{of_index:?}");
}

/// In a roll-out two releases use one table. The later one has added an attribute to the items of a code. What it has written
/// there stays, whatever this release does with the code.
#[tokio::test]
async fn changes_keep_an_attribute_that_a_later_release_has_added() {
    let service = TestService::builder().in_process().build().await;
    let later = service.other_process().await;
    later.faults.edit_transactions(|transaction| {
        for write in transaction["TransactItems"].as_array_mut().unwrap() {
            if write["Put"].is_object() {
                write["Put"]["Item"]["added"] = json!({ "S": "later" });
            }
        }
    });
    let expires = service.clock.text_in(Duration::from_secs(60));
    later.send(Call::create("m", "o").with("expires_at", expires)).await.expect(201);
    service.clock.advance(Duration::from_secs(60));
    let create = async |service: &TestService| {
        service.clock.advance(Duration::from_secs(1));
        service.create("m", "o").await
    };
    let by_this_release = create(&service).await;
    let mut code = by_this_release.clone();
    for _ in 0..20 {
        code = service.rotate(&code).await;
    }
    service.invalidate(&code).await;
    let code = service.rotate(&create(&later).await).await;
    service.invalidate(&code).await;
    create(&service).await;

    let items = dump(&service).await;
    let slot = items.iter().find(|item| item["sk"]["S"] == "slot").unwrap();
    assert_eq!(slot["added"], json!({ "S": "later" }));
    let with = |kind: &str| items.iter().filter(|item| item["sk"]["S"] == kind && item["added"].is_object()).count();
    assert_eq!((with("record"), with("claim")), (2, 2), "of the codes that the later release has made");
    let own = items.iter().find(|item| item["pk"]["S"] == format!("id#{}", by_this_release["id"].as_str().unwrap()));
    assert!(own.unwrap()["added"].is_null());
    audit(&service).await.unwrap();
}

#[tokio::test]
async fn format_1_is_read_and_changed_by_this_release() {
    let service = TestService::builder().in_process().build().await;
    load(&service, &serde_json::from_str(FORMAT_1).unwrap()).await;
    service.clock.set("2026-01-12T10:00:00Z");
    let list = async |query: &str| service.list(&format!("?limit=100{query}")).await;
    let ids =
        |answer: &Value| answer["data"].as_array().unwrap().iter().map(|code| code["id"].clone()).collect::<Vec<_>>();

    let mut all = list("").await;
    assert_eq!(all["pagination"]["total"], 108);
    all["data"].as_array_mut().unwrap().extend(list("&page=2").await["data"].as_array().unwrap().clone());
    let all = all["data"].as_array().unwrap().clone();
    for (mentor, statuses) in [
        ("usr_4491", &["active", "rotated"][..]),
        ("usr_invalidated", &["invalidated"]),
        ("usr_again", &["active", "invalidated"]),
        ("usr_renewed", &["active", "expired", "rotated"]),
        ("usr_expired", &["expired"]),
    ] {
        let listed = list(&format!("&mentor_id={mentor}")).await;
        let shown: Vec<_> = listed["data"].as_array().unwrap().iter().map(|code| code["status"].clone()).collect();
        assert_eq!(shown, statuses, "{mentor}");
    }
    let often: Vec<_> =
        all.iter().filter(|code| code["mentor_id"] == "usr_often").map(|code| code["id"].clone()).collect();
    assert_eq!((often.len(), ids(&list("&mentor_id=usr_often").await)), (19, often));
    for code in &all {
        assert_eq!(service.read(code).await, *code);
        let string = code["code"].as_str().unwrap();
        assert_eq!(ids(&list(&format!("&code={string}")).await), [code["id"].clone()]);
    }

    for code in all.iter().filter(|code| code["status"] == "active").take(30) {
        let successor = service.rotate(code).await;
        service.invalidate(&successor).await;
        service.create(code["mentor_id"].as_str().unwrap(), "org_005").await;
    }
    audit(&service).await.unwrap();
}

/// A later release has written one item. Each call that meets it fails, says why in the log, and changes nothing.
#[tokio::test]
async fn item_of_a_later_format_is_an_error_and_stays_as_it_is() {
    let service = TestService::builder().in_process().build().await;
    let code = service.create("m", "o").await;
    let mut items = dump(&service).await;
    for item in &mut items {
        item["format"] = json!({ "N": "2" });
    }
    load(&service, &json!(items)).await;
    for call in [
        Call::read(&code),
        Call::get(&format!("{}/url", path(&code))),
        Call::create("m", "o"),
        Call::rotate(&code),
        Call::invalidate(&code),
        Call::get(BASE),
        Call::get(&format!("{BASE}?mentor_id=m")),
        Call::get(&format!("{BASE}?code={}", code["code"].as_str().unwrap())),
    ] {
        service.send(call).await.expect_problem(500, "internal");
    }
    let untouched = dump(&service).await.into_iter().all(|item| item["format"]["N"] == "2");
    assert!(untouched);
}
