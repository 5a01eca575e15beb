//! The tail of a listing: the codes after a known point, and the marks that are due among them.

use ulid::Ulid;

use super::super::super::item;
use super::super::super::{Store, StoreError};
use super::super::query::Start;
use super::super::{Listing, Order};
use super::marks::{MARK_INTERVAL, Point};

/// Codes after a point, as they follow each other in the index.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::store) struct Tail {
    /// The position after which they come, or 0.
    pub(in crate::store) after: u64,
    /// The codes, oldest first.
    pub(in crate::store) ulids: Vec<Ulid>,
    /// Whether these are all that follow.
    pub(in crate::store) complete: bool,
}

impl Tail {
    /// The position of the last of these codes.
    pub(in crate::store) fn end(&self) -> u64 {
        self.after + self.ulids.len() as u64
    }

    /// The code at a position, if it is among these.
    pub(in crate::store) fn at(&self, position: u64) -> Option<Point> {
        let place = position.checked_sub(self.after + 1)?;
        let ulid = self.ulids.get(usize::try_from(place).ok()?)?;
        Some(Point { position, ulid: *ulid })
    }

    /// The last code that is older than `bound`.
    pub(in crate::store) fn last_before(&self, bound: Ulid) -> Option<Point> {
        let older = self.ulids.partition_point(|ulid| *ulid < bound);
        self.at(self.after + older as u64)
    }

    /// The marks that are due: at each multiple of the interval, as far as the codes were made before `settled`.
    pub(in crate::store) fn due(&self, settled: Ulid) -> Vec<Point> {
        let positions = (self.after / MARK_INTERVAL + 1..).map(|nth| nth * MARK_INTERVAL);
        positions.map_while(|position| self.at(position).filter(|point| point.ulid < settled)).collect()
    }
}

impl Store {
    /// Up to `most` codes after a point, or from the start of the listing: one answer of the index, which has at most
    /// 1 MB.
    pub(in crate::store) async fn tail(
        &self,
        listing: &Listing,
        after: Option<Point>,
        most: usize,
    ) -> Result<Tail, StoreError> {
        let start = after.map_or(Start::End, |point| Start::After(point.ulid));
        let query = self.index_query(listing, Order::OldestFirst, start).projection_expression(item::ULID);
        let answer = Box::pin(query.limit(i32::try_from(most).unwrap_or(i32::MAX)).send()).await?;
        let ulids: Result<Vec<Ulid>, _> = answer.items().iter().map(item::indexed_ulid).collect();
        let after = after.map_or(0, |point| point.position);
        Ok(Tail { after, ulids: ulids?, complete: answer.last_evaluated_key.is_none() })
    }

    /// The ULID before which every code has settled.
    pub(in crate::store) fn settled(&self, unix_millis: u64) -> Ulid {
        Ulid::from_parts(unix_millis.saturating_sub(u64::from(self.settle_seconds) * 1000), 0)
    }
}
