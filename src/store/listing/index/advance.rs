//! The work on an index that lists leave behind: marks that are due, and counts. It runs beside the calls, and no call
//! waits for it or fails with it.
//!
//! In Lambda the process may be frozen as soon as the answer is out. Then the requests that were sent are done, their
//! answers are read at the next event, and what was not sent is still due for the next list.

use tokio::time::{Instant, timeout_at};
use ulid::Ulid;

use super::super::super::{Store, StoreError};
use super::super::upkeep::report_wrong_mark;
use super::super::{Listing, millis};
use super::head::{Count, Head};
use super::known::Advancing;
use super::marks::{MARK_INTERVAL, Made, Point};
use crate::limits::{INDEX_WORK_TIME_LIMIT, MIN_UNCOUNTED_AGE};

/// What a list has found to be done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Work {
    /// Marks that are due after the head's last one.
    pub(super) due: Vec<Point>,
    /// A later count for the head.
    pub(super) count: Option<Count>,
    /// How many codes after the last mark may be read to find marks that are due.
    pub(super) catch_up: usize,
}

impl Work {
    /// Whether there is anything to do for a listing with this head.
    fn is_needed(&self, head: &Head, settled: Ulid) -> bool {
        let catches_up = self.catch_up as u64 >= MARK_INTERVAL && head.mark.is_none_or(|mark| mark.ulid < settled);
        !self.due.is_empty() || catches_up || self.moves_count(head)
    }

    /// Whether the count is worth a write: other processes count from it.
    fn moves_count(&self, head: &Head) -> bool {
        let at = |count: Count| count.up_to.ulid.timestamp_ms();
        let later = millis(MIN_UNCOUNTED_AGE);
        self.count.is_some_and(|new| {
            new.up_to.position > head.marked()
                && head.count.is_none_or(|old| {
                    // A count that goes on from an older one misses what a newer one has found behind it.
                    new.from_mark_at >= old.from_mark_at && at(new) >= at(old).saturating_add(later)
                })
        })
    }
}

impl Store {
    /// Starts what there is to do for an index with this head, unless this process is at it already.
    pub(super) fn advance_beside(&self, listing: &Listing, head: Head, work: Work, settled: Ulid) {
        if !work.is_needed(&head, settled) {
            return;
        }
        let Some(advancing) = self.indexes.begin_to_advance(listing, head.version) else { return };
        let store = self.beside_calls();
        tokio::spawn(async move { store.advance(advancing, head, work, settled).await });
    }

    async fn advance(&self, advancing: Advancing, head: Head, work: Work, settled: Ulid) {
        let listing = &advancing.listing;
        let deadline = Instant::now() + INDEX_WORK_TIME_LIMIT;
        match timeout_at(deadline, Box::pin(self.do_work(listing, head, work, settled))).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%listing, %error, "the page index was not brought up to date"),
            Err(_elapsed) => tracing::warn!(%listing, "the page index was not brought up to date in time"),
        }
    }

    async fn do_work(&self, listing: &Listing, head: Head, work: Work, settled: Ulid) -> Result<(), StoreError> {
        let count = if work.moves_count(&head) { work.count } else { head.count };
        let mut due = work.due;
        if due.is_empty() && work.catch_up as u64 >= MARK_INTERVAL {
            due = self.tail(listing, head.mark, work.catch_up).await?.due(settled);
        }
        if let Made::Disagree { ours, theirs } = self.make_marks(listing, head.generation, &due).await? {
            report_wrong_mark(listing, Point { ulid: theirs, ..ours }, Some(ours.ulid), "a list that makes marks");
            // One of the two has counted wrongly. The marks before are agreed on.
            self.indexes.note_disagreement(listing, &head, ours.position);
            due.retain(|point| point.position < ours.position);
        }
        let next = Head { mark: due.last().copied().or(head.mark), count, ..head.clone() };
        if next != head
            && let Some(written) = self.replace_head(listing, &head, next).await?
        {
            self.indexes.note_head(listing, &written);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(at: u64, from_mark_at: u64) -> Count {
        Count { up_to: Point { position: at, ulid: Ulid::from_parts(at, 0) }, from_mark_at }
    }

    #[test]
    fn count_is_replaced_by_a_later_one_that_goes_on_from_no_older_one() {
        let head = Head { count: Some(count(10_000, 5)), ..Head::default() };
        let moves = |new| Work { due: Vec::new(), count: Some(new), catch_up: 0 }.moves_count(&head);
        assert!(moves(count(11_000, 5)) && moves(count(11_000, 6)));
        assert!(!moves(count(10_999, 6)), "too little to be worth a write");
        assert!(!moves(count(20_000, 4)), "it misses what was found behind it since");
    }
}
