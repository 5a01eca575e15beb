//! The formats of the items. What this release writes is format 1, byte for byte, and an item of a later format is an error.
//!
//! `format_1.json` is a table in format 1, written by the service: codes in every status, of several mentors, a mentor
//! with a page of earlier codes, and page marks. Do not write it anew when the format changes: a new format gets a file
//! of its own, and this one must still be read.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use dev::{BASE, Call, TestService};
use serde_json::{Value, json};

use crate::audit_and_repair::table::{Item, Items, dump, restore};

const FORMAT_1: &str = include_str!("formats/format_1.json");

fn to_json(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(digits) => json!({ "N": digits }),
        AttributeValue::L(list) => json!({ "L": list.iter().map(to_json).collect::<Vec<_>>() }),
        AttributeValue::M(map) => json!({ "M": item_to_json(map) }),
        other => panic!("no item has {other:?}"),
    }
}

fn item_to_json(item: &Item) -> BTreeMap<&String, Value> {
    item.iter().map(|(name, value)| (name, to_json(value))).collect()
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

/// If this test fails, a release that runs beside the one before would write items that it does not know.
/// `WRITE_FORMAT_1=1` made the file.
#[tokio::test]
async fn format_1_is_what_this_release_writes_in_every_kind_of_item() {
    let service = service().await;
    write_one_of_everything(&service).await;
    let items = dump(&service).await;
    let lines: Vec<_> = items.values().map(|item| json!(item_to_json(item)).to_string()).collect();
    let written = format!("[\n{}\n]\n", lines.join(",\n"));
    if std::env::var_os("WRITE_FORMAT_1").is_some() {
        std::fs::write("tests/it/formats/format_1.json", &written).unwrap();
        return;
    }
    for (written, kept) in written.lines().zip(FORMAT_1.lines()) {
        assert_eq!(written, kept);
    }
    assert_eq!(written.len(), FORMAT_1.len());
    let kind = |(pk, sk): &(String, String)| {
        let sk = if pk.starts_with("marks#") { "mark" } else { sk.trim_end_matches(char::is_numeric) };
        format!("{} {sk}", pk.split('#').next().unwrap())
    };
    let kinds = ["code claim", "head head", "id record", "marks mark", "mentor slot", "mentor slot#"];
    assert_eq!(items.keys().map(kind).collect::<BTreeSet<_>>(), kinds.map(str::to_owned).into());
}

/// As after a roll-back from a release with a new format. Each call that meets such an item fails, and so does the upkeep.
/// They change nothing.
#[tokio::test]
async fn items_of_a_later_format_are_an_error_and_stay_as_they_are() {
    let service = service().await;
    write_one_of_everything(&service).await;
    let code = service.create("m", "o").await;
    let mut items: Items = dump(&service).await;
    for item in items.values_mut() {
        assert_eq!(item.insert("format".into(), AttributeValue::N("2".into())), Some(AttributeValue::N("1".into())));
    }
    restore(&service, &items).await;
    for call in [
        Call::read(&code),
        Call::url(&code),
        Call::create("m", "o"),
        Call::rotate(&code),
        Call::invalidate(&code),
        Call::get(BASE),
        Call::get(&format!("{BASE}?mentor_id=m")),
        Call::get(&format!("{BASE}?code={}", code["code"].as_str().unwrap())),
    ] {
        service.send(call).await.expect_problem(500, "internal");
    }
    assert!(service.upkeep().await.is_err());
    assert!(dump(&service).await == items);
}
