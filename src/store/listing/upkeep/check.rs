//! The newest steps, counted again.
//!
//! A code may appear behind a mark as long as a request may arrive late. So a step counts as checked for good only if its mark
//! was older than [`CHECKED_AGE`] when it was found right. The head says how far that is; each run counts on from there. So
//! however seldom runs come, none passes over a step, and a run that ends early loses nothing.

use ulid::Ulid;

use super::super::super::{Store, StoreError};
use super::super::index::{Head, MARK_INTERVAL, Point};
use super::super::{Listing, millis};
use super::report_wrong_mark;
use super::run::Run;
use crate::limits::{CHECKED_AGE, MAX_CODES_PER_ANSWER};

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
    /// Counts the steps again that are not checked for good, and begins a rebuild if one is not as long as it must be.
    pub(super) async fn check_newest_steps(
        &self,
        listing: &Listing,
        head: &Head,
        run: &mut Run,
    ) -> Result<Option<WrongStep>, StoreError> {
        let mut checked = head.checked;
        let wrong = self.first_wrong_step(listing, head, &mut checked, run).await?;
        if let Some(wrong) = wrong {
            self.mend(listing, head, wrong, run).await?;
        }
        if checked > head.checked {
            let further = |head: Head| Head { checked: head.checked.max(checked), ..head };
            self.change_head(listing, head.generation, further).await?;
        }
        Ok(wrong)
    }

    /// Begins a rebuild for a wrong step, and reports it. A step that is being mended already is not reported again.
    pub(super) async fn mend(
        &self,
        listing: &Listing,
        head: &Head,
        wrong: WrongStep,
        run: &mut Run,
    ) -> Result<(), StoreError> {
        if self.begin_rebuild(listing, head).await? {
            report_wrong_mark(listing, wrong.mark, wrong.found, "the upkeep");
            run.did.wrong.push(listing.to_string());
        }
        Ok(())
    }

    /// Counts from the last mark that is checked to the last one there is. Moves `checked` on.
    async fn first_wrong_step(
        &self,
        listing: &Listing,
        head: &Head,
        checked: &mut u64,
        run: &mut Run,
    ) -> Result<Option<WrongStep>, StoreError> {
        let old = Ulid::from_parts(run.now.saturating_sub(millis(CHECKED_AGE)), 0);
        let mut at = *checked;
        let mut from = None;
        if at > 0 {
            from = self.mark_now(listing, head.generation, at).await?;
            if from.is_none() {
                return Ok(head.mark.map(|mark| WrongStep::new(None, mark, None)));
            }
        }
        while at < head.marked() && !run.is_over() {
            let left = usize::try_from(head.marked() - at).unwrap_or(usize::MAX);
            let tail = self.tail(listing, from, left.min(MAX_CODES_PER_ANSWER)).await?;
            let marks = self.marks_now(listing, head.generation, at + 1..=tail.end()).await?;
            // An answer has more than a hundred codes, so a part without a mark is a step that is too short, or a gap.
            if marks.is_empty() {
                return Ok(head.mark.map(|mark| WrongStep::new(from, mark, None)));
            }
            for mark in &marks {
                run.did.steps_checked += 1;
                let found = tail.at(mark.position);
                if found != Some(*mark) || mark.position != at + MARK_INTERVAL {
                    return Ok(Some(WrongStep::new(from, *mark, found)));
                }
                (from, at) = (Some(*mark), mark.position);
                if mark.ulid < old {
                    *checked = at;
                }
            }
        }
        Ok(None)
    }
}
