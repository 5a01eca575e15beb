//! How many round trips to DynamoDB one call has made, one after the other, and how many attempts have failed: for the log,
//! and for nothing else.
//!
//! Requests that are on their way at the same time count as one round trip, and each attempt of the SDK counts. The count
//! belongs to the task of the call, so that no function on the way has to pass it on. Work that a call leaves behind in tasks of its own is not
//! part of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::retry::{Meaning, reason_of_failure};

tokio::task_local! {
    static OF_THIS_CALL: RoundTrips;
}

/// The round trips of one call; clones share the count.
#[derive(Clone, Default, Debug)]
pub struct RoundTrips(Arc<Mutex<Counts>>);

/// What one call has done so far. Of the attempts that have failed each was repeated, or was the call's last one.
#[derive(Clone, Copy, Default, Debug)]
pub struct Counts {
    on_their_way: u32,
    pub round_trips: u32,
    /// Failed attempts: throttled.
    pub throttled: u32,
    /// Failed attempts: they met a transaction in flight.
    pub conflicts: u32,
    /// Failed attempts: no response, or none that DynamoDB gives while it is well.
    pub table_errors: u32,
}

impl RoundTrips {
    /// Runs a call, and counts its round trips.
    pub async fn of<F: Future>(&self, call: F) -> F::Output {
        OF_THIS_CALL.scope(self.clone(), call).await
    }

    pub fn so_far(&self) -> Counts {
        *self.counts()
    }

    fn begin(&self) {
        let mut counts = self.counts();
        counts.round_trips += u32::from(counts.on_their_way == 0);
        counts.on_their_way += 1;
    }

    fn end(&self, failure: Option<Meaning>) {
        let mut counts = self.counts();
        counts.on_their_way = counts.on_their_way.saturating_sub(1);
        match failure {
            // A condition that did not hold is an answer.
            None | Some(Meaning::ConditionFailed) => {}
            Some(Meaning::Throttled) => counts.throttled += 1,
            Some(Meaning::InFlight) => counts.conflicts += 1,
            Some(Meaning::Passing) => counts.table_errors += 1,
        }
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
            let has_failed = matches!(context.output_or_error(), Some(Err(_)));
            call.end(has_failed.then(|| reason_of_failure(context.response())));
        });
        Ok(())
    }
}
