//! A computed table is a DynamoDB table: over 10,000 codes it gives the answers of the embedded engine that holds the same
//! items. The figures in `docs/listing.md` for larger listings rest on that.

mod pair;
mod requests;

use std::time::{Duration, SystemTime};

use dev::{BASE, Call, ComputedCodes, ComputedTable, InProcessEngine, TestService, rotate_body};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use ulid::Ulid;

use pair::Pair;
use requests::any_step;

/// All codes older than ten minutes; four codes in each millisecond, with the longest ids, so that answers end at 1 MB;
/// and some codes of either age.
const TABLES: [ComputedCodes; 3] = [
    ComputedCodes { count: 10_000, per_second: 0, orgs: 7, longest_ids: false },
    ComputedCodes { count: 10_000, per_second: 4_000, orgs: 2, longest_ids: true },
    ComputedCodes { count: 10_000, per_second: 9, orgs: 1, longest_ids: false },
];

#[tokio::test]
async fn computed_table_answers_as_the_engine_does() {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(24);
    for codes in TABLES {
        let pair = Pair::new(codes).await;
        // What one case writes is there in the next, so a smaller case would not be the same one.
        let mut runner = TestRunner::new(Config { cases, max_shrink_iters: 0, ..Config::default() });
        let outcome = runner.run(&prop::collection::vec(any_step(), 1..10), |steps| {
            for step in &steps {
                pair.compare(step);
            }
            Ok(())
        });
        if let Err(failure) = outcome {
            panic!("{codes:?}: {failure}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn service_over_a_computed_table_answers_as_over_the_engine() {
    for codes in TABLES {
        let pair = Pair::new(codes).await;
        let org = pair.known(5_000)["org_id"].as_str().unwrap().to_owned();
        let mentor = pair.known(80)["mentor_id"].as_str().unwrap().to_owned();
        let code = pair.known(9_980)["code"].as_str().unwrap().to_owned();
        for _ in 0..2 {
            for filter in [String::new(), format!("&org_id={org}"), "&org_id=nowhere".to_owned()] {
                for (page, limit) in [(1, 20), (50, 100), (500, 20), (1428, 7)] {
                    for sort in ["created_at", "-created_at"] {
                        pair.call(Call::get(&format!("{BASE}?page={page}&limit={limit}&sort={sort}{filter}"))).await;
                    }
                }
                let first = pair.call(Call::get(&format!("{BASE}?cursor={filter}"))).await;
                if let Some(next) = first["pagination"]["next_cursor"].as_str() {
                    pair.call(Call::get(&format!("{BASE}?cursor={next}{filter}"))).await;
                }
                pair.call(Call::get(&format!("{BASE}?cursor=&status=expired{filter}"))).await;
            }
            pair.call(Call::get(&format!("{BASE}?mentor_id={mentor}"))).await;
            pair.call(Call::get(&format!("{BASE}?code={code}"))).await;
            pair.call(Call::get(&format!("{BASE}/rc_00000014"))).await;
            pair.call(Call::get(&format!("{BASE}/rc_0000ffff"))).await;

            // The second round lists what these wrote.
            pair.call(Call::put(BASE, &rotate_body(&mentor))).await;
            pair.call(Call::post(BASE, &json!({ "mentor_id": "new", "org_id": org }))).await;
            pair.call(Call::delete(&format!("{BASE}/rc_00001f40"))).await;
            if codes.per_second == 0 {
                pair.advance(Duration::from_secs(90));
            }
        }
    }
}

/// The real service makes some codes of a computed table: at their times, with their random numbers.
#[tokio::test]
async fn computed_items_are_those_that_the_service_writes() {
    for codes in TABLES {
        let table = ComputedTable::new(codes).await;
        for number in [1, 2_049, 7_654] {
            let id = format!("rc_{number:08x}");
            let record = item(|body| table.request("GetItem", body), "any", &format!("id#{id}"), "record");
            let [ulid, code, mentor, org] =
                ["ulid", "code", "mentor_id", "org_id"].map(|name| record[name]["S"].as_str().unwrap());
            let ulid = Ulid::from_string(ulid).unwrap();
            let random = format!("{:020x}", ulid.random());

            // A suffix is four digits, or more where those are taken. In a computed table it has five.
            let engine = InProcessEngine::new();
            let ids = [format!("{}ffff", &random[..4]), random[..19].to_owned()];
            let service = TestService::builder().engine(engine.clone()).ids(&[&ids[0], &ids[1]]).build().await;
            create(&service, "other", org, code).await;
            service.clock.set_to(SystemTime::UNIX_EPOCH + Duration::from_millis(ulid.timestamp_ms()));
            let created = create(&service, mentor, org, code).await;
            assert_eq!((&created["id"], &created["code"]), (&json!(id), &json!(code)));

            let claim = (format!("code#{code}"), "claim");
            for (pk, sk) in [(format!("id#{id}"), "record"), claim, (format!("mentor#{mentor}"), "slot")] {
                let written = item(|body| engine.request("GetItem", body), &service.table, &pk, sk);
                let computed = item(|body| table.request("GetItem", body), "any", &pk, sk);
                assert_eq!(computed, written, "{pk}");
            }
        }
    }
}

fn item(get: impl Fn(&[u8]) -> (u16, String), table: &str, pk: &str, sk: &str) -> Value {
    let request = json!({ "TableName": table, "Key": { "pk": { "S": pk }, "sk": { "S": sk } } });
    let (status, answer) = get(request.to_string().as_bytes());
    assert_eq!(status, 200, "{answer}");
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert!(answer["Item"].is_object(), "{pk}");
    answer["Item"].clone()
}

async fn create(service: &TestService, mentor: &str, org: &str, code: &str) -> Value {
    let body = json!({ "mentor_id": mentor, "org_id": org, "mentor_name": &code[..3] });
    service.send(Call::post(BASE, &body)).await.expect(201)
}
