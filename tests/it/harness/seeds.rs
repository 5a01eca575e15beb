//! Seeds: a run by chance that anybody can have again.

/// The seeds to run: the first `count`, the one that `TEST_SEED` names, or as many as `TEST_SEEDS` says.
pub fn seeds(count: u64) -> Vec<u64> {
    let number = |name| std::env::var(name).ok().map(|text| text.parse().expect("a whole number"));
    match number("TEST_SEED") {
        Some(seed) => vec![seed],
        None => (1..=number("TEST_SEEDS").unwrap_or(count)).collect(),
    }
}

/// Tells how to have a run again, should the test fail while it lives.
pub struct Announced(pub u64);

impl Drop for Announced {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("TEST_SEED={} runs this again", self.0);
        }
    }
}

/// Runs a test on a clock that stands still while anybody has work, and jumps when all wait. With an engine in process
/// nothing else decides what happens when, so one seed gives one history.
pub fn simulated<T>(seed: u64, test: impl Future<Output = T>) -> T {
    let _announced = Announced(seed);
    // The SDK takes its jitter from here.
    fastrand::seed(seed);
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().start_paused(true).build().unwrap().block_on(test)
}
