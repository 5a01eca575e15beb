//! The binary itself: its answers and its log under a Runtime API.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::StatusCode;
use dev::{BASE, Call, Function, Program, Reply, TestService, request_id, serve};
use serde_json::{Value, json};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::maintenance::commands::delete_claim;

const BINARY: &str = env!("CARGO_BIN_EXE_referral-codes");

/// The binary as a function over a service's table.
pub fn function(service: &TestService) -> Program {
    Program::new(BINARY).over(service)
}

/// The binary as a function over what answers at this endpoint in place of a table.
pub fn function_over(endpoint: &str) -> Program {
    Program::new(BINARY).variable("TABLE_NAME", "codes").variable("AWS_ENDPOINT_URL_DYNAMODB", endpoint)
}

/// The binary with what Lambda's runtime needs, and no setting.
pub fn in_lambda() -> Command {
    let mut command = Command::new(BINARY);
    command.env_clear().envs([
        ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1"),
        ("AWS_LAMBDA_FUNCTION_NAME", "codes"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
    ]);
    command
}

#[test]
fn binary_outside_lambda_names_the_local_server() {
    let output = Command::new(BINARY).env_clear().output().unwrap();
    assert!(!output.status.success());
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("cargo run --example local") && message.contains("AWS_LAMBDA_RUNTIME_API"), "{message}");
}

pub async fn send(function: &Function, call: Call) -> Reply {
    Reply::read(&function.invoke(&call.event()).await.expect("an answer"))
}

/// Ends a function, and returns all lines of its log.
pub async fn log(function: &Function) -> Vec<Value> {
    function.kill().await;
    let parse = |line: &String| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    function.lines().iter().map(parse).collect()
}

/// The request ids of the lines about completed requests, if each such line has all its fields.
fn completed(log: &[Value]) -> Vec<String> {
    let lines = log.iter().filter(|line| line.get("status").is_some());
    let ids = lines.map(|line| {
        assert!(line["route"].is_string() && line["status"].is_u64() && line["duration_ms"].is_f64(), "{line}");
        assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line}");
        line["request_id"].as_str().unwrap().to_owned()
    });
    ids.collect()
}

/// The table answers the warm-up. Then it waits for eight requests before it answers any, so a process that takes one event
/// after the other gives no answer.
#[tokio::test]
async fn concurrent_events_are_answered_if_lambda_sends_them() {
    let (table, requests) = (Arc::new(Barrier::new(8)), Arc::new(AtomicUsize::new(0)));
    let waits = move || {
        let (table, is_warm_up) = (Arc::clone(&table), requests.fetch_add(1, Ordering::Relaxed) == 0);
        async move {
            if !is_warm_up {
                table.wait().await;
            }
            "{}"
        }
    };
    let mut tasks = JoinSet::new();
    let program = function_over(&serve(&mut tasks, Router::new().fallback(waits)).await);
    let function = Arc::new(program.variable("AWS_LAMBDA_MAX_CONCURRENCY", "8").start().await);
    let calls = (0..8).map(|nth| {
        let function = Arc::clone(&function);
        async move { send(&function, Call::get(&format!("{BASE}/rc_0000000{nth}"))).await }
    });
    let replies = calls.collect::<JoinSet<_>>().join_all().await;
    for reply in replies {
        reply.expect_problem(404, "code_not_found");
    }
    let log = log(&function).await;
    assert_eq!(completed(&log).into_iter().collect::<BTreeSet<_>>(), (1..=8).map(request_id).collect());
}

#[tokio::test]
async fn malformed_event_returns_400_and_the_next_event_is_answered() {
    let service = TestService::on_a_socket().await;
    for concurrency in ["1", "8"] {
        let function = function(&service).variable("AWS_LAMBDA_MAX_CONCURRENCY", concurrency).start().await;
        let malformed = [
            include_str!("../../events/malformed/not-http.json"),
            &format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)),
            "no JSON",
        ];
        for event in malformed {
            let answered = function.invoke_timed(event.to_owned()).await.expect("an answer");
            Reply::read(&answered.answer).expect_problem(400, "invalid_parameter");
            send(&function, Call::get(BASE)).await.expect(200);
        }
        let log = log(&function).await;
        assert_eq!(completed(&log), (1..=6).map(request_id).collect::<Vec<_>>());
    }
}

