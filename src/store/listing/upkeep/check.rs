//! The newest steps, counted again.

use ulid::Ulid;

use super::super::super::{Store, StoreError};
use super::super::Listing;
use super::super::index::{Head, MARK_INTERVAL, Point};
use super::report_wrong_mark;
use super::run::Run;
use crate::limits::{CHECKED_AGE, MAX_CHECKED_STEPS, MAX_CODES_PER_ANSWER, MIN_CHECKED_STEPS};

/// A step from one mark to the next that is not as long as it must be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct WrongStep {
    /// The code after which the step begins; none at the start of the listing.
    pub(super) after: Option<Ulid>,
    /// The mark at its end.
    mark: Point,
    /// What was found at that mark's position, if anything was.
    found: Option<Ulid>,
}

impl WrongStep {
    pub(super) fn new(after: Option<Point>, mark: Point, found: Option<Point>) -> Self {
        Self { after: after.map(|point| point.ulid), mark, found: found.map(|point| point.ulid) }
    }
}

impl Store {
    /// Counts the steps to the newest marks again, and begins a rebuild if one is not as long as it must be.
    pub(super) async fn check_newest_steps(
        &self,
        listing: &Listing,
        head: &Head,
        run: &mut Run,
    ) -> Result<Option<WrongStep>, StoreError> {
        let Some(first) = self.first_mark_to_check(listing, head, run.now).await? else { return Ok(None) };
        let wrong = self.first_wrong_step(listing, head, first, run).await?;
        if let Some(wrong) = wrong {
            self.mend(listing, head, wrong, run).await?;
        }
        Ok(wrong)
    }

    /// Reports a wrong step, and begins a rebuild.
    pub(super) async fn mend(
        &self,
        listing: &Listing,
        head: &Head,
        wrong: WrongStep,
        run: &mut Run,
    ) -> Result<(), StoreError> {
        report_wrong_mark(listing, wrong.mark, wrong.found, "the upkeep");
        self.begin_rebuild(listing, head).await?;
        run.did.wrong.push(listing.to_string());
        Ok(())
    }

    /// The position of the first mark to check: of the last few, or of all that are young.
    async fn first_mark_to_check(&self, listing: &Listing, head: &Head, now: u64) -> Result<Option<u64>, StoreError> {
        let Some(last) = head.mark else { return Ok(None) };
        let mut steps = MIN_CHECKED_STEPS;
        loop {
            let first = last.position.saturating_sub((steps - 1) * MARK_INTERVAL).max(MARK_INTERVAL);
            let oldest = self.marks_between(listing, head.generation, first, first).await?;
            let is_young = oldest.first().is_some_and(|mark| {
                u128::from(now.saturating_sub(mark.ulid.timestamp_ms())) <= CHECKED_AGE.as_millis()
            });
            if !is_young || first == MARK_INTERVAL || steps >= MAX_CHECKED_STEPS {
                return Ok(Some(first));
            }
            steps = (steps * 4).min(MAX_CHECKED_STEPS);
        }
    }

    /// Counts from the mark before `first`, or from the start of the listing, to the last mark.
    async fn first_wrong_step(
        &self,
        listing: &Listing,
        head: &Head,
        first: u64,
        run: &mut Run,
    ) -> Result<Option<WrongStep>, StoreError> {
        let before = first - MARK_INTERVAL;
        let mut from = None;
        if before > 0 {
            from = self.marks_between(listing, head.generation, before, before).await?.pop();
        }
        let mut at = from.map_or(0, |point| point.position);
        while at < head.marked() && !run.is_over() {
            let left = usize::try_from(head.marked() - at).unwrap_or(usize::MAX);
            let tail = self.tail(listing, from, left.min(MAX_CODES_PER_ANSWER)).await?;
            let marks = self.marks_between(listing, head.generation, at + 1, tail.end()).await?;
            for mark in &marks {
                run.did.steps_checked += 1;
                let found = tail.at(mark.position);
                if found != Some(*mark) {
                    return Ok(Some(WrongStep::new(from, *mark, found)));
                }
                from = Some(*mark);
            }
            // Whole steps, so that the next part begins at a mark that was found right.
            let Some(last) = marks.last() else {
                // Fewer codes follow than the marks say.
                let mark = head.mark.filter(|_| tail.complete);
                return Ok(mark.map(|mark| WrongStep::new(from, mark, None)));
            };
            at = last.position;
        }
        Ok(None)
    }
}
