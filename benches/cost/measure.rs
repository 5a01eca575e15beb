//! Times, CPU and memory of one program: several starts, and then many requests to one process.

use std::path::Path;
use std::time::Duration;

use indicatif::ProgressBar;

use super::builds;
use super::count::{Count, count, possible};
use super::function::{Function, Program};

const STARTS: usize = 15;
const REQUESTS: u64 = 5_000;

/// What was measured of one program: the medians of its starts, and of its requests.
pub struct Row {
    pub name: &'static str,
    pub init: Duration,
    pub first: Duration,
    /// CPU time of a start and the first request.
    pub cold_cpu: Duration,
    /// The 50th, 90th and 99th of a hundred warm requests, in order.
    pub warm: [Duration; 3],
    /// CPU time of one warm request.
    pub warm_cpu: Duration,
    /// Resident memory after all requests.
    pub memory: u64,
    pub bytes: u64,
    pub count: Option<Count>,
}

/// How many steps of the progress bar a row takes.
pub const STEPS: u64 = STARTS as u64 + REQUESTS / 100 + 1;

pub async fn row(name: &'static str, program: &Program, event: &'static str, dir: &Path, bar: &ProgressBar) -> Row {
    bar.set_message(name);
    let (mut inits, mut firsts, mut cold_cpus) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let mut function = Function::start(program, &[]).await;
        inits.push(function.init().await);
        firsts.push(function.call(event).await);
        function.asked(2).await;
        cold_cpus.push(function.cpu());
        function.stop().await;
        bar.inc(1);
    }
    let mut function = Function::start(program, &[]).await;
    function.call(event).await;
    function.asked(2).await;
    let before = function.cpu();
    let mut warm = Vec::new();
    for nth in 0..REQUESTS {
        warm.push(function.call(event).await);
        if nth % 100 == 0 {
            bar.inc(1);
        }
    }
    let warm_cpu = function.cpu().saturating_sub(before) / u32::try_from(REQUESTS).unwrap();
    let memory = function.memory();
    function.stop().await;
    let count = if possible() { Some(count(program, event, dir).await) } else { None };
    bar.inc(1);
    Row {
        name,
        init: percentile(&mut inits, 50),
        first: percentile(&mut firsts, 50),
        cold_cpu: percentile(&mut cold_cpus, 50),
        warm: [50, 90, 99].map(|percent| percentile(&mut warm, percent)),
        warm_cpu,
        memory,
        bytes: builds::size(&program.path),
        count,
    }
}

pub fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() * percent / 100).min(times.len() - 1)]
}
