//! What a process remembers of the listings: enough to ask for a page in one round trip.
//!
//! Marks are facts, so a remembered one may be built upon as long as its generation is live. Every list reads the head
//! beside its other requests, so a process notices at once when it is not.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::super::{Listing, millis};
use super::head::Head;
use crate::limits::{
    BUSY_CODES, LIST_BUDGET_BYTES, MAX_REMEMBERED_LISTINGS, MEMORY_OF_LISTING, QUIET_MEMORY_OF_LISTING,
};

/// How many codes a list may read in vain because the listing has grown since it was remembered.
const MAX_GROWTH: u64 = 1000;

/// What is known of one listing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Known {
    pub(super) head: Head,
    /// The largest total that was counted.
    pub(super) total: u64,
    /// When it was counted, in Unix milliseconds; 0 if it never was.
    pub(super) counted_at: u64,
    /// How many codes were made in ten seconds, when it was last counted.
    pub(super) in_ten_seconds: u64,
    /// The size of an entry of the index, in bytes: the mean of some.
    pub(super) entry_bytes: usize,
    /// When the listing was last looked at, in Unix milliseconds.
    pub(super) seen_at: u64,
    /// From which position on another maker's marks of this generation disagree with this process's.
    pub(super) disagrees_from: Option<u64>,
}

impl Known {
    /// Whether codes are being made so fast that `total` may be some seconds old.
    pub(super) fn is_busy(&self) -> bool {
        self.in_ten_seconds > BUSY_CODES
    }

    /// How many codes a list may read to count them.
    pub(super) fn budget(&self) -> usize {
        LIST_BUDGET_BYTES / self.entry_bytes.max(1)
    }

    /// How many codes were made since the last count, if they are still made as fast as then.
    pub(super) fn expected_growth(&self, now: u64) -> u64 {
        self.in_ten_seconds.saturating_mul(now.saturating_sub(self.seen_at)) / 10_000
    }

    fn can_be_built_upon(&self, now: u64) -> bool {
        let age = now.abs_diff(self.seen_at);
        age <= millis(MEMORY_OF_LISTING)
            || (age <= millis(QUIET_MEMORY_OF_LISTING) && self.expected_growth(now) <= MAX_GROWTH)
    }
}

/// The page indexes of a process: what it remembers, and what it does beside its calls.
#[derive(Default, Debug)]
pub(in crate::store) struct PageIndexes {
    listings: Mutex<HashMap<Listing, Remembered>>,
    idle: Notify,
}

#[derive(Debug)]
struct Remembered {
    known: Known,
    is_advancing: bool,
}

impl PageIndexes {
    /// What is remembered of a listing, if it is recent enough to be built upon.
    pub(super) fn recall(&self, listing: &Listing, now: u64) -> Option<Known> {
        let known = self.lock().get(listing).map(|remembered| remembered.known.clone())?;
        known.can_be_built_upon(now).then_some(known)
    }

    /// The largest total that was ever counted. Codes are never deleted, so every later total is at least that.
    pub(super) fn least_total(&self, listing: &Listing) -> u64 {
        self.lock().get(listing).map_or(0, |remembered| remembered.known.total)
    }

    /// Remembers a listing, and forgets the one that was not asked for longest if there are too many.
    pub(super) fn remember(&self, listing: &Listing, known: Known) {
        let mut listings = self.lock();
        if let Some(remembered) = listings.get_mut(listing) {
            // A slower call may come later and know less.
            let head = if remembered.known.head.version > known.head.version {
                remembered.known.head.clone()
            } else {
                known.head.clone()
            };
            let total = remembered.known.total.max(known.total);
            let is_disputed = remembered.known.head.generation == head.generation;
            let disagrees_from = remembered.known.disagrees_from.filter(|_| is_disputed);
            remembered.known = Known { head, total, disagrees_from, ..known };
            return;
        }
        if listings.len() >= MAX_REMEMBERED_LISTINGS {
            let idle = listings.iter().filter(|(_, remembered)| !remembered.is_advancing);
            if let Some(oldest) = idle.min_by_key(|(_, it)| it.known.seen_at).map(|(listing, _)| listing.clone()) {
                listings.remove(&oldest);
            }
        }
        listings.insert(listing.clone(), Remembered { known, is_advancing: false });
    }

    /// Notes the head that this process has written.
    pub(super) fn note_head(&self, listing: &Listing, head: &Head) {
        if let Some(remembered) = self.lock().get_mut(listing)
            && remembered.known.head.version < head.version
        {
            remembered.known.head = head.clone();
        }
    }

