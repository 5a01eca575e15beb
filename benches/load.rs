//! Load: a mix of calls on the local server and on the function under the emulated Runtime API, over one table (`just load`).
//!
//! Prints throughput, times, errors and memory beside those of the last run, which are kept in `target/load.json`. Fails if the
//! mix meets an error, if a call is answered late or otherwise than 503 while the table is out of reach or more callers come
//! than can be served, if the service does not recover by itself, if the function's memory grows, or if the audit of the table
//! finds anything afterwards. Options: `--calls N`, for each of the two (20,000), and `--function-calls N`, where memory is
//! looked at.

#![allow(
    missing_docs,
    clippy::cast_precision_loss,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for a terminal"
)]

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dev::{BASE, Call, Function, LocalServer, Program, Reply};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// Calls at once in the mix, and in a crowd that comes all at once.
const AT_ONCE: u64 = 16;
const CROWD: u64 = 600;
/// The mix has so many mentors, so that callers meet each other's changes.
const MENTORS: u64 = 2_000;
/// What API Gateway waits for an answer (29 s of a REST API); the service itself gives up after 8 s.
const IN_TIME: Duration = Duration::from_secs(29);

#[derive(Clone)]
enum Target {
    Local(Client, String),
    Function(Arc<Function>),
}

impl Target {
    /// The status, 0 if there is no answer, and the answer's body.
    async fn send(&self, call: Call) -> (u64, Value) {
        match self {
            Self::Function(function) => function.invoke(&call.event()).await.map_or((0, Value::Null), |answer| {
                let reply = Reply::read(&answer);
                (reply.status, serde_json::from_str(&reply.body).unwrap_or_default())
            }),
            Self::Local(client, url) => {
                let query = if call.query.is_empty() { String::new() } else { format!("?{}", call.query) };
                let method = Method::from_bytes(call.method.as_bytes()).unwrap();
                let request =
                    client.request(method, format!("{url}{}{query}", call.path)).body(call.body.unwrap_or_default());
                let Ok(response) = request.header("content-type", "application/json").send().await else {
                    return (0, Value::Null);
                };
                let status = response.status().as_u16().into();
                (status, serde_json::from_slice(&response.bytes().await.unwrap_or_default()).unwrap_or_default())
            }
        }
    }
}

/// What has been seen of many calls.
#[derive(Default)]
struct Tally {
    times: Vec<Duration>,
    unavailable: usize,
    /// What is neither a success, nor a refusal that the mix provokes, nor a 503.
    wrong: Vec<(u64, Value)>,
}

impl Tally {
    fn add(&mut self, (status, body): (u64, Value), time: Duration) {
        self.times.push(time);
        match status {
            503 => self.unavailable += 1,
            200 | 201 | 403 | 404 | 409 | 410 => {}
            _ => self.wrong.push((status, body)),
        }
    }
}

/// One caller's calls. The codes that it has seen are what it reads and changes.
async fn call(target: Target, seed: u64, calls: u64) -> Tally {
    let (mut rng, mut tally, mut known) = (fastrand::Rng::with_seed(seed), Tally::default(), Vec::<Value>::new());
    for _ in 0..calls {
        let mentor = rng.u64(..MENTORS);
        let create = Call::create(&format!("usr_{mentor}"), &format!("org_{}", mentor % 5));
        let (drawn, code) = (rng.u8(..100), rng.choice(&known).cloned());
        let call = match (drawn, code) {
            (0..55, Some(code)) => Call::read(&code),
            (55..65, Some(code)) => Call::url(&code),
            (65..75, _) => Call::get(&format!("{BASE}?limit=20&org_id=org_{}", mentor % 5)),
            (75..80, Some(code)) => Call::rotate(&code),
            (80..82, Some(code)) => Call::invalidate(&code),
            _ => create,
        };
        let since = Instant::now();
        let answer = target.send(call).await;
        let time = since.elapsed();
        if answer.1["mentor_id"].is_string() {
            known.push(answer.1.clone());
            // A million calls must not grow this side either.
            known = if known.len() > 200 { known.split_off(100) } else { known };
        }
        tally.add(answer, time);
    }
    tally
}

async fn all_at_once(target: &Target, callers: u64, calls: u64, seed: u64) -> Tally {
    let mut tasks: JoinSet<_> = (0..callers).map(|nth| call(target.clone(), seed + nth, calls / callers)).collect();
    let mut all = Tally::default();
    while let Some(tally) = tasks.join_next().await {
        let mut tally = tally.unwrap();
        all.times.append(&mut tally.times);
        all.wrong.append(&mut tally.wrong);
        all.unavailable += tally.unavailable;
    }
    all
}

