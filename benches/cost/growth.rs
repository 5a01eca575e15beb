//! Much at once: one process of the function with several events, as on Lambda Managed Instances, and the local server
//! with several connections.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::function::{Function, Program};
use super::measure::percentile;

const EVENTS: [u64; 5] = [1, 2, 4, 8, 16];
const CONNECTIONS: [u64; 7] = [1, 2, 4, 8, 16, 32, 64];
/// How many steps of the progress bar all of it takes.
pub const STEPS: usize = EVENTS.len() + CONNECTIONS.len();

/// Calls at each number at once, first to get warm and then to be measured. Writes are fewer: the engine looks through
/// the tokens of the last ten minutes' transactions at each one.
const CALLS: u64 = 4_000;
const WRITES: u64 = 1_000;

/// What so many callers got who each send one call after the other.
pub struct Growth {
    pub at_once: u64,
    pub per_second: f64,
    pub p99: Duration,
}

/// One process of the function, from 1 to 16 events at once.
pub async fn of_a_process(program: &Program, event: &'static str, bar: &ProgressBar) -> Vec<Growth> {
    bar.set_message("events at once");
    let mut all = Vec::new();
    for at_once in EVENTS {
        let mut program = program.clone();
        program.variables.push(("AWS_LAMBDA_MAX_CONCURRENCY", at_once.to_string()));
        let function = Arc::new(Function::start(&program, &[]).await);
        let caller = || {
            let function = Arc::clone(&function);
            move || {
                let function = Arc::clone(&function);
                async move {
                    let _ = function.call(event).await;
                }
            }
        };
        all.push(measure(at_once, CALLS, caller).await);
        bar.inc(1);
    }
    all
}

/// The local server, from 1 to 64 connections: reads of one code, and codes for new mentors.
pub async fn of_the_local_server(program: &Path, bar: &ProgressBar) -> [Vec<Growth>; 2] {
    bar.set_message("connections at once");
    let (mut reads, mut writes) = (Vec::new(), Vec::new());
    for connections in CONNECTIONS {
        let server = Local::start(program);
        let codes = format!("{}/api/v1/referral-codes", server.url);
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

/// A connection of its own, past any proxy in the environment.
fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// A code for a mentor who has none.
async fn create(client: &reqwest::Client, codes: &str, mentors: &AtomicU64) -> Value {
    let mentor = format!("usr_{}", mentors.fetch_add(1, Ordering::Relaxed));
    let body = json!({ "mentor_id": mentor, "org_id": "org_002" });
    let call = client.post(codes).header("content-type", "application/json").body(body.to_string());
    let answer = call.send().await.unwrap().error_for_status().unwrap();
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

async fn measure<Call, Calling>(at_once: u64, calls: u64, caller: impl Fn() -> Call) -> Growth
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
    Growth { at_once, per_second, p99: percentile(&mut times, 99) }
}

/// The local server with its database in memory.
struct Local {
    child: Child,
    url: String,
}

impl Local {
    fn start(program: &Path) -> Self {
        let mut command = Command::new(program);
        let mut child = command.args(["--port", "0", "--memory"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let greeting = lines.next().unwrap().unwrap();
        let url = greeting.split(' ').nth(2).unwrap().to_owned();
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url }
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