    /// Notes that marks from this position on are disputed, so that no list tries again to make them. Another generation ends
    /// that.
    pub(super) fn note_disagreement(&self, listing: &Listing, head: &Head, position: u64) {
        if let Some(remembered) = self.lock().get_mut(listing)
            && remembered.known.head.generation == head.generation
        {
            remembered.known.disagrees_from = Some(position);
        }
    }

    /// Claims the work on a listing's index for one task, which starts from this version of the head. None if another is at
    /// it, if the process knows a later head by now, or if the listing is not remembered.
    pub(super) fn begin_to_advance(self: &Arc<Self>, listing: &Listing, version: u64) -> Option<Advancing> {
        let mut listings = self.lock();
        let is_free =
            |remembered: &&mut Remembered| !remembered.is_advancing && remembered.known.head.version <= version;
        let remembered = listings.get_mut(listing).filter(is_free)?;
        remembered.is_advancing = true;
        Some(Advancing { indexes: Arc::clone(self), listing: listing.clone() })
    }

    /// Waits until no task of this process works on an index.
    pub(in crate::store) async fn idle(&self) {
        loop {
            let idle = self.idle.notified();
            tokio::pin!(idle);
            // From here on an end is noticed, even between the look and the wait.
            idle.as_mut().enable();
            if !self.lock().values().any(|remembered| remembered.is_advancing) {
                return;
            }
            idle.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Listing, Remembered>> {
        self.listings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The claim of a task on a listing's index. It ends with the task, however that ends.
pub(super) struct Advancing {
    indexes: Arc<PageIndexes>,
    pub(super) listing: Listing,
}

impl Drop for Advancing {
    fn drop(&mut self) {
        if let Some(remembered) = self.indexes.lock().get_mut(&self.listing) {
            remembered.is_advancing = false;
        }
        self.indexes.idle.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::OrgId;

    fn known(total: u64, version: u64, seen_at: u64) -> Known {
        let head = Head { version, ..Head::default() };
        Known { head, total, counted_at: seen_at, in_ten_seconds: 0, entry_bytes: 136, seen_at, disagrees_from: None }
    }

    #[test]
    fn total_never_shrinks_and_a_head_never_goes_back() {
        let indexes = PageIndexes::default();
        indexes.remember(&Listing::All, known(10, 3, 1));
        indexes.remember(&Listing::All, known(9, 2, 2));
        let now = indexes.recall(&Listing::All, 2).expect("it is remembered");
        assert_eq!((now.total, now.head.version, now.seen_at), (10, 3, 2));
        assert_eq!(indexes.least_total(&Listing::All), 10);
    }

    #[test]
    fn memory_ends_after_a_minute_or_later_if_the_listing_is_quiet() {
        let at = |in_ten_seconds: u64, age: u64| {
            Known { in_ten_seconds, ..known(1, 1, 1_000_000) }.can_be_built_upon(1_000_000 + age)
        };
        assert!(at(5_000, 60_000) && !at(5_000, 60_001));
        assert!(at(10, 900_000) && !at(10, 900_001));
        assert!(at(20, 500_000) && !at(20, 501_000));
        let indexes = PageIndexes::default();
        indexes.remember(&Listing::All, Known { in_ten_seconds: 5_000, ..known(7, 1, 0) });
        assert_eq!(indexes.recall(&Listing::All, 60_001), None);
        assert_eq!(indexes.least_total(&Listing::All), 7);
    }

    #[test]
    fn number_of_remembered_listings_is_bounded() {
        let indexes = PageIndexes::default();
        let listing = |nth: usize| Listing::Org(OrgId::parse(&format!("o{nth}")).expect("an id"));
        for nth in 0..=MAX_REMEMBERED_LISTINGS {
            indexes.remember(&listing(nth), known(1, 1, nth as u64));
        }
        assert_eq!(indexes.lock().len(), MAX_REMEMBERED_LISTINGS);
        assert_eq!(indexes.recall(&listing(0), 0), None, "the one that was not asked for longest is forgotten");
        assert!(indexes.recall(&listing(1), 0).is_some());
    }

    #[tokio::test]
    async fn one_task_works_on_an_index_at_a_time() {
        let indexes = Arc::new(PageIndexes::default());
        indexes.remember(&Listing::All, known(1, 1, 1));
        assert!(indexes.begin_to_advance(&Listing::All, 0).is_none(), "from an outdated head");
        let first = indexes.begin_to_advance(&Listing::All, 1).expect("none is at it");
        assert!(indexes.begin_to_advance(&Listing::All, 1).is_none());
        let waiting = tokio::spawn({
            let indexes = Arc::clone(&indexes);
            async move { indexes.idle().await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(first);
        waiting.await.expect("it ends");
        assert!(indexes.begin_to_advance(&Listing::All, 1).is_some());
    }
}
