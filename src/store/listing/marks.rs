//! Page marks: items, written once, that say which code is at a position of a listing.

use tokio::time::Instant;
use ulid::Ulid;

use super::super::dynamodb::Item;
use super::super::item::{self, Attributes, string};
use super::super::key::{Key, SK, mark_sk, marks_partition};
use super::super::{Store, StoreError};
use super::Listing;
use crate::limits::INDEX_TIME_LIMIT;

/// There is a mark at every position that is a multiple of this. With a smaller interval, pages read fewer codes that they
/// do not show (at most half an interval) and tails are shorter. With a larger one, there are fewer marks to write and keep.
pub(super) const MARK_INTERVAL: u64 = 100;

/// The code at a position of a listing, counted from the oldest, which is 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Point {
    pub(super) position: u64,
    pub(super) ulid: Ulid,
}

const OF_LISTING: &str = "pk = :listing";
const OF_LISTING_BETWEEN: &str = "pk = :listing AND sk BETWEEN :from AND :to";

impl Store {
    /// The last mark of a listing. The read is eventually consistent: an outdated mark only makes the tail longer.
    pub(super) async fn last_mark(&self, listing: &Listing) -> Result<Option<Point>, StoreError> {
        let query = self.table.query().key_condition_expression(OF_LISTING);
        let query = query.expression_attribute_values(":listing", string(marks_partition(&listing.name())));
        let answer = Box::pin(query.scan_index_forward(false).limit(1).send()).await?;
        answer.items().first().map(point).transpose()
    }

    /// The marks at positions from `from` to `to`.
    pub(super) async fn marks_between(&self, listing: &Listing, from: u64, to: u64) -> Result<Vec<Point>, StoreError> {
        if from > to {
            return Ok(Vec::new());
        }
        let query = self.table.query().key_condition_expression(OF_LISTING_BETWEEN);
        let query = query.expression_attribute_values(":listing", string(marks_partition(&listing.name())));
        let query = query.expression_attribute_values(":from", string(mark_sk(from)));
        let query = query.expression_attribute_values(":to", string(mark_sk(to)));
        Box::pin(query.send()).await?.items().iter().map(point).collect()
    }

    /// Puts the marks that are absent, for at most [`INDEX_TIME_LIMIT`]. It puts them one after the other: so a call that
    /// ends in the middle leaves no gap below the last mark. A gap would never be filled.
    pub(super) async fn make_marks(&self, listing: &Listing, points: &[Point]) -> Result<(), StoreError> {
        let started = Instant::now();
        for point in points {
            self.table.put_if_absent(item::mark(&listing.name(), point.position, point.ulid)).await?;
            if started.elapsed() > INDEX_TIME_LIMIT {
                break;
            }
        }
        Ok(())
    }
}

fn point(mark: &Item) -> Result<Point, StoreError> {
    let attributes = Attributes::of(mark)?;
    let Key::Mark { position, .. } = attributes.key()? else { return Err(attributes.malformed(SK).into()) };
    Ok(Point { position, ulid: attributes.ulid()? })
}
