//! A clock that stands still until a test sets or advances it.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use referral_codes::model::Timestamp;

#[derive(Clone)]
pub struct TestClock(Arc<Mutex<SystemTime>>);

impl TestClock {
    /// A clock at an RFC 3339 time.
    pub fn at(time: &str) -> Self {
        Self(Arc::new(Mutex::new(parse(time))))
    }

    pub fn now(&self) -> SystemTime {
        *self.0.lock().unwrap()
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
        let seconds = (self.now() + delay).duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        Timestamp::from_unix_seconds(i64::try_from(seconds).unwrap()).unwrap().to_string()
    }

    pub fn set(&self, time: &str) {
        *self.0.lock().unwrap() = parse(time);
    }

    pub fn set_to(&self, time: SystemTime) {
        *self.0.lock().unwrap() = time;
    }

    pub fn advance(&self, by: Duration) {
        *self.0.lock().unwrap() += by;
    }
}

fn parse(time: &str) -> SystemTime {
    let seconds = Timestamp::parse(time).unwrap().unix_seconds();
    SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap())
}
