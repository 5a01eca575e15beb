//! All marks of a listing that are due, and the count of a listing that grows fast.

use super::super::super::{Store, StoreError};
use super::super::Listing;
use super::super::index::{Head, Made, Point, Tail, count_of_fast_listing};
use super::check::WrongStep;
use super::run::Run;
use crate::limits::MAX_CODES_PER_ANSWER;

impl Store {
    /// Makes the marks that are due, and returns the head as it is then, and where another maker has counted otherwise.
    pub(super) async fn bring_up_to_date(
        &self,
        listing: &Listing,
        run: &mut Run,
    ) -> Result<(Head, Option<WrongStep>), StoreError> {
        let settled = self.settled(run.now);
        let mut head = self.head_now(listing).await?;
        loop {
            let tail = self.tail(listing, head.mark, MAX_CODES_PER_ANSWER).await?;
            let due = tail.due(settled);
            let is_last = due.is_empty() || tail.complete;
            if let Some(last) = due.last() {
                if let Made::Disagree { ours, theirs } = self.make_marks(listing, head.generation, &due).await? {
                    let wrong = WrongStep::new(head.mark, Point { ulid: theirs, ..ours }, Some(ours));
                    self.mend(listing, &head, wrong, run).await?;
                    return Ok((head, Some(wrong)));
                }
                let next = Head { mark: Some(*last), ..head.clone() };
                let Some(written) = self.replace_head(listing, &head, next).await? else {
                    // A list was faster. It may have left something to do.
                    head = self.head_now(listing).await?;
                    if run.is_over() {
                        return Ok((head, None));
                    }
                    continue;
                };
                run.did.marks_made += due.len() as u64;
                head = written;
            }
            if is_last {
                return Ok((Box::pin(self.count_if_fast(listing, head, tail, run)).await?, None));
            }
            if run.is_over() {
                return Ok((head, None));
            }
        }
    }

    /// Counts the rest of the tail, and puts the count into the head if lists need it.
    async fn count_if_fast(
        &self,
        listing: &Listing,
        head: Head,
        mut tail: Tail,
        run: &mut Run,
    ) -> Result<Head, StoreError> {
        while !tail.complete && !run.is_over() {
            let end = tail.ulids.last().map(|ulid| Point { position: tail.end(), ulid: *ulid });
            let Tail { ulids, complete, .. } = self.tail(listing, end, MAX_CODES_PER_ANSWER).await?;
            tail.ulids.extend(ulids);
            tail.complete = complete;
        }
        let (count, is_busy) = count_of_fast_listing(&head, &tail, run.now);
        run.did.busy |= is_busy;
        let Some(count) = count else { return Ok(head) };
        let next = Head { count: Some(count), ..head.clone() };
        Ok(self.replace_head(listing, &head, next).await?.unwrap_or(head))
    }
}
