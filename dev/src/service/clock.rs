//! A clock that a test controls: it stands still until the test sets or advances it, or moves with tokio's.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use referral_codes::model::Timestamp;
use tokio::time::Instant;

/// Clones share what a test sets.
#[derive(Clone)]
pub struct TestClock {
    time: Arc<Mutex<SystemTime>>,
    moving_since: Option<Instant>,
    /// How far it is ahead of the others that share its time, in milliseconds.
    ahead: i64,
}

impl TestClock {
    /// A clock that stands still at an RFC 3339 time.
    pub fn at(time: &str) -> Self {
        Self { time: Arc::new(Mutex::new(parse(time))), moving_since: None, ahead: 0 }
    }

    /// From now on, this clock moves with tokio's, and so do its clones.
    pub fn moving(self) -> Self {
        Self { moving_since: Some(Instant::now()), ..self }
    }

    pub fn is_moving(&self) -> bool {
        self.moving_since.is_some()
    }

    /// The same clock, so many milliseconds ahead, or behind.
    pub fn ahead(&self, millis: i64) -> Self {
        Self { ahead: self.ahead + millis, ..self.clone() }
    }

    pub fn now(&self) -> SystemTime {
        let moved = self.moving_since.map_or(Duration::ZERO, |since| since.elapsed());
        let time = *self.time.lock().unwrap() + moved;
        let skew = Duration::from_millis(self.ahead.unsigned_abs());
        if self.ahead < 0 { time - skew } else { time + skew }
    }

    /// Milliseconds since the Unix epoch.
    pub fn unix_millis(&self) -> u64 {
        self.now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis().try_into().unwrap()
    }

    /// The clock as a function, for a service to read.
    pub fn reader(&self) -> impl Fn() -> SystemTime + Send + Sync + use<> {
        let clock = self.clone();
        move || clock.now()
    }

    /// The time in the contract's format.
    pub fn text(&self) -> String {
        self.text_in(Duration::ZERO)
    }

    /// The time after a delay, in the contract's format.
    pub fn text_in(&self, delay: Duration) -> String {
        let at = self.unix_millis() / 1000 + delay.as_secs();
        Timestamp::from_unix_seconds(i64::try_from(at).unwrap()).unwrap().to_string()
    }

    pub fn set(&self, time: &str) {
        self.set_to(parse(time));
    }

    pub fn set_to(&self, time: SystemTime) {
        let now = self.now();
        let mut set = self.time.lock().unwrap();
        match time.duration_since(now) {
            Ok(later) => *set += later,
            Err(earlier) => *set -= earlier.duration(),
        }
    }

    pub fn advance(&self, by: Duration) {
        *self.time.lock().unwrap() += by;
    }
}

fn parse(time: &str) -> SystemTime {
    let seconds = Timestamp::parse(time).unwrap().unix_seconds();
    SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap())
}
