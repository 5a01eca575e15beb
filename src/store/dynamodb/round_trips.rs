//! How many round trips to DynamoDB one call has made, one after the other, and how many attempts have failed: for the log,
//! and for nothing else.
//!
//! Requests that are on their way at the same time count as one round trip, and each attempt of the SDK counts. The count
//! belongs to the task of the call, so that no function on the way has to pass it on. Work that a call leaves behind in tasks of its own is not
//! part of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::retry::{FailureKind, kind_of_failure};

tokio::task_local! {
    static OF_THIS_CALL: RoundTrips;
}

/// The round trips of one call; clones share the count.
#[derive(Clone, Default, Debug)]
pub struct RoundTrips(Arc<Counts>);

#[derive(Default, Debug)]
struct Counts {
    on_their_way: AtomicU32,
    round_trips: AtomicU32,
    throttled: AtomicU32,
    conflicts: AtomicU32,
    table_errors: AtomicU32,
}

/// How many attempts of a call at a request have failed, by their reason. Each was repeated, or was the call's last one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FailedAttempts {
    /// DynamoDB has throttled.
    pub throttled: u32,
    /// They met a transaction in flight.
    pub conflicts: u32,
    /// There was no response, or none that DynamoDB gives while it is well.
    pub table_errors: u32,
}

impl RoundTrips {
    /// Runs a call, and counts its round trips.
    pub async fn of<F: Future>(&self, call: F) -> F::Output {
        OF_THIS_CALL.scope(self.clone(), call).await
    }

    /// How many there were so far.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.0.round_trips.load(Ordering::Relaxed)
    }

    /// How many attempts have failed so far.
    #[must_use]
    pub fn failed_attempts(&self) -> FailedAttempts {
        let count = |counter: &AtomicU32| counter.load(Ordering::Relaxed);
        FailedAttempts {
            throttled: count(&self.0.throttled),
            conflicts: count(&self.0.conflicts),
            table_errors: count(&self.0.table_errors),
        }
    }

    fn fail(&self, kind: FailureKind) {
        let counter = match kind {
            FailureKind::Throttled => &self.0.throttled,
            FailureKind::Conflict => &self.0.conflicts,
            FailureKind::TableError => &self.0.table_errors,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    fn begin(&self) {
        if self.0.on_their_way.fetch_add(1, Ordering::Relaxed) == 0 {
            self.0.round_trips.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn end(&self) {
        self.0.on_their_way.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Tells the call of each attempt at a request.
#[derive(Debug)]
pub(super) struct CountRoundTrips;

#[dyn_dispatch_hint]
impl Intercept for CountRoundTrips {
    fn name(&self) -> &'static str {
        "count round trips"
    }

    fn read_before_attempt(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // Outside a call, as at the warm-up, nothing is counted.
        let _ = OF_THIS_CALL.try_with(RoundTrips::begin);
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let _ = OF_THIS_CALL.try_with(|call| {
            call.end();
            if let Some(Err(_)) = context.output_or_error()
                && let Some(kind) = kind_of_failure(context.response())
            {
                call.fail(kind);
            }
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_at_the_same_time_count_as_one_round_trip() {
        let trips = RoundTrips::default();
        trips.begin();
        trips.end();
        trips.begin();
        trips.begin();
        trips.end();
        trips.end();
        assert_eq!(trips.count(), 2);
    }
}
