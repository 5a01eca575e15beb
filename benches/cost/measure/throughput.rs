//! Throughput with many callers: one process of the function with several events at once, as on Lambda Managed Instances,
//! and the local server with several connections.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use dev::{LocalServer, Program};
use indicatif::ProgressBar;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{call, percentile};

const EVENTS: [u64; 5] = [1, 2, 4, 8, 16];
const CONNECTIONS: [u64; 7] = [1, 2, 4, 8, 16, 32, 64];
/// How many steps of the progress bar this measurement takes.
pub const STEPS: usize = EVENTS.len() + CONNECTIONS.len();

/// How many calls each number of callers makes: first so many to warm up, and then so many that are measured. There are
/// fewer writes: the engine searches the tokens of the last ten minutes' transactions at each one.
const CALLS: u64 = 4_000;
const WRITES: u64 = 1_000;

/// What so many callers get if each sends one call after the other.
pub struct Throughput {
    pub at_once: u64,
    pub per_second: f64,
    pub p99: Duration,
}

/// One process of the function, from 1 to 16 events at once.
pub async fn of_a_process(program: &Program, event: &'static str, bar: &ProgressBar) -> Vec<Throughput> {
    bar.set_message("events at once");
    let mut all = Vec::new();
    for at_once in EVENTS {
        let program = program.clone().variable("AWS_LAMBDA_MAX_CONCURRENCY", &at_once.to_string());
        let function = Arc::new(program.start().await);
        let caller = || {
            let function = Arc::clone(&function);
            move || {
                let function = Arc::clone(&function);
                async move {
                    let _ = call(&function, event).await;
                }
            }
        };
        all.push(measure(at_once, CALLS, caller).await);
        bar.inc(1);
    }
    all
}

/// The local server, from 1 to 64 connections: reads of one code, and codes for new mentors.
pub async fn of_the_local_server(program: &Path, bar: &ProgressBar) -> [Vec<Throughput>; 2] {
    bar.set_message("connections at once");
    let (mut reads, mut writes) = (Vec::new(), Vec::new());
    for connections in CONNECTIONS {
        let server = LocalServer::start(program, &["--memory"]);
        let codes = format!("{}/api/v1/referral-codes", server.url());
        let mentors = Arc::new(AtomicU64::new(0));
        let code = create(&client(), &codes, &mentors).await;
        let code = format!("{codes}/{}", code["id"].as_str().unwrap());
        let reader = || {
            let (client, code) = (client(), code.clone());
            move || {
                let call = client.get(&code).send();
                async move { drop(call.await.unwrap().error_for_status().unwrap().bytes().await.unwrap()) }
            }
        };
        reads.push(measure(connections, CALLS, reader).await);
        let maker = || {
            let (client, codes, mentors) = (client(), codes.clone(), Arc::clone(&mentors));
            move || {
                let (client, codes, mentors) = (client.clone(), codes.clone(), Arc::clone(&mentors));
                async move { drop(create(&client, &codes, &mentors).await) }
            }
        };
        writes.push(measure(connections, WRITES, maker).await);
    }
    [reads, writes]
}

/// A client with a connection of its own, which ignores a proxy in the environment.
fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// Creates a code for a new mentor.
async fn create(client: &reqwest::Client, codes: &str, mentors: &AtomicU64) -> Value {
    let mentor = format!("usr_{}", mentors.fetch_add(1, Ordering::Relaxed));
    let body = json!({ "mentor_id": mentor, "org_id": "org_002" });
    let call = client.post(codes).header("content-type", "application/json").body(body.to_string());
    let answer = call.send().await.unwrap().error_for_status().unwrap();
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

async fn measure<Call, Calling>(at_once: u64, calls: u64, caller: impl Fn() -> Call) -> Throughput
where
    Call: FnMut() -> Calling + Send + 'static,
    Calling: Future<Output = ()> + Send,
{
    let mut times = Vec::new();
    let mut started = Instant::now();
    // The first round opens the connections.
    for _round in 0..2 {
        started = Instant::now();
        let mut callers = JoinSet::new();
        for _ in 0..at_once {
            let mut call = caller();
            callers.spawn(async move {
                let mut times = Vec::new();
                for _ in 0..calls / at_once {
                    let since = Instant::now();
                    call().await;
                    times.push(since.elapsed());
                }
                times
            });
        }
        times = callers.join_all().await.into_iter().flatten().collect();
    }
    let per_second = times.len() as f64 / started.elapsed().as_secs_f64();
    Throughput { at_once, per_second, p99: percentile(&mut times, 99) }
}
