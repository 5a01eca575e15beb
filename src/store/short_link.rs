//! The short link: from a code string to the code that it leads to. It only reads.
//!
//! # Reads
//!
//! An active code takes its claim and its record. A claim never changes, so a process remembers which id it named, and
//! takes the record alone the next time. The record must still have the code string that was asked for: where it has
//! not, as after a repair, the claim is read again.
//!
//! # A rotated code in its grace
//!
//! It leads to its mentor's active code *where rotations alone lead from the one to the other*. The mentor's slot, confirmed,
//! tells the active code, and it and the pages behind it name the codes between. What is left to decide is how the mentor came
//! from the one code to the other. Each code names its successor, if a rotation ended it, and its predecessor, if a rotation
//! made it; both are written by the transaction that makes the change and never change after it. So:
//!
//! | between the two codes | decided by |
//! | --- | --- |
//! | nothing: the active code is the successor | the successor of the rotated code |
//! | one code: it is the successor, and the predecessor of the active one | both |
//! | more codes | their records, each of which must name the next one as its successor by a rotation |
//!
//! Where a DELETE, or a POST after an expiry, stands between them, one code of the chain was not ended by a rotation: it names
//! no successor, or names it as one after an expiry. Then the chain does not reach the active code. That never changes: an
//! ended code stays as it ended, and a code has one predecessor at most. So a chain that was found whole is remembered, too.
//!
//! That takes three round trips at most: the claim; the record and, if there is a grace, the mentor's slot and pages, whom the
//! claim names; the records between. A slot that was read beside the record may be older than it. Then it does not name the
//! record's successor, and is read again: a code that has just been rotated is not taken for one that leads nowhere.
//!
//! The records of the codes between need no confirmation. They ended before the slot's last change, which is confirmed.
//!
//! A rotation keeps the organisation, so a whole chain is within one. The organisation is compared all the same: a link must
//! not lead to another one, even on a table that contradicts itself.

use std::collections::HashMap;

use futures_util::future::try_join;

use super::dynamodb::Item;
use super::item;
use super::key::Key;
use super::recent::Recent;
use super::session::{Confirmed, Session};
use super::slot::{EarlierCode, Slot};
use super::{Store, StoreError};
use crate::limits::MAX_REMEMBERED_LINKS;
use crate::model::{CallContext, CodeId, CodeRef, CodeString, Origin, ReferralCode, State, Status, Timestamp};

/// What a short link leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ShortLink {
    /// An active code.
    Active {
        /// Its string: the one of the link or, in its grace, the one of the code that has replaced it.
        code: CodeString,
        /// When the link stops leading there, as far as is known.
        until: Option<Timestamp>,
    },
    /// Nothing: the code has ended.
    Ended(Status),
}

/// What a process knows of short links, and what never changes.
#[derive(Debug)]
pub(super) struct KnownLinks {
    /// The id of the code with a code string.
    ids: Recent<CodeString, CodeId>,
    /// The active code to which rotations alone have led from a rotated one.
    chains: Recent<CodeId, CodeId>,
}

impl Default for KnownLinks {
    fn default() -> Self {
        Self { ids: Recent::new(MAX_REMEMBERED_LINKS), chains: Recent::new(MAX_REMEMBERED_LINKS) }
    }
}

/// The short links, as one call sees them: the way in from outside for callers of whom nothing is known.
///
/// A short link is public, whoever may see its code otherwise. So what it tells is that the code is, or was, one, and the
/// string of the code that it leads to.
pub struct ShortLinks<'a> {
    store: &'a Store,
    cx: CallContext<'a>,
}

impl ShortLinks<'_> {
    /// The time of the call.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.cx.now()
    }

    /// What the short link of this code string leads to. None if there is no such code.
    ///
    /// A rotated code leads to its mentor's active one for `grace_days` after its rotation. `for_log` gets the id of the
    /// link's own code, which is for the log alone.
    ///
    /// # Errors
    /// When the table cannot be read, or a change of the mentor stays in flight.
    pub async fn resolve(
        &self,
        code: &CodeString,
        grace_days: u32,
        for_log: impl FnOnce(&CodeId),
    ) -> Result<Option<ShortLink>, StoreError> {
        let session = self.store.session(&self.cx);
        let Some((code, partition)) = self.store.linked_code(code, grace_days, &session).await? else {
            return Ok(None);
        };
        for_log(&code.id);
        self.store.leads_to(code, partition, grace_days, &session).await.map(Some)
    }
}

impl Store {
    /// The short links, for one call. Its context has to see every code.
    #[must_use]
    pub fn short_links<'a>(&'a self, cx: CallContext<'a>) -> ShortLinks<'a> {
        ShortLinks { store: self, cx }
    }

