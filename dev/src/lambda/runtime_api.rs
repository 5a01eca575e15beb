//! An emulated Lambda Runtime API: hands events to one process, and takes its answers and the times of both.
//!
//! One emulated API serves one process, as in Lambda, where each execution environment has its own.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use referral_codes::limits::FUNCTION_TIMEOUT;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot, watch};

/// An answer of the function, and how long it took.
#[derive(Clone, PartialEq, Debug)]
pub struct Invocation {
    pub answer: Value,
    /// From the moment when the process got the event to the moment when its answer was read.
    pub duration: Duration,
}

/// The request id of the nth event that a function gets, in the form of Lambda's.
pub fn request_id(nth: u64) -> String {
    format!("00000000-0000-4000-8000-{nth:012}")
}

pub struct RuntimeApi {
    sent: AtomicU64,
    events: mpsc::UnboundedSender<Event>,
    waiting: tokio::sync::Mutex<mpsc::UnboundedReceiver<Event>>,
    /// The events without an answer, by request id.
    open: Mutex<HashMap<String, Open>>,
    /// When the process has asked for an event (`invocation/next`), each time.
    nexts: watch::Sender<Vec<Instant>>,
    over: watch::Sender<bool>,
}

struct Event {
    id: String,
    text: String,
}

/// An event without an answer.
struct Open {
    caller: oneshot::Sender<Option<Invocation>>,
    /// When the process got it. None while it waits for the process.
    handed_over: Option<Instant>,
}

impl RuntimeApi {
    pub fn new() -> Arc<Self> {
        let (events, waiting) = mpsc::unbounded_channel();
        Arc::new(Self {
            sent: AtomicU64::new(0),
            events,
            waiting: tokio::sync::Mutex::new(waiting),
            open: Mutex::default(),
            nexts: watch::Sender::default(),
            over: watch::Sender::new(false),
        })
    }

    pub fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(init_error))
            .with_state(Arc::clone(self))
    }

    /// Sends an event and waits for its answer. None if the process fails the call or ends before it answers.
    pub async fn invoke(&self, text: String) -> Option<Invocation> {
        let id = request_id(self.sent.fetch_add(1, Ordering::Relaxed) + 1);
        let (caller, answer) = oneshot::channel();
        self.open.lock().unwrap().insert(id.clone(), Open { caller, handed_over: None });
        // A process that ends after this check drops the caller above, so that it does not wait for ever.
        if *self.over.borrow() {
            return None;
        }
        self.events.send(Event { id, text }).unwrap();
        answer.await.ok().flatten()
    }

    /// When the process has asked for an event, as a value that can be waited for.
    pub fn nexts(&self) -> watch::Receiver<Vec<Instant>> {
        self.nexts.subscribe()
    }

    /// Whether the process has ended, as a value that can be waited for.
    pub fn over(&self) -> watch::Receiver<bool> {
        self.over.subscribe()
    }

    /// The process has ended: no event gets an answer any more.
    pub fn end(&self) {
        self.over.send_replace(true);
        self.open.lock().unwrap().clear();
    }

    fn close(&self, id: &str, answered: Instant, answer: Option<Value>) -> StatusCode {
        let Some(Open { caller, handed_over }) = self.open.lock().unwrap().remove(id) else {
            return StatusCode::BAD_REQUEST;
        };
        let Some(handed_over) = handed_over else { return StatusCode::BAD_REQUEST };
        let _ = caller.send(answer.map(|answer| Invocation { answer, duration: answered - handed_over }));
        StatusCode::ACCEPTED
    }
}

/// Holds the request until there is an event.
async fn next(State(api): State<Arc<RuntimeApi>>) -> ([(&'static str, String); 5], String) {
    api.nexts.send_modify(|nexts| nexts.push(Instant::now()));
    let Event { id, text } = api.waiting.lock().await.recv().await.expect("the API keeps a sender");
    let deadline = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap() + FUNCTION_TIMEOUT;
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", id.clone()),
        ("lambda-runtime-deadline-ms", deadline.as_millis().to_string()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-north-1:123456789012:function:codes".to_owned()),
        ("lambda-runtime-trace-id", "Root=1-69c4f0a0-000000000000000000000000;Sampled=0".to_owned()),
    ];
    if let Some(open) = api.open.lock().unwrap().get_mut(&id) {
        open.handed_over = Some(Instant::now());
    }
    (headers, text)
}

async fn response(State(api): State<Arc<RuntimeApi>>, Path(id): Path<String>, body: String) -> StatusCode {
    let answered = Instant::now();
    api.close(&id, answered, Some(serde_json::from_str(&body).unwrap()))
}

async fn error(State(api): State<Arc<RuntimeApi>>, Path(id): Path<String>, body: String) -> StatusCode {
    eprintln!("the function failed the call {id}: {body}");
    api.close(&id, Instant::now(), None)
}

async fn init_error(body: String) -> StatusCode {
    eprintln!("the function cannot start: {body}");
    StatusCode::ACCEPTED
}
