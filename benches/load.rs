//! Load: a mix of calls on the local server and on the function under the emulated Runtime API, over one table (`just load`).
//!
//! Prints throughput, times, errors and memory. Fails if the mix meets an error, if a call is answered late or otherwise than 503
//! while the table is out of reach or more callers come than can be served, if the service does not recover by itself, if the
//! function's memory grows, or if the audit of the table finds anything afterwards. Options: `--calls N`, for each of the two
//! (20,000), and `--function-calls N`, where memory is looked at.

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
                let method = Method::from_bytes(call.method.as_bytes()).unwrap();
                let request = client.request(method, format!("{url}{}?{}", call.path, call.query));
                let request = request.header("content-type", "application/json").body(call.body.unwrap_or_default());
                let Ok(response) = request.send().await else { return (0, Value::Null) };
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
    /// One caller's calls. The codes that it has seen are what it reads and changes.
    async fn of_caller(target: Target, seed: u64, calls: u64) -> Self {
        let (mut rng, mut tally, mut known) = (fastrand::Rng::with_seed(seed), Self::default(), Vec::<Value>::new());
        for _ in 0..calls {
            let mentor = rng.u64(..MENTORS);
            let call = match (rng.u8(..100), rng.choice(&known)) {
                (0..55, Some(code)) => Call::read(code),
                (55..65, Some(code)) => Call::url(code),
                (65..75, _) => Call::get(&format!("{BASE}?limit=20&org_id=org_{}", mentor % 5)),
                (75..80, Some(code)) => Call::rotate(code),
                (80..82, Some(code)) => Call::invalidate(code),
                _ => Call::create(&format!("usr_{mentor}"), &format!("org_{}", mentor % 5)),
            };
            let since = Instant::now();
            let (status, body) = target.send(call).await;
            tally.times.push(since.elapsed());
            match status {
                503 => tally.unavailable += 1,
                200 | 201 | 403 | 404 | 409 | 410 => {}
                _ => tally.wrong.push((status, body.clone())),
            }
            if body["mentor_id"].is_string() {
                // A million calls must not grow this side either.
                known = if known.len() > 200 { known.split_off(100) } else { known };
                known.push(body);
            }
        }
        tally
    }

    async fn of_callers(target: &Target, callers: u64, calls: u64, seed: u64) -> Self {
        let one = |nth| Self::of_caller(target.clone(), seed + nth, calls.div_ceil(callers));
        let mut all = Self::default();
        for mut tally in (0..callers).map(one).collect::<JoinSet<_>>().join_all().await {
            all.times.append(&mut tally.times);
            all.wrong.append(&mut tally.wrong);
            all.unavailable += tally.unavailable;
        }
        all.times.sort_unstable();
        let latest = all.times.last().unwrap();
        assert!(all.wrong.is_empty() && *latest < IN_TIME, "after {latest:?}, {:?}", all.wrong.first());
        all
    }
}

/// The mix: no error, and its figures.
async fn mix(target: &Target, calls: u64, seed: u64) -> String {
    let since = Instant::now();
    let tally = Tally::of_callers(target, AT_ONCE, calls, seed).await;
    assert_eq!(tally.unavailable, 0, "503");
    let per_second = tally.times.len() as f64 / since.elapsed().as_secs_f64();
    let millis = |part: usize| tally.times[(tally.times.len() - 1) * part / 1_000].as_secs_f64() * 1e3;
    let [p50, p99, p999] = [500, 990, 999].map(millis);
    format!("{per_second:.0} calls a second, p50 {p50:.1} ms, p99 {p99:.1} ms, p99.9 {p999:.1} ms")
}

/// A client waits as long as `Retry-After` says.
async fn check_recovery(target: &Target) {
    tokio::time::sleep(Duration::from_secs(5)).await;
    mix(target, 10 * AT_ONCE, 1).await;
}

#[tokio::main]
async fn main() {
    let number = |option: &str, default| {
        let value = std::env::args().skip_while(|word| word != option).nth(1);
        value.map_or(default, |calls| calls.parse().expect("a number of calls"))
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
    let local = Target::Local(Client::builder().no_proxy().build().unwrap(), server.url().to_owned());
    let in_lambda = Target::Function(Arc::clone(&function));

    println!("the local server: {}", mix(&local, of_each, 1).await);
    // By then its memories are full, and so is its pool of connections.
    let warm_up = (calls / 10).max(2_000);
    mix(&in_lambda, warm_up, 1_000).await;
    let before = function.resident_memory();
    let figures = mix(&in_lambda, calls, 2_000).await;
    let after = function.resident_memory();
    println!("the function: {figures}; its memory grew from {before} to {after} bytes in {calls} calls");
    assert!(after < before + before / 10, "the function's memory grew");

    let crowd = Tally::of_callers(&local, CROWD, CROWD * 5, 3_000).await;
    println!("{CROWD} at once on the local server: {} of {} are 503", crowd.unavailable, crowd.times.len());
    check_recovery(&local).await;
    // The table answers nobody.
    server.signal("-STOP");
    let without_table = Tally::of_callers(&in_lambda, AT_ONCE, AT_ONCE, 4_000).await;
    server.signal("-CONT");
    println!("the function without its table: 503 after {:?} at the latest", without_table.times.last().unwrap());
    assert_eq!(without_table.unavailable as u64, AT_ONCE, "a call was answered without the table");
    check_recovery(&in_lambda).await;

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
