//! The tail of a listing: the codes after its last mark, and the marks that are due among them.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::try_join;
use tokio::time::Instant;
use ulid::Ulid;

use super::super::dynamodb::Item;
use super::super::item;
use super::super::{Store, StoreError};
use super::marks::{MARK_INTERVAL, Point};
use super::query::Start;
use super::{Listing, Order};
use crate::limits::{CREATE_INDEX_TIME_LIMIT, MAX_QUERIES};
use crate::model::{ReferralCode, Timestamp};

/// The codes after the last mark.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Tail {
    /// The position of the last mark, or 0.
    pub(super) marked: u64,
    /// The codes after it, oldest first.
    pub(super) ulids: Vec<Ulid>,
    /// Whether these are all of them.
    pub(super) complete: bool,
}

impl Tail {
    /// How many codes the listing has, if the tail is complete.
    pub(super) fn total(&self) -> u64 {
        self.marked + self.ulids.len() as u64
    }

    /// The code at a position, if it is in the tail.
    pub(super) fn at(&self, position: u64) -> Option<Point> {
        let place = position.checked_sub(self.marked + 1)?;
        let ulid = self.ulids.get(usize::try_from(place).ok()?)?;
        Some(Point { position, ulid: *ulid })
    }

    /// The marks that are due: at each multiple of the interval, as far as the codes were made before `settled`.
    pub(super) fn due(&self, settled: Ulid) -> Vec<Point> {
        let positions = (self.marked / MARK_INTERVAL + 1..).map(|nth| nth * MARK_INTERVAL);
        positions.map_while(|position| self.at(position).filter(|point| point.ulid < settled)).collect()
    }
}

impl Store {
    /// Reads the tail after a mark: at least one answer of the index, at most [`MAX_QUERIES`], and none after the time limit.
    pub(super) async fn tail(
        &self,
        listing: &Listing,
        last: Option<Point>,
        time_limit: Duration,
    ) -> Result<Tail, StoreError> {
        let mut tail = Tail { marked: last.map_or(0, |mark| mark.position), ulids: Vec::new(), complete: false };
        let mut start = last.map_or(Start::End, |mark| Start::After(mark.ulid));
        let started = Instant::now();
        for _ in 0..MAX_QUERIES {
            let query = self.index_query(listing, Order::OldestFirst, start).projection_expression(item::ULID);
            let answer = Box::pin(query.send()).await?;
            let read: Result<Vec<Ulid>, _> = answer.items().iter().map(item::indexed_ulid).collect();
            tail.ulids.extend(read?);
            if answer.last_evaluated_key.is_none() {
                tail.complete = true;
                break;
            }
            start = match answer.last_evaluated_key.as_ref().and_then(key_ulid) {
                Some(ulid) => Start::After(ulid),
                None => return Err(StoreError::Fault("an index key without a ULID".to_owned())),
            };
            if started.elapsed() > time_limit {
                break;
            }
        }
        Ok(tail)
    }

    /// The ULID before which every code has settled.
    pub(super) fn settled(&self, now: Timestamp) -> Ulid {
        let seconds = now.unix_seconds() - i64::from(self.settle_seconds);
        Ulid::from_parts(u64::try_from(seconds).unwrap_or(0) * 1000, 0)
    }

    /// Makes the marks that are due in the listings of a new code, within [`CREATE_INDEX_TIME_LIMIT`]. A failure is a
    /// warning in the log, because lists make missing marks too.
    pub(in super::super) async fn maintain_page_index(&self, created: &ReferralCode, now: Timestamp) {
        let (all, org) = (Listing::All, Listing::Org(created.org_id.clone()));
        let both = try_join(self.make_due_marks(&all, now), self.make_due_marks(&org, now));
        match tokio::time::timeout(CREATE_INDEX_TIME_LIMIT, both).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!(error = %error, "page index maintenance failed"),
            Err(_elapsed) => tracing::warn!("page index maintenance timed out"),
        }
    }

    async fn make_due_marks(&self, listing: &Listing, now: Timestamp) -> Result<(), StoreError> {
        let tail = self.tail(listing, self.last_mark(listing).await?, CREATE_INDEX_TIME_LIMIT / 2).await?;
        self.make_marks(listing, &tail.due(self.settled(now))).await
    }
}

fn key_ulid(key: &Item) -> Option<Ulid> {
    let text: &AttributeValue = key.get(item::ULID)?;
    Ulid::from_string(text.as_s().ok()?).ok()
}
