//! Page marks: small items that say which code is at a position of a listing.

use std::ops::RangeInclusive;

use ulid::Ulid;

use super::super::StoreError;
use super::super::dynamodb::{Item, Table};
use super::super::item::{Attributes, ULID, UnreadableItem, string};
use super::super::key::{Key, SK, mark_sk, marks_partition};
use crate::model::{Listing, Order};

/// There is a mark at every position that is a multiple of this. With a smaller interval, pages read fewer codes that they
/// do not show (at most half an interval) and tails are shorter. With a larger one, there are fewer marks to write and keep.
pub(crate) const MARK_INTERVAL: u64 = 100;

/// The code at a position of a listing, counted from the oldest, which is 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Point {
    pub(crate) position: u64,
    pub(crate) ulid: Ulid,
}

impl Point {
    /// The position of the mark before this one.
    pub(crate) fn mark_before(self) -> u64 {
        self.position.saturating_sub(MARK_INTERVAL)
    }
}

const BETWEEN: &str = "pk = :marks AND sk BETWEEN :from AND :to";

/// The marks at these positions, oldest first, as they are or were a moment ago.
pub(crate) async fn between(
    table: &Table,
    listing: &Listing,
    positions: RangeInclusive<u64>,
) -> Result<Vec<Point>, StoreError> {
    read(table, listing, positions, Order::OldestFirst, i32::MAX).await
}

/// Up to `most` of the marks at these positions, from this end on.
pub(crate) async fn read(
    table: &Table,
    listing: &Listing,
    positions: RangeInclusive<u64>,
    order: Order,
    most: i32,
) -> Result<Vec<Point>, StoreError> {
    if positions.is_empty() {
        return Ok(Vec::new());
    }
    let query = table.query().key_condition_expression(BETWEEN).limit(most);
    let query = query.scan_index_forward(order == Order::OldestFirst);
    let query = query.expression_attribute_values(":marks", string(marks_partition(listing)));
    let query = query.expression_attribute_values(":from", string(mark_sk(*positions.start())));
    let query = query.expression_attribute_values(":to", string(mark_sk(*positions.end())));
    Ok(Box::pin(query.send()).await?.items().iter().map(parse).collect::<Result<_, _>>()?)
}

/// Reads a mark.
pub(crate) fn parse(mark: &Item) -> Result<Point, UnreadableItem> {
    let attributes = Attributes::of(mark)?;
    let Key::Mark { position, .. } = attributes.key()? else { return Err(attributes.malformed(SK)) };
    Ok(Point { position, ulid: attributes.required(ULID)? })
}
