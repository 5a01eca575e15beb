//! A transaction, sent until DynamoDB decides it, and the pauses between the attempts.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::super::change::Change;
use super::super::dynamodb::{Outcome, StoreError, Writes};
use super::Session;
use crate::limits::{FIRST_CONFLICT_PAUSE, MAX_CONFLICT_PAUSE, RETRY_TIME_LIMIT};
use crate::model::MentorId;

/// Position of the record that a change creates or ends, among the writes of every change.
pub(crate) const CHANGED_RECORD: usize = 0;

/// The pauses between attempts at a request that meets a transaction in flight: each is twice as long as the one before,
/// and jittered, so that callers do not meet again at once.
pub(super) struct Pauses {
    next: Duration,
}

impl Pauses {
    pub(super) fn new() -> Self {
        Self { next: FIRST_CONFLICT_PAUSE }
    }

    /// Waits, unless the call's time for retries is over. The last attempt comes when it ends: a transaction that an attempt
    /// before has recovered is complete by then.
    pub(super) async fn wait(&mut self, started: Instant) -> bool {
        let left = RETRY_TIME_LIMIT.saturating_sub(started.elapsed());
        let pause = self.next.mul_f64(0.5 + fastrand::f64() / 2.0);
        self.next = (self.next * 2).min(MAX_CONFLICT_PAUSE);
        sleep(pause.min(left)).await;
        !left.is_zero()
    }
}

impl Session<'_> {
    /// Sends a transaction until DynamoDB decides it. `change` is what it makes if it succeeds.
    ///
    /// Attempts that meet another transaction in flight, or this one, are repeated with pauses that grow, until the
    /// call's time is nearly over: with one client request token, so it stays one transaction. A transaction that stalls
    /// is recovered by an attempt after [`crate::limits::RECOVERY_TIME`]. That falls within the call if the transaction left
    /// early in it; otherwise the client's repetition recovers it.
    ///
    /// A failed condition decides nothing as long as DynamoDB has not looked at the first write, the record of the code: it may
    /// come from an earlier attempt of this very call that is in flight, and that DynamoDB does not take for the same
    /// transaction. Once it has looked, all attempts of this call are decided (`docs/guarantee.md`). The same holds for an
    /// invalidation, though its answer does not tell which call has made it.
    pub(crate) async fn transact(&self, writes: Writes, change: &Change) -> Result<Outcome, StoreError> {
        let mut transaction = self.table.transaction(writes, &self.cx);
        let mut pauses = Pauses::new();
        loop {
            let outcome = match transaction.send().await {
                Ok(Outcome::ConditionFailed(failed)) if failed.is_undecided_at(CHANGED_RECORD) => {
                    Err(stays_in_flight(&change.mentor, "the record of the code is in a transaction in flight"))
                }
                outcome => outcome,
            };
            match outcome {
                Ok(Outcome::Committed) => {
                    self.complete.insert(change);
                    return Ok(Outcome::Committed);
                }
                Err(StoreError::Contended(_)) if pauses.wait(self.started).await => {}
                other => return other,
            }
        }
    }
}

/// The failure of a call whose time is over while a change of the mentor is in flight.
pub(super) fn stays_in_flight(mentor: &MentorId, reason: &str) -> StoreError {
    StoreError::Contended(format!("a change of {mentor} stays in flight: {reason}"))
}
