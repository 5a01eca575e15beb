//! One call's reads and transactions. Nothing that a call answers or writes is read in another way.
//!
//! # Why a read is confirmed
//!
//! While a transaction is in flight, its items become visible to single reads one by one. So a call that answered from one of
//! them could show a code that the next `GET` does not find yet. The rule: **an answer, and a transaction about to be sent,
//! rests only on changes that are known to be complete** ([`CompleteChanges`], [`super::change::Change::is_old`]). `docs/guarantee.md` has the
//! sources in AWS's documentation, the three ways to know it, and what breaks without each confirmation.
//!
//! A read of an item whose last change is known to be complete costs that one read. Otherwise the change is confirmed, once
//! per process: its other items are read, and if one of them does not show it, all by one `TransactGetItems`. The state in
//! that snapshot is the one that counts. If it shows a later change, that one is confirmed in turn.
//!
//! A claim is not confirmed: it leads to a record, which is. An item that came back with a failed condition is a read like
//! any other.
//!
//! # What the caller may see
//!
//! The call's context says which codes are in the caller's sight ([`Sight`]). A record out of sight is left out here, as
//! if it were absent, and before its change is confirmed. A create reads a mentor's slot whatever it holds, because it
//! has to take that code's place; the other changes read it by [`Session::slot_in_sight`].
//!
//! # What the compiler holds to the rule
//!
//! [`Confirmed`] can only be made here, by `confirmation`. The changes take it and nothing else, and have no other way to
//! the table than a [`Session`].

mod attempts;
mod confirmation;

use tokio::time::Instant;

use super::change::CompleteChanges;
use super::dynamodb::{Item, StoreError, Table, Writes};
use super::item::{self, Claim, LostCode, UnreadableItem};
use super::key::{self, Key};
use super::slot::{self, Slot};
use crate::limits::{COMPLETE_AFTER, millis};
use crate::model::{CallContext, CodeId, CodeString, MentorId, OrgId, ReferralCode, Sight, Timestamp};

pub(super) use attempts::CHANGED_RECORD;

/// A state that rests only on changes known to be complete.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Confirmed<T>(T);

impl<T> Confirmed<T> {
    pub(super) fn into_inner(self) -> T {
        self.0
    }
}

impl<T> std::ops::Deref for Confirmed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// What one call sees of the table, and how it writes to it.
pub(crate) struct Session<'a> {
    table: &'a Table,
    complete: &'a CompleteChanges,
    pub(super) cx: CallContext,
    pub(super) now: Timestamp,
    started: Instant,
}

impl<'a> Session<'a> {
    pub(super) fn new(table: &'a Table, complete: &'a CompleteChanges, cx: CallContext) -> Self {
        Self { table, complete, now: cx.now(), cx, started: Instant::now() }
    }

    /// The code with this id, if there is one in the caller's sight.
    pub(super) async fn record(&self, id: &CodeId) -> Result<Option<Confirmed<ReferralCode>>, StoreError> {
        match self.table.get(Key::Record(id.clone()).attributes()).await? {
            Some(record) => self.seen_record(&record, &[]).await,
            None => Ok(None),
        }
    }

    /// The code of this record, if it is in the caller's sight. `beside`: other items that were read.
    async fn seen_record(&self, record: &Item, beside: &[Item]) -> Result<Option<Confirmed<ReferralCode>>, StoreError> {
        // A lost code is no code, and nothing changes it.
        if LostCode::find(record)?.is_some() || !self.is_in_sight(record)? {
            return Ok(None);
        }
        self.confirm_record_beside(record, beside).await.map(Some)
    }

    /// The code with this code string, if there is one in the caller's sight: its claim, then its record.
    pub(super) async fn record_of(&self, code: &CodeString) -> Result<Option<Confirmed<ReferralCode>>, StoreError> {
        match self.claim(code).await? {
            Some(claim) => Ok(self.claimed(code, claim, false).await?.0),
            None if *self.cx.sight() == Sight::All => Ok(None),
            // A string out of sight takes two reads, so one that no code has takes two as well.
            None => self.table.get(key::of_no_item()).await.map(|_| None),
        }
    }

    /// The claim on this code string, if there is one. It never changes.
    pub(super) async fn claim(&self, code: &CodeString) -> Result<Option<Item>, StoreError> {
        self.table.get(Key::Claim(code.clone()).attributes()).await
    }

