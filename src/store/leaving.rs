//! Leaving: an organisation is closed, or some of its mentors go, and their active codes end. `commands::leave` has the
//! order of the steps.
//!
//! Every code ends by the change that a DELETE makes ([`super::invalidate`]), so callers see nothing else. Of a whole organisation,
//! those left to end follow from the index, which may lag, and which shows a code that ended a moment ago. So an end is asked for
//! each code that the index shows as active, and a code that is not is left alone.
//!
//! # No code of a closed organisation is left active
//!
//! A process takes the organisation for open for a minute after it was closed, and its last call then has ended before
//! [`crate::limits::CLOSING_TIME`]. Only a request that DynamoDB gets minutes late can make a code after that. When none can
//! be under way any more, the upkeep looks again: it finds the organisation by an item in the partition of pending work.

use std::collections::BTreeSet;
use std::time::Duration;

use super::dynamodb::{Item, ItemChange, Outcome};
use super::index_query::{Start, read_codes};
use super::item::{Attributes, new_item, number};
use super::key::Key;
use super::organisation::{CLOSED_AT, closed_at};
use super::slot::Slot;
use super::{By, InvalidateError, Store, StoreError};
use crate::limits::{
    CLOSING_TIME, COMPLETE_AFTER, MAX_ENDS_PER_SECOND, MAX_REPAIR_ROUNDS, MEMORY_OF_OPEN_ORGANISATION, millis,
};
use crate::model::{CallContext, CodeId, Listing, MentorId, Order, OrgId, ReferralCode, Sources};

const VERSION: &str = "version";
const PER_SECOND: &str = "per_second";

/// How many codes or mentors are looked at with one step.
const STEP: usize = 100;

/// How a code has ended that was to end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended {
    /// As it was told to.
    Now,
    /// It had ended already.
    Before,
    /// The same, and its mentor has another active code: a rotation may have come in between.
    Replaced,
}

/// One closing of an organisation.
#[derive(Debug)]
pub struct Closing {
    pub org_id: OrgId,
    /// The organisation's item: an opening and another rate write another one.
    flag: Option<Item>,
}

impl Closing {
    /// How many codes a second may end.
    pub fn per_second(&self) -> u32 {
        let found = self.flag.as_ref().and_then(|flag| Attributes::of(flag).ok()?.number(PER_SECOND).ok()?);
        found.unwrap_or(MAX_ENDS_PER_SECOND).clamp(1, MAX_ENDS_PER_SECOND)
    }
}

/// The leaving of organisations and of mentors. No call does it.
pub struct Leaving<'a> {
    pub(super) store: &'a Store,
    /// Each step reads the clock anew.
    pub(super) sources: &'a Sources,
}

