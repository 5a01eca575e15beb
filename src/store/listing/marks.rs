//! Page marks: write-once items that say which code stands at a position of a listing.

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use tokio::time::Instant;
use ulid::Ulid;

use super::super::item::{self, string};
use super::super::key::{self, Item, Key, PK, SK};
use super::super::{Store, StoreError};
use super::Listing;
use crate::limits::INDEX_TIME_LIMIT;

/// Every so many codes there is a mark. A page reads at most half a step too much, and a tail is about a step long; the
/// marks are one item for so many codes.
pub(super) const MARK_INTERVAL: u64 = 100;

/// The code at a position of a listing, counted from the oldest, which is 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Point {
    pub(super) position: u64,
    pub(super) ulid: Ulid,
}

const OF_LISTING: &str = "pk = :listing";
const OF_LISTING_BETWEEN: &str = "pk = :listing AND sk BETWEEN :from AND :to";
const ABSENT: &str = "attribute_not_exists(pk)";

impl Store {
    /// The last mark of a listing. One that is out of date only makes the tail longer.
    pub(super) async fn last_mark(&self, listing: &Listing) -> Result<Option<Point>, StoreError> {
        let query = self.client.query().table_name(&self.table).key_condition_expression(OF_LISTING);
        let query = query.expression_attribute_values(":listing", string(key::marks(&listing.name())));
        let answer = Box::pin(query.scan_index_forward(false).limit(1).send()).await?;
        answer.items().first().map(point).transpose()
    }

    /// The marks at positions from `from` to `to`.
    pub(super) async fn marks_between(&self, listing: &Listing, from: u64, to: u64) -> Result<Vec<Point>, StoreError> {
        if from > to {
            return Ok(Vec::new());
        }
        let query = self.client.query().table_name(&self.table).key_condition_expression(OF_LISTING_BETWEEN);
        let query = query.expression_attribute_values(":listing", string(key::marks(&listing.name())));
        let query = query.expression_attribute_values(":from", string(key::mark(from)));
        let query = query.expression_attribute_values(":to", string(key::mark(to)));
        Box::pin(query.send()).await?.items().iter().map(point).collect()
    }

    /// Makes marks, each unless it is there, as far as the time goes. One after the other, so that whatever ends this
    /// leaves no gap below the last mark, which nobody would ever fill.
    pub(super) async fn make_marks(&self, listing: &Listing, points: &[Point]) -> Result<(), StoreError> {
        let started = Instant::now();
        for point in points {
            self.make_mark(listing, *point).await?;
            if started.elapsed() > INDEX_TIME_LIMIT {
                break;
            }
        }
        Ok(())
    }

    async fn make_mark(&self, listing: &Listing, point: Point) -> Result<(), StoreError> {
        let key = Key::Mark { listing: listing.name(), position: point.position };
        let mut mark = key.attributes();
        mark.insert(item::ULID.into(), string(point.ulid.to_string()));
        let put = self.client.put_item().table_name(&self.table).set_item(Some(mark)).condition_expression(ABSENT);
        match Box::pin(put.send()).await {
            Err(error) if error.code() == Some("ConditionalCheckFailedException") => Ok(()),
            Err(error) => Err(error.into()),
            Ok(_) => Ok(()),
        }
    }
}

fn point(mark: &Item) -> Result<Point, StoreError> {
    let position = mark.get(SK).and_then(|sk| sk.as_s().ok()).and_then(|sk| key::mark_position(sk));
    let Some(position) = position else {
        return Err(StoreError::Fault(format!("a page mark without a position under {:?}", mark.get(PK))));
    };
    Ok(Point { position, ulid: item::ulid(mark)? })
}
