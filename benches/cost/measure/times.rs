//! Times, CPU and memory of the programs: several starts of each, and then many requests to one process of each. The
//! programs take turns, so that a slow minute of the machine slows them all.

use std::path::Path;
use std::time::Duration;

use dev::Program;
use indicatif::ProgressBar;

use super::instructions::{Count, count, is_possible};
use super::{call, percentile};
use crate::programs::build;

const STARTS: usize = 30;
/// Turns of each program, and requests in one of them: ten thousand together.
const TURNS: usize = 100;
const REQUESTS: usize = 100;

/// A program, and the event that is sent to it.
pub struct Subject {
    pub name: &'static str,
    pub program: Program,
    pub event: String,
    /// Whether it opens its connection before the first event.
    pub warms_up: bool,
}

/// What was measured of a program: medians of its starts and of its requests.
pub struct Row {
    pub name: &'static str,
    pub init: Duration,
    pub first: Duration,
    /// CPU time of a start and the first request.
    pub cold_cpu: Duration,
    /// The 50th, 90th and 99th percentile of the warm requests, and the slowest.
    pub warm: [Duration; 4],
    /// CPU time of one warm request.
    pub warm_cpu: Duration,
    /// Resident memory after all requests.
    pub memory: u64,
    pub bytes: u64,
    pub count: Option<Count>,
}

/// How many steps of the progress bar a program takes.
pub const STEPS: usize = STARTS + TURNS + 1;

/// The times of a program's starts, and of its warm requests.
#[derive(Clone, Default)]
struct Times {
    inits: Vec<Duration>,
    firsts: Vec<Duration>,
    cold_cpus: Vec<Duration>,
    warm: Vec<Duration>,
}

pub async fn measure(subjects: &[Subject], dir: &Path, bar: &ProgressBar) -> Vec<Row> {
    let mut times = vec![Times::default(); subjects.len()];
    bar.set_message("starts");
    for _ in 0..STARTS {
        for (subject, times) in subjects.iter().zip(&mut times) {
            let function = subject.program.start().await;
            times.inits.push(function.init_duration().await);
            times.firsts.push(call(&function, &subject.event).await);
            function.asks_for_event(2).await;
            times.cold_cpus.push(function.cpu_time());
            function.kill().await;
            bar.inc(1);
        }
    }
    bar.set_message("warm requests");
    let mut running = Vec::new();
    for subject in subjects {
        let function = subject.program.start().await;
        call(&function, &subject.event).await;
        function.asks_for_event(2).await;
        running.push((function.cpu_time(), function));
    }
    for _ in 0..TURNS {
        for ((subject, times), (_, function)) in subjects.iter().zip(&mut times).zip(&running) {
            for _ in 0..REQUESTS {
                times.warm.push(call(function, &subject.event).await);
            }
            bar.inc(1);
        }
    }
    let mut rows = Vec::new();
    for ((subject, mut times), (before, function)) in subjects.iter().zip(times).zip(running) {
        let requests = u32::try_from(times.warm.len()).expect("some thousands");
        let warm_cpu = function.cpu_time().saturating_sub(before) / requests;
        let memory = function.resident_memory();
        function.kill().await;
        bar.set_message(subject.name);
        let Subject { program, event, warms_up, .. } = subject;
        let count = if is_possible() { Some(count(program, event, *warms_up, dir).await) } else { None };
        bar.inc(1);
        rows.push(Row {
            name: subject.name,
            init: percentile(&mut times.inits, 50),
            first: percentile(&mut times.firsts, 50),
            cold_cpu: percentile(&mut times.cold_cpus, 50),
            warm: [50, 90, 99, 100].map(|percent| percentile(&mut times.warm, percent)),
            warm_cpu,
            memory,
            bytes: build::size(subject.program.path()),
            count,
        });
    }
    rows
}
