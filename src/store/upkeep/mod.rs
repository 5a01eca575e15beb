//! The upkeep: the only writer of page indexes ([`super::page_index`]). No call waits for it, and none does its work.
//!
//! # Nothing is lost for good
//!
//! * **A late arrival**, a code that appears behind a mark, makes that mark and all later ones wrong by one. A code appears at
//!   most 15 minutes late: a request is accepted for so long. The head's `checked` passes a mark only if the mark's code was
//!   older than [`crate::limits::CHECKED_AGE`] when it was counted. Every run counts from `checked` on. So each mark is
//!   counted at least once after the last code that may appear before it.
//! * **The head comes last.** It moves to a mark when all marks up to that one are there. Whatever a fault interrupts, no
//!   reader meets a gap, and the next run does the rest.
//! * **Two runs at once** each read the marks before the codes, and write a mark only as long as it names what they have
//!   read. So the run that has read earlier does not undo a correction. A run whose write is refused leaves the listing to
//!   the other one. What two runs get wrong all the same lies behind `checked`, and the next run counts it.
//! * **A code that is put in later than that**, by a repair: [`Upkeep::recount_from`] sets `checked` back. `recount_after` says
//!   when the index shows the code for certain; no count that began before moves `checked`.
//! * **An organisation** is counted when its codes settle in the listing of all codes: the head of that listing says how far
//!   that is. A code that appears late there appears late in its organisation's listing, too. So before a mark of all codes is
//!   corrected, the head is set back to it.

mod check;
mod count;
mod walk;
mod writes;

pub use check::Rebuild;
pub use count::Counted;

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use ulid::Ulid;

use super::StoreError;
use super::dynamodb::Table;
use crate::limits::millis;
use crate::model::{CallContext, Listing};

/// The writer of page indexes. It may run while calls do, and beside other runs. What a run that fails has done stays.
#[derive(Clone, Debug)]
pub struct Upkeep {
    pub(super) table: Table,
    /// The minimum age, in seconds, before a code has its place for good.
    pub(super) settle_seconds: u32,
}

/// What a run of the upkeep has done.
#[derive(Clone, PartialEq, Eq, Default, Debug, serde::Serialize)]
pub struct Upkept {
    /// How many listings it has counted.
    pub listings: u64,
    /// How many page marks it has written.
    pub marks_written: u64,
    /// The listings in which a code had appeared too late. Their marks are corrected.
    pub wrong: BTreeSet<String>,
    /// Whether it has done all there was to do.
    pub done: bool,
}

/// The time of a run, and what it has done. Its parts share it: they count several listings at the same time.
struct Run<'a> {
    upkeep: &'a Upkeep,
    ends: Instant,
    /// When it began, in Unix milliseconds.
    now: u64,
    /// The ULID before which every code has settled.
    settled: Ulid,
    did: Mutex<Upkept>,
    /// The first failure of a listing. It does not keep the others from being counted.
    failed: OnceLock<StoreError>,
}

impl Upkeep {
    fn run(&self, cx: &CallContext, time_limit: Duration) -> Run<'_> {
        let now = cx.unix_millis();
        let settled = Ulid::from_parts(now.saturating_sub(u64::from(self.settle_seconds) * 1000), 0);
        let did = Mutex::new(Upkept { done: true, ..Upkept::default() });
        Run { upkeep: self, ends: Instant::now() + time_limit, now, settled, did, failed: OnceLock::new() }
    }
}

impl Run<'_> {
    /// The ULID of the first code that was made so long before the run.
    fn ago(&self, age: Duration) -> Ulid {
        Ulid::from_parts(self.now.saturating_sub(millis(age)), 0)
    }

    /// What the run has done so far, to add to it.
    fn did(&self) -> MutexGuard<'_, Upkept> {
        self.did.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value, or none of a failure. The run goes on, and fails at its end.
    fn note<T>(&self, listing: &Listing, result: Result<T, StoreError>) -> Option<T> {
        let note_failure = |error| {
            tracing::error!(%listing, %error, "the upkeep of a listing failed");
            let _ = self.failed.set(error);
        };
        result.map_err(note_failure).ok()
    }

    /// Whether the time is over. Then something is left to do.
    fn is_over(&self) -> bool {
        let is_over = Instant::now() >= self.ends;
        self.did().done &= !is_over;
        is_over
    }

    fn end(self) -> Result<Upkept, StoreError> {
        let did = self.did.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.failed.into_inner().map_or(Ok(did), Err)
    }
}
