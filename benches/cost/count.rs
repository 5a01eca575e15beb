//! Instructions, as callgrind counts them: unlike times, they repeat to a percent on any machine.

use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::function::{Function, Program};

/// Starts that are counted. The least of each figure is taken: valgrind is so slow that a connection may time out on a
/// busy machine, and be tried again.
const STARTS: usize = 3;
/// Warm requests, once to get warm and once to be counted.
const WARM: u64 = 100;

/// What a program executes.
#[derive(Clone, Copy)]
pub struct Count {
    /// From the start to the first question for an event.
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
}

pub async fn count(program: &Program, event: &'static str, dir: &Path) -> Count {
    let (mut init, mut first, mut warm) = (u64::MAX / 2, u64::MAX / 2, u64::MAX);
    for _ in 0..STARTS {
        let mut counted = Counted::start(program, dir).await;
        counted.function.asked(1).await;
        let to_event = counted.dump().await;
        counted.call(event, 1).await;
        let to_answer = counted.dump().await;
        if to_event + to_answer < init + first {
            (init, first) = (to_event, to_answer);
        }
        counted.call(event, WARM).await;
        counted.dump().await;
        counted.call(event, WARM).await;
        warm = warm.min(counted.dump().await / WARM);
        counted.function.stop().await;
    }
    Count { init, first, warm }
}

/// Whether valgrind is there.
pub fn possible() -> bool {
    std::process::Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success())
}

/// A process under callgrind.
struct Counted {
    function: Function,
    file: PathBuf,
    calls: u64,
    dumps: usize,
}

impl Counted {
    async fn start(program: &Program, dir: &Path) -> Self {
        let file = dir.join("callgrind.out");
        let under = ["valgrind", "--quiet", "--tool=callgrind", &format!("--callgrind-out-file={}", file.display())];
        Self { function: Function::start(program, &under.map(str::to_owned)).await, file, calls: 0, dumps: 0 }
    }

    /// Sends so many events, one after the other, and waits until the process is idle again.
    async fn call(&mut self, event: &'static str, times: u64) {
        for _ in 0..times {
            self.calls += 1;
            self.function.asked(self.calls).await;
            self.function.call(event).await;
        }
        self.function.asked(self.calls + 1).await;
    }

    /// The instructions since the last dump.
    async fn dump(&mut self) -> u64 {
        self.dumps += 1;
        let file = self.file.with_extension(format!("out.{}", self.dumps));
        // So that none of another process is taken for this one's: the control program calls a failure a success.
        let _ = std::fs::remove_file(&file);
        // The environment of the process, since both make the name of the pipe between them of it.
        let mut control = Command::new("callgrind_control");
        control.arg("--dump").arg(self.function.pid().to_string()).env_clear();
        let output = control.env("PATH", std::env::var_os("PATH").unwrap_or_default()).output().await.unwrap();
        let counts = std::fs::read_to_string(file).unwrap_or_else(|_| panic!("no dump was made: {output:?}"));
        let total = counts.lines().find_map(|line| line.strip_prefix("totals: "));
        total.expect("a dump ends with a sum").trim().parse().unwrap()
    }
}
