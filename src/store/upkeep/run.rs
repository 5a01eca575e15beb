//! One run of the upkeep: its time, and what it has done.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;
use ulid::Ulid;

use super::super::StoreError;
use super::Upkeep;
use crate::limits::millis;
use crate::model::{CallContext, Listing};

/// What a run of the upkeep has done.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
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

/// The time of a run, and what it has done.
pub(super) struct Run {
    ends: Instant,
    /// When it began, in Unix milliseconds.
    pub(super) now: u64,
    /// The ULID before which every code has settled.
    pub(super) settled: Ulid,
    pub(super) did: Upkept,
    /// The first failure of a listing. It does not keep the others from being counted.
    failed: Option<StoreError>,
}

impl Upkeep {
    pub(super) fn run(&self, cx: &CallContext<'_>, time_limit: Duration) -> Run {
        let now = cx.unix_millis();
        let settled = Ulid::from_parts(now.saturating_sub(u64::from(self.settle_seconds) * 1000), 0);
        let did = Upkept { done: true, ..Upkept::default() };
        Run { ends: Instant::now() + time_limit, now, settled, did, failed: None }
    }
}

impl Run {
    /// Work of the same run that goes on at the same time.
    pub(super) fn part(&self) -> Self {
        let did = Upkept { done: true, ..Upkept::default() };
        Self { ends: self.ends, now: self.now, settled: self.settled, did, failed: None }
    }

    pub(super) fn add(&mut self, part: Self) {
        let Upkept { listings, marks_written, wrong, done } = part.did;
        self.did.listings += listings;
        self.did.marks_written += marks_written;
        self.did.wrong.extend(wrong);
        self.did.done &= done;
        self.failed = self.failed.take().or(part.failed);
    }

    /// The ULID of the first code that was made so long before the run.
    pub(super) fn ago(&self, age: Duration) -> Ulid {
        Ulid::from_parts(self.now.saturating_sub(millis(age)), 0)
    }

    /// The value, or none of a failure. The run goes on, and fails at its end.
    pub(super) fn note<T>(&mut self, listing: &Listing, result: Result<T, StoreError>) -> Option<T> {
        result.map_err(|error| self.note_failure(listing, error)).ok()
    }

    fn note_failure(&mut self, of: impl fmt::Display, error: StoreError) {
        tracing::error!(listing = %of, %error, "the upkeep of a listing failed");
        self.failed = self.failed.take().or(Some(error));
    }

    pub(super) fn has_failed(&self) -> bool {
        self.failed.is_some()
    }

    /// Whether the time is over. Then something is left to do.
    pub(super) fn is_over(&mut self) -> bool {
        let is_over = Instant::now() >= self.ends;
        self.did.done &= !is_over;
        is_over
    }

    pub(super) fn end(self) -> Result<Upkept, StoreError> {
        match self.failed {
            Some(error) => Err(error),
            None => Ok(self.did),
        }
    }
}
