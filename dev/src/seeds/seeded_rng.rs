//! Random choices that all follow from one seed, so that a run can be repeated.

use std::time::SystemTime;

#[derive(Clone)]
pub struct SeededRng(fastrand::Rng);

impl SeededRng {
    /// The seed is `TEST_SEED` if that is set, otherwise the time. It is printed, and shown by a test that fails.
    pub fn from_env() -> Self {
        let seed = match std::env::var("TEST_SEED") {
            Ok(seed) => seed.parse().expect("TEST_SEED is a whole number"),
            Err(_) => SystemTime::UNIX_EPOCH.elapsed().unwrap().as_micros().try_into().unwrap(),
        };
        eprintln!("to make the same choices again: TEST_SEED={seed}");
        Self(fastrand::Rng::with_seed(seed))
    }

    /// A generator of its own for another task, which follows from the same seed.
    pub fn fork(&mut self) -> Self {
        Self(self.0.fork())
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0.usize(..bound)
    }
}
