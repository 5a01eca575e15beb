//! What a call or a command leaves behind: its lines, as the code writes them, the gateway's line, and what AWS counts.

use std::collections::BTreeMap;
use std::time::Duration;

use dev::metrics::{LogLine, Metric, access_line};
use dev::{BASE, Call, CodeFixture, Fault, TestService, log_lines};
use referral_codes::commands::Maintenance;
use referral_codes::limits::MAINTENANCE_TIMEOUT;
use referral_codes::model::Sources;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::maintenance::commands::delete_claim;

#[derive(Clone, Default)]
pub struct Trace {
    pub lines: Vec<LogLine>,
    pub counted: Vec<(Metric, f64)>,
}

impl Trace {
    /// What AWS Lambda counts of one call of the function's alias.
    fn of_lambda(function: &str, names: &[&str]) -> Self {
        let resource = format!("${{{function}}}:live");
        let dimensions = [("FunctionName", function), ("Resource", &*resource)];
        let counted = names.iter().map(|name| (Metric::new("AWS/Lambda", name, &dimensions), 1.0));
        Self { counted: counted.collect(), ..Self::default() }
    }

    /// One that AWS counts in another metric of its own.
    fn of_aws(namespace: &str, name: &str, dimension: (&str, &str)) -> Self {
        Self { counted: vec![(Metric::new(namespace, name, &[dimension]), 1.0)], ..Self::default() }
    }

    /// A call that the function has not answered.
    fn of_gateway(route: &str, status: u64) -> Self {
        let line = access_line(route, status);
        let fields = serde_json::from_str(&line).expect("a line of the access log is JSON");
        Self { lines: vec![LogLine { group: "AccessLogs", fields }], ..Self::default() }
    }

    fn with(mut self, other: Self) -> Self {
        self.lines.extend(other.lines);
        self.counted.extend(other.counted);
        self
    }

    /// With what DynamoDB counts: of the table, and of each index apart.
    fn with_units(mut self, name: &str, [of_table, by_creation, by_org]: [f64; 3]) -> Self {
        let mut count = |dimensions: &[_], units| {
            self.counted.push((Metric::new("AWS/DynamoDB", name, dimensions), units));
        };
        count(&[("TableName", "Table")], of_table);
        for (index, units) in [("by-creation", by_creation), ("by-org", by_org)] {
            count(&[("TableName", "Table"), ("GlobalSecondaryIndexName", index)], units);
        }
        self
    }

    /// As if the call had taken so long: the clock of these tests is paused.
    fn lasting(mut self, milliseconds: f64) -> Self {
        for line in self.lines.iter_mut().filter(|line| !line.fields["duration_ms"].is_null()) {
            line.fields["duration_ms"] = json!(milliseconds);
        }
        self
    }
}

const LIST: &str = "GET /api/v1/referral-codes";
const GET: &str = "GET /api/v1/referral-codes/{id}";
const CREATE: &str = "POST /api/v1/referral-codes";
const LINK: &str = "ANY /r/{proxy+}";
const READ: &str = "ConsumedReadCapacityUnits";

/// Each kind of call and of command once, by its name here: recorded by the test that asks first, whose clock has to be paused.
pub async fn recorded() -> &'static BTreeMap<&'static str, Trace> {
    static RECORDED: OnceCell<BTreeMap<&'static str, Trace>> = OnceCell::const_new();
    RECORDED.get_or_init(record).await
}

