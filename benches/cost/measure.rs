//! Times, CPU and memory of one program: several starts, and then many requests to one process.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use tokio::task::JoinSet;

use super::builds;
use super::count::{Count, count, possible};
use super::function::{Function, Program};

const STARTS: usize = 15;
const REQUESTS: u64 = 5_000;
/// Requests at each number of events at once.
const AT_ONCE: u64 = 4_000;

/// What was measured of one program.
pub struct Row {
    pub name: &'static str,
    pub init: Duration,
    pub first: Duration,
    /// The 50th, 90th and 99th of a hundred warm requests, in order.
    pub warm: [Duration; 3],
    /// CPU time of one warm request.
    pub cpu: Duration,
    /// Resident memory after all requests.
    pub memory: u64,
    pub bytes: u64,
    pub count: Option<Count>,
}

/// How many steps of the progress bar a row takes.
pub const STEPS: u64 = STARTS as u64 + REQUESTS / 100 + 1;

pub async fn row(name: &'static str, program: &Program, event: &'static str, dir: &Path, bar: &ProgressBar) -> Row {
    bar.set_message(name);
    let (mut inits, mut firsts) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let mut function = Function::start(program, &[]).await;
        inits.push(function.init().await);
        firsts.push(function.call(event).await);
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
    let cpu = function.cpu().saturating_sub(before) / u32::try_from(REQUESTS).unwrap();
    let memory = function.memory();
    function.stop().await;
    let count = if possible() { Some(count(program, event, dir).await) } else { None };
    bar.inc(1);
    let warm = [50, 90, 99].map(|percent| percentile(&mut warm, percent));
    let bytes = builds::size(&program.path);
    Row { name, init: percentile(&mut inits, 50), first: percentile(&mut firsts, 50), warm, cpu, memory, bytes, count }
}

/// One process with so many events at once, as on Lambda Managed Instances.
pub struct Growth {
    pub at_once: u64,
    pub per_second: f64,
    pub p99: Duration,
}

pub async fn growth(program: &Program, event: &'static str, at_once: u64) -> Growth {
    let mut program = program.clone();
    program.variables.push(("AWS_LAMBDA_MAX_CONCURRENCY", at_once.to_string()));
    let function = Arc::new(Function::start(&program, &[]).await);
    let mut times = Vec::new();
    let mut started = Instant::now();
    // The first round opens the connections.
    for calls in [50, AT_ONCE / at_once] {
        times.clear();
        started = Instant::now();
        let mut callers = JoinSet::new();
        for _ in 0..at_once {
            let function = Arc::clone(&function);
            callers.spawn(async move {
                let mut times = Vec::new();
                for _ in 0..calls {
                    times.push(function.call(event).await);
                }
                times
            });
        }
        times.extend(callers.join_all().await.into_iter().flatten());
    }
    let per_second = times.len() as f64 / started.elapsed().as_secs_f64();
    Growth { at_once, per_second, p99: percentile(&mut times, 99) }
}

fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() * percent / 100).min(times.len() - 1)]
}
