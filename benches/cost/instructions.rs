//! Instructions, as callgrind counts them: unlike times, they are equal to a percent in each run, on any machine.

use std::path::{Path, PathBuf};

use dev::{Function, Program};
use tokio::process::Command;

use super::programs::Subject;
use super::times::call;

/// How many starts are counted. The smallest count is taken: under valgrind on a busy machine, a connection may time out
/// and be tried again.
const STARTS: usize = 3;
/// How many starts more are made at most, if in all of them the connection was not open before the first event.
const MORE_STARTS: usize = 9;
/// Warm requests: first so many to warm up, and then so many that are counted.
const WARM: usize = 100;

/// What a program executes.
#[derive(Clone, Copy)]
pub struct Count {
    /// From the start to the first request for an event.
    pub init: u64,
    /// For the first event.
    pub first: u64,
    /// For one warm request.
    pub warm: u64,
}

impl Count {
    /// From the start to the first answer.
    pub fn cold(&self) -> u64 {
        self.init + self.first
    }

    /// Whether the connection was open before the first event: over TLS, to open one takes as much as several requests.
    pub fn has_warmed_up(&self) -> bool {
        self.first < 3 * self.warm
    }
}

/// Counts a program.
pub async fn count(subject: &Subject, dir: &Path) -> Count {
    let Subject { program, event, warms_up, .. } = subject;
    let (mut init, mut first, mut warm) = (u64::MAX / 2, u64::MAX / 2, u64::MAX);
    for start in 0..STARTS + MORE_STARTS {
        if start >= STARTS && (!warms_up || Count { init, first, warm }.has_warmed_up()) {
            break;
        }
        let mut counted = Counted::start(program, dir).await;
        counted.function.asks_for_event(1).await;
        let to_event = counted.dump().await;
        counted.call(event, 1).await;
        let to_answer = counted.dump().await;
        if to_event + to_answer < init + first {
            (init, first) = (to_event, to_answer);
        }
        counted.call(event, WARM).await;
        counted.dump().await;
        counted.call(event, WARM).await;
        warm = warm.min(counted.dump().await / WARM as u64);
        counted.function.kill().await;
    }
    Count { init, first, warm }
}

/// A process under callgrind.
struct Counted {
    function: Function,
    file: PathBuf,
    calls: usize,
    dumps: usize,
}

impl Counted {
    async fn start(program: &Program, dir: &Path) -> Self {
        let file = dir.join("callgrind.out");
        let out_file = format!("--callgrind-out-file={}", file.display());
        let program = program.clone().under(&["valgrind", "--quiet", "--tool=callgrind", &out_file]);
        Self { function: program.start().await, file, calls: 0, dumps: 0 }
    }

    /// Sends an event `times` times, one call after the other, and waits until the process is idle again.
    async fn call(&mut self, event: &str, times: usize) {
        for _ in 0..times {
            self.calls += 1;
            self.function.asks_for_event(self.calls).await;
            call(&self.function, event).await;
        }
        self.function.asks_for_event(self.calls + 1).await;
    }

    /// The instructions since the last dump.
    async fn dump(&mut self) -> u64 {
        self.dumps += 1;
        let file = self.file.with_extension(format!("out.{}", self.dumps));
        // An old dump of another process must not be taken for a new one: callgrind_control reports success on failure.
        let _ = std::fs::remove_file(&file);
        // The same environment as the process has: both derive the name of the pipe between them from it.
        let mut control = Command::new("callgrind_control");
        control.arg("--dump").arg(self.function.pid().to_string()).env_clear();
        let output = control.env("PATH", std::env::var_os("PATH").unwrap_or_default()).output().await.unwrap();
        let counts =
            std::fs::read_to_string(file).unwrap_or_else(|_| panic!("callgrind_control wrote no dump: {output:?}"));
        let total = counts.lines().find_map(|line| line.strip_prefix("totals: "));
        total.expect("a dump ends with a sum").trim().parse().unwrap()
    }
}