/// An endpoint that answers every request with an error of DynamoDB's.
async fn refusing_endpoint(tasks: &mut JoinSet<()>, code: &'static str) -> String {
    let refuses = move || async move {
        let body = json!({ "__type": format!("com.amazon.coral.service#{code}"), "message": "No.", "secret": "dump" });
        (StatusCode::BAD_REQUEST, [("content-type", "application/x-amz-json-1.0")], body.to_string())
    };
    serve(tasks, Router::new().fallback(refuses)).await
}

/// An endpoint with a certificate that is not trusted.
async fn untrusted_endpoint(tasks: &mut JoinSet<()>) -> String {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = tokio_rustls::rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = tokio_rustls::rustls::ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(vec![made.cert.der().clone()], key).unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tasks.spawn(async move {
        loop {
            let (connection, _) = listener.accept().await.unwrap();
            let _ = acceptor.accept(connection).await;
        }
    });
    format!("https://localhost:{port}")
}

/// A deployment that does not fit is no busy table: waiting does not help, and the log says what to look at, once per
/// call, without a response's body or the SDK's debug text.
#[tokio::test]
async fn permanent_failures_return_500_and_the_log_says_what_to_look_at() {
    let service = TestService::on_a_socket().await;
    let mut tasks = JoinSet::new();
    let denied = refusing_endpoint(&mut tasks, "AccessDeniedException").await;
    let unknown = refusing_endpoint(&mut tasks, "UnrecognizedClientException").await;
    let untrusted = untrusted_endpoint(&mut tasks).await;
    for (wrong, says) in [
        (("TABLE_NAME", "absent"), ["ResourceNotFoundException", "TABLE_NAME"]),
        (("AWS_ENDPOINT_URL_DYNAMODB", denied.as_str()), ["AccessDeniedException", "policy"]),
        (("AWS_ENDPOINT_URL_DYNAMODB", unknown.as_str()), ["UnrecognizedClientException", "credentials"]),
        (("AWS_ENDPOINT_URL_DYNAMODB", untrusted.as_str()), ["certificate", "AWS_CA_BUNDLE"]),
    ] {
        let function = function(&service).variable(wrong.0, wrong.1).start().await;
        for call in [Call::get(BASE), Call::create("m", "o"), Call::get(&format!("{BASE}/rc_00000000"))] {
            let reply = send(&function, call).await;
            reply.expect_problem(500, "internal");
            assert!(says.iter().all(|told| !reply.body.contains(told)), "the response shows internals: {reply:?}");
        }
        let log = log(&function).await;
        assert_eq!(completed(&log), (1..=3).map(request_id).collect::<Vec<_>>());
        let errors = log.iter().filter(|line| line["level"] == "ERROR").filter_map(|line| line["error"].as_str());
        assert_eq!(errors.filter(|error| says.iter().all(|told| error.contains(told))).count(), 3, "{log:?}");
        let text = json!(log).to_string();
        for dump in ["SdkBody", "Response {", "__type", "dump"] {
            assert!(!text.contains(dump), "{dump} in the log: {text}");
        }
    }
}

#[tokio::test]
async fn unreachable_table_delays_the_start_by_a_second_and_logs_a_warning() {
    let mut tasks = JoinSet::new();
    let silent = Router::new().fallback(std::future::pending::<StatusCode>);
    let silent = serve(&mut tasks, silent).await;
    for endpoint in [silent.as_str(), "http://127.0.0.1:1"] {
        let started = Instant::now();
        let function = function_over(endpoint).start().await;
        send(&function, Call::get("/elsewhere")).await.expect(404);
        assert!(started.elapsed() < Duration::from_secs(10));
        let log = log(&function).await;
        let levels: Vec<_> = log.iter().map(|line| line["level"].as_str().unwrap()).collect();
        assert_eq!(levels, ["WARN", "INFO"], "{log:?}");
        assert!(log[0]["error"].is_string() && log[0].get("status").is_none(), "{log:?}");
    }
}

