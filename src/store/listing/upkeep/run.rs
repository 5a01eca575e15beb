//! One run of the upkeep, within its time.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::Instant;
use ulid::Ulid;

use super::super::super::item::{self, ORG_ID};
use super::super::super::{Store, StoreError};
use super::super::query::Start;
use super::super::{Listing, Order};
use super::check::WrongStep;
use super::state::OrganisationsCursor;
use crate::limits::{LISTINGS_AT_ONCE, REBUILD_SLICE};
use crate::model::{CallContext, OrgId};

/// What a run of the upkeep has done.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Upkeep {
    /// How many listings it has looked at.
    pub listings: u64,
    /// How many page marks it has made.
    pub marks_made: u64,
    /// How many steps from one mark to the next it has counted again.
    pub steps_checked: u64,
    /// The listings in which it has found a mark that counts wrongly. Their rebuild has begun.
    pub wrong: Vec<String>,
    /// The listings whose rebuild is not finished yet.
    pub rebuilding: Vec<String>,
    /// The listings that grow so fast that their count should be brought up to date within ten seconds, to keep `total` recent:
    /// for [`Store::go_on_with_upkeep`].
    pub busy: Vec<Listing>,
    /// Whether it has done all there was to do.
    pub done: bool,
}

/// The time of a run, and what it has done.
pub(super) struct Run {
    ends: Instant,
    pub(super) now: u64,
    pub(super) did: Upkeep,
    /// The first failure of a listing. It does not keep the others from being looked after.
    failed: Option<StoreError>,
}

impl Run {
    pub(super) fn new(cx: &CallContext<'_>, time_limit: Duration) -> Self {
        Self::until(Instant::now() + time_limit, cx.unix_millis())
    }

    fn until(ends: Instant, now: u64) -> Self {
        Self { ends, now, did: Upkeep { done: true, ..Upkeep::default() }, failed: None }
    }

    /// Work of the same run that goes on beside it.
    fn part(&self) -> Self {
        Self::until(self.ends, self.now)
    }

    fn add(&mut self, part: Self) {
        let Upkeep { listings, marks_made, steps_checked, wrong, rebuilding, busy, done } = part.did;
        self.did.listings += listings;
        self.did.marks_made += marks_made;
        self.did.steps_checked += steps_checked;
        self.did.wrong.extend(wrong);
        self.did.rebuilding.extend(rebuilding);
        self.did.busy.extend(busy);
        self.did.done &= done;
        self.failed = self.failed.take().or(part.failed);
    }

    /// The value, or none of a failure. The run goes on, and fails at its end.
    fn note<T>(&mut self, listing: &Listing, result: Result<T, StoreError>) -> Option<T> {
        result.map_err(|error| self.note_failure(listing, error)).ok()
    }

    fn note_failure(&mut self, of: impl fmt::Display, error: StoreError) {
        tracing::error!(listing = %of, %error, "the upkeep of a listing failed");
        self.failed = self.failed.take().or(Some(error));
    }

    /// Whether the time is over. Then something is left to do.
    pub(super) fn is_over(&mut self) -> bool {
        let is_over = Instant::now() >= self.ends;
        self.did.done &= !is_over;
        is_over
    }

    fn half_of_the_time_left(&self) -> Instant {
        let now = Instant::now();
        now + self.ends.saturating_duration_since(now) / 2
    }

    fn end(self) -> Result<Upkeep, StoreError> {
        match self.failed {
            Some(error) => Err(error),
            None => Ok(Upkeep { done: self.did.done && self.did.rebuilding.is_empty(), ..self.did }),
        }
    }
}

impl Store {
    /// Brings the page indexes of all listings up to date, checks their newest steps, and goes on with rebuilds, until all
    /// is done or the time is over. It may run while calls do, and beside other runs.
    ///
    /// # Errors
    /// When the table fails, or one listing's items cannot be read. The others are looked after all the same, and what was
    /// done stays.
    pub async fn upkeep(&self, cx: &CallContext<'_>, time_limit: Duration) -> Result<Upkeep, StoreError> {
        let mut run = Run::new(cx, time_limit);
        let looked_after = Box::pin(self.look_after(&Listing::All, &mut run)).await;
        let wrong = run.note(&Listing::All, looked_after).flatten();
        // Before the organisations, which may be very many; but not so long that these never come.
        Box::pin(self.go_on_with_rebuilds(run.half_of_the_time_left(), &mut run)).await?;
        Box::pin(self.look_after_organisations(wrong, &mut run)).await?;
        Box::pin(self.go_on_with_rebuilds(run.ends, &mut run)).await?;
        run.end()
    }

