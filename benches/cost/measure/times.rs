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
/// Turns of each program, and requests in one of them.
const TURNS: usize = 50;
const REQUESTS: usize = 100;

/// A program, and the event that is sent to it.
pub struct Subject {
    pub name: &'static str,
    pub program: Program,
    pub event: &'static str,
}

/// What was measured of a program: medians of its starts and of its requests.
pub struct Row {
    pub name: &'static str,
    pub init: Duration,
    pub first: Duration,
    /// CPU time of a start and the first request.
    pub cold_cpu: Duration,
    /// The 50th, 90th and 99th percentile of the warm requests.
    pub warm: [Duration; 3],
    /// CPU time of one warm request.
    pub warm_cpu: Duration,
    /// Resident memory after all requests.
    pub memory: u64,
    pub bytes: u64,
    pub count: Option<Count>,
}

/// How many steps of the progress bar a program takes.
pub const STEPS: usize = STARTS + TURNS + 1;

pub async fn measure(subjects: &[Subject], dir: &Path, bar: &ProgressBar) -> Vec<Row> {
    let starts = starts(subjects, bar).await;
    let warm = warm(subjects, bar).await;
    let mut rows = Vec::new();
    for ((subject, mut starts), mut warm) in subjects.iter().zip(starts).zip(warm) {
        bar.set_message(subject.name);
        let count = if is_possible() { Some(count(&subject.program, subject.event, dir).await) } else { None };
        bar.inc(1);
        rows.push(Row {
            name: subject.name,
            init: percentile(&mut starts.inits, 50),
            first: percentile(&mut starts.firsts, 50),
            cold_cpu: percentile(&mut starts.cpus, 50),
            warm: [50, 90, 99].map(|percent| percentile(&mut warm.times, percent)),
            warm_cpu: warm.cpu,
            memory: warm.memory,
            bytes: build::size(subject.program.path()),
            count,
        });
    }
    rows
}

#[derive(Clone, Default)]
struct Starts {
    inits: Vec<Duration>,
    firsts: Vec<Duration>,
    cpus: Vec<Duration>,
}

async fn starts(subjects: &[Subject], bar: &ProgressBar) -> Vec<Starts> {
    bar.set_message("starts");
    let mut all = vec![Starts::default(); subjects.len()];
    for _ in 0..STARTS {
        for (Subject { program, event, .. }, starts) in subjects.iter().zip(&mut all) {
            let function = program.start().await;
            starts.inits.push(function.init_duration().await);
            starts.firsts.push(call(&function, event).await);
            function.asks_for_event(2).await;
            starts.cpus.push(function.cpu_time());
            function.kill().await;
            bar.inc(1);
        }
    }
    all
}

struct Warm {
    times: Vec<Duration>,
    cpu: Duration,
    memory: u64,
}

async fn warm(subjects: &[Subject], bar: &ProgressBar) -> Vec<Warm> {
    bar.set_message("warm requests");
    let mut running = Vec::new();
    for Subject { program, event, .. } in subjects {
        let function = program.start().await;
        call(&function, event).await;
        function.asks_for_event(2).await;
        running.push((function.cpu_time(), function, *event, Vec::new()));
    }
    for _ in 0..TURNS {
        for (_, function, event, times) in &mut running {
            for _ in 0..REQUESTS {
                times.push(call(function, event).await);
            }
            bar.inc(1);
        }
    }
    let mut all = Vec::new();
    for (before, function, _, times) in running {
        let requests = u32::try_from(times.len()).expect("some thousands");
        all.push(Warm {
            times,
            cpu: function.cpu_time().saturating_sub(before) / requests,
            memory: function.resident_memory(),
        });
        function.kill().await;
    }
    all
}
