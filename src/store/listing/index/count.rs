//! From where a list counts, and what follows from what it has read: pure decisions.

use ulid::Ulid;

use super::super::millis;
use super::head::{Count, Head};
use super::known::Known;
use super::marks::{MARK_INTERVAL, Point};
use super::tail::Tail;
use crate::limits::{
    BUSY_CODES, CALL_DEADLINE, COUNT_VALIDITY, LARGEST_INDEX_ENTRY, LARGEST_USUAL_ENTRY, LIST_BUDGET_BYTES,
    MAX_AGE_OF_TOTAL, MIN_UNCOUNTED_AGE, OWN_TOTAL_VALIDITY,
};

/// From where the codes are counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum CountFrom {
    /// Not at all: this process has counted a moment ago.
    OwnTotal,
    /// From the last count. What appeared before it since is missed.
    Count(Count),
    /// From the last mark, or the start of the listing: exact.
    Mark(Option<Point>),
}

impl CountFrom {
    /// The point after which codes are read; none for the start of the listing.
    pub(super) fn point(self) -> Option<Point> {
        match self {
            Self::OwnTotal => None,
            Self::Count(count) => Some(count.up_to),
            Self::Mark(mark) => mark,
        }
    }
}

/// What a list knows after it has read what follows a point.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Counted {
    /// How many codes there are, or were at most ten seconds ago, if the count reaches that far; else how many there are
    /// at least.
    pub(super) total: u64,
    /// Whether the count reaches the codes of the last ten seconds.
    pub(super) is_recent: bool,
    /// How many codes were made in the last ten seconds, or what was known of that.
    pub(super) in_ten_seconds: u64,
    /// A later count for the head, if the listing needs one.
    pub(super) count: Option<Count>,
}

impl Known {
    /// What a process knows that has only read the head, and some of the newest codes: their ULIDs and their mean size.
    pub(super) fn at_first(head: Head, newest: &[Ulid], entry_bytes: usize, now: u64) -> Self {
        let since = newest.last().map_or(0, |oldest| now.saturating_sub(oldest.timestamp_ms())).max(1000);
        let total = head.count_after_mark().map_or(head.marked(), |count| count.up_to.position);
        let in_ten_seconds = newest.len() as u64 * 10_000 / since;
        Self { head, total, counted_at: 0, in_ten_seconds, entry_bytes, seen_at: now, disagrees_from: None }
    }

    /// Whether a list may read the whole tail.
    pub(super) fn tail_fits(&self, now: u64) -> bool {
        (self.total + self.expected_growth(now)).saturating_sub(self.head.marked()) <= self.budget() as u64
    }

    /// How many codes have probably settled since the last mark was made, up to the next mark; all that a list may read, if
    /// it may not read the whole tail.
    pub(super) fn due_codes(&self, settled: Ulid, now: u64) -> usize {
        if !self.tail_fits(now) {
            return self.budget();
        }
        let since = self.head.mark.map_or(0, |mark| settled.timestamp_ms().saturating_sub(mark.ulid.timestamp_ms()));
        let due = since.saturating_mul(self.in_ten_seconds) / 10_000;
        if due < MARK_INTERVAL { 0 } else { usize::try_from(due + MARK_INTERVAL).unwrap_or(usize::MAX) }
    }

    /// From where to count now. `page_is_in_tail`: the page needs the codes between the last mark and the newest ones.
    pub(super) fn count_from(&self, now: u64, page_is_in_tail: bool) -> CountFrom {
        // Whether what was counted then is recent enough for this page.
        let counts = |at: u64, validity| self.is_busy() && !page_is_in_tail && now.abs_diff(at) <= millis(validity);
        if counts(self.counted_at, OWN_TOTAL_VALIDITY) {
            return CountFrom::OwnTotal;
        }
        match self.head.count_after_mark() {
            Some(count) if !self.tail_fits(now) || counts(count.from_mark_at, COUNT_VALIDITY) => {
                CountFrom::Count(count)
            }
            _ => CountFrom::Mark(self.head.mark),
        }
    }