async fn record() -> BTreeMap<&'static str, Trace> {
    let service = TestService::builder().in_process().build().await;
    let make = async |mentor: &str| service.create(mentor, "o").await;
    let [read, rotated, ended] = [make("reader").await, make("rotator").await, make("leaver").await];
    let get = || Call::read(&read);
    let link = format!("/r/{}", read["code"].as_str().unwrap());
    let call = async |route: &str, call: Call, status: u64| call_of(&service, route, call, status).await;
    let list_of_org = call(LIST, Call::get(&format!("{BASE}?org_id=o")), 200).await;
    let create = call(CREATE, Call::create("newcomer", "o"), 201).await;
    let mut traces = BTreeMap::from([
        ("list", call(LIST, Call::get(BASE), 200).await.with_units(READ, [1.0, 2.0, 0.0])),
        ("list of an organisation", list_of_org.with_units(READ, [1.0, 0.0, 2.0])),
        ("get", call(GET, get(), 200).await.with_units(READ, [1.0, 0.0, 0.0])),
        ("find", call(CREATE, Call::create("reader", "o"), 200).await),
        ("create", create.with_units("ConsumedWriteCapacityUnits", [6.0, 1.0, 1.0])),
        ("rotate", call("PUT /{id}", Call::rotate(&rotated), 200).await),
        ("invalidate", call("DELETE /{id}", Call::invalidate(&ended), 200).await),
        ("build_url", call(GET, Call::url(&read), 200).await),
        ("short link", call(LINK, Call::get(&link), 302).await),
        ("unknown id", call(GET, Call::get(&format!("{BASE}/rc_00000000")), 404).await),
        ("unknown path", call("$default", Call::get("/wp-login.php"), 404).await),
        ("unknown link", call(LINK, Call::get("/r/NOT-VERV-0000"), 404).await),
        ("refused token", Trace::of_gateway(LIST, 401)),
        ("refused path", Trace::of_gateway("$default", 401)),
        ("over the throttle", Trace::of_gateway(LIST, 429)),
        ("crash", Trace::of_gateway(LIST, 500).with(Trace::of_lambda("Function", &["Invocations", "Errors"]))),
        ("no concurrency", Trace::of_gateway(LIST, 503).with(Trace::of_lambda("Function", &["Throttles"]))),
        ("nothing", Trace::default()),
        ("crashed upkeep", Trace::of_lambda("MaintenanceFunction", &["Invocations", "Errors"])),
        ("failed pipe", Trace::of_aws("AWS/EventBridge/Pipes", "ExecutionFailed", ("PipeName", "EventPipe"))),
        ("lost event", Trace::of_aws("AWS/SQS", "ApproximateNumberOfMessagesVisible", ("QueueName", "LostEvents"))),
    ]);
    for (name, fault) in [
        ("throttled", Fault::Refused(400, "ThrottlingException")),
        ("table error", Fault::Refused(500, "InternalServerError")),
    ] {
        service.faults.fail_next("GetItem", [fault; 2]);
        traces.insert(name, call(GET, get(), 200).await);
    }
    service.faults.fail_next("TransactWriteItems", [Fault::Cancelled("TransactionConflict"); 3]);
    traces.insert("conflict", call(CREATE, Call::create("met", "o"), 201).await);
    service.faults.fail_next("GetItem", [Fault::Refused(400, "AccessDeniedException")]);
    traces.insert("fault", call(GET, get(), 500).await);
    service.faults.plan(|_| Some(Fault::Refused(400, "ThrottlingException")));
    traces.insert("unavailable", call(GET, get(), 503).await.lasting(8_000.0));
    service.faults.plan(|_| Some(Fault::Refused(400, "AccessDeniedException")));
    traces.insert("failed upkeep", command(&service, "upkeep").await);
    service.faults.clear_faults();
    for name in ["upkeep", "audit"] {
        traces.insert(name, command(&service, name).await);
    }
    traces.insert("audit with findings", audit_of_a_damaged_table(&service, &read).await);
    traces.insert("late arrival", late_arrival().await);
    tokio::time::resume();
    service.faults.latency(Duration::from_millis(550));
    let slow = call(GET, get(), 200).await;
    assert!(slow.lines[0].fields["duration_ms"].as_f64() > Some(1_000.0), "{:?}", slow.lines);
    traces.insert("slow", slow);
    traces
}

/// A call that the function answers.
async fn call_of(service: &TestService, route: &str, call: Call, status: u64) -> Trace {
    let (reply, lines) = log_lines(service.send(call)).await;
    assert_eq!(reply.status, status, "{reply:?}");
    let lines = lines.into_iter().map(|fields| LogLine { group: "FunctionLogs", fields });
    Trace { lines: lines.collect(), ..Trace::of_lambda("Function", &["Invocations"]) }
        .with(Trace::of_gateway(route, status))
}

/// A command, whether it fails or not.
async fn command(service: &TestService, name: &str) -> Trace {
    let maintenance = Maintenance::new(service.store.clone(), Sources::new(service.clock.reader(), || 0));
    let event = json!({ "maintenance": name }).to_string();
    let (done, lines) = log_lines(maintenance.run(&event, MAINTENANCE_TIMEOUT, "test")).await;
    // Of an error that the handler returns, Lambda counts one.
    let names: &[&str] = if done.is_ok() { &["Invocations"] } else { &["Invocations", "Errors"] };
    let lines = lines.into_iter().map(|fields| LogLine { group: "MaintenanceLogs", fields });
    Trace { lines: lines.collect(), ..Trace::of_lambda("MaintenanceFunction", names) }.with_units(READ, [5.0, 5.0, 0.0])
}

async fn audit_of_a_damaged_table(service: &TestService, code: &Value) -> Trace {
    delete_claim(service, code).await;
    command(service, "audit").await
}

/// An upkeep that finds a code which is older than one that a page mark counts.
async fn late_arrival() -> Trace {
    let service = TestService::builder().in_process().build().await;
    service.fill(&CodeFixture::series(250, service.clock.now(), Duration::from_secs(1), &["o"])).await;
    service.clock.advance(Duration::from_secs(120));
    service.upkeep().await.unwrap();
    let late = CodeFixture::at(service.clock.now() - Duration::from_secs(120 + 100), "o", "late");
    service.fill(&[late]).await;
    command(&service, "upkeep").await
}
