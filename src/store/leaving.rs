//! Leaving: an organisation is closed, or some of its mentors go, and their active codes end. `commands::leave` has the
//! order of the steps.
//!
//! Every code ends by the change that a DELETE makes ([`super::invalidate`]), so callers see nothing else. Which codes are
//! left to end follows from the index, which may lag, and which shows a code that ended a moment ago. So an end is asked for
//! each code that the index shows as active, and a code that is not is left alone.
//!
//! # No code of a closed organisation is left active
//!
//! A process takes the organisation for open for a minute after it was closed, and its last call then has ended before
//! [`crate::limits::CLOSING_TIME`]. Only a request that DynamoDB gets minutes late can make a code after that. When none can
//! be under way any more, the upkeep looks again: it finds the organisation by an item in the partition of pending work.

use std::collections::BTreeSet;
use std::time::Duration;

use super::dynamodb::{Item, ItemChange, Outcome, Update};
use super::index_query::{Start, read_codes};
use super::item::{format, new_item, number};
use super::key::{Key, PENDING};
use super::organisation::{CLOSED_AT, closed_at};
use super::{By, InvalidateError, Store, StoreError};
use crate::limits::{CLOSING_TIME, COMPLETE_AFTER, MEMORY_OF_OPEN_ORGANISATION, millis};
use crate::model::{CallContext, CodeId, Listing, MentorId, Order, OrgId, ReferralCode};

/// How many codes or mentors are looked at with one step.
const STEP: usize = 100;

/// Whose codes end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Leavers {
    /// The organisation.
    pub org_id: OrgId,
    /// Those of its mentors who leave; none if all do.
    pub mentors: Option<BTreeSet<MentorId>>,
}

/// Some of the codes that are to end.
#[derive(Debug)]
pub struct ActiveCodes {
    /// Each with the cursor after it.
    pub codes: Vec<(String, CodeId)>,
    /// Where the next ones begin; none if these are the last.
    pub next: Option<String>,
}

/// The leaving of organisations and of mentors. No call does it.
#[derive(Clone, Debug)]
pub struct Leaving {
    pub(super) store: Store,
}

impl Leaving {
    /// Closes an organisation, if it is open. Returns how long it may take until no call makes a code for it.
    pub async fn close(&self, org: &OrgId, cx: &CallContext<'_>) -> Result<Duration, StoreError> {
        // First what the upkeep needs: a run may end between the two writes.
        self.store.table.put_if_absent(new_item(&Key::Leaving(org.clone()))).await?;
        let now = cx.unix_millis();
        match self.set_closed_at(org, now, "attribute_not_exists(#closed_at) OR #closed_at = :open").await? {
            Update::Done => Ok(CLOSING_TIME),
            Update::ConditionFailed(item) => {
                let since = now.saturating_sub(closed_at(item.as_ref())?.unwrap_or(now));
                Ok(CLOSING_TIME.saturating_sub(Duration::from_millis(since)))
            }
        }
    }

    /// Opens an organisation again. Whether it was closed.
    pub async fn reopen(&self, org: &OrgId) -> Result<bool, StoreError> {
        Ok(matches!(self.set_closed_at(org, 0, "#closed_at > :open").await?, Update::Done))
    }

    async fn set_closed_at(&self, org: &OrgId, at: u64, condition: &str) -> Result<Update, StoreError> {
        let (key, set) = (Key::Organisation(org.clone()), Item::from([(CLOSED_AT.to_owned(), number(at))]));
        let values = Item::from([(":open".to_owned(), number(0))]);
        self.store.table.update(key.attributes(), set, format(), condition, values).await
    }

    /// The codes after a cursor that are to end, as far as is known.
    pub async fn active_codes(
        &self,
        leavers: &Leavers,
        after: Option<&str>,
        cx: &CallContext<'_>,
    ) -> Result<ActiveCodes, StoreError> {
        let now = cx.now();
        let to_end = |code: &ReferralCode| code.is_active(now) && code.org_id == leavers.org_id;
        let Some(mentors) = &leavers.mentors else {
            let start = match after.map(ulid::Ulid::from_string) {
                None => Start::End,
                Some(Ok(ulid)) => Start::After(ulid),
                Some(Err(_)) => return Err(StoreError::Fault("`after` is no cursor of this command".to_owned())),
            };
            let listing = Listing::Org(leavers.org_id.clone());
            let read = read_codes(&self.store.table, &listing, Order::OldestFirst, start, STEP).await?;
            let next = if read.len() == STEP { read.last().map(|last| last.ulid.to_string()) } else { None };
            let codes = read.iter().filter(|code| to_end(code)).map(|code| (code.ulid.to_string(), code.id.clone()));
            return Ok(ActiveCodes { codes: codes.collect(), next });
        };
        let some: Vec<_> = mentors.iter().filter(|mentor| Some(mentor.as_str()) > after).take(STEP).collect();
        let next = if some.len() == STEP { some.last().map(ToString::to_string) } else { None };
        let view = self.store.view(cx.clone());
        let mut codes = Vec::new();
        for mentor in some {
            let held = view.session.slot(mentor).await?.map(|slot| slot.held.clone());
            codes.extend(held.filter(to_end).map(|code| (mentor.to_string(), code.id)));
        }
        Ok(ActiveCodes { codes, next })
    }

    /// Ends a code as a DELETE does. Whether this has ended it: it may have ended meanwhile.
    pub async fn end(&self, code: &CodeId, cx: &CallContext<'_>) -> Result<bool, StoreError> {
        match self.store.view(cx.clone()).invalidate(code).await {
            Ok((_, by)) => Ok(by == By::This),
            Err(InvalidateError::NotFound | InvalidateError::NotActive(_)) => Ok(false),
            Err(InvalidateError::Store(error)) => Err(error),
        }
    }

    /// The organisations for which no request of before they were closed can be under way any more, and at which the upkeep
    /// has not looked again since.
    pub async fn to_look_at_again(&self, cx: &CallContext<'_>) -> Result<Vec<OrgId>, StoreError> {
        let mut due = Vec::new();
        for item in self.store.table.get_partition(PENDING).await? {
            let Some(Key::Leaving(org)) = Key::of(&item) else { continue };
            let key = Key::Organisation(org.clone()).attributes();
            let after = millis(COMPLETE_AFTER + MEMORY_OF_OPEN_ORGANISATION);
            match closed_at(self.store.table.get(key).await?.as_ref())? {
                Some(at) if cx.unix_millis() < at + after => {}
                Some(_) => due.push(org),
                None => self.is_done(&org, cx).await?,
            }
        }
        Ok(due)
    }

    /// Notes that the upkeep need not look at an organisation again, unless it is closed or opened at this moment.
    pub async fn is_done(&self, org: &OrgId, cx: &CallContext<'_>) -> Result<(), StoreError> {
        let table = &self.store.table;
        let [flag, pending] = [Key::Organisation(org.clone()), Key::Leaving(org.clone())].map(|key| key.attributes());
        let (found, there) = (table.get(flag.clone()).await?, table.get(pending.clone()).await?);
        let writes = table.writes().change(flag, found.as_ref(), ItemChange::Keep);
        let writes = writes.change(pending, there.as_ref(), ItemChange::Delete);
        match table.transaction(writes, cx.age()).send().await {
            Ok(Outcome::Committed | Outcome::ConditionFailed(_)) | Err(StoreError::Contended(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
