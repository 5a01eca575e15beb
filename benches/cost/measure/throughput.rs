//! Throughput with many callers: one process of the function with several events at once, as on Lambda Managed Instances,
//! and the local server with several connections.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use dev::{Function, LocalServer, Program};
use indicatif::ProgressBar;
use reqwest::Client;
use serde_json::Value;
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

/// What a caller sends again and again.
enum Caller {
    /// An event to a process of the function.
    Event(Arc<Function>, &'static str),
    /// A read of the code at this URL.
    Read(Client, String),
    /// A code for a new mentor, to this URL.
    Create(Client, String, Arc<AtomicU64>),
}

impl Caller {
    /// Sends one call, and returns the answer of the local server.
    async fn call(&self) -> Vec<u8> {
        let request = match self {
            Self::Event(function, event) => {
                call(function, event).await;
                return Vec::new();
            }
            Self::Read(client, code) => client.get(code),
            Self::Create(client, codes, mentors) => {
                let mentor = format!("usr_{}", mentors.fetch_add(1, Ordering::Relaxed));
                let body = dev::create_body(&mentor, "org_002").to_string();
                client.post(codes).header("content-type", "application/json").body(body)
            }
        };
        request.send().await.unwrap().error_for_status().unwrap().bytes().await.unwrap().into()
    }
}

/// One process of the function, from 1 to 16 events at once.
pub async fn of_a_process(program: &Program, event: &'static str, bar: &ProgressBar) -> Vec<Throughput> {
    bar.set_message("events at once");
    let mut all = Vec::new();
    for at_once in EVENTS {
        let program = program.clone().variable("AWS_LAMBDA_MAX_CONCURRENCY", &at_once.to_string());
        let function = Arc::new(program.start().await);
        all.push(measure(at_once, CALLS, || Caller::Event(Arc::clone(&function), event)).await);
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
        let codes = format!("{}{}", server.url(), dev::BASE);
        let mentors = Arc::new(AtomicU64::new(0));
        let maker = || Caller::Create(client(), codes.clone(), Arc::clone(&mentors));
        let code: Value = serde_json::from_slice(&maker().call().await).unwrap();
        let code = format!("{}{}", server.url(), dev::path(&code));
        reads.push(measure(connections, CALLS, || Caller::Read(client(), code.clone())).await);
        writes.push(measure(connections, WRITES, maker).await);
    }
    [reads, writes]
}

/// A client with a connection of its own, which ignores a proxy in the environment.
fn client() -> Client {
    Client::builder().no_proxy().build().unwrap()
}

async fn measure(at_once: u64, calls: u64, caller: impl Fn() -> Caller) -> Throughput {
    let mut times = Vec::new();
    let mut started = Instant::now();
    // The first round opens the connections.
    for _round in 0..2 {
        started = Instant::now();
        let mut callers = JoinSet::new();
        for _ in 0..at_once {
            let caller = caller();
            callers.spawn(async move {
                let mut times = Vec::new();
                for _ in 0..calls / at_once {
                    let since = Instant::now();
                    caller.call().await;
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