impl Leaving<'_> {
    /// Closes an organisation, or sets the rate of one that is closed. Returns the closing, and how long it may take until no call
    /// makes a code for it.
    pub async fn close(&self, org: &OrgId, per_second: u32) -> Result<(Closing, Duration), StoreError> {
        let cx = self.sources.call_context();
        let now = cx.unix_millis();
        let closing = Closing { org_id: org.clone(), flag: self.set(org, Some((now, per_second)), &cx).await? };
        let since = now.saturating_sub(closed_at(closing.flag.as_ref())?.unwrap_or(now));
        Ok((closing, CLOSING_TIME.saturating_sub(Duration::from_millis(since))))
    }

    /// Opens an organisation again, if it is closed.
    pub async fn reopen(&self, org: &OrgId) -> Result<(), StoreError> {
        self.set(org, None, &self.sources.call_context()).await.map(drop)
    }

    /// Closes or opens an organisation, with the note for the upkeep. The item counts its versions, so that a request which
    /// arrives late changes nothing. Returns the item.
    async fn set(&self, org: &OrgId, close: Option<(u64, u32)>, cx: &CallContext) -> Result<Option<Item>, StoreError> {
        let (table, [key, note]) = (&self.store.table, [Key::Organisation(org.clone()), Key::Leaving(org.clone())]);
        for _ in 0..MAX_REPAIR_ROUNDS {
            let mut read = table.get_at_once(&[key.attributes(), note.attributes()]).await?.into_iter();
            let (found, noted) = (read.next().flatten(), read.next().flatten());
            let closed = closed_at(found.as_ref())?;
            let (at, per_second) = close.map_or((0, 0), |(now, rate)| (closed.unwrap_or(now), rate));
            let mut item = found.clone().unwrap_or_else(|| new_item(&key));
            item.extend([(CLOSED_AT.to_owned(), number(at)), (PER_SECOND.to_owned(), number(per_second))]);
            if found.as_ref().is_some_and(|found| *found == item) || (closed, close) == (None, None) {
                return Ok(found);
            }
            let version: u64 = Attributes::of(&item)?.number(VERSION)?.unwrap_or(0);
            item.insert(VERSION.to_owned(), number(version + 1));
            let change = match (close, closed) {
                (None, _) => ItemChange::Delete,
                (Some(_), None) => ItemChange::Put(new_item(&note)),
                (Some(_), Some(_)) => ItemChange::Keep,
            };
            let writes = table.writes().change(key.attributes(), found.as_ref(), ItemChange::Put(item.clone()));
            let writes = writes.change(note.attributes(), noted.as_ref(), change);
            if matches!(table.decide(writes, cx).await?, Outcome::Committed) {
                return Ok(Some(item));
            }
        }
        Err(StoreError::Unavailable(format!("the organisation {org} is closed and opened too often")))
    }

    /// Whether the organisation was neither opened nor given another rate since this closing.
    pub async fn is_current(&self, closing: &Closing) -> Result<bool, StoreError> {
        let key = Key::Organisation(closing.org_id.clone()).attributes();
        Ok(self.store.table.get(key).await? == closing.flag)
    }

    /// The codes after a cursor that are to end, as far as is known: those of these mentors, or of all. Each comes with the
    /// cursor after it, and all of them with the cursor of the next ones; none if these are the last.
    pub async fn active_codes(
        &self,
        org: &OrgId,
        mentors: Option<&BTreeSet<MentorId>>,
        after: Option<&str>,
    ) -> Result<(Vec<(String, CodeId)>, Option<String>), StoreError> {
        let now = self.sources.call_context().now();
        let to_end = |code: &ReferralCode| code.is_active(now) && code.org_id == *org;
        let Some(mentors) = mentors else {
            let start = after.and_then(|after| after.parse().ok()).map_or(Start::End, Start::After);
            let listing = Listing::Org(org.clone());
            let read = read_codes(&self.store.table, &listing, Order::OldestFirst, start, STEP).await?;
            let next = if read.len() == STEP { read.last().map(|last| last.ulid.to_string()) } else { None };
            let codes = read.iter().filter(|code| to_end(code)).map(|code| (code.ulid.to_string(), code.id.clone()));
            return Ok((codes.collect(), next));
        };
        let some: Vec<_> = mentors.iter().filter(|mentor| Some(mentor.as_str()) > after).take(STEP).collect();
        let next = if some.len() == STEP { some.last().map(ToString::to_string) } else { None };
        let mut codes = Vec::new();
        for mentor in some {
            let slot = self.store.table.get(Key::Slot(mentor.clone()).attributes()).await?;
            let held = slot.as_ref().map(Slot::find).transpose()?.flatten().map(|slot| slot.held);
            codes.extend(held.filter(to_end).map(|code| (mentor.to_string(), code.id)));
        }
        Ok((codes, next))
    }

    /// Ends a code as a DELETE does. It may have ended meanwhile.
    pub async fn end(&self, code: &CodeId, cx: &CallContext) -> Result<Ended, StoreError> {
        match self.store.view(cx.clone()).invalidate(code).await {
            Ok((_, By::This)) => Ok(Ended::Now),
            Err(InvalidateError::NotActive(other)) if other.active_id.is_some() => Ok(Ended::Replaced),
            Ok(_) | Err(InvalidateError::NotFound | InvalidateError::NotActive(_)) => Ok(Ended::Before),
            Err(InvalidateError::Store(error)) => Err(error),
        }
    }

    /// The closing of an organisation, if it is closed and no request of before can be under way any more.
    pub async fn due(&self, org: OrgId) -> Result<Option<Closing>, StoreError> {
        let flag = self.store.table.get(Key::Organisation(org.clone()).attributes()).await?;
        let (at, closing) = (closed_at(flag.as_ref())?, Closing { org_id: org, flag });
        if at.is_none() {
            // As after a restore.
            self.is_done(&closing).await?;
        }
        let after = millis(COMPLETE_AFTER + MEMORY_OF_OPEN_ORGANISATION);
        Ok(at.is_some_and(|at| self.sources.call_context().unix_millis() >= at + after).then_some(closing))
    }

    /// Notes that the upkeep need not look at an organisation again, unless it was closed or opened since.
    pub async fn is_done(&self, closing: &Closing) -> Result<(), StoreError> {
        let (table, note) = (&self.store.table, Key::Leaving(closing.org_id.clone()));
        let flag = Key::Organisation(closing.org_id.clone()).attributes();
        let writes = table.writes().change(flag, closing.flag.as_ref(), ItemChange::Keep);
        let writes = writes.change(note.attributes(), Some(&new_item(&note)), ItemChange::Delete);
        table.decide(writes, &self.sources.call_context()).await.map(drop)
    }
}
