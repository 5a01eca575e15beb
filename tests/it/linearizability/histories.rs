//! The tests: many short histories with faults, each from one seed.

use std::time::Duration;

use dev::{TestService, audit, seeds, simulated};

use super::checker::check;
use super::clients::{self, Callers};
use super::history::Operation;

const MENTORS: usize = 2;
const CALLERS: usize = 4;
const REQUESTS: usize = 3;
const PHASES: usize = 2;

/// The calls of a history, without the reads at its end.
#[derive(Default)]
pub struct Calls(Vec<Operation>);

impl Calls {
    pub fn text(&self) -> String {
        format!("{:#?}", self.0)
    }

    pub fn seldom_503(&self) {
        let (count, unavailable) = (self.0.len(), self.0.iter().filter(|call| call.answered.is_none()).count());
        assert!(unavailable * 10 < count, "{unavailable} of {count} calls ended in 503");
    }
}

/// Runs callers of these processes over one table, each with this many requests, moves the clock, and runs them again. Then it reads every code. Fails if
/// the answers are not linearizable, or if the table breaks an invariant.
pub async fn one_history(
    processes: &[&TestService],
    requests: usize,
    seed: u64,
    calls: &mut Calls,
) -> Result<(), String> {
    let mentors = (0..MENTORS).map(|nth| Callers::new(processes[0], &format!("usr_{nth}"))).collect();
    history_of(mentors, processes, requests, seed, calls).await
}

/// As [`one_history`], of these callers of the first process.
pub async fn history_of(
    mentors: Vec<Callers>,
    processes: &[&TestService],
    requests: usize,
    seed: u64,
    calls: &mut Calls,
) -> Result<(), String> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let service = processes[0];
    let of_all = processes.iter().flat_map(|process| {
        let through = |mentor: &Callers| mentor.through(process, &process.clock);
        mentors.iter().map(through)
    });
    let of_all: Vec<_> = of_all.collect();
    for _ in 0..PHASES {
        clients::run(&of_all, CALLERS / processes.len(), requests, &mut rng).await;
        // In half of the cases, the codes of this phase with an expiry have then expired.
        service.clock.advance(Duration::from_secs(if rng.bool() { 60 } else { 600 }));
    }
    calls.0.extend(mentors.iter().flat_map(|mentor| mentor.history.operations()));
    for process in processes {
        process.faults.clear_faults();
    }
    if service.is_in_process() {
        // Requests that are delivered late arrive now.
        tokio::time::sleep(Duration::from_secs(20 * 60)).await;
    }
    for mentor in &mentors {
        mentor.read_all().await;
        check(&mentor.history.operations()).map_err(|refuted| refuted.0)?;
    }
    audit(service).await
}

/// A history on a paused clock, with every kind of fault.
pub async fn simulated_history(
    seed: u64,
    rate: f64,
    sabotage: impl Fn(&TestService),
    calls: &mut Calls,
) -> Result<(), String> {
    let service = TestService::builder().in_process().scarce_ids(seed).build().await;
    service.faults.random_latency(seed);
    service.faults.random(seed, rate);
    sabotage(&service);
    one_history(&[&service], REQUESTS, seed, calls).await
}

fn many(seeds: Vec<u64>, rate: f64) {
    let mut calls = Calls::default();
    for seed in seeds {
        simulated(seed, async {
            simulated_history(seed, rate, |_| {}, &mut calls)
                .await
                .unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        });
    }
    calls.seldom_503();
}

#[test]
fn histories_at_15_percent_faults_are_linearizable_and_seldom_end_in_503() {
    many(seeds(15), 0.15);
}

#[test]
fn histories_at_25_percent_faults_are_linearizable_and_seldom_end_in_503() {
    many(seeds(15), 0.25);
}

/// Only so is a seed enough to repeat a failure.
#[test]
fn history_follows_from_its_seed() {
    let [first, second] = [(); 2].map(|()| {
        let mut calls = Calls::default();
        simulated(7, async { simulated_history(7, 0.3, |_| {}, &mut calls).await.unwrap() });
        calls.text()
    });
    assert_eq!(first, second);
}

/// If more than half of all requests fail, many calls end in 503, and later reads show what they did.
#[test]
fn histories_with_many_unknown_outcomes_are_linearizable() {
    for seed in seeds(10) {
        simulated(seed, async {
            let outcome = simulated_history(seed, 0.6, |_| {}, &mut Calls::default()).await;
            outcome.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        });
    }
}

/// The engine and the callers run on several threads. Here the seed decides the calls and the faults, but not their
/// interleaving.
#[tokio::test(flavor = "multi_thread")]
async fn histories_of_callers_on_several_threads_are_linearizable() {
    for seed in seeds(6) {
        let service = TestService::builder().scarce_ids(seed).build().await;
        service.faults.random_quick(seed, 0.15);
        let outcome = one_history(&[&service], REQUESTS, seed, &mut Calls::default()).await;
        outcome.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    }
}