    async fn leads_to(
        &self,
        code: Confirmed<ReferralCode>,
        partition: Option<Vec<Item>>,
        grace_days: u32,
        session: &Session<'_>,
    ) -> Result<ShortLink, StoreError> {
        let now = session.now;
        if let State::Rotated { at, successor } = &code.state {
            let end = at.plus_days(grace_days);
            if now < end
                && let Some(active) = self.code_after_rotations(&code, successor, partition, session).await?
            {
                let until = active.expires_at.map_or(end, |expiry| expiry.min(end));
                return Ok(ShortLink::Active { code: active.code, until: Some(until) });
            }
        }
        Ok(match code.status(now) {
            Status::Active => ShortLink::Active { until: code.expires_at, code: code.into_inner().code },
            ended => ShortLink::Ended(ended),
        })
    }

    /// The code with this code string and, if they were read beside it, the items of its mentor's partition.
    async fn linked_code(
        &self,
        code: &CodeString,
        grace_days: u32,
        session: &Session<'_>,
    ) -> Result<Option<(Confirmed<ReferralCode>, Option<Vec<Item>>)>, StoreError> {
        if let Some(id) = self.links.ids.get(code) {
            let known = session.record(&id).await?.filter(|found| found.code == *code);
            if let Some(known) = known {
                return Ok(Some((known, None)));
            }
        }
        let Some(claim) = session.claim(code).await? else { return Ok(None) };
        let (record, partition) = if grace_days == 0 {
            (session.record(&claim.id).await?, None)
        } else {
            let both = try_join(session.record(&claim.id), session.mentor_partition(&claim.mentor_id));
            let (record, partition) = both.await?;
            (record, Some(partition))
        };
        // On a table that contradicts itself the record may have another string.
        let Some(found) = record.filter(|found| found.code == *code) else { return Ok(None) };
        self.links.ids.insert(code.clone(), found.id.clone());
        Ok(Some((found, partition)))
    }

    /// The mentor's active code, if rotations alone have led to it from this one.
    async fn code_after_rotations(
        &self,
        rotated: &ReferralCode,
        successor: &CodeRef,
        partition: Option<Vec<Item>>,
        session: &Session<'_>,
    ) -> Result<Option<ReferralCode>, StoreError> {
        let mentor = &rotated.mentor_id;
        let names_successor = |codes: &[EarlierCode]| codes.iter().any(|code| code.id() == successor.id);
        let mut read = match partition {
            Some(items) => session.codes_as_held(mentor, &items).await?,
            None => None,
        };
        if read.as_ref().is_none_or(|(_, codes)| !names_successor(codes)) {
            let items = session.mentor_partition(mentor).await?;
            read = session.codes_as_held(mentor, &items).await?;
        }
        let Some((slot, codes)) = read else { return Ok(None) };
        if !slot.held.is_active(session.now) || slot.held.org_id != rotated.org_id {
            return Ok(None);
        }
        let is_known = self.links.chains.get(&rotated.id).is_some_and(|active| active == slot.held.id);
        if !is_known {
            if !session.rotations_lead_from(&successor.id, &slot, &codes).await? {
                return Ok(None);
            }
            self.links.chains.insert(rotated.id.clone(), slot.held.id.clone());
        }
        Ok(Some(slot.into_inner().held))
    }
}

impl Session<'_> {
    /// Whether rotations alone lead from a code to the one that the mentor's slot holds. `codes`: the mentor's codes in the
    /// order in which they were held.
    async fn rotations_lead_from(
        &self,
        first: &CodeId,
        slot: &Confirmed<Slot>,
        codes: &[EarlierCode],
    ) -> Result<bool, StoreError> {
        if slot.held.id == *first {
            return Ok(true);
        }
        let Origin::Rotation(last) = &slot.held.origin else { return Ok(false) };
        if last.id == *first {
            return Ok(true);
        }
        let from_first = codes.iter().map(EarlierCode::id).skip_while(|id| id != first);
        let keys: Vec<_> = from_first.filter(|id| *id != slot.held.id).map(Key::Record).collect();
        let mut successors = HashMap::new();
        for item in &self.final_items(&keys).await? {
            if let Some(ReferralCode { id, state: State::Rotated { successor, .. }, .. }) = item::known_code(item)? {
                successors.insert(id, successor.id);
            }
        }
        // Each step takes a successor away, so the chain ends even where a table contradicts itself.
        let mut reached = first.clone();
        while reached != last.id {
            match successors.remove(&reached) {
                Some(successor) => reached = successor,
                None => return Ok(false),
            }
        }
        Ok(true)
    }
}