    /// What follows from the codes after `from`.
    pub(super) fn counted(&self, from: CountFrom, tail: &Tail, now: u64) -> Counted {
        let newest = tail.ulids.last().or(from.point().as_ref().map(|point| &point.ulid)).map(Ulid::timestamp_ms);
        let is_recent = tail.complete || newest.is_some_and(|at| now.saturating_sub(at) <= millis(MAX_AGE_OF_TOTAL));
        let in_ten_seconds = match tail {
            Tail { complete: true, .. } => in_ten_seconds(from, tail, now),
            _ if is_recent => density(tail).unwrap_or(self.in_ten_seconds),
            // What was made long ago tells nothing of what is made now.
            _ => self.in_ten_seconds,
        };
        let is_long = !tail.complete || matches!(from, CountFrom::Count(_));
        let counts = is_long || in_ten_seconds > BUSY_CODES;
        let from_mark_at = match from {
            CountFrom::Count(count) => count.from_mark_at,
            _ => now,
        };
        let uncounted = uncounted_age(in_ten_seconds, self.budget());
        let count = if counts { count_of(tail, now, uncounted, from_mark_at) } else { None };
        Counted { total: self.total.max(tail.end()), is_recent, in_ten_seconds, count }
    }
}

/// The count that the head of a listing needs, by its whole tail, if it grows so fast, or its tail is so long, that a list
/// does not count it each time; and whether it grows so fast.
pub(in crate::store) fn count_of_fast_listing(head: &Head, tail: &Tail, now: u64) -> (Option<Count>, bool) {
    let in_ten_seconds = if tail.complete { in_ten_seconds(CountFrom::Mark(head.mark), tail, now) } else { 0 };
    let is_busy = in_ten_seconds > BUSY_CODES;
    let uncounted = uncounted_age(in_ten_seconds, LIST_BUDGET_BYTES / LARGEST_USUAL_ENTRY);
    let is_long = tail.ulids.len() > LIST_BUDGET_BYTES / LARGEST_INDEX_ENTRY;
    let count = (is_busy || is_long).then(|| count_of(tail, now, uncounted, now)).flatten();
    (count.filter(|count| count.up_to.position > head.marked()), is_busy)
}

/// The age, in milliseconds, before which codes are left out of a count: as long as a call may take, if a list may then still
/// count all that follows in a quarter of what it may read.
fn uncounted_age(in_ten_seconds: u64, budget: usize) -> u64 {
    let affordable = (budget as u64 * 10_000).checked_div(4 * in_ten_seconds).unwrap_or(u64::MAX);
    affordable.clamp(millis(MIN_UNCOUNTED_AGE), millis(CALL_DEADLINE))
}

/// A count up to the codes that are so young that others may still appear among them.
fn count_of(tail: &Tail, now: u64, uncounted: u64, from_mark_at: u64) -> Option<Count> {
    let bound = Ulid::from_parts(now.saturating_sub(uncounted), 0);
    tail.last_before(bound).map(|up_to| Count { up_to, from_mark_at })
}

/// How many codes of a complete tail were made in the last ten seconds. A tail that begins later tells of less time.
fn in_ten_seconds(from: CountFrom, tail: &Tail, now: u64) -> u64 {
    const TEN_SECONDS: u64 = 10_000;
    let begin = match from {
        CountFrom::Count(count) => count.up_to.ulid.timestamp_ms(),
        _ => 0,
    };
    let window = TEN_SECONDS.min(now.saturating_sub(begin)).max(1000);
    let bound = Ulid::from_parts(now.saturating_sub(window) + 1, 0);
    let young = tail.ulids.len() - tail.ulids.partition_point(|ulid| *ulid < bound);
    young as u64 * TEN_SECONDS / window
}

