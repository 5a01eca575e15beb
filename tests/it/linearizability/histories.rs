//! The tests: many short histories with faults on, each from one seed.

use std::time::Duration;

use dev::{TestService, audit, seeds, simulated};

use super::checker::check;
use super::clients::{Shared, let_loose};
use super::history::Operation;

const MENTORS: usize = 2;
const CALLERS: usize = 4;
const REQUESTS: usize = 3;
const PHASES: usize = 2;

/// What callers heard, before they looked around at the end.
#[derive(Default)]
pub struct Heard(Vec<Operation>);

impl Heard {
    fn seldom_503(&self) {
        let (calls, unavailable) = (self.0.len(), self.0.iter().filter(|call| call.answered.is_none()).count());
        assert!(unavailable * 10 < calls, "{unavailable} of {calls} calls ended in 503");
    }
}

/// Lets callers loose on a world, moves its clock, lets them loose again; then everybody looks at what there is, and
/// all that was heard is checked. Gives back what is wrong with it.
pub async fn one_history(world: &TestService, seed: u64, heard: &mut Heard) -> Result<(), String> {
    let mut chance = fastrand::Rng::with_seed(seed);
    let mentors: Vec<_> = (0..MENTORS).map(|nth| Shared::new(world, &format!("usr_{nth}"))).collect();
    for _ in 0..PHASES {
        let_loose(&mentors, CALLERS, REQUESTS, &mut chance).await;
        // Half of the time this is past the expiry of what was made in this phase.
        world.clock.advance(Duration::from_secs(if chance.bool() { 60 } else { 600 }));
    }
    heard.0.extend(mentors.iter().flat_map(|mentor| mentor.history.operations()));
    world.faults.clear_faults();
    if world.is_in_process() {
        // What is still under way though nobody waits for it arrives now.
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    for mentor in &mentors {
        mentor.look_around().await;
        check(&mentor.history.operations()).map_err(|refuted| refuted.0)?;
    }
    audit(world).await
}

/// A history on a paused clock, with every kind of fault.
pub async fn simulated_history(
    seed: u64,
    rate: f64,
    sabotage: impl Fn(&TestService),
    heard: &mut Heard,
) -> Result<(), String> {
    let world = TestService::builder().in_process().scarce_ids(seed).build().await;
    world.faults.random_latency(seed);
    world.faults.random(seed, rate);
    sabotage(&world);
    one_history(&world, seed, heard).await
}

fn many(seeds: Vec<u64>, rate: f64) {
    let mut heard = Heard::default();
    for seed in seeds {
        simulated(seed, async {
            simulated_history(seed, rate, |_| {}, &mut heard).await.unwrap_or_else(|why| panic!("seed {seed}: {why}"));
        });
    }
    heard.seldom_503();
}

#[test]
fn histories_at_15_percent_faults_are_linearizable_and_seldom_end_in_503() {
    many(seeds(15), 0.15);
}

#[test]
fn histories_at_25_percent_faults_are_linearizable_and_seldom_end_in_503() {
    many(seeds(15), 0.25);
}

/// What makes a seed worth noting down.
#[test]
fn one_seed_gives_one_history() {
    let [first, second] = [(); 2].map(|()| {
        let mut heard = Heard::default();
        simulated(7, async { simulated_history(7, 0.3, |_| {}, &mut heard).await.unwrap() });
        format!("{:#?}", heard.0)
    });
    assert_eq!(first, second);
}

/// Where half of all requests fail many calls end in 503, and what became of them is found out only later.
#[test]
fn histories_with_many_unknown_outcomes_are_linearizable() {
    for seed in seeds(10) {
        simulated(seed, async {
            let told = simulated_history(seed, 0.6, |_| {}, &mut Heard::default()).await;
            told.unwrap_or_else(|why| panic!("seed {seed}: {why}"));
        });
    }
}

/// The same over an engine on threads of its own, with callers on several threads: here chance decides what happens at
/// once, so the seed gives the calls and the faults again, but not their interleaving.
#[tokio::test(flavor = "multi_thread")]
async fn histories_of_callers_on_several_threads_are_linearizable() {
    for seed in seeds(6) {
        let world = TestService::builder().scarce_ids(seed).build().await;
        world.faults.random_quick(seed, 0.15);
        let told = one_history(&world, seed, &mut Heard::default()).await;
        told.unwrap_or_else(|why| panic!("seed {seed}: {why}"));
    }
}
