//! What each alarm is for: it happens here, and the lines of it are returned.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use dev::metrics::LogLine;
use dev::{BASE, Call, CodeFixture, Fault, Reply, TestService, create_body, log_lines, rotate_body, template};
use futures_util::future::join_all;
use referral_codes::commands::Maintenance;
use referral_codes::limits::MAINTENANCE_TIMEOUT;
use referral_codes::model::Sources;
use serde_json::{Value, json};

/// Each route once, an upkeep and an audit, and a line of the gateway.
pub async fn all_is_well() -> Vec<LogLine> {
    let service = TestService::new().await;
    let codes = Codes::make(&service).await;
    let mut lines = of_function(async {
        for route in super::watched_routes() {
            assert!(codes.call(&service, &route).await.status < 400, "{route}");
        }
    })
    .await;
    lines.extend(maintenance(&service, "audit").await);
    lines.extend(maintenance(&service, "upkeep").await);
    lines.push(access_line("200"));
    lines
}

/// The lines of what sets an alarm off.
pub async fn of(alarm: &str) -> Vec<LogLine> {
    match alarm {
        "ServerErrors" | "Faults" => internal_error().await,
        "ClientErrors" => unknown_codes().await,
        "TooManyRequests" => vec![access_line("429"); 10],
        "TableThrottles" => failing_reads(Fault::Refused(400, "ThrottlingException"), "throttled").await,
        "TableErrors" => failing_reads(Fault::Refused(500, "InternalServerError"), "table_errors").await,
        "TableConflicts" => conflicts().await,
        "LateArrivals" => late_arrival().await,
        "UpkeepMissing" | "MaintenanceFailures" => failing_upkeep().await,
        "Findings" => audit_of_a_damaged_table().await,
        slow => match super::watched_routes().iter().find(|route| slow == alarm_of(route)) {
            Some(route) => slow_table(route).await,
            None => panic!("the alarm {alarm} has no cause here: let happen what it is for"),
        },
    }
}

/// `get_or_create` has the alarm `SlowGetOrCreate`.
fn alarm_of(route: &str) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    format!("Slow{}", route.split('_').map(capital).collect::<String>())
}

/// A code for each call that changes one.
struct Codes {
    read: Value,
    rotated: Value,
    invalidated: Value,
}

impl Codes {
    async fn make(service: &TestService) -> Self {
        let make = async |mentor: &str| service.send(Call::post(BASE, &create_body(mentor, "o"))).await.expect(201);
        Self { read: make("reader").await, rotated: make("rotator").await, invalidated: make("leaver").await }
    }

    /// One successful call of the route.
    async fn call(&self, service: &TestService, route: &str) -> Reply {
        let path = |code: &Value| format!("{BASE}/{}", code["id"].as_str().unwrap());
        let call = match route {
            "list" => Call::get(BASE),
            "get_or_create" => Call::post(BASE, &create_body("newcomer", "o")),
            "get" => Call::get(&path(&self.read)),
            "rotate" => Call::put(&path(&self.rotated), &rotate_body("rotator")),
            "invalidate" => Call::delete(&path(&self.invalidated)),
            "build_url" => Call::get(&format!("{}/url", path(&self.read))),
            "short_link" => Call::get(&format!("/r/{}", self.read["code"].as_str().unwrap())),
            other => panic!("say how {other} is called"),
        };
        service.send(call).await
    }
}

async fn of_function<T>(calls: impl Future<Output = T>) -> Vec<LogLine> {
    let (_, lines) = log_lines(calls).await;
    lines.into_iter().map(|fields| LogLine { group: "FunctionLogs", fields }).collect()
}

/// The lines of a command, whether it fails or not.
async fn maintenance(service: &TestService, command: &str) -> Vec<LogLine> {
    let maintenance = Maintenance::new(service.store.clone(), Sources::new(service.clock.reader(), || 0));
    let event = json!({ "maintenance": command }).to_string();
    let (_, lines) = log_lines(maintenance.run(&event, MAINTENANCE_TIMEOUT, "test")).await;
    lines.into_iter().map(|fields| LogLine { group: "MaintenanceLogs", fields }).collect()
}

