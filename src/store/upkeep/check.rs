//! A listing, counted from the first mark that may still become wrong, and the organisations whose codes have settled.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::future::join_all;

use super::super::StoreError;
use super::super::key::Key;
use super::super::page_index::{Head, Point, parse_mark};
use super::walk::Walk;
use super::{Run, Upkeep, Upkept};
use crate::limits::{CHECKED_AGE, LISTINGS_AT_ONCE};
use crate::model::{CallContext, Listing, OrgId};

/// How far a rebuild has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Rebuild {
    /// How many codes it has counted.
    pub counted: u64,
    /// How many marks were missing or wrong.
    pub marks_written: u64,
    /// Whether it has counted the whole listing. If not, the upkeep goes on with it.
    pub done: bool,
}

impl Upkeep {
    /// Counts the listing of all codes, and those of organisations with codes that have settled, until all is done or the
    /// time is over. If the items of one listing cannot be read, the others are counted all the same.
    pub async fn check(&self, cx: &CallContext, time_limit: Duration) -> Result<Upkept, StoreError> {
        let run = self.run(cx, time_limit);
        run.note(&Listing::All, Box::pin(run.check_listing(&Listing::All)).await);
        run.end()
    }

    /// Counts a whole listing, and writes each mark that is missing or wrong, until all is done or the time is over.
    pub async fn rebuild(
        &self,
        listing: &Listing,
        cx: &CallContext,
        time_limit: Duration,
    ) -> Result<Rebuild, StoreError> {
        let run = self.run(cx, time_limit);
        self.recount(listing, None, run.now).await?;
        let counted = Box::pin(run.check_listing(listing)).await?;
        let Upkept { marks_written, done, .. } = run.end()?;
        Ok(Rebuild { counted, marks_written, done })
    }

    pub(super) async fn mark_at(&self, listing: &Listing, position: u64) -> Result<Option<Point>, StoreError> {
        if position == 0 {
            return Ok(None);
        }
        let mark = self.table.get(Key::Mark { listing: listing.clone(), position }.attributes()).await?;
        Ok(mark.as_ref().map(parse_mark).transpose()?)
    }
}

impl Run<'_> {
    /// Counts one listing, and returns how many codes it has, as far as they were counted.
    async fn check_listing(&self, listing: &Listing) -> Result<u64, StoreError> {
        let upkeep = self.upkeep;
        self.did().listings += 1;
        let Head { mut mark, mut progress } = Head::read_now(&upkeep.table, listing).await?;
        let checks_for_good = self.now >= progress.recount_after;
        let old = self.ago(CHECKED_AGE);
        let mut counted = HashSet::new();
        let mut walk = Walk::after(&upkeep.table, listing, upkeep.mark_at(listing, progress.checked).await?);
        loop {
            walk.read_on().await?;
            let due = walk.codes.due(self.settled);
            let mut goes_on = self.write(&walk, &due, &mut mark).await?;
            if let Some(last) = due.last().filter(|_| goes_on) {
                let mut next = progress;
                if let Some(checked) = due.iter().rfind(|point| point.ulid < old && checks_for_good) {
                    next.checked = checked.position;
                }
                if *listing == Listing::All {
                    if let Some(wrong) = walk.first_wrong(&due) {
                        progress.organisations = progress.organisations.min(wrong.mark_before());
                    }
                    let settled = walk.organisations_between(progress.organisations, last.position);
                    goes_on = self.check_organisations(settled, &mut counted).await;
                    next.organisations = progress.organisations.max(last.position);
                }
                goes_on = goes_on && (next == progress || upkeep.write_progress(listing, progress, next).await?);
                progress = next;
                walk.drop_up_to(last.position);
            }
            self.did().done &= goes_on;
            if !goes_on || walk.codes.complete || self.is_over() {
                return Ok(walk.codes.end());
            }
        }
    }

    /// Counts the listings of organisations that this run has not counted yet, some at the same time. Whether all were.
    async fn check_organisations(&self, organisations: HashSet<OrgId>, counted: &mut HashSet<OrgId>) -> bool {
        let left: Vec<_> = organisations.difference(counted).cloned().collect();
        for some in left.chunks(LISTINGS_AT_ONCE) {
            if self.is_over() {
                return false;
            }
            let checks = some.iter().map(|organisation| async {
                let listing = Listing::Org(organisation.clone());
                self.note(&listing, Box::pin(self.check_listing(&listing)).await)
            });
            join_all(checks).await;
        }
        counted.extend(left);
        self.failed.get().is_none()
    }
}