/// A start that succeeds logs nothing but its version.
#[tokio::test]
async fn connection_is_open_before_the_first_event() {
    let requests = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&requests);
    let counts = move || {
        counter.fetch_add(1, Ordering::Relaxed);
        async { "{}" }
    };
    let mut tasks = JoinSet::new();
    let function = function_over(&serve(&mut tasks, Router::new().fallback(counts)).await).start().await;
    function.asks_for_event(1).await;
    assert_eq!(requests.load(Ordering::Relaxed), 1);
    assert_eq!(log(&function).await, Vec::<Value>::new());
    let started: Value = serde_json::from_str(&function.start_line().unwrap()).unwrap();
    assert_eq!(started["version"], env!("CARGO_PKG_VERSION"));
}

/// The binary as the maintenance function: commands are carried out, anything else is an error of the invocation, and each
/// is one line of the log.
#[tokio::test]
async fn maintenance_binary_carries_out_commands_and_nothing_else() {
    let service = TestService::on_a_socket().await;
    let code = service.create("m", "o").await;
    let function = function(&service).variable("MAINTENANCE", "on").start().await;
    let report = function.invoke(&json!({ "maintenance": "audit" })).await.expect("a report");
    assert_eq!(report, json!({ "maintenance": "audit", "examined": 3, "findings": [], "done": true }));
    assert_eq!(function.invoke(&Call::read(&code).event()).await, None, "an HTTP request is answered");
    delete_claim(&service, &code).await;
    let found = function.invoke(&json!({ "maintenance": "audit" })).await.expect("a report");
    let delete = service.client.delete_table().table_name(&service.table);
    delete.send().await.unwrap();
    assert_eq!(function.invoke(&json!({ "maintenance": "audit" })).await, None, "a failure is no report");
    let log = log(&function).await;
    let lines = log.iter().filter(|line| line.get("request_id").is_some());
    let lines: Vec<_> = lines.map(|line| json!([line["level"], line["message"], line["request_id"]])).collect();
    let expected = [
        json!(["INFO", "maintenance completed", request_id(1)]),
        json!(["ERROR", "command refused", request_id(2)]),
        json!(["ERROR", "maintenance completed", request_id(3)]),
        json!(["ERROR", "maintenance failed", request_id(4)]),
    ];
    assert_eq!(lines, expected, "{log:?}");
    assert_eq!(log[2]["findings"], json!(found["findings"].to_string()), "{log:?}");
    assert!(log[3]["error"].as_str().unwrap().contains("ResourceNotFoundException"), "{log:?}");
}

/// As on Lambda Managed Instances, where Lambda ends no call that takes longer than `Timeout`: three of a process's four events
/// wait for a table that never answers. The fourth does not wait for them, and they end by the deadline of their own.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-execution-environment.html>
#[tokio::test]
#[ignore = "long: waits for the deadline of a call, 8 s"]
async fn long_calls_of_a_silent_table_end_by_themselves_and_hold_up_no_other() {
    let mut tasks = JoinSet::new();
    let silent = Router::new().fallback(std::future::pending::<StatusCode>);
    let program = function_over(&serve(&mut tasks, silent).await);
    let function = program.variable("AWS_LAMBDA_MAX_CONCURRENCY", "4").start().await;
    let mut waiting = Box::pin(async {
        tokio::join!(
            send(&function, Call::get(BASE)),
            send(&function, Call::get(&format!("{BASE}/rc_00000000"))),
            send(&function, Call::create("m", "o")),
        )
    });
    tokio::select! {
        biased;
        replies = &mut waiting => panic!("a silent table has an answer: {replies:?}"),
        reply = send(&function, Call::get("/elsewhere")) => reply.expect_problem(404, "route_not_found"),
    };
    let (list, get, create) = waiting.await;
    for reply in [list, get, create] {
        reply.expect_problem(503, "unavailable");
    }
}
