//! Seeds: random runs that can be repeated.

mod seeded_rng;

pub use seeded_rng::SeededRng;
use tracing_subscriber::registry;

use crate::logged::listen;

/// The seeds to run: 1 to `count`. `TEST_SEED` runs only one; `TEST_SEEDS` runs another number of them.
pub fn seeds(count: u64) -> Vec<u64> {
    let number = |name| std::env::var(name).ok().map(|text| text.parse().expect("a whole number"));
    match number("TEST_SEED") {
        Some(seed) => vec![seed],
        None => (1..=number("TEST_SEEDS").unwrap_or(count)).collect(),
    }
}

/// Prints how to repeat the run if the test panics while this value lives.
struct PrintSeedOnPanic(u64);

impl Drop for PrintSeedOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("TEST_SEED={} repeats this run", self.0);
        }
    }
}

/// Runs a test on tokio's paused clock, which jumps to the next timer when every task waits.
///
/// With the engine in process, only timers are waited for. So one seed gives one history.
pub fn simulated<T>(seed: u64, test: impl Future<Output = T>) -> T {
    let _print_seed = PrintSeedOnPanic(seed);
    // The SDK takes its jitter from this generator, and a number for each of its spans that is made. So all are made, whatever
    // other tests listen to: otherwise a history would follow from them too.
    let _makes_spans = listen(registry());
    fastrand::seed(seed);
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().start_paused(true).build().unwrap().block_on(test)
}
