//! Page marks: items, never changed, that say which code is at a position of a listing.

use std::ops::RangeInclusive;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use futures_util::future::try_join_all;
use ulid::Ulid;

use super::super::super::dynamodb::{Item, PutOutcome};
use super::super::super::item::{self, Attributes, UnreadableItem, string};
use super::super::super::key::{Key, SK, mark_sk, marks_partition};
use super::super::super::{Store, StoreError};
use super::super::Listing;
use crate::limits::MARKS_AT_ONCE;

/// There is a mark at every position that is a multiple of this. With a smaller interval, pages read fewer codes that they
/// do not show (at most half an interval) and tails are shorter. With a larger one, there are fewer marks to write and keep.
pub(in crate::store) const MARK_INTERVAL: u64 = 100;

/// The code at a position of a listing, counted from the oldest, which is 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::store) struct Point {
    pub(in crate::store) position: u64,
    pub(in crate::store) ulid: Ulid,
}

/// What became of marks that were to be made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::store) enum Made {
    /// All are there.
    All,
    /// At this position there is a mark already, and it names another code. Either maker has counted wrongly.
    Disagree {
        /// What this maker has counted.
        ours: Point,
        /// The code that the mark names.
        theirs: Ulid,
    },
}

const OF_GENERATION: &str = "pk = :marks";
const BETWEEN: &str = "pk = :marks AND sk BETWEEN :from AND :to";

impl Store {
    /// The marks at these positions, oldest first, as they are or were a moment ago.
    pub(in crate::store) async fn marks_between(
        &self,
        listing: &Listing,
        generation: u64,
        positions: RangeInclusive<u64>,
    ) -> Result<Vec<Point>, StoreError> {
        self.read_marks(self.table.query(), listing, generation, positions).await
    }

    /// The same, strongly consistent: also marks that were put a moment ago.
    pub(in crate::store) async fn marks_now(
        &self,
        listing: &Listing,
        generation: u64,
        positions: RangeInclusive<u64>,
    ) -> Result<Vec<Point>, StoreError> {
        self.read_marks(self.table.query().consistent_read(true), listing, generation, positions).await
    }

    /// The mark at this position, strongly consistent.
    pub(in crate::store) async fn mark_now(
        &self,
        listing: &Listing,
        generation: u64,
        position: u64,
    ) -> Result<Option<Point>, StoreError> {
        Ok(self.marks_now(listing, generation, position..=position).await?.pop())
    }

    async fn read_marks(
        &self,
        query: QueryFluentBuilder,
        listing: &Listing,
        generation: u64,
        positions: RangeInclusive<u64>,
    ) -> Result<Vec<Point>, StoreError> {
        if positions.is_empty() {
            return Ok(Vec::new());
        }
        let query = query.key_condition_expression(BETWEEN);
        let query = query.expression_attribute_values(":marks", string(marks_partition(listing, generation)));
        let query = query.expression_attribute_values(":from", string(mark_sk(*positions.start())));
        let query = query.expression_attribute_values(":to", string(mark_sk(*positions.end())));
        Ok(Box::pin(query.send()).await?.items().iter().map(point).collect::<Result<_, _>>()?)
    }

    /// Some marks of a generation, as items.
    pub(in crate::store) async fn some_marks(
        &self,
        listing: &Listing,
        generation: u64,
        limit: i32,
    ) -> Result<Vec<Item>, StoreError> {
        let query = self.table.query().key_condition_expression(OF_GENERATION).limit(limit);
        let query = query.expression_attribute_values(":marks", string(marks_partition(listing, generation)));
        Ok(Box::pin(query.send()).await?.items.unwrap_or_default())
    }

    /// Puts the marks that are absent, some at the same time. A mark of the table is never replaced.
    pub(in crate::store) async fn make_marks(
        &self,
        listing: &Listing,
        generation: u64,
        points: &[Point],
    ) -> Result<Made, StoreError> {
        for some in points.chunks(MARKS_AT_ONCE) {
            let made = try_join_all(some.iter().map(|point| self.make_mark(listing, generation, *point))).await?;
            if let Some(disagree) = made.into_iter().find(|made| *made != Made::All) {
                return Ok(disagree);
            }
        }
        Ok(Made::All)
    }

    async fn make_mark(&self, listing: &Listing, generation: u64, ours: Point) -> Result<Made, StoreError> {
        let key = Key::Mark { listing: listing.clone(), generation, position: ours.position };
        let existing = match self.table.put_if_absent(item::mark(&key, ours.ulid)).await? {
            PutOutcome::Done => return Ok(Made::All),
            PutOutcome::ConditionFailed(Some(existing)) => Some(existing),
            PutOutcome::ConditionFailed(None) => self.table.get(key.attributes()).await?,
        };
        let theirs = existing.as_ref().map(point).transpose()?.map_or(ours.ulid, |point| point.ulid);
        Ok(if theirs == ours.ulid { Made::All } else { Made::Disagree { ours, theirs } })
    }
}

/// Reads a mark.
pub(in crate::store) fn point(mark: &Item) -> Result<Point, UnreadableItem> {
    let attributes = Attributes::of(mark)?;
    let Key::Mark { position, .. } = attributes.key()? else { return Err(attributes.malformed(SK)) };
    Ok(Point { position, ulid: attributes.ulid()? })
}
