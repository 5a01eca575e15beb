//! The sources of time and randomness. The entry passes them in, so that a test can pass its own.

use std::time::{SystemTime, UNIX_EPOCH};

use ulid::Ulid;

use super::Timestamp;

type Clock = dyn Fn() -> SystemTime + Send + Sync;
type Randomness = dyn Fn() -> u128 + Send + Sync;

/// The clock and the random numbers of a process.
pub struct Sources {
    clock: Box<Clock>,
    randomness: Box<Randomness>,
}

/// One clock reading and one source of ids per call.
///
/// One reading per call keeps its answer consistent: a code that the call found expired stays expired until it answers.
pub struct CallContext<'a> {
    unix_millis: u64,
    randomness: &'a Randomness,
}

impl Sources {
    /// Uses this clock, and the lowest 80 bits of these random numbers: a ULID has room for so many.
    pub fn new(
        clock: impl Fn() -> SystemTime + Send + Sync + 'static,
        randomness: impl Fn() -> u128 + Send + Sync + 'static,
    ) -> Self {
        Self { clock: Box::new(clock), randomness: Box::new(randomness) }
    }

    /// The clock and the randomness of the operating system.
    #[must_use]
    pub fn system() -> Self {
        Self::new(SystemTime::now, || Ulid::generate().random())
    }

    /// Reads the clock, for one call.
    #[must_use]
    pub fn call_context(&self) -> CallContext<'_> {
        let since_epoch = (self.clock)().duration_since(UNIX_EPOCH).unwrap_or_default();
        let unix_millis = u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX);
        CallContext { unix_millis, randomness: &*self.randomness }
    }
}

impl CallContext<'_> {
    /// The time of the call.
    ///
    /// # Panics
    /// The clock is past the year 9999.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        created_at(self.ulid_with(0))
    }

    /// A new ULID with the time of the call.
    #[must_use]
    pub fn new_ulid(&self) -> Ulid {
        self.ulid_with((self.randomness)())
    }

    fn ulid_with(&self, randomness: u128) -> Ulid {
        Ulid::from_parts(self.unix_millis, randomness & ((1 << 80) - 1))
    }
}

/// The second in which a ULID was made.
pub(super) fn created_at(ulid: Ulid) -> Timestamp {
    let seconds = i64::try_from(ulid.timestamp_ms() / 1000).ok();
    let at = seconds.and_then(|seconds| Timestamp::from_unix_seconds(seconds).ok());
    at.expect("the clock is before the year 10000")
}