    /// Goes on after an upkeep with what must not wait for the next one: the counts of listings that grow fast, and a part of
    /// each rebuild.
    ///
    /// # Errors
    /// As of an upkeep.
    pub async fn go_on_with_upkeep(
        &self,
        busy: &[Listing],
        cx: &CallContext<'_>,
        time_limit: Duration,
    ) -> Result<Upkeep, StoreError> {
        let mut run = Run::new(cx, time_limit);
        for listing in busy {
            run.did.listings += 1;
            let done = Box::pin(self.bring_up_to_date(listing, &mut run)).await;
            run.note(listing, done);
        }
        Box::pin(self.go_on_with_rebuilds(run.ends, &mut run)).await?;
        run.end()
    }

    /// Brings one page index up to date, and checks its newest steps.
    async fn look_after(&self, listing: &Listing, run: &mut Run) -> Result<Option<WrongStep>, StoreError> {
        run.did.listings += 1;
        let (head, wrong) = Box::pin(self.bring_up_to_date(listing, run)).await?;
        match wrong {
            Some(wrong) => Ok(Some(wrong)),
            None => Box::pin(self.check_newest_steps(listing, &head, run)).await,
        }
    }

    /// Goes on with all rebuilds until this time; for a part at a time while listings are busy.
    async fn go_on_with_rebuilds(&self, until: Instant, run: &mut Run) -> Result<(), StoreError> {
        let generations = self.new_generations().await?;
        let mut until = until.min(run.ends);
        if !run.did.busy.is_empty() {
            until = until.min(Instant::now() + REBUILD_SLICE);
        }
        run.did.rebuilding.clear();
        for new in generations {
            let mut new = match new {
                Ok(new) => new,
                Err(unreadable) => {
                    run.note_failure("the state of a rebuild", unreadable.into());
                    continue;
                }
            };
            let mut part = Run::until(until, run.now);
            let is_live = Box::pin(self.go_on_with(&mut new, &mut part)).await;
            run.did.marks_made += part.did.marks_made;
            if run.note(&new.listing, is_live) == Some(false) {
                run.did.rebuilding.push(new.listing.to_string());
            }
        }
        Ok(())
    }

    /// Looks after the organisations that have codes which no run has met yet, or behind which a code may have appeared. The
    /// progress is saved after each answer of the index, so a run that ends early repeats little.
    ///
    /// A code that appears late in the listing of all codes appears late in its organisation's, too. Behind a mark of all
    /// codes, it makes a wrong step there: then the run goes back to that step. After the last mark there is no step yet to
    /// tell it, so the cursor never passes that mark.
    async fn look_after_organisations(&self, wrong: Option<WrongStep>, run: &mut Run) -> Result<(), StoreError> {
        let mut cursor = self.organisations_cursor().await?;
        if let Some(wrong) = wrong {
            cursor = cursor.min(wrong.after.map(OrganisationsCursor));
        }
        let last_mark = self.head_now(&Listing::All).await?.mark.map(|mark| mark.ulid);
        let settled = self.settled(run.now);
        let mut looked_after = BTreeSet::new();
        while !run.is_over() {
            let start = cursor.map_or(Start::End, |cursor| Start::After(cursor.0));
            let query =
                self.index_query(&Listing::All, Order::OldestFirst, start).projection_expression("ulid, org_id");
            let answer = Box::pin(query.send()).await?;
            let mut organisations = BTreeSet::new();
            let mut last: Option<Ulid> = None;
            for entry in answer.items() {
                let ulid = item::indexed_ulid(entry)?;
                if ulid >= settled {
                    break;
                }
                let org = entry.get(ORG_ID).and_then(|org| org.as_s().ok()).cloned();
                organisations.extend(org.filter(|org| !looked_after.contains(org)));
                last = Some(ulid);
            }
            let Some(last) = last else { return Ok(()) };
            let listings: Vec<_> =
                organisations.iter().filter_map(|org| OrgId::parse(org).ok().map(Listing::Org)).collect();
            for some in listings.chunks(LISTINGS_AT_ONCE) {
                if run.is_over() {
                    return Ok(());
                }
                let parts = join_all(some.iter().map(|listing| async {
                    let mut part = run.part();
                    let done = Box::pin(self.look_after(listing, &mut part)).await;
                    part.note(listing, done);
                    part
                }));
                for part in parts.await {
                    run.add(part);
                }
            }
            looked_after.append(&mut organisations);
            cursor = Some(OrganisationsCursor(last));
            if let Some(passed) = last_mark.map(|mark| mark.min(last)) {
                self.save_cursor(OrganisationsCursor(passed)).await?;
            }
            if answer.last_evaluated_key.is_none() {
                return Ok(());
            }
        }
        Ok(())
    }
}
