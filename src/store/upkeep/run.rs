//! One run of the upkeep: its time, and what it has done.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use ulid::Ulid;

use super::super::StoreError;
use super::Upkeep;
use crate::limits::millis;
use crate::model::{CallContext, Listing};

/// What a run of the upkeep has done.
#[derive(Clone, PartialEq, Eq, Default, Debug, serde::Serialize)]
pub struct Upkept {
    /// How many listings it has counted.
    pub listings: u64,
    /// How many page marks it has written.
    pub marks_written: u64,
    /// The listings in which a code had appeared too late. Their marks are corrected.
    pub wrong: Vec<String>,
    /// Whether it has done all there was to do.
    pub done: bool,
}

/// The time of a run, and what it has done. Its parts share it: they count several listings at the same time.
pub(super) struct Run {
    ends: Instant,
    /// When it began, in Unix milliseconds.
    pub(super) now: u64,
    /// The ULID before which every code has settled.
    pub(super) settled: Ulid,
    did: Mutex<Upkept>,
    /// The first failure of a listing. It does not keep the others from being counted.
    failed: Mutex<Option<StoreError>>,
}

impl Upkeep {
    pub(super) fn run(&self, cx: &CallContext<'_>, time_limit: Duration) -> Run {
        let now = cx.unix_millis();
        let settled = Ulid::from_parts(now.saturating_sub(u64::from(self.settle_seconds) * 1000), 0);
        let did = Mutex::new(Upkept { done: true, ..Upkept::default() });
        Run { ends: Instant::now() + time_limit, now, settled, did, failed: Mutex::default() }
    }
}

impl Run {
    /// The ULID of the first code that was made so long before the run.
    pub(super) fn ago(&self, age: Duration) -> Ulid {
        Ulid::from_parts(self.now.saturating_sub(millis(age)), 0)
    }

    /// What the run has done so far, to add to it.
    pub(super) fn did(&self) -> MutexGuard<'_, Upkept> {
        self.did.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value, or none of a failure. The run goes on, and fails at its end.
    pub(super) fn note<T>(&self, listing: &Listing, result: Result<T, StoreError>) -> Option<T> {
        let note_failure = |error| {
            tracing::error!(%listing, %error, "the upkeep of a listing failed");
            self.failed().get_or_insert(error);
        };
        result.map_err(note_failure).ok()
    }

    pub(super) fn failed(&self) -> MutexGuard<'_, Option<StoreError>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the time is over. Then something is left to do.
    pub(super) fn is_over(&self) -> bool {
        let is_over = Instant::now() >= self.ends;
        self.did().done &= !is_over;
        is_over
    }

    pub(super) fn end(self) -> Result<Upkept, StoreError> {
        let failed = self.failed().take();
        failed.map_or_else(|| Ok(self.did().clone()), Err)
    }
}