/// How many codes of a tail were made in ten seconds, on average.
fn density(tail: &Tail) -> Option<u64> {
    let (first, last) = (tail.ulids.first()?, tail.ulids.last()?);
    (tail.ulids.len() as u64 * 10_000).checked_div(last.timestamp_ms().saturating_sub(first.timestamp_ms()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_000_000;

    fn point(position: u64, age_ms: u64) -> Point {
        Point { position, ulid: Ulid::from_parts(NOW - age_ms, u128::from(position)) }
    }

    fn head(count_at: Option<u64>) -> Head {
        let count = count_at.map(|age| Count { up_to: point(5_000, age + 2_000), from_mark_at: NOW - age });
        Head { version: 1, mark: Some(point(1_000, 61_000)), count, ..Head::default() }
    }

    fn known(total: u64, counted_ago: u64, in_ten_seconds: u64, count_at: Option<u64>) -> Known {
        let counted_at = NOW - counted_ago;
        Known {
            head: head(count_at),
            total,
            counted_at,
            in_ten_seconds,
            entry_bytes: 136,
            seen_at: counted_at,
            disagrees_from: None,
        }
    }

    #[test]
    fn quiet_listing_is_counted_from_the_mark_each_time() {
        for counted_ago in [0, 100, 60_000] {
            let from = known(1_500, counted_ago, BUSY_CODES, Some(0)).count_from(NOW, false);
            assert_eq!(from, CountFrom::Mark(Some(point(1_000, 61_000))), "{counted_ago}");
        }
    }

    #[test]
    fn busy_listing_is_counted_from_the_mark_every_five_seconds() {
        assert_eq!(known(5_500, 1_999, BUSY_CODES + 1, Some(0)).count_from(NOW, false), CountFrom::OwnTotal);
        let from = |count_age| known(5_500, 2_001, BUSY_CODES + 1, Some(count_age)).count_from(NOW, false);
        assert!(matches!(from(5_000), CountFrom::Count(_)));
        assert!(matches!(from(5_001), CountFrom::Mark(Some(_))));
        // A page between the mark and the newest codes needs the tail.
        assert!(matches!(known(5_500, 0, BUSY_CODES + 1, Some(0)).count_from(NOW, true), CountFrom::Mark(Some(_))));
    }

    #[test]
    fn listing_with_a_longer_tail_than_a_list_may_read_is_counted_from_the_count() {
        assert_eq!(known(0, 0, 0, None).budget(), 6_250);
        assert!(matches!(known(7_250, 10_000, 0, Some(60_000)).count_from(NOW, true), CountFrom::Mark(_)));
        assert!(matches!(known(7_251, 10_000, 0, Some(60_000)).count_from(NOW, true), CountFrom::Count(_)));
        // What was probably made since the last look counts.
        assert!(matches!(known(6_250, 10_000, 1_001, Some(60_000)).count_from(NOW, true), CountFrom::Count(_)));
    }

    #[test]
    fn rate_follows_from_the_codes_of_the_last_ten_seconds() {
        let tail = |ages: &[u64]| {
            let ulids = ages.iter().rev().map(|age| Ulid::from_parts(NOW - age, 0)).collect();
            Tail { after: 1_000, ulids, complete: true }
        };
        let mark = CountFrom::Mark(Some(point(1_000, 61_000)));
        assert_eq!(in_ten_seconds(mark, &tail(&[0, 5_000, 9_999, 10_000, 60_000]), NOW), 3);
        let count = CountFrom::Count(Count { up_to: point(1_000, 2_000), from_mark_at: NOW });
        assert_eq!(in_ten_seconds(count, &tail(&[0, 1_000]), NOW), 10, "two codes in two seconds");
    }

    #[test]
    fn incomplete_count_is_a_lower_bound_and_recent_if_it_reaches_the_last_ten_seconds() {
        let ulids = (0..100).map(|nth| Ulid::from_parts(NOW - 12_000 + nth * 20, 0)).collect();
        let tail = Tail { after: 1_000, ulids, complete: false };
        let from = CountFrom::Mark(Some(point(1_000, 61_000)));
        let counted = known(0, 0, 7, None).counted(from, &tail, NOW);
        assert_eq!((counted.total, counted.is_recent, counted.in_ten_seconds), (1_100, false, 7));
        assert_eq!(counted.count.map(|count| (count.up_to.position, count.from_mark_at)), Some((1_100, NOW)));
        let counted = known(0, 0, 7, None).counted(from, &tail, NOW - 2_100);
        assert_eq!((counted.is_recent, counted.in_ten_seconds), (true, 505), "a code in 20 ms");
        // A total that was told is never taken back.
        assert_eq!(known(2_000, 0, 7, None).counted(from, &tail, NOW).total, 2_000);
    }

    #[test]
    fn count_leaves_out_the_youngest_codes_which_may_still_be_overtaken() {
        let ulids: Vec<_> = (0..=100).map(|nth| Ulid::from_parts(NOW - 10_000 + nth * 100, 0)).collect();
        let tail =
            Tail { after: 1_000, ulids: [ulids.clone(), vec![Ulid::from_parts(NOW, 1); 600]].concat(), complete: true };
        let counted = known(0, 0, 0, None).counted(CountFrom::Mark(None), &tail, NOW);
        assert_eq!(counted.count.map(|count| count.up_to), Some(Point { position: 1_020, ulid: ulids[19] }));
        let quiet = Tail { ulids, ..tail };
        assert_eq!(known(0, 0, 0, None).counted(CountFrom::Mark(None), &quiet, NOW).count, None);
    }
}
