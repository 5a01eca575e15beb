//! Times, CPU and memory of the calls: several starts for each, and then many requests to one process of each. The programs take
//! turns, so that a slow minute of the machine slows them all.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use dev::Function;

use super::instructions::count;
use super::programs::{ANOTHER_CODE, Programs};

const STARTS: usize = 30;
/// Turns of each program, and requests in one of them: ten thousand together.
const TURNS: usize = 100;
const REQUESTS: usize = 100;

/// The longest that one call may take: generous, for valgrind on a busy machine.
const TIME_LIMIT: Duration = Duration::from_mins(3);

/// The times of a program's starts, and of its warm requests.
#[derive(Clone, Default)]
struct Times {
    colds: Vec<Duration>,
    cold_cpus: Vec<Duration>,
    warm: Vec<Duration>,
}

/// Measures every call, and prints a table in Markdown.
pub async fn compare(programs: &Programs, dir: &Path) {
    let subjects = &programs.subjects;
    let mut times = vec![Times::default(); subjects.len()];
    eprintln!("{STARTS} starts of each");
    for _ in 0..STARTS {
        for (subject, times) in subjects.iter().zip(&mut times) {
            let function = subject.program.start().await;
            let init = function.init_duration().await;
            times.colds.push(init + call(&function, &subject.event).await);
            function.asks_for_event(2).await;
            times.cold_cpus.push(function.cpu_time());
            function.kill().await;
        }
    }
    eprintln!("{} requests to each", TURNS * REQUESTS);
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
        }
    }
    println!(
        "| call | init and first, ms | CPU of both, ms | warm p50, µs | p99 | slowest | CPU of one, µs | memory, MB | init and \
         first, M instructions | warm, M | times the bare probe |"
    );
    println!("| --- {}|", "| ---: ".repeat(10));
    let mut bare = None;
    for ((subject, mut times), (before, function)) in subjects.iter().zip(times).zip(running) {
        let requests = u32::try_from(times.warm.len()).expect("some thousands");
        let warm_cpu = function.cpu_time().saturating_sub(before) / requests;
        let memory = function.resident_memory();
        function.kill().await;
        let count = count(subject, dir).await;
        let bare = *bare.get_or_insert(count.warm) as f64;
        let [p50, p99, slowest] = [50, 99, 100].map(|percent| percentile(&mut times.warm, percent).as_micros());
        println!(
            "| {} | {:.1} | {:.1} | {p50} | {p99} | {slowest} | {} | {:.1} | {:.2} | {:.3} | {:.2} |",
            subject.name,
            percentile(&mut times.colds, 50).as_secs_f64() * 1e3,
            percentile(&mut times.cold_cpus, 50).as_secs_f64() * 1e3,
            warm_cpu.as_micros(),
            memory as f64 / 1e6,
            count.cold() as f64 / 1e6,
            count.warm as f64 / 1e6,
            count.warm as f64 / bare,
        );
    }
}

/// Sends an event and waits for its answer. Returns the time between.
///
/// # Panics
/// If the answer is an error: a failed call would be cheap.
pub async fn call(function: &Function, event: &str) -> Duration {
    static NTH: AtomicU32 = AtomicU32::new(1);
    let event = event.replace(ANOTHER_CODE, &format!("{:08x}", NTH.fetch_add(1, Ordering::Relaxed)));
    let invocation = tokio::time::timeout(TIME_LIMIT, function.invoke_timed(event)).await;
    let invocation = invocation.expect("an answer in time").expect("an answer");
    let status = invocation.answer["statusCode"].as_u64();
    assert!(status.is_some_and(|status| (200..303).contains(&status)), "{}", invocation.answer);
    invocation.duration
}

fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() * percent / 100).min(times.len() - 1)]
}
