//! One run of the upkeep, within its time.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::Instant;
use ulid::Ulid;

use super::super::super::item::{self, ORG_ID};
use super::super::super::{Store, StoreError};
use super::super::query::Start;
use super::super::{Listing, Order};
use super::check::WrongStep;
use super::state::Sweep;
use crate::limits::LISTINGS_AT_ONCE;
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
    /// The listings whose rebuild was not finished in time. The next run goes on with it.
    pub rebuilding: Vec<String>,
    /// Whether codes are made so fast that another run should follow within ten seconds, to keep `total` recent.
    pub busy: bool,
    /// Whether it has done all there was to do.
    pub done: bool,
}

/// The time of a run, and what it has done.
pub(super) struct Run {
    ends: Instant,
    pub(super) now: u64,
    pub(super) did: Upkeep,
}

impl Run {
    pub(super) fn new(cx: &CallContext<'_>, time_limit: Duration) -> Self {
        Self {
            ends: Instant::now() + time_limit,
            now: cx.unix_millis(),
            did: Upkeep { done: true, ..Upkeep::default() },
        }
    }

    /// The same run for work that goes on beside it.
    fn part(&self) -> Self {
        Self { ends: self.ends, now: self.now, did: Upkeep { done: true, ..Upkeep::default() } }
    }

    fn add(&mut self, part: Upkeep) {
        let Upkeep { listings, marks_made, steps_checked, wrong, rebuilding, busy, done } = part;
        self.did.listings += listings;
        self.did.marks_made += marks_made;
        self.did.steps_checked += steps_checked;
        self.did.wrong.extend(wrong);
        self.did.rebuilding.extend(rebuilding);
        self.did.busy |= busy;
        self.did.done &= done;
    }

    /// Whether the time is over. Then something is left to do.
    pub(super) fn is_over(&mut self) -> bool {
        let is_over = Instant::now() >= self.ends;
        self.did.done &= !is_over;
        is_over
    }
}

impl Store {
    /// Brings the page indexes of all listings up to date, checks their newest steps, and goes on with rebuilds, until all
    /// is done or the time is over. It may run while calls do, and beside other runs.
    ///
    /// # Errors
    /// When the table fails. What was done until then stays.
    pub async fn upkeep(&self, cx: &CallContext<'_>, time_limit: Duration) -> Result<Upkeep, StoreError> {
        let mut run = Run::new(cx, time_limit);
        let (sweep, _) = self.upkeep_state().await?;
        let wrong = self.tend(&Listing::All, &mut run).await?;
        // What has appeared late among all codes has appeared late in its organisation, too.
        let sweep = match wrong {
            Some(wrong) => wrong.after.map(Sweep).min(sweep),
            None => sweep,
        };
        self.tend_organisations(sweep, &mut run).await?;
        let (_, generations) = self.upkeep_state().await?;
        for new in generations {
            if run.is_over() {
                run.did.rebuilding.extend(new.live_since.is_none().then(|| new.listing.to_string()));
                continue;
            }
            let listing = new.listing.to_string();
            if !Box::pin(self.go_on_with(new, &mut run)).await? {
                run.did.rebuilding.push(listing);
            }
        }
        Ok(run.did)
    }

    /// Brings one page index up to date, and checks its newest steps.
    async fn tend(&self, listing: &Listing, run: &mut Run) -> Result<Option<WrongStep>, StoreError> {
        run.did.listings += 1;
        let (head, wrong) = Box::pin(self.bring_up_to_date(listing, run)).await?;
        match wrong {
            Some(wrong) => Ok(Some(wrong)),
            None => Box::pin(self.check_newest_steps(listing, &head, run)).await,
        }
    }

    /// Does the same for the organisations that have codes which no run has met yet. The progress is saved after each answer
    /// of the index, so a run that ends early repeats little.
    async fn tend_organisations(&self, mut sweep: Option<Sweep>, run: &mut Run) -> Result<(), StoreError> {
        let settled = self.settled(run.now);
        let mut tended = BTreeSet::new();
        loop {
            if run.is_over() {
                return Ok(());
            }
            let start = sweep.map_or(Start::End, |sweep| Start::After(sweep.0));
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
                let org = entry.get(ORG_ID).and_then(|org| org.as_s().ok()).and_then(|org| OrgId::parse(org).ok());
                organisations.extend(org.map(|org| org.as_str().to_owned()).filter(|org| !tended.contains(org)));
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
                    self.tend(listing, &mut part).await.map(|_| part.did)
                }));
                for part in parts.await {
                    run.add(part?);
                }
            }
            tended.append(&mut organisations);
            sweep = Some(Sweep(last));
            self.save_sweep(Sweep(last)).await?;
            if answer.last_evaluated_key.is_none() {
                return Ok(());
            }
        }
    }
}
