//! Seeds: random runs that can be repeated.
//!
//! | variable | runs |
//! | --- | --- |
//! | | the first few seeds from 1, always the same: what fails has changed |
//! | `TEST_SEED=7` | this one |
//! | `TEST_SEEDS=1000` | a search: so many new ones, which it prints |
//! | `TEST_SEEDS=1000 TEST_FIRST_SEED=7` | so many from this one: a search again |

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, OnceLock};
use std::thread::{available_parallelism, scope};
use std::time::SystemTime;

use tracing_subscriber::registry;

use crate::logged::listen;

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a whole number"))
}

/// The seeds to run: 1 to `count`, unless a variable says otherwise.
pub fn seeds(count: u64) -> Vec<u64> {
    static FIRST: OnceLock<u64> = OnceLock::new();
    if let Some(seed) = variable("TEST_SEED") {
        return vec![seed];
    }
    let Some(count) = variable("TEST_SEEDS") else { return (1..=count).collect() };
    let first = *FIRST.get_or_init(|| {
        let drawn = || u64::from(SystemTime::UNIX_EPOCH.elapsed().unwrap().subsec_nanos());
        let first = variable("TEST_FIRST_SEED").unwrap_or_else(drawn);
        eprintln!("TEST_SEEDS={count} TEST_FIRST_SEED={first} repeats this search");
        first
    });
    (first..first + count).collect()
}

/// Runs [`seeds`], in a search on all processors. Prints each seed that fails as soon as it does.
///
/// # Panics
/// When all have run, if a seed has failed.
pub fn for_each_seed(count: u64, run: impl Fn(u64) -> Result<(), String> + Sync) {
    let threads = if variable("TEST_SEEDS").is_some() { available_parallelism().map_or(1, usize::from) } else { 1 };
    let (left, failed) = (Mutex::new(seeds(count).into_iter()), Mutex::new(Vec::new()));
    let work = || {
        while let Some(seed) = { left.lock().unwrap().next() } {
            let outcome = catch_unwind(AssertUnwindSafe(|| run(seed))).unwrap_or_else(|_| Err("it panicked".into()));
            if let Err(error) = outcome {
                eprintln!("seed {seed}: {error}\nTEST_SEED={seed} repeats this run");
                failed.lock().unwrap().push(seed);
            }
        }
    };
    scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "these seeds fail: {failed:?}");
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
