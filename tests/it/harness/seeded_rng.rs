//! Choices that look random and can be made again: all of them follow from one seed.

use std::time::SystemTime;

#[derive(Clone)]
pub struct SeededRng(fastrand::Rng);

impl SeededRng {
    /// The seed is `TEST_SEED` where that is set, otherwise the time. A test that fails shows it.
    pub fn from_env() -> Self {
        let seed = match std::env::var("TEST_SEED") {
            Ok(seed) => seed.parse().expect("TEST_SEED is a whole number"),
            Err(_) => SystemTime::UNIX_EPOCH.elapsed().unwrap().as_micros().try_into().unwrap(),
        };
        eprintln!("to choose the same again: TEST_SEED={seed}");
        Self(fastrand::Rng::with_seed(seed))
    }

    /// Further dice, for a task of its own.
    pub fn fork(&mut self) -> Self {
        Self(self.0.fork())
    }

    /// A number below `most`.
    pub fn below(&mut self, most: usize) -> usize {
        self.0.usize(..most)
    }
}
