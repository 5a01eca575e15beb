//! What a process remembers of the listings: enough to ask for a page in one round trip.
//!
//! A remembered mark may have been corrected since. Every list reads the head beside its other requests, and counts from
//! what that says.

use super::super::recent::Recent;
use super::items::Point;
use crate::limits::{LIST_BUDGET_BYTES, MEMORY_OF_LISTING, QUIET_MEMORY_OF_LISTING, millis};
use crate::model::Listing;

/// How many codes a list may read in vain because the listing has grown since it was remembered.
const MAX_GROWTH: u64 = 1000;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Known {
    pub(super) mark: Option<Point>,
    /// The largest total that was counted.
    pub(super) total: u64,
    /// How many codes were made in ten seconds.
    pub(super) in_ten_seconds: u64,
    /// The size of an entry of the index, in bytes: the mean of some.
    pub(super) entry_bytes: usize,
    /// When the listing was last read, in Unix milliseconds.
    pub(super) seen_at: u64,
}

impl Known {
    /// How many codes were made since, if they are still made as fast as then.
    pub(super) fn expected_growth(&self, now: u64) -> u64 {
        self.in_ten_seconds.saturating_mul(now.saturating_sub(self.seen_at)) / 10_000
    }

    fn can_be_built_upon(&self, now: u64) -> bool {
        let age = now.abs_diff(self.seen_at);
        age <= millis(MEMORY_OF_LISTING)
            || (age <= millis(QUIET_MEMORY_OF_LISTING) && self.expected_growth(now) <= MAX_GROWTH)
    }
}

/// How many codes a list may read to count them, if their entries have this size.
pub(super) fn budget(entry_bytes: usize) -> usize {
    LIST_BUDGET_BYTES / entry_bytes.max(1)
}

#[derive(Default, Debug)]
pub(crate) struct Memory(Recent<Listing, Known>);

impl Memory {
    /// What is remembered of a listing, if it is recent enough to be built upon.
    pub(super) fn recall(&self, listing: &Listing, now: u64) -> Option<Known> {
        self.0.get(listing).filter(|known| known.can_be_built_upon(now))
    }

    /// The largest total that was ever counted. Codes are never deleted, so every later total is at least that.
    pub(super) fn least_total(&self, listing: &Listing) -> u64 {
        self.0.get(listing).map_or(0, |known| known.total)
    }

    /// Remembers a listing. A slower call may come later and know less.
    pub(super) fn remember(&self, listing: &Listing, known: Known) {
        self.0.update(listing.clone(), |before| match before {
            Some(before) => {
                Known { mark: newer(before.mark, known.mark), total: before.total.max(known.total), ..known }
            }
            None => known,
        });
    }
}

/// The newer of two last marks of a listing. At the same position the second one may have been corrected.
pub(super) fn newer(one: Option<Point>, other: Option<Point>) -> Option<Point> {
    if one.map(|mark| mark.position) > other.map(|mark| mark.position) { one } else { other }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ulid::Ulid;

    fn known(total: u64, marked: u64, seen_at: u64) -> Known {
        let mark = Some(Point { position: marked, ulid: Ulid::from_parts(marked, 0) });
        Known { mark, total, in_ten_seconds: 0, entry_bytes: 136, seen_at }
    }

    #[test]
    fn total_never_shrinks_and_a_head_never_goes_back() {
        let memory = Memory::default();
        memory.remember(&Listing::All, known(110, 100, 1));
        memory.remember(&Listing::All, known(109, 0, 2));
        assert_eq!(memory.recall(&Listing::All, 2), Some(known(110, 100, 2)));
        assert_eq!((memory.recall(&Listing::All, 900_003), memory.least_total(&Listing::All)), (None, 110));
    }

    #[test]
    fn memory_ends_after_a_minute_or_later_if_the_listing_is_quiet() {
        for (in_ten_seconds, longest) in [(5_000, 60_000), (10, 900_000), (20, 500_499)] {
            let known = Known { in_ten_seconds, ..known(1, 1, 1_000_000) };
            assert!(known.can_be_built_upon(1_000_000 + longest), "{in_ten_seconds}");
            assert!(!known.can_be_built_upon(1_000_000 + longest + 1), "{in_ten_seconds}");
        }
    }
}
