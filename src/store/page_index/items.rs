//! The items of a page index: the marks, and the head, which names the last of them.
//!
//! Lists use the marks alone. The upkeep alone writes ([`super::super::upkeep`]), and only the attributes that it means to
//! change, so those of another release stay.

use std::ops::RangeInclusive;

use ulid::Ulid;

use super::super::StoreError;
use super::super::dynamodb::{Item, Table};
use super::super::item::{Attributes, ULID, UnreadableItem, number, string};
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
    pub(crate) fn mark_before(self) -> u64 {
        self.position.saturating_sub(MARK_INTERVAL)
    }
}

const BETWEEN: &str = "pk = :marks AND sk BETWEEN :from AND :to";

/// The marks at these positions, oldest first, as they are or were a moment ago.
pub(crate) async fn marks_between(
    table: &Table,
    listing: &Listing,
    positions: RangeInclusive<u64>,
) -> Result<Vec<Point>, StoreError> {
    read_marks(table, listing, positions, Order::OldestFirst, i32::MAX).await
}

/// Up to `most` of the marks at these positions, from this end on.
pub(crate) async fn read_marks(
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
    Ok(Box::pin(query.send()).await?.items().iter().map(parse_mark).collect::<Result<_, _>>()?)
}

pub(crate) fn parse_mark(mark: &Item) -> Result<Point, UnreadableItem> {
    let attributes = Attributes::of(mark)?;
    let Key::Mark { position, .. } = attributes.key()? else { return Err(attributes.malformed(SK)) };
    Ok(Point { position, ulid: attributes.required(ULID)? })
}

pub(crate) const POSITION: &str = "position";
pub(crate) const CHECKED: &str = "checked";
pub(crate) const ORGANISATIONS: &str = "organisations";
pub(crate) const RECOUNT_AFTER: &str = "recount_after";

/// The head of a page index. A listing without one has the default: no mark, and nothing checked.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Head {
    /// The last mark: a list counts from here.
    pub(crate) mark: Option<Point>,
    pub(crate) progress: Progress,
}

/// How far the upkeep of a listing has come.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Progress {
    /// The position of the mark up to which all marks were found right when they were old enough to stay so; or 0.
    pub(crate) checked: u64,
    /// In the listing of all codes: the position up to which each code's organisation has been counted.
    pub(crate) organisations: u64,
    /// A count that began before this time, in Unix milliseconds, does not move `checked`: a code may be missing in what
    /// it has read.
    pub(crate) recount_after: u64,
}

impl Head {
    pub(crate) fn parse(item: &Item) -> Result<Self, UnreadableItem> {
        let attributes = Attributes::of(item)?;
        let mark = match attributes.number(POSITION)? {
            Some(position) => Some(Point { position, ulid: attributes.required(ULID)? }),
            None => None,
        };
        let number = |name| Ok(attributes.number(name)?.unwrap_or(0));
        let progress = Progress {
            checked: number(CHECKED)?,
            organisations: number(ORGANISATIONS)?,
            recount_after: number(RECOUNT_AFTER)?,
        };
        Ok(Self { mark, progress })
    }

    /// The head as it is or was a moment ago.
    pub(crate) async fn read(table: &Table, listing: &Listing) -> Result<Self, StoreError> {
        Self::of(table.get_eventually(Key::Head(listing.clone()).attributes()).await?.as_ref())
    }

    /// The head as it is.
    pub(crate) async fn read_now(table: &Table, listing: &Listing) -> Result<Self, StoreError> {
        Self::of(table.get(Key::Head(listing.clone()).attributes()).await?.as_ref())
    }

    pub(crate) fn of(item: Option<&Item>) -> Result<Self, StoreError> {
        Ok(item.map(Self::parse).transpose()?.unwrap_or_default())
    }
}

pub(crate) fn mark_attributes(mark: Point) -> Item {
    Item::from([(POSITION.to_owned(), number(mark.position)), (ULID.to_owned(), string(mark.ulid.to_string()))])
}

pub(crate) fn progress_attributes(progress: &Progress) -> Item {
    let Progress { checked, organisations, recount_after } = *progress;
    let named = [(CHECKED, checked), (ORGANISATIONS, organisations), (RECOUNT_AFTER, recount_after)];
    named.into_iter().map(|(name, value)| (name.to_owned(), number(value))).collect()
}
