//! A process under the emulated Runtime API, as Lambda has it: events go in, answers and log lines come out, and it can
//! be killed and measured.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::runtime_api::{Invocation, RuntimeApi};
use crate::loopback::serve;
use crate::service::TestService;

/// The longest that a start or a call may take: generous, for valgrind on a busy machine.
const TIME_LIMIT: Duration = Duration::from_mins(3);

/// A program that can be started as a function, and its environment.
#[derive(Clone)]
pub struct Program {
    path: PathBuf,
    /// The command line in front of it.
    under: Vec<String>,
    variables: Vec<(String, String)>,
    captures_stdout: bool,
}

impl Program {
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), under: Vec::new(), variables: Vec::new(), captures_stdout: true }
    }

    /// Sets an environment variable, besides Lambda's own or in place of one.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// The table of this service is the function's table.
    pub fn over(self, service: &TestService) -> Self {
        assert!(!service.is_in_process(), "build the service `on_a_socket`");
        self.variable("AWS_ENDPOINT_URL_DYNAMODB", &service.endpoint).variable("TABLE_NAME", &service.table)
    }

    /// Puts a command line in front of the program, such as valgrind's.
    pub fn under(mut self, command_line: &[&str]) -> Self {
        self.under = command_line.iter().map(|&part| part.to_owned()).collect();
        self
    }

    /// Drops the standard output instead of keeping it for [`Function::lines`].
    pub fn without_stdout(mut self) -> Self {
        self.captures_stdout = false;
        self
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Starts a process.
    pub async fn start(&self) -> Function {
        let api = RuntimeApi::new();
        let mut server = JoinSet::new();
        let url = serve(&mut server, api.router()).await;
        let mut line: Vec<&Path> = self.under.iter().map(Path::new).collect();
        line.push(&self.path);
        let started = Instant::now();
        let mut child = Command::new(line[0])
            .args(&line[1..])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("AWS_LAMBDA_RUNTIME_API", &url["http://".len()..])
            .env("AWS_LAMBDA_FUNCTION_NAME", "codes")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_REGION", "eu-north-1")
            .env("AWS_ACCESS_KEY_ID", "local")
            .env("AWS_SECRET_ACCESS_KEY", "local")
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdout(if self.captures_stdout { Stdio::piped() } else { Stdio::null() })
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let (pid, stdout) = (child.id().unwrap(), child.stdout.take());
        let (kill, lines) = (Arc::new(Notify::new()), Arc::<Mutex<Vec<String>>>::default());
        let mut guard = JoinSet::new();
        guard.spawn({
            let (api, kill, lines) = (Arc::clone(&api), Arc::clone(&kill), Arc::clone(&lines));
            async move {
                // Dropped in reverse order: the process must end before its server, or it would report an error.
                let (_server, mut child) = (server, child);
                let read = async {
                    let Some(stdout) = stdout else { return };
                    let mut read = BufReader::new(stdout).lines();
                    while let Ok(Some(line)) = read.next_line().await {
                        lines.lock().unwrap().push(line);
                    }
                };
                let end = async {
                    tokio::select! {
                        _ = child.wait() => {}
                        () = kill.notified() => child.kill().await.unwrap(),
                    }
                };
                tokio::join!(read, end);
                api.end();
            }
        });
        Function { api, pid, started, kill, lines, _guard: guard }
    }
}

const STARTED: &str = r#""message":"started""#;

/// A running process; it is killed when dropped.
pub struct Function {
    api: Arc<RuntimeApi>,
    pid: u32,
    started: Instant,
    kill: Arc<Notify>,
    lines: Arc<Mutex<Vec<String>>>,
    /// Collects what the process writes, kills it on request, and releases all callers when it has ended. Ends the process,
    /// and then its server, with the function.
    _guard: JoinSet<()>,
}

impl Function {
    /// Sends an event and waits for its answer. None if the process fails the call or ends before it answers.
    pub async fn invoke(&self, event: &Value) -> Option<Value> {
        self.invoke_timed(event.to_string()).await.map(|invocation| invocation.answer)
    }

    /// As [`Self::invoke`], with an event byte for byte, and with the time that the process took.
    pub async fn invoke_timed(&self, event: String) -> Option<Invocation> {
        self.api.invoke(event).await
    }

    /// Waits until the process has asked for its `nth` event, from 1, so that it has finished all before that. Returns when
    /// it asked.
    ///
    /// # Panics
    /// If the process ends or does not ask within three minutes.
    pub async fn asks_for_event(&self, nth: usize) -> Instant {
        let (mut nexts, mut over) = (self.api.nexts(), self.api.over());
        tokio::select! {
            nexts = nexts.wait_for(|nexts| nexts.len() >= nth) => nexts.unwrap()[nth - 1],
            _ = over.wait_for(|over| *over) => panic!("the process ended before it asked for event {nth}"),
            () = tokio::time::sleep(TIME_LIMIT) => panic!("the process does not ask for event {nth}"),
        }
    }

    /// The time from the start to the first request for an event.
    pub async fn init_duration(&self) -> Duration {
        self.asks_for_event(1).await - self.started
    }

    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// CPU time so far, of all threads that still exist.
    pub fn cpu_time(&self) -> Duration {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.pid)).unwrap();
        let nanoseconds = threads.filter_map(|thread| {
            // The first field is the time on a CPU: <https://docs.kernel.org/scheduler/sched-stats.html>
            let stat = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
            stat.split_whitespace().next()?.parse::<u64>().ok()
        });
        Duration::from_nanos(nanoseconds.sum())
    }

    /// Resident memory, in bytes.
    pub fn resident_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    /// The lines on the process's standard output so far but [`Self::start_line`]; all of them, once it has ended.
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().iter().filter(|line| !line.contains(STARTED)).cloned().collect()
    }

    /// The line about the start, which tells the version.
    pub fn start_line(&self) -> Option<String> {
        self.lines.lock().unwrap().iter().find(|line| line.contains(STARTED)).cloned()
    }

    /// Ends the process with SIGKILL, and waits until it has ended.
    pub async fn kill(&self) {
        self.kill.notify_one();
        let _ = self.api.over().wait_for(|over| *over).await;
    }
}
