//! The last codes of listings that grow fast: marks of codes that have not settled yet, so that tails stay short.
//!
//! In a listing that grows slowly, it only makes the marks that are due, as a check does.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::time::Duration;

use futures_util::future::join_all;
use ulid::Ulid;

use super::super::StoreError;
use super::super::page_index::{Head, Point, read_marks};
use super::walk::Walk;
use super::{Run, Upkeep};
use crate::limits::{BUSY_CODES, LISTINGS_AT_ONCE, MAX_CODES_PER_ANSWER, MIN_COUNTED_AGE, UPKEEP_PAUSE, millis};
use crate::model::{CallContext, Listing, Order, OrgId};

/// How many marks are looked through for the last one that has settled: those of 100,000 codes.
const MAX_YOUNG_MARKS: i32 = 1_000;

/// What a count has found.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Counted {
    /// The listings in which a code had appeared too late. Their marks are corrected.
    pub wrong: BTreeSet<String>,
    /// Whether there are marks of codes that have not settled: they need to be counted again in a few seconds.
    pub busy: bool,
}

impl Upkeep {
    /// Counts the last codes of the listing of all codes and, if it grows fast, those of the organisations that may do so.
    pub async fn count(&self, cx: &CallContext, time_limit: Duration) -> Result<Counted, StoreError> {
        let run = self.run(cx, time_limit);
        let (busy, organisations) = Box::pin(run.count_listing(&Listing::All)).await?;
        for some in organisations.chunks(LISTINGS_AT_ONCE) {
            let counts = some.iter().map(|organisation| async {
                let listing = Listing::Org(organisation.clone());
                run.note(&listing, Box::pin(run.count_listing(&listing)).await)
            });
            join_all(counts).await;
        }
        Ok(Counted { wrong: run.end()?.wrong, busy })
    }
}

impl Run<'_> {
    /// Counts the last codes of a listing. Whether it has marks that have not settled, and which organisations may.
    async fn count_listing(&self, listing: &Listing) -> Result<(bool, Vec<OrgId>), StoreError> {
        let Head { mut mark, progress } = Head::read_now(&self.upkeep.table, listing).await?;
        if mark.is_some_and(|mark| mark.ulid >= self.ago(UPKEEP_PAUSE)) {
            // Another run has counted a moment ago.
            return Ok((true, Vec::new()));
        }
        // Each young mark is counted once more after its code has settled.
        let counted = self.settled.timestamp_ms().saturating_sub(2 * millis(UPKEEP_PAUSE));
        let counted = Ulid::from_parts(counted, 0);
        let is_young = |mark: Option<Point>, bound| mark.is_some_and(|mark| mark.ulid >= bound);
        let from = match mark {
            Some(mark) if is_young(Some(mark), counted) => {
                self.last_mark_before(listing, progress.checked.max(1)..=mark.position, counted).await?
            }
            mark => mark,
        };
        let mut walk = Walk::after(&self.upkeep.table, listing, from);
        loop {
            walk.read_on().await?;
            let settled = walk.codes.due(self.settled);
            if !self.write(&walk, &settled, &mut mark).await? {
                return Ok((is_young(mark, self.settled), Vec::new()));
            }
            if let Some(last) = settled.last() {
                walk.drop_up_to(last.position);
            }
            if walk.codes.complete || self.is_over() {
                break;
            }
        }
        if walk.codes.complete {
            let is_fast = walk.codes.made_in_ten_seconds(self.now) > BUSY_CODES;
            let mut young = walk.codes.due(self.ago(MIN_COUNTED_AGE));
            young.retain(|young| is_fast || mark.is_some_and(|mark| young.position <= mark.position));
            self.write(&walk, &young, &mut mark).await?;
        }
        let busy = is_young(mark, self.settled);
        Ok((busy, if busy { walk.organisations_with_more_than(BUSY_CODES) } else { Vec::new() }))
    }

    /// The last mark whose code was made before `bound`; an earlier one if there are too many in between.
    async fn last_mark_before(
        &self,
        listing: &Listing,
        positions: RangeInclusive<u64>,
        bound: Ulid,
    ) -> Result<Option<Point>, StoreError> {
        let marks = read_marks(&self.upkeep.table, listing, positions, Order::NewestFirst, MAX_YOUNG_MARKS).await?;
        let before = marks.iter().find(|mark| mark.ulid < bound).copied();
        let is_cut = marks.len() >= usize::try_from(MAX_YOUNG_MARKS).unwrap_or(usize::MAX);
        Ok(before.or_else(|| marks.last().copied().filter(|_| is_cut)))
    }
}

const _: () = assert!(MAX_CODES_PER_ANSWER > 2 * BUSY_CODES, "an answer has more codes than make a listing busy");
