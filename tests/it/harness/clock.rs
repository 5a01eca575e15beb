//! A clock that stands still until it is told to move.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use referral_codes::model::Timestamp;

#[derive(Clone)]
pub struct TestClock(Arc<Mutex<SystemTime>>);

impl TestClock {
    /// Stands at an RFC 3339 time.
    pub fn at(time: &str) -> Self {
        Self(Arc::new(Mutex::new(parse(time))))
    }

    pub fn now(&self) -> SystemTime {
        *self.0.lock().unwrap()
    }

    pub fn set(&self, time: &str) {
        *self.0.lock().unwrap() = parse(time);
    }

    pub fn set_to(&self, moment: SystemTime) {
        *self.0.lock().unwrap() = moment;
    }

    pub fn advance(&self, by: Duration) {
        *self.0.lock().unwrap() += by;
    }
}

fn parse(time: &str) -> SystemTime {
    let seconds = Timestamp::parse(time).unwrap().unix_seconds();
    SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap())
}
