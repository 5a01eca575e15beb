//! A new generation of a listing's marks beside the live one, and the end of the old one.

use std::time::Duration;

use futures_util::future::try_join_all;
use ulid::Ulid;

use super::super::super::key::Key;
use super::super::super::{Store, StoreError};
use super::super::index::{Head, Made, Point};
use super::super::{Listing, millis};
use super::run::Run;
use super::state::NewGeneration;
use crate::limits::{MARKS_AT_ONCE, MAX_CODES_PER_ANSWER, MAX_ROUNDS, OLD_MARKS_ARE_KEPT};
use crate::model::CallContext;

/// How far a rebuild has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rebuild {
    /// The generation of marks that it makes or has made.
    pub generation: u64,
    /// How many codes it has counted.
    pub counted: u64,
    /// Whether that generation is live.
    pub done: bool,
}

impl Store {
    /// Rebuilds the page index of a listing: begins a new generation of marks, or goes on with one that was begun, until it
    /// is live or the time is over. Lists are answered from the old generation until then.
    ///
    /// # Errors
    /// When the table fails. What was done until then stays.
    pub async fn rebuild(
        &self,
        listing: &Listing,
        cx: &CallContext<'_>,
        time_limit: Duration,
    ) -> Result<Rebuild, StoreError> {
        let mut run = Run::new(cx, time_limit);
        let is_begun = |new: &NewGeneration| new.live_since.is_none();
        if self.new_generation(listing).await?.is_none_or(|new| !is_begun(&new)) {
            self.begin_rebuild(listing, &self.head_now(listing).await?).await?;
        }
        let Some(mut new) = self.new_generation(listing).await? else {
            return Err(StoreError::Unavailable(format!("the rebuild of {listing} was ended by another run")));
        };
        let done = !is_begun(&new) || Box::pin(self.go_on_with(&mut new, &mut run)).await?;
        Ok(Rebuild { generation: new.generation, counted: new.made.map_or(0, |made| made.position), done })
    }

    /// Begins a generation after the head's, unless it was begun. Whether this call has begun it.
    pub(in crate::store) async fn begin_rebuild(&self, listing: &Listing, head: &Head) -> Result<bool, StoreError> {
        let generation = head.generation + 1;
        self.save_first(&NewGeneration { listing: listing.clone(), generation, made: None, live_since: None }).await
    }

    /// Begins a rebuild if there are marks after a code that is put into the listing late: of the live generation, or of one
    /// that is being made.
    pub(in crate::store) async fn rebuild_if_behind(&self, listing: &Listing, late: Ulid) -> Result<(), StoreError> {
        let head = self.head_now(listing).await?;
        let made = self.new_generation(listing).await?.filter(|new| new.live_since.is_none());
        let is_behind = |point: Option<Point>| point.is_some_and(|point| point.ulid > late);
        if let Some(new) = made.filter(|new| is_behind(new.made)) {
            let next = NewGeneration { generation: new.generation + 1, made: None, ..new };
            self.save_first(&next).await?;
        } else if is_behind(head.mark) {
            self.begin_rebuild(listing, &head).await?;
        }
        Ok(())
    }

    /// Makes the marks of a new generation until it is live, or deletes the old marks when it is time. Whether the new
    /// generation is live.
    pub(super) async fn go_on_with(&self, new: &mut NewGeneration, run: &mut Run) -> Result<bool, StoreError> {
        if let Some(live_since) = new.live_since {
            if run.now.saturating_sub(live_since) >= millis(OLD_MARKS_ARE_KEPT) {
                self.delete_old_marks(new, run).await?;
            }
            return Ok(true);
        }
        let settled = self.settled(run.now);
        while !run.is_over() {
            let tail = self.tail(&new.listing, new.made, MAX_CODES_PER_ANSWER).await?;
            let due = tail.due(settled);
            if let Made::Disagree { .. } = self.make_marks(&new.listing, new.generation, &due).await? {
                // The marks of an earlier attempt: a code has arrived late since, or another run counts as well.
                *new = NewGeneration { generation: new.generation + 1, made: None, ..new.clone() };
                if !self.save_first(new).await? {
                    return Ok(false);
                }
                continue;
            }
            run.did.marks_made += due.len() as u64;
            new.made = due.last().copied().or(new.made);
            if tail.complete || due.is_empty() {
                return self.make_live(new, run.now).await;
            }
            if !self.save_progress(new).await? {
                return Ok(false);
            }
        }
        Ok(false)
    }

    async fn make_live(&self, new: &NewGeneration, now: u64) -> Result<bool, StoreError> {
        for _ in 0..MAX_ROUNDS {
            let head = self.head_now(&new.listing).await?;
            // Its steps were counted once. What has appeared behind them since is found by the next check.
            let next = Head { generation: new.generation, mark: new.made, count: None, checked: 0, ..head.clone() };
            // Another run may have made it live, and lists may have gone on from there.
            let is_live = head.generation >= new.generation;
            if is_live || self.replace_head(&new.listing, &head, next).await?.is_some() {
                if new.listing == Listing::All {
                    // Where codes had appeared late is not known any more, so every organisation is looked at again.
                    self.table.delete(Key::Organisations.attributes()).await?;
                }
                self.save_progress(&NewGeneration { live_since: Some(now), ..new.clone() }).await?;
                tracing::info!(listing = %new.listing, generation = new.generation, "a rebuilt page index is live");
                return Ok(true);
            }
        }
        Err(StoreError::Unavailable(format!("the head of the page index of {} changes too often", new.listing)))
    }

    /// Deletes the marks of all generations before this one, and then the state of the rebuild.
    async fn delete_old_marks(&self, new: &NewGeneration, run: &mut Run) -> Result<(), StoreError> {
        if self.head_now(&new.listing).await?.generation < new.generation {
            // A restored table may have an older head than this state: then the old marks are the live ones, and the next
            // rebuild must be able to begin.
            return self.forget(new).await;
        }
        for old in 1..new.generation {
            loop {
                let marks = self.some_marks(&new.listing, old, MARKS_PER_DELETION).await?;
                if marks.is_empty() {
                    break;
                }
                for some in marks.chunks(MARKS_AT_ONCE) {
                    let keys = some.iter().filter_map(Key::of).map(|key| key.attributes());
                    try_join_all(keys.map(|key| self.table.delete(key))).await?;
                }
                if run.is_over() {
                    return Ok(());
                }
            }
        }
        self.forget(new).await
    }
}

/// How many marks are looked up at a time to be deleted.
const MARKS_PER_DELETION: i32 = 1000;
