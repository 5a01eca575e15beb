//! Codes of a listing after a known point: what a list counts, and where marks belong.

use std::time::Duration;

use ulid::Ulid;

use super::super::dynamodb::Table;
use super::super::index_query::{Start, query};
use super::super::{StoreError, item};
use super::items::{MARK_INTERVAL, Point};
use crate::limits::millis;
use crate::model::{Listing, Order};

const TEN_SECONDS: u64 = 10_000;

/// Codes after a point, as they follow each other in the index.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Tail {
    /// The position after which they come, or 0.
    pub(crate) after: u64,
    /// The codes, oldest first.
    pub(crate) ulids: Vec<Ulid>,
    /// Whether these are all that follow.
    /// Whether these are all codes of the listing.
    pub(crate) complete: bool,
}

impl Tail {
    /// Up to `most` codes after a point, or from the start of the listing: one answer of the index, which has at most
    /// 1 MB.
    pub(super) async fn read(
        table: &Table,
        listing: &Listing,
        after: Option<Point>,
        most: usize,
    ) -> Result<Self, StoreError> {
        let start = after.map_or(Start::End, |point| Start::After(point.ulid));
        let query = query(table, listing, Order::OldestFirst, start).projection_expression(item::ULID);
        let answer = Box::pin(query.limit(i32::try_from(most).unwrap_or(i32::MAX)).send()).await?;
        let ulids: Result<Vec<Ulid>, _> =
            answer.items().iter().map(|entry| item::of_entry(entry, item::ULID)).collect();
        let after = after.map_or(0, |point| point.position);
        Ok(Self { after, ulids: ulids?, complete: answer.last_evaluated_key.is_none() })
    }

    /// The position of the last of these codes.
    pub(crate) fn end(&self) -> u64 {
        self.after + self.ulids.len() as u64
    }

    /// The code at a position, if it is among these.
    pub(crate) fn at(&self, position: u64) -> Option<Point> {
        let place = position.checked_sub(self.after + 1)?;
        let ulid = self.ulids.get(usize::try_from(place).ok()?)?;
        Some(Point { position, ulid: *ulid })
    }

    /// The points at which marks belong: each multiple of the interval, as far as the codes were made before `bound`.
    pub(crate) fn due(&self, bound: Ulid) -> Vec<Point> {
        let positions = (self.after / MARK_INTERVAL + 1..).map(|nth| nth * MARK_INTERVAL);
        positions.map_while(|position| self.at(position).filter(|point| point.ulid < bound)).collect()
    }

    /// The same codes with the positions that follow from this point. None if they do not reach it.
    pub(super) fn counted_from(self, point: Point) -> Option<Self> {
        let reaches = self.complete || self.ulids.last().is_some_and(|last| *last >= point.ulid);
        let up_to = self.ulids.partition_point(|ulid| *ulid <= point.ulid) as u64;
        let after = point.position.checked_sub(up_to).filter(|_| reaches)?;
        Some(Self { after, ..self })
    }

    /// Whether a count of these codes is at most so old.
    pub(super) fn is_recent(&self, now: u64, age: Duration) -> bool {
        let is_young = |ulid: &Ulid| now.saturating_sub(ulid.timestamp_ms()) <= millis(age);
        self.complete || self.ulids.last().is_some_and(is_young)
    }

    /// How many of these codes were made in the last ten seconds before this time.
    pub(crate) fn made_in_ten_seconds(&self, now: u64) -> u64 {
        let bound = Ulid::from_parts((now + 1).saturating_sub(TEN_SECONDS), 0);
        (self.ulids.len() - self.ulids.partition_point(|ulid| *ulid < bound)) as u64
    }

    /// How many codes are made in ten seconds, by those of the last ten: before this time, or before the last code if more follow.
    pub(super) fn rate(&self, now: u64) -> u64 {
        let [Some(first), Some(last)] = [self.ulids.first(), self.ulids.last()] else { return 0 };
        let end = if self.complete { now } else { last.timestamp_ms() };
        let window = end.saturating_sub(first.timestamp_ms()).clamp(1_000, TEN_SECONDS);
        self.made_in_ten_seconds(end) * TEN_SECONDS / window
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_000_000;

    fn tail(ages: &[u64], complete: bool) -> Tail {
        let ulids = ages.iter().map(|age| Ulid::from_parts(NOW - age, 0)).collect();
        Tail { after: 1_000, ulids, complete }
    }

    #[test]
    fn rate_follows_from_the_codes_of_ten_seconds() {
        let of = |ages| tail(ages, true).rate(NOW);
        assert_eq!(of(&[60_000, 10_000, 9_999, 5_000, 0]), 3);
        assert_eq!((of(&[2_000, 1_000]), of(&[60_000]), of(&[])), (10, 0, 0), "the first: two codes in two seconds");
        assert_eq!(tail(&[14_000, 13_000, 12_000], false).rate(NOW), 15, "three codes in two seconds");
    }

    #[test]
    fn tail_that_ends_early_is_recent_if_it_reaches_young_codes() {
        let is_recent = |ages, complete| tail(ages, complete).is_recent(NOW, Duration::from_secs(10));
        assert!(is_recent(&[60_000, 10_000], false) && !is_recent(&[60_000, 10_001], false));
        assert!(is_recent(&[60_000], true) && is_recent(&[], true));
    }

    #[test]
    fn tail_is_counted_from_a_later_mark_if_it_reaches_that() {
        let end = |age, complete| {
            let mark = Point { position: 1_100, ulid: Ulid::from_parts(NOW - age, 0) };
            tail(&[9_000, 8_000, 7_000, 6_000], complete).counted_from(mark).map(|tail| tail.end())
        };
        assert_eq!(end(8_000, false), Some(1_102), "two codes follow the mark");
        assert_eq!((end(5_000, false), end(5_000, true)), (None, Some(1_100)));
    }
}
