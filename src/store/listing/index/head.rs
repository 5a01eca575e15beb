//! The head of a listing's page index: which generation of marks is live, and how far it goes.
//!
//! It is the one item of the index that changes. Each change starts from the `version` that was read, so of two that start
//! from the same head one is refused, and nothing is lost: whoever lists or maintains next does the rest.

use aws_sdk_dynamodb::types::AttributeValue;

use super::super::super::dynamodb::{ABSENT, Item, PutOutcome};
use super::super::super::item::{Attributes, ULID, UnreadableItem, new_item, number, string};
use super::super::super::key::Key;
use super::super::super::{Store, StoreError};
use super::super::Listing;
use super::marks::Point;
use crate::limits::MAX_HEAD_ROUNDS;

const VERSION: &str = "version";
const GENERATION: &str = "generation";
const POSITION: &str = "position";
const COUNT: &str = "count";
const COUNTED_AT: &str = "counted_at";
const CHECKED: &str = "checked";

/// The head of a page index. A listing without one has the [default](Head::default): no mark yet, of generation 1.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::store) struct Head {
    /// How often it was written; 0 if it is not in the table.
    pub(in crate::store) version: u64,
    /// The generation of marks that is live.
    pub(in crate::store) generation: u64,
    /// The last mark of that generation.
    pub(in crate::store) mark: Option<Point>,
    /// The last count of a listing that grows too fast to be counted from the mark each time.
    pub(in crate::store) count: Option<Count>,
    /// Up to which position the upkeep has found all steps right, for good.
    pub(in crate::store) checked: u64,
}

/// The position of a code that has not settled yet, as it was counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::store) struct Count {
    pub(in crate::store) up_to: Point,
    /// When it was last counted from a mark, in Unix milliseconds. Later counts went on from this one; so what appeared
    /// behind their starting points since is missing.
    pub(in crate::store) from_mark_at: u64,
}

impl Default for Head {
    fn default() -> Self {
        Self { version: 0, generation: 1, mark: None, count: None, checked: 0 }
    }
}

impl Head {
    /// The position of the last mark, or 0.
    pub(in crate::store) fn marked(&self) -> u64 {
        self.mark.map_or(0, |mark| mark.position)
    }

    /// The count, if it is of a later code than the last mark.
    pub(in crate::store) fn count_after_mark(&self) -> Option<Count> {
        self.count.filter(|count| count.up_to.position > self.marked())
    }

    pub(in crate::store) fn item(&self, listing: &Listing) -> Item {
        let mut item = new_item(&Key::Head(listing.clone()));
        item.insert(VERSION.into(), number(self.version));
        item.insert(GENERATION.into(), number(self.generation));
        item.extend(self.mark.iter().flat_map(|mark| attributes_of(*mark)));
        if let Some(Count { up_to, from_mark_at }) = self.count {
            let mut count = Item::from(attributes_of(up_to));
            count.insert(COUNTED_AT.into(), number(from_mark_at));
            item.insert(COUNT.into(), AttributeValue::M(count));
        }
        if self.checked > 0 {
            item.insert(CHECKED.into(), number(self.checked));
        }
        item
    }

    fn of(item: Option<&Item>) -> Result<Self, StoreError> {
        Ok(item.map(Self::parse).transpose()?.unwrap_or_default())
    }

    pub(in crate::store) fn parse(item: &Item) -> Result<Self, UnreadableItem> {
        let attributes = Attributes::of(item)?;
        let required = |name| attributes.number(name)?.ok_or_else(|| attributes.malformed(name));
        let count = if item.contains_key(COUNT) {
            let count = attributes.map(COUNT)?;
            let from_mark_at = count.number(COUNTED_AT)?.ok_or_else(|| attributes.malformed(COUNT))?;
            let up_to = point_of(&count)?.ok_or_else(|| attributes.malformed(COUNT))?;
            Some(Count { up_to, from_mark_at })
        } else {
            None
        };
        Ok(Self {
            version: required(VERSION)?,
            generation: required(GENERATION)?,
            mark: point_of(&attributes)?,
            count,
            checked: attributes.number(CHECKED)?.unwrap_or(0),
        })
    }
}

/// A point as two attributes.
pub(in crate::store) fn attributes_of(point: Point) -> [(String, AttributeValue); 2] {
    [(POSITION.to_owned(), number(point.position)), (ULID.to_owned(), string(point.ulid.to_string()))]
}

/// The point in two attributes, if they are there.
pub(in crate::store) fn point_of(attributes: &Attributes<'_>) -> Result<Option<Point>, UnreadableItem> {
    let Some(position) = attributes.number(POSITION)? else { return Ok(None) };
    Ok(Some(Point { position, ulid: attributes.ulid()? }))
}

impl Store {
    /// The head as it is or was a moment ago.
    pub(in crate::store) async fn head(&self, listing: &Listing) -> Result<Head, StoreError> {
        Head::of(self.table.get_eventually(Key::Head(listing.clone()).attributes()).await?.as_ref())
    }

    /// The head as it is.
    pub(in crate::store) async fn head_now(&self, listing: &Listing) -> Result<Head, StoreError> {
        Head::of(self.table.get(Key::Head(listing.clone()).attributes()).await?.as_ref())
    }

    /// Replaces the head that was read by `next`, and returns it as it is then. None if another has changed it since.
    pub(in crate::store) async fn replace_head(
        &self,
        listing: &Listing,
        read: &Head,
        next: Head,
    ) -> Result<Option<Head>, StoreError> {
        let next = Head { version: read.version + 1, ..next };
        let put = if read.version == 0 {
            self.table.put(next.item(listing), ABSENT, None).await?
        } else {
            let values = Item::from([(":read".to_owned(), number(read.version))]);
            self.table.put(next.item(listing), "version = :read", Some(values)).await?
        };
        Ok(matches!(put, PutOutcome::Done).then_some(next))
    }

    /// Changes the head of a generation, whoever else changes it at the same time. None if another generation is live, or the
    /// head changes too often.
    pub(in crate::store) async fn change_head(
        &self,
        listing: &Listing,
        generation: u64,
        change: impl Fn(Head) -> Head,
    ) -> Result<Option<Head>, StoreError> {
        for _ in 0..MAX_HEAD_ROUNDS {
            let head = self.head_now(listing).await?;
            if head.generation != generation {
                return Ok(None);
            }
            if let Some(written) = self.replace_head(listing, &head, change(head.clone())).await? {
                return Ok(Some(written));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ulid::Ulid;

    fn any_point() -> impl Strategy<Value = Point> {
        (any::<u64>(), 0..1_u64 << 48, 0..1_u128 << 80)
            .prop_map(|(position, ms, random)| Point { position, ulid: Ulid::from_parts(ms, random) })
    }

    proptest! {
        #[test]
        fn head_round_trips(
            version in any::<u64>(),
            generation in any::<u64>(),
            mark in prop::option::of(any_point()),
            count in prop::option::of((any_point(), any::<u64>())),
            checked in any::<u64>(),
        ) {
            let count = count.map(|(up_to, from_mark_at)| Count { up_to, from_mark_at });
            let head = Head { version, generation, mark, count, checked };
            prop_assert_eq!(Head::parse(&head.item(&Listing::All)), Ok(head));
        }
    }
}