/// A line of the access log, in the format of the template.
fn access_line(status: &str) -> LogLine {
    let template = template::template();
    let format = template["Resources"]["Stage"]["Properties"]["AccessLogSettings"]["Format"].as_str().unwrap();
    let line = format.replace("$context.status", status);
    LogLine { group: "AccessLogs", fields: serde_json::from_str(&line).unwrap() }
}

/// One call in ten is answered 500.
async fn internal_error() -> Vec<LogLine> {
    let service = TestService::new().await;
    let codes = Codes::make(&service).await;
    of_function(async {
        for _ in 0..9 {
            codes.call(&service, "get").await.expect(200);
        }
        service.faults.fail_next("GetItem", [Fault::Refused(400, "AccessDeniedException")]);
        assert_eq!(codes.call(&service, "get").await.status, 500);
    })
    .await
}

/// Two calls in three are answered 404.
async fn unknown_codes() -> Vec<LogLine> {
    let service = TestService::new().await;
    let codes = Codes::make(&service).await;
    of_function(async {
        codes.call(&service, "get").await.expect(200);
        service.send(Call::get(&format!("{BASE}/rc_00000000"))).await.expect(404);
        assert_eq!(service.send(Call::get("/r/NOT-VERV-0000")).await.status, 404);
    })
    .await
}

/// Twelve attempts at reads fail, and each call succeeds in the end.
async fn failing_reads(fault: Fault, field: &str) -> Vec<LogLine> {
    let service = TestService::new().await;
    let codes = Codes::make(&service).await;
    let lines = of_function(async {
        for _ in 0..6 {
            service.faults.fail_next("GetItem", [fault; 2]);
            codes.call(&service, "get").await.expect(200);
        }
    })
    .await;
    // The SDK has lines of its own.
    let requests: Vec<_> = lines.iter().filter(|line| line.fields["message"] == "request completed").collect();
    assert_eq!(requests.len(), 6);
    assert!(requests.iter().all(|line| line.fields[field] == 2 && line.fields["status"] == 200), "{lines:#?}");
    lines
}

/// Forty changes meet three others each, and succeed in the end.
async fn conflicts() -> Vec<LogLine> {
    let service = TestService::new().await;
    service.faults.fail_next("TransactWriteItems", [Fault::Cancelled("TransactionConflict"); 120]);
    of_function(async {
        let creates = (0..40).map(|nth| {
            let service = &service;
            async move { service.send(Call::post(BASE, &create_body(&format!("m{nth}"), "o"))).await.expect(201) }
        });
        join_all(creates).await
    })
    .await
}

/// The table takes so long for the calls of a route that they take more than a second, and less than an attempt may.
async fn slow_table(route: &str) -> Vec<LogLine> {
    let service = TestService::new().await;
    let codes = Codes::make(&service).await;
    service.faults.latency(Duration::from_millis(550));
    let lines = of_function(async { codes.call(&service, route).await }).await;
    assert!(lines.iter().all(|line| line.fields["table_errors"].is_null()), "{lines:#?}");
    lines
}

/// A code that is older than one that a page mark counts.
async fn late_arrival() -> Vec<LogLine> {
    let service = TestService::new().await;
    service.fill(&CodeFixture::series(250, service.clock.now(), Duration::from_secs(1), &["o"])).await;
    service.clock.advance(Duration::from_secs(120));
    service.upkeep().await.unwrap();
    let late = CodeFixture::at(service.clock.now() - Duration::from_secs(120 + 100), "o", "late");
    service.fill(&[late]).await;
    maintenance(&service, "upkeep").await
}

/// The table refuses everything.
async fn failing_upkeep() -> Vec<LogLine> {
    let service = TestService::new().await;
    service.faults.plan(|_| Some(Fault::Refused(400, "AccessDeniedException")));
    maintenance(&service, "upkeep").await
}

async fn audit_of_a_damaged_table() -> Vec<LogLine> {
    let service = TestService::new().await;
    let codes = Codes::make(&service).await;
    let claim = format!("code#{}", codes.read["code"].as_str().unwrap());
    let delete = service.client.delete_item().table_name(&service.table);
    let delete = delete.key("pk", AttributeValue::S(claim)).key("sk", AttributeValue::S("claim".into()));
    delete.send().await.unwrap();
    maintenance(&service, "audit").await
}
