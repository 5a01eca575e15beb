//! The service over a table of its own, with a clock and ids that a test controls, and a meter of what it consumes.

mod clock;
mod meter;
mod test_service;

pub use clock::TestClock;
pub use meter::{Consumed, Meter};
pub use test_service::{TestService, TestServiceBuilder, random_ids};
