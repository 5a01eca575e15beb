//! The sources of time and randomness. The entry passes them in, so that a test can pass its own.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ulid::Ulid;

use super::{Sight, Timestamp};

type Clock = dyn Fn() -> SystemTime + Send + Sync;
type Randomness = dyn Fn() -> u128 + Send + Sync;

/// The clock and the random numbers of a process. Clones share them.
#[derive(Clone)]
pub struct Sources {
    clock: Arc<Clock>,
    randomness: Arc<Randomness>,
}

/// One clock reading, one source of ids, and what the caller may see, per call.
///
/// One reading per call keeps its answer consistent: a code that the call found expired stays expired until it answers.
#[derive(Clone, Debug)]
pub struct CallContext {
    read_at: SystemTime,
    sources: Sources,
    sight: Sight,
}

impl Sources {
    /// Uses this clock, and the lowest 80 bits of these random numbers: a ULID has room for so many.
    pub fn new(
        clock: impl Fn() -> SystemTime + Send + Sync + 'static,
        randomness: impl Fn() -> u128 + Send + Sync + 'static,
    ) -> Self {
        Self { clock: Arc::new(clock), randomness: Arc::new(randomness) }
    }

    /// The clock and the randomness of the operating system.
    pub fn system() -> Self {
        Self::new(SystemTime::now, || Ulid::generate().random())
    }

    /// Reads the clock, for one call that may see every code.
    pub fn call_context(&self) -> CallContext {
        self.call_context_with(Sight::All)
    }

    /// Reads the clock, for one call of a caller who may see these codes.
    pub fn call_context_with(&self, sight: Sight) -> CallContext {
        CallContext { read_at: (self.clock)(), sources: self.clone(), sight }
    }

    /// How long it is until the deadline of an event. None if it is past: cargo-lambda, an emulated Lambda, sends one in 1970.
    pub fn time_left(&self, deadline: SystemTime) -> Option<Duration> {
        deadline.duration_since((self.clock)()).ok().filter(|left| !left.is_zero())
    }
}

impl CallContext {
    /// The time of the call.
    ///
    /// # Panics
    /// The clock is past the year 9999.
    pub fn now(&self) -> Timestamp {
        created_at(self.ulid_with(0))
    }

    /// The time of the call in milliseconds since the Unix epoch, as ULIDs have it.
    pub fn unix_millis(&self) -> u64 {
        self.ulid_with(0).timestamp_ms()
    }

    pub fn new_ulid(&self) -> Ulid {
        self.ulid_with((self.sources.randomness)())
    }

    pub fn sight(&self) -> &Sight {
        &self.sight
    }

    /// How long ago the call has read the clock, by the same clock; zero if that was set back. It tells that the process was
    /// suspended in the middle of the call: the call's own timers may not have noticed.
    pub fn age(&self) -> Duration {
        (self.sources.clock)().duration_since(self.read_at).unwrap_or_default()
    }

    fn ulid_with(&self, randomness: u128) -> Ulid {
        let since_epoch = self.read_at.duration_since(UNIX_EPOCH).unwrap_or_default();
        let unix_millis = u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX);
        Ulid::from_parts(unix_millis, randomness & ((1 << 80) - 1))
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Sources").finish_non_exhaustive()
    }
}

/// The second in which a ULID was made.
pub(super) fn created_at(ulid: Ulid) -> Timestamp {
    let seconds = i64::try_from(ulid.timestamp_ms() / 1000).ok();
    let at = seconds.and_then(|seconds| Timestamp::from_unix_seconds(seconds).ok());
    at.expect("the clock is before the year 10000")
}
