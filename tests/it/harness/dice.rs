//! Choices that look random and can be made again: all of them follow from one seed.

use std::time::SystemTime;

/// `SplitMix64`, which is enough for choices and needs no crate. <https://prng.di.unimi.it/splitmix64.c>
#[derive(Clone)]
pub struct Dice(u64);

impl Dice {
    /// The seed is `TEST_SEED` where that is set, otherwise the time. A test that fails shows it.
    pub fn from_env() -> Self {
        let seed = match std::env::var("TEST_SEED") {
            Ok(seed) => seed.parse().expect("TEST_SEED is a whole number"),
            Err(_) => SystemTime::UNIX_EPOCH.elapsed().unwrap().as_micros().try_into().unwrap(),
        };
        eprintln!("to choose the same again: TEST_SEED={seed}");
        Self(seed)
    }

    /// Further dice, for a task of its own.
    pub fn fork(&mut self) -> Self {
        Self(self.next())
    }

    /// A number below `most`.
    pub fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % most as u64).unwrap()
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