    /// The code with this code string and claim, if there is one in the caller's sight; and the item of its mentor's slot, if
    /// that was read beside its record. While the code is new all items of its creation are, so that it takes no round trip
    /// more to confirm it; but not for a caller from whom it may be hidden, since an absent code takes one read.
    pub(super) async fn claimed(
        &self,
        code: &CodeString,
        claim: Item,
        with_slot: bool,
    ) -> Result<(Option<Confirmed<ReferralCode>>, Option<Item>), StoreError> {
        let Claim { id, ulid, mentor_id, previous_id, .. } = Claim::parse(&claim)?;
        let age = self.cx.unix_millis().saturating_sub(ulid.timestamp_ms());
        let is_known = age >= millis(COMPLETE_AFTER) || self.complete.contains_creation(&id);
        let is_new = *self.cx.sight() == Sight::All && !is_known;
        // On a table that contradicts itself the record may have another string.
        let has_string = |found: &Confirmed<ReferralCode>| found.code == *code;
        if !is_new && !with_slot {
            return Ok((self.record(&id).await?.filter(has_string), None));
        }
        let (record, slot) = (Key::Record(id), Key::Slot(mentor_id));
        let mut keys = vec![record.attributes()];
        keys.extend((is_new || with_slot).then(|| slot.attributes()));
        keys.extend(previous_id.filter(|_| is_new).map(|id| Key::Record(id).attributes()));
        let mut items = self.table.get_all(&keys).await?;
        let place_of = |key: &Key| items.iter().position(|item| Key::of(item).as_ref() == Some(key));
        let slot = place_of(&slot).map(|place| items[place].clone());
        let Some(record) = place_of(&record).map(|place| items.swap_remove(place)) else { return Ok((None, slot)) };
        items.push(claim);
        Ok((self.seen_record(&record, &items).await?.filter(has_string), slot))
    }

    pub(super) fn sees(&self, code: &ReferralCode) -> bool {
        self.cx.sight().covers(&code.org_id, &code.mentor_id)
    }

    /// Whether the code of a record is in the caller's sight. This is decided before the record is confirmed, so that a
    /// code out of sight takes no request more than an absent one.
    fn is_in_sight(&self, record: &Item) -> Result<bool, UnreadableItem> {
        if *self.cx.sight() == Sight::All {
            return Ok(true);
        }
        let (org, mentor) = item::org_and_mentor(record)?;
        Ok(self.cx.sight().covers(&org, &mentor))
    }

    /// The mentor's slot, which holds the active code or the last that was. None if the mentor never had a code.
    pub(super) async fn slot(&self, mentor: &MentorId) -> Result<Option<Confirmed<Slot>>, StoreError> {
        Ok(self.slot_or_place(mentor).await?.0)
    }

    /// The mentor's slot; if there is none, what stands in the place of a forgotten mentor's. That is not confirmed, and may
    /// have changed since.
    pub(super) async fn slot_or_place(
        &self,
        mentor: &MentorId,
    ) -> Result<(Option<Confirmed<Slot>>, Option<Item>), StoreError> {
        let Some(item) = self.slot_item(mentor).await? else { return Ok((None, None)) };
        let slot = self.confirm_slot(&item).await?;
        let place = Some(item).filter(|item| slot.is_none() && slot::is_forgotten(item));
        Ok((slot, place))
    }

    /// The mentor's slot, if the code that it holds is in the caller's sight. If not, it looks as if the mentor never had
    /// a code, and takes no request more.
    pub(super) async fn slot_in_sight(&self, mentor: &MentorId) -> Result<Option<Confirmed<Slot>>, StoreError> {
        if *self.cx.sight() == Sight::All {
            return self.slot(mentor).await;
        }
        match self.slot_item(mentor).await? {
            Some(item) if Slot::find(&item)?.is_some_and(|slot| self.sees(&slot.held)) => {
                Ok(self.confirm_slot(&item).await?.filter(|slot| self.sees(&slot.held)))
            }
            _ => Ok(None),
        }
    }

    /// The item of the mentor's slot, not confirmed.
    async fn slot_item(&self, mentor: &MentorId) -> Result<Option<Item>, StoreError> {
        self.table.get(Key::Slot(mentor.clone()).attributes()).await
    }

    /// The item that says whether an organisation is closed.
    pub(super) async fn organisation(&self, org: &OrgId) -> Result<Option<Item>, StoreError> {
        self.table.get(Key::Organisation(org.clone()).attributes()).await
    }

    /// All items of a mentor's partition: the slot and the pages of earlier codes. The slot among them is not confirmed.
    pub(super) async fn mentor_partition(&self, mentor: &MentorId) -> Result<Vec<Item>, StoreError> {
        self.table.get_partition(&key::mentor_partition(mentor)).await
    }

    /// The items at these keys, which never change once they are there.
    pub(super) async fn final_items(&self, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
        self.table.get_all(&keys.iter().map(Key::attributes).collect::<Vec<_>>()).await
    }

    /// Puts an item that follows from other items, unless it is there.
    pub(super) async fn put_if_absent(&self, item: Item) -> Result<bool, StoreError> {
        self.table.put_if_absent(item).await
    }

    /// A write of a whole item, and a change of one, as parts of a transaction.
    pub(super) fn writes(&self) -> Writes {
        self.table.writes()
    }
}

/// The failure of a call that met items which contradict each other.
pub(super) fn unsound(mentor: &MentorId) -> StoreError {
    StoreError::Fault(format!(
        "items of the mentor {mentor} contradict each other, as after a restore from a backup; run the audit, then the repair"
    ))
}
