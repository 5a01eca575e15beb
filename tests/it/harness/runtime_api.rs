//! The real binary under an emulated Lambda Runtime API, so that a test sees the process as Lambda does: events go in,
//! answers and log lines come out, and it can be killed.
//!
//! One emulated API serves one process, as in Lambda, where each environment has its own.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::collections::HashMap;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::task::JoinSet;

use super::TestService;

/// What the emulated Lambda gives a call, as `Timeout` in `template.yaml` does.
const TIMEOUT: Duration = Duration::from_secs(15);

/// A running process of the binary; it is killed when dropped.
pub struct Function {
    api: Arc<Api>,
    pid: u32,
    kill: Arc<Notify>,
    /// Ends the child, and then its server, with the function.
    _guard: JoinSet<()>,
}

/// What the server, the child's guard and the callers share.
struct Api {
    sent: AtomicU64,
    events: mpsc::UnboundedSender<(String, String)>,
    waiting: tokio::sync::Mutex<mpsc::UnboundedReceiver<(String, String)>>,
    callers: Mutex<HashMap<String, oneshot::Sender<Option<Value>>>>,
    lines: Mutex<Vec<String>>,
    over: watch::Sender<bool>,
}

impl Function {
    /// Starts the binary over a world's table.
    pub async fn start(world: &TestService) -> Self {
        Self::start_with(world, &[]).await
    }

    /// Starts the binary over a world's table, with these environment variables besides Lambda's own or in their place.
    pub async fn start_with(world: &TestService, variables: &[(&str, &str)]) -> Self {
        let (events, waiting) = mpsc::unbounded_channel();
        let api = Arc::new(Api {
            sent: AtomicU64::new(0),
            events,
            waiting: tokio::sync::Mutex::new(waiting),
            callers: Mutex::default(),
            lines: Mutex::default(),
            over: watch::Sender::new(false),
        });
        let mut server = JoinSet::new();
        let address = serve(&mut server, api.router()).await;
        let mut child = Command::new(env!("CARGO_BIN_EXE_referral-codes"))
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .env("AWS_LAMBDA_FUNCTION_NAME", "codes")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_REGION", "eu-north-1")
            .env("AWS_ACCESS_KEY_ID", "local")
            .env("AWS_SECRET_ACCESS_KEY", "local")
            .env("AWS_ENDPOINT_URL_DYNAMODB", &world.endpoint)
            .env("TABLE_NAME", &world.table)
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let (pid, stdout) = (child.id().unwrap(), child.stdout.take().unwrap());
        let kill = Arc::new(Notify::new());
        let mut guard = JoinSet::new();
        guard.spawn(Arc::clone(&api).guard(server, child, stdout, Arc::clone(&kill)));
        Self { api, pid, kill, _guard: guard }
    }

    /// Sends an event and waits for its answer; none when the process fails the call or dies before it answers.
    pub async fn invoke(&self, event: &Value) -> Option<Value> {
        self.invoke_text(event.to_string()).await
    }

    /// Sends an event byte for byte, as [`Self::invoke`] does a value.
    pub async fn invoke_text(&self, event: String) -> Option<Value> {
        let id = request_id(self.api.sent.fetch_add(1, Ordering::Relaxed) + 1);
        let (answered, answer) = oneshot::channel();
        self.api.callers.lock().unwrap().insert(id.clone(), answered);
        // Who dies after this look finds the caller, and lets it go.
        if self.is_over() {
            return None;
        }
        self.api.events.send((id, event)).unwrap();
        answer.await.ok().flatten()
    }

    /// The process, for signals other than SIGKILL.
    #[allow(dead_code, reason = "for tests that stop or end it otherwise")]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Whether the process has ended.
    pub fn is_over(&self) -> bool {
        *self.api.over.borrow()
    }

    /// What the process has written on its standard output so far; all of it, once it has ended.
    pub fn lines(&self) -> Vec<String> {
        self.api.lines.lock().unwrap().clone()
    }

    /// Ends the process with SIGKILL, and waits until it is gone.
    pub async fn kill(&self) {
        self.kill.notify_one();
        let _ = self.api.over.subscribe().wait_for(|over| *over).await;
    }
}

/// The request id of the nth event that a function gets, in the form that Lambda gives them.
pub fn request_id(nth: u64) -> String {
    format!("00000000-0000-4000-8000-{nth:012}")
}

/// Serves a router on a free port of loopback for as long as `tasks` lives, and tells its address.
pub async fn serve(tasks: &mut JoinSet<()>, router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

impl Api {
    fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(init_error))
            .with_state(Arc::clone(self))
    }

    /// Collects what the child writes, ends it when told to, and lets go of all callers when it is gone.
    ///
    /// What is dropped goes in reverse order: the child must not see its server end, and complain.
    async fn guard(self: Arc<Self>, _server: JoinSet<()>, mut child: Child, stdout: ChildStdout, kill: Arc<Notify>) {
        let read = async {
            let mut lines = BufReader::new(stdout).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                self.lines.lock().unwrap().push(line);
            }
        };
        let end = async {
            tokio::select! {
                _ = child.wait() => {}
                () = kill.notified() => child.kill().await.unwrap(),
            }
        };
        tokio::join!(read, end);
        self.over.send_replace(true);
        self.callers.lock().unwrap().clear();
    }

    fn answer(&self, id: &str, answer: Option<Value>) -> StatusCode {
        match self.callers.lock().unwrap().remove(id) {
            Some(caller) => {
                let _ = caller.send(answer);
                StatusCode::ACCEPTED
            }
            None => StatusCode::BAD_REQUEST,
        }
    }
}

/// Holds the request until there is an event.
async fn next(State(api): State<Arc<Api>>) -> ([(&'static str, String); 5], String) {
    let (id, event) = api.waiting.lock().await.recv().await.expect("the API keeps a sender");
    let deadline = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap() + TIMEOUT;
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", id),
        ("lambda-runtime-deadline-ms", deadline.as_millis().to_string()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-north-1:123456789012:function:codes".to_owned()),
        ("lambda-runtime-trace-id", "Root=1-69c4f0a0-000000000000000000000000;Sampled=0".to_owned()),
    ];
    (headers, event)
}

async fn response(State(api): State<Arc<Api>>, Path(id): Path<String>, body: String) -> StatusCode {
    api.answer(&id, Some(serde_json::from_str(&body).unwrap()))
}

async fn error(State(api): State<Arc<Api>>, Path(id): Path<String>, body: String) -> StatusCode {
    eprintln!("the function has failed the call {id}: {body}");
    api.answer(&id, None)
}

async fn init_error(body: String) -> StatusCode {
    eprintln!("the function cannot start: {body}");
    StatusCode::ACCEPTED
}