/// The mix: no error, and its figures.
async fn mix(target: &Target, calls: u64, seed: u64) -> Value {
    let since = Instant::now();
    let mut tally = all_at_once(target, AT_ONCE, calls, seed).await;
    let per_second = tally.times.len() as f64 / since.elapsed().as_secs_f64();
    assert!(tally.wrong.is_empty() && tally.unavailable == 0, "{} 503, {:?}", tally.unavailable, tally.wrong.first());
    tally.times.sort_unstable();
    let millis = |part: usize| (tally.times[(tally.times.len() - 1) * part / 1_000].as_secs_f64() * 1e4).round() / 10.0;
    json!({ "per second": per_second.round(), "p50 ms": millis(500), "p99 ms": millis(990), "p999 ms": millis(999) })
}

/// Under overload every answer is a right one or a 503, in time.
fn overload(tally: &Tally) -> Value {
    let latest = tally.times.iter().max().unwrap();
    assert!(tally.wrong.is_empty() && *latest < IN_TIME, "after {latest:?}, {:?}", tally.wrong.first());
    json!({ "calls": tally.times.len(), "are 503": tally.unavailable, "latest s": latest.as_secs() })
}

async fn check_recovery(target: &Target) {
    // A client waits as long as `Retry-After` says.
    tokio::time::sleep(Duration::from_secs(5)).await;
    mix(target, 10 * AT_ONCE, 1).await;
}

#[tokio::main]
async fn main() {
    let number = |option: &str, default| {
        let words: Vec<_> = std::env::args().skip_while(|word| word != option).take(2).collect();
        words.get(1).map_or(default, |calls| calls.parse().expect("a number of calls"))
    };
    let of_each = number("--calls", 20_000);
    let calls = number("--function-calls", of_each);
    let folder = tempfile::tempdir().unwrap();
    let data = ["--data", folder.path().to_str().unwrap()];
    let mut server = LocalServer::start(LocalServer::program(), &data);
    let table = server.greeting.last().unwrap().rsplit_once(' ').unwrap().1.trim_end_matches('.').to_owned();
    let binary = LocalServer::program().parent().unwrap().parent().unwrap().join("referral-codes");
    let program =
        Program::new(binary).variable("AWS_ENDPOINT_URL_DYNAMODB", &table).variable("TABLE_NAME", "referral-codes");
    let function = Arc::new(program.variable("AWS_LAMBDA_MAX_CONCURRENCY", "16").without_stdout().start().await);
    let client = Client::builder().no_proxy().build().unwrap();
    let local = Target::Local(client, server.url().to_owned());
    let in_lambda = Target::Function(Arc::clone(&function));

    let of_local = mix(&local, of_each, 1).await;
    mix(&in_lambda, calls / 10, 1_000).await;
    let before = function.resident_memory();
    let mut of_function = mix(&in_lambda, calls - calls / 10, 2_000).await;
    let after = function.resident_memory();
    of_function["memory MB"] = (after / 1_000_000).into();

    let crowd = overload(&all_at_once(&local, CROWD, CROWD * 5, 3_000).await);
    check_recovery(&local).await;
    // The table answers nobody.
    server.signal("-STOP");
    let without_table = overload(&all_at_once(&in_lambda, AT_ONCE, AT_ONCE, 4_000).await);
    server.signal("-CONT");
    check_recovery(&in_lambda).await;

    report(&json!({
        "local server": of_local, "function": of_function, "a crowd on the local server": crowd,
        "the function without its table": without_table,
    }));
    assert!(after < before + before / 10, "the function's memory grew from {before} to {after} bytes in {calls} calls");
    assert_eq!(without_table["are 503"], AT_ONCE, "a call was answered without the table");

    server.signal("-INT");
    assert!(server.wait().success());
    // What the table did after it was stopped may have come late. The first upkeep corrects that, and the second finds nothing.
    for (command, found) in [("upkeep", None), ("upkeep", Some("wrong")), ("audit", Some("findings"))] {
        let output = Command::new(LocalServer::program()).args(data).arg(command).output().unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let is_clean = found.is_none_or(|found| report[found] == json!([]));
        assert!(report["done"] == true && is_clean, "{report}");
    }
    println!("The index is up to date, and the audit finds nothing.");
}

/// Prints the figures beside those of the last run, and keeps them for the next.
fn report(figures: &Value) {
    let file = LocalServer::program().ancestors().nth(3).unwrap().join("load.json");
    let last: Value =
        std::fs::read_to_string(&file).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    for (target, row) in figures.as_object().unwrap() {
        for (name, value) in row.as_object().unwrap() {
            println!("{target:>30} | {name:<10} | {value:>8} | last run: {}", last[target][name]);
        }
    }
    std::fs::write(file, figures.to_string()).unwrap();
}
