//! What the commands do and report, and what happens when their time is over or the table fails.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use dev::{CodeFixture, Fault, TestService};
use referral_codes::commands::{CommandError, Maintenance};
use referral_codes::limits::{MAX_FINDINGS, SCANNED_ITEMS};
use serde_json::{Value, json};

const PLENTY: Duration = Duration::from_secs(300);

fn maintenance(service: &TestService) -> Maintenance {
    Maintenance::new(service.store.clone(), service.sources())
}

/// Runs a command, and returns its report as JSON.
async fn run(service: &TestService, command: &Value) -> Value {
    let report = maintenance(service).run(&command.to_string(), PLENTY, "test").await.unwrap();
    let text = serde_json::to_string(&report).unwrap();
    assert!(!text.contains('\n') && text.starts_with(r#"{"maintenance":""#), "{text}");
    serde_json::from_str(&text).unwrap()
}

async fn codes(service: &TestService, count: usize) -> Vec<Value> {
    let mut codes = Vec::new();
    for nth in 0..count {
        codes.push(service.create(&format!("m{nth}"), "o").await);
    }
    codes
}

/// A damage that a repair can mend.
pub async fn delete_claim(service: &TestService, code: &Value) {
    let key = AttributeValue::S(format!("code#{}", code["code"].as_str().unwrap()));
    let delete = service.client.delete_item().table_name(&service.table).key("pk", key);
    delete.key("sk", AttributeValue::S("claim".into())).send().await.unwrap();
}

#[tokio::test]
async fn commands_on_a_sound_table_report_that_they_are_done() {
    let service = TestService::new().await;
    codes(&service, 3).await;
    let audit = run(&service, &json!({ "maintenance": "audit" })).await;
    assert_eq!(audit, json!({ "maintenance": "audit", "examined": 9, "findings": [], "done": true }));
    let repair = run(&service, &json!({ "maintenance": "repair" })).await;
    assert_eq!(repair, json!({ "maintenance": "repair", "examined": 9, "repaired": 0, "left": [], "done": true }));
    let upkeep = run(&service, &json!({ "maintenance": "upkeep" })).await;
    for field in ["listings", "marks_written", "counts"] {
        assert!(upkeep[field].is_u64(), "{field} in {upkeep}");
    }
    assert_eq!((&upkeep["wrong"], &upkeep["done"]), (&json!([]), &json!(true)));
    let rebuild = run(&service, &json!({ "maintenance": "rebuild", "listing": "org#o" })).await;
    let expected =
        json!({ "maintenance": "rebuild", "listing": "org#o", "counted": 3, "marks_written": 0, "done": true });
    assert_eq!(rebuild, expected);
}

#[tokio::test]
async fn repair_mends_what_audit_finds_and_goes_through_the_table_again() {
    let service = TestService::new().await;
    let codes = codes(&service, 3).await;
    for code in &codes[..2] {
        delete_claim(&service, code).await;
    }
    let audit = run(&service, &json!({ "maintenance": "audit" })).await;
    let found = audit["findings"].as_array().unwrap();
    assert_eq!((audit["examined"].as_u64(), found.len()), (Some(7), 2), "{audit}");
    assert!(found.iter().all(|finding| finding.as_str().unwrap().contains("/claim of")), "{audit}");
    let repair = run(&service, &json!({ "maintenance": "repair" })).await;
    let expected = json!({ "maintenance": "repair", "examined": 16, "repaired": 2, "left": [], "done": true });
    assert_eq!(repair, expected, "seven items, then nine");
    assert_eq!(run(&service, &json!({ "maintenance": "audit" })).await["findings"], json!([]));
}

#[tokio::test]
async fn repair_reports_what_a_person_must_decide() {
    let service = TestService::new().await;
    codes(&service, 1).await;
    let item =
        [("pk", "id#rc_00000001"), ("sk", "record")].map(|(name, text)| (name.into(), AttributeValue::S(text.into())));
    service.client.put_item().table_name(&service.table).set_item(Some(item.into())).send().await.unwrap();
    let audit = run(&service, &json!({ "maintenance": "audit" })).await;
    let repair = run(&service, &json!({ "maintenance": "repair" })).await;
    assert_eq!(audit["findings"].as_array().map(Vec::len), Some(1), "{audit}");
    assert_eq!((&repair["left"], &repair["repaired"]), (&audit["findings"], &json!(0)), "{repair}");
    assert_eq!(repair["done"], true, "{repair}");
}

/// A report with many findings stops early. Each run begins where the one before has stopped, and together they find all.
#[tokio::test]
async fn audit_with_many_findings_takes_several_runs() {
    let service = TestService::builder().in_process().build().await;
    // Records whose claims and slots are missing.
    service.fill(&CodeFixture::series(800, service.clock.now(), Duration::from_secs(1), &["o"])).await;
    let mut command = json!({ "maintenance": "audit" });
    let (mut runs, mut examined, mut all) = (0, 0, std::collections::BTreeSet::new());
    loop {
        let report = run(&service, &command).await;
        let found = report["findings"].as_array().unwrap();
        assert!(found.len() < MAX_FINDINGS + 2 * SCANNED_ITEMS as usize, "{}", found.len());
        runs += 1;
        examined += report["examined"].as_u64().unwrap();
        all.extend(found.iter().map(|finding| finding.as_str().unwrap().to_owned()));
        assert_eq!(report["done"].as_bool(), Some(report.get("next").is_none()), "{report}");
        match report.get("next") {
            Some(next) => command["after"] = next.clone(),
            None => break,
        }
    }
    assert!(runs > 1, "one run found all {}", all.len());
    assert!(all.len() > 800 && examined > 800, "{} findings in {examined} items", all.len());
}

#[tokio::test]
async fn command_whose_time_is_over_fails_and_writes_nothing() {
    let service = TestService::new().await;
    let codes = codes(&service, 1).await;
    delete_claim(&service, &codes[0]).await;
    // A request that takes no time is never too late.
    service.faults.latency(Duration::from_millis(1));
    for command in [r#"{"maintenance":"audit"}"#, r#"{"maintenance":"repair"}"#] {
        let error = maintenance(&service).run(command, Duration::ZERO, "test").await.expect_err("no time");
        assert!(matches!(error, CommandError::Failed(_)), "{command}: {error}");
    }
    assert_eq!(run(&service, &json!({ "maintenance": "audit" })).await["findings"].as_array().map(Vec::len), Some(1));
}

/// The message for the caller is plain; the detail is for the log.
#[tokio::test]
async fn command_fails_if_the_table_does() {
    let service = TestService::builder().in_process().build().await;
    codes(&service, 1).await;
    for command in [r#"{"maintenance":"audit"}"#, r#"{"maintenance":"repair"}"#] {
        service.faults.fail_next("Scan", [Fault::Refused(400, "AccessDeniedException")]);
        let error = maintenance(&service).run(command, PLENTY, "test").await.expect_err("the table fails");
        assert!(matches!(error, CommandError::Failed(_)), "{error}");
        assert!(error.to_string().contains("send the command again") && !error.to_string().contains("AccessDenied"));
    }
}
