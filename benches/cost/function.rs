//! A process under an emulated Lambda Runtime API that keeps the time: from the start to the first question for an
//! event, and from each event to its answer.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use axum::Router;
use axum::extract::{Path as PathOf, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use super::table::Quick;

/// The longest that anything may take, under valgrind on a busy machine too.
const PATIENCE: Duration = Duration::from_mins(3);

/// A program, and what it needs to find the table.
#[derive(Clone)]
pub struct Program {
    pub path: PathBuf,
    pub variables: Vec<(&'static str, String)>,
}

pub struct Function {
    api: Arc<Api>,
    child: Child,
    started: Instant,
    server: JoinHandle<()>,
}

struct Api {
    events: mpsc::UnboundedSender<&'static str>,
    waiting: tokio::sync::Mutex<mpsc::UnboundedReceiver<&'static str>>,
    /// The events under way: when they were handed over, and who waits.
    under_way: Mutex<HashMap<u64, (Instant, oneshot::Sender<Duration>)>>,
    callers: Mutex<std::collections::VecDeque<oneshot::Sender<Duration>>>,
    /// How often the process has asked for an event, and when it did first.
    asked: watch::Sender<(u64, Option<Instant>)>,
}

impl Function {
    /// Starts a program; `under` is the command line to put in front of it, such as valgrind's.
    pub async fn start(program: &Program, under: &[String]) -> Self {
        let (events, waiting) = mpsc::unbounded_channel();
        let api = Arc::new(Api {
            events,
            waiting: tokio::sync::Mutex::new(waiting),
            under_way: Mutex::default(),
            callers: Mutex::default(),
            asked: watch::Sender::new((0, None)),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .fallback(complaint)
            .with_state(Arc::clone(&api));
        let server = tokio::spawn(async move { axum::serve(Quick(listener), router).await.unwrap() });
        let mut line: Vec<&Path> = under.iter().map(Path::new).collect();
        line.push(&program.path);
        let started = Instant::now();
        let child = Command::new(line[0])
            .args(&line[1..])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .env("AWS_LAMBDA_FUNCTION_NAME", "codes")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_REGION", "eu-north-1")
            .env("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "local")
            .env("AWS_SESSION_TOKEN", "IQoJb3JpZ2luX2VjEXAMPLE".repeat(16))
            .env("TABLE_NAME", "codes")
            .envs(program.variables.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self { api, child, started, server }
    }

    /// Waits until the process has asked for its `nth` event, from 1, so that it is done with those before.
    pub async fn asked(&mut self, nth: u64) {
        let mut asked = self.api.asked.subscribe();
        tokio::select! {
            _ = asked.wait_for(|(times, _)| *times >= nth) => {}
            ended = self.child.wait() => panic!("the process has ended: {ended:?}"),
            () = tokio::time::sleep(PATIENCE) => panic!("the process does not ask for an event"),
        }
    }

    /// How long it took from the start to the first question for an event.
    pub async fn init(&mut self) -> Duration {
        self.asked(1).await;
        let (_, first) = *self.api.asked.borrow();
        first.unwrap() - self.started
    }

    /// Sends an event and waits for its answer; the time between.
    ///
    /// # Panics
    /// When there is none in time: the process has ended, or hangs.
    pub async fn call(&self, event: &'static str) -> Duration {
        let (done, took) = oneshot::channel();
        self.api.callers.lock().unwrap().push_back(done);
        self.api.events.send(event).unwrap();
        tokio::time::timeout(PATIENCE, took).await.expect("an answer in time").unwrap()
    }

    pub fn pid(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// CPU time so far, in all threads that there still are.
    pub fn cpu(&self) -> Duration {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.pid())).unwrap();
        let nanoseconds = threads.filter_map(|thread| {
            // The first field is the time on a CPU: <https://docs.kernel.org/scheduler/sched-stats.html>
            let stat = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
            stat.split_whitespace().next()?.parse::<u64>().ok()
        });
        Duration::from_nanos(nanoseconds.sum())
    }

    /// Resident memory, in bytes.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    /// Ends the process, and waits until it is gone.
    pub async fn stop(mut self) {
        self.child.kill().await.unwrap();
        self.server.abort();
    }
}

async fn next(State(api): State<Arc<Api>>) -> ([(&'static str, String); 5], &'static str) {
    let mut nth = 0;
    api.asked.send_modify(|(times, first)| {
        *times += 1;
        nth = *times;
        first.get_or_insert_with(Instant::now);
    });
    let event = api.waiting.lock().await.recv().await.expect("the API keeps a sender");
    let deadline = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap() + Duration::from_secs(15);
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", format!("00000000-0000-4000-8000-{nth:012}")),
        ("lambda-runtime-deadline-ms", deadline.as_millis().to_string()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-north-1:123456789012:function:codes".to_owned()),
        ("lambda-runtime-trace-id", "Root=1-69c4f0a0-000000000000000000000000;Sampled=0".to_owned()),
    ];
    let caller = api.callers.lock().unwrap().pop_front().expect("an event has a caller");
    api.under_way.lock().unwrap().insert(nth, (Instant::now(), caller));
    (headers, event)
}

async fn response(State(api): State<Arc<Api>>, PathOf(id): PathOf<String>, body: String) -> StatusCode {
    let nth = id[24..].parse().unwrap();
    let (since, caller) = api.under_way.lock().unwrap().remove(&nth).unwrap();
    let took = since.elapsed();
    let answer: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(answer["statusCode"], 200, "{body}");
    let _ = caller.send(took);
    StatusCode::ACCEPTED
}

async fn complaint(body: String) -> StatusCode {
    eprintln!("the process complains: {body}");
    std::process::exit(1)
}
