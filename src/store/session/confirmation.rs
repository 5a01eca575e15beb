//! Reads that confirm that a change is complete. The module above says why.
//!
//! Where each item of a change shows it to a consistent read, every later one sees it: the change is complete. That is the
//! usual case, and takes one request at a unit for each item that was not read yet. Otherwise the change may be in flight, or
//! a later one has come, and the items are read at one moment.

use std::borrow::Cow;

use super::super::change::Change;
use super::super::dynamodb::{Item, StoreError};
use super::super::item::{self, Attributes, UnreadableItem};
use super::super::key::Key;
use super::super::slot::{self, Slot};
use super::attempts::{Pauses, stays_in_flight};
use super::{Confirmed, Session, unsound};
use crate::limits::MAX_OLDER_SNAPSHOTS;
use crate::model::{CodeId, MentorId, ReferralCode, State};

impl Session<'_> {
    /// The state of a record, from an item that was read in any way.
    pub(crate) async fn confirm_record(&self, item: &Item) -> Result<Confirmed<ReferralCode>, StoreError> {
        self.confirm_record_beside(item, &[]).await
    }

    /// The state of a slot, from an item that was read in any way. None if the mentor is forgotten.
    pub(crate) async fn confirm_slot(&self, item: &Item) -> Result<Option<Confirmed<Slot>>, StoreError> {
        self.confirm(item, &[], Slot::find, |slot| &slot.held).await
    }

    /// As [`Self::confirm_record`], with other items that were read beside it.
    pub(super) async fn confirm_record_beside(
        &self,
        item: &Item,
        beside: &[Item],
    ) -> Result<Confirmed<ReferralCode>, StoreError> {
        let code = self.confirm(item, beside, |item| item::referral_code(item).map(Some), |code| code).await?;
        Ok(code.expect("every record has a code"))
    }

    async fn confirm<T>(
        &self,
        item: &Item,
        beside: &[Item],
        parse: impl Fn(&Item) -> Result<Option<T>, UnreadableItem>,
        code: impl Fn(&T) -> &ReferralCode,
    ) -> Result<Option<Confirmed<T>>, StoreError> {
        let (key, mut item, mut confirmed) = (Key::of(item), Cow::Borrowed(item), None);
        loop {
            let Some(state) = parse(&item)? else {
                let Some(slot) = Box::pin(self.slot_after(&item)).await? else { return Ok(None) };
                item = Cow::Owned(slot);
                continue;
            };
            let change = Change::of(code(&state));
            if confirmed.as_ref() == Some(&change) || self.is_complete(&change) {
                return Ok(Some(Confirmed(state)));
            }
            let is_read = confirmed.is_none() && change.can_be_remembered();
            if is_read && Box::pin(self.is_shown(&change, &item, beside)).await? {
                self.complete.insert(&change);
                return Ok(Some(Confirmed(state)));
            }
            let mut snapshot = Box::pin(self.snapshot(&change)).await?;
            let place = change.keys.iter().position(|other| Some(other) == key.as_ref());
            let Some(found) = place.and_then(|place| snapshot[place].take()) else {
                return Err(unsound(&change.mentor));
            };
            (item, confirmed) = (Cow::Owned(found), Some(change));
        }
    }

    /// The slot of a mentor who is back, after a read of the item that stands in a forgotten mentor's place. None once the slot
    /// of the pseudonym says that all is done: the mentor is forgotten.
    async fn slot_after(&self, place: &Item) -> Result<Option<Item>, StoreError> {
        let (mut place, mut pauses) = (place.clone(), Pauses::new());
        loop {
            let key = Attributes::of(&place)?.key()?;
            let moved_to = slot::moved_to(&place);
            let Key::Slot(mentor) = &key else { return Ok(None) };
            let keys: Vec<_> = [key.clone()].into_iter().chain(moved_to.clone()).collect();
            let mut read = self.read_at_once(&keys, mentor, &mut pauses).await?.into_iter();
            let (now, moved) = (read.next().flatten(), read.next().flatten());
            let is_place = now.as_ref().is_some_and(slot::is_forgotten);
            let is_same = is_place && now.as_ref().and_then(slot::moved_to) == moved_to;
            match moved {
                Some(_) if !is_place => return Ok(now),
                Some(moved) if is_same && !moved.contains_key(slot::MOVING) => return Ok(None),
                // A restored backup has the place alone: that is no slot.
                None if is_same => return Ok(None),
                // Not done, or read at a moment before the place was seen.
                _ if !pauses.wait(self.started).await => {
                    return Err(stays_in_flight(mentor, "the mentor is being forgotten"));
                }
                _ => place = now.filter(slot::is_forgotten).unwrap_or(place),
            }
        }
    }

    fn is_complete(&self, change: &Change) -> bool {
        change.is_old(self.now) || self.complete.contains(change)
    }

    /// Whether every item of a change shows it, to single reads.
    async fn is_shown(&self, change: &Change, item: &Item, beside: &[Item]) -> Result<bool, StoreError> {
        let read = || beside.iter().chain([item]);
        let is_left = |key: &&Key| !read().any(|item| Key::of(item).as_ref() == Some(*key));
        let left: Vec<_> = change.keys.iter().filter(is_left).map(Key::attributes).collect();
        let left = self.table.get_all(&left).await?;
        Ok(change.keys.iter().all(|key| read().chain(&left).any(|item| change.is_shown_by(item, key))))
    }

    /// Confirms that the creation of a code is complete, of which an earlier attempt of this call has met the record.
    pub(crate) async fn confirm_creation(&self, code: &ReferralCode) -> Result<(), StoreError> {
        let change = Change::of(code);
        if !self.complete.contains(&change) {
            Box::pin(self.snapshot(&change)).await?;
        }
        Ok(())
    }

    /// All items of a change at one moment, at which the change is complete.
    async fn snapshot(&self, change: &Change) -> Result<Vec<Option<Item>>, StoreError> {
        let mut pauses = Pauses::new();
        for older in 0..=MAX_OLDER_SNAPSHOTS {
            // Serializable is not strict: a snapshot may be older than a read before it.
            if older > 0 && !pauses.wait(self.started).await {
                return Err(stays_in_flight(&change.mentor, "an older snapshot"));
            }
            let mut items = self.read_at_once(&change.keys, &change.mentor, &mut pauses).await?;
            while change.is_under_way(&items) {
                if !pauses.wait(self.started).await {
                    return Err(stays_in_flight(&change.mentor, "the mentor is being forgotten"));
                }
                items = self.read_at_once(&change.keys, &change.mentor, &mut pauses).await?;
            }
            if change.is_in(&items)? {
                let slot = change.keys.iter().position(|key| matches!(key, Key::Slot(_)));
                let slot = slot.and_then(|place| items[place].as_ref());
                require_agreement(&change.code, &change.mentor, items[0].as_ref(), slot)?;
                self.complete.insert(change);
                return Ok(items);
            }
        }
        Err(unsound(&change.mentor))
    }

    /// Items of a mentor at one moment. While one of them is part of a transaction in flight, the read is repeated.
    async fn read_at_once(
        &self,
        keys: &[Key],
        mentor: &MentorId,
        pauses: &mut Pauses,
    ) -> Result<Vec<Option<Item>>, StoreError> {
        let keys: Vec<_> = keys.iter().map(Key::attributes).collect();
        loop {
            match self.table.transact_get(&keys).await {
                Err(StoreError::Contended(reasons)) if !pauses.wait(self.started).await => {
                    return Err(stays_in_flight(mentor, &reasons));
                }
                Err(StoreError::Contended(_)) => {}
                read => return read,
            }
        }
    }

    /// Looks at a record and its mentor's slot at one moment, after a call has met states of them that do not fit.
    ///
    /// # Errors
    /// If they contradict each other. Then no number of rounds brings the call further.
    pub(crate) async fn confirm_agreement(&self, id: &CodeId, mentor: &MentorId) -> Result<(), StoreError> {
        let keys = [Key::Record(id.clone()), Key::Slot(mentor.clone())];
        let items = self.read_at_once(&keys, mentor, &mut Pauses::new()).await?;
        require_agreement(id, mentor, items[0].as_ref(), items[1].as_ref())
    }
}

/// Fails if a code's record and its mentor's slot, both read at one moment, contradict each other. No call, and no
/// repetition of one, can pass that.
fn require_agreement(
    id: &CodeId,
    mentor: &MentorId,
    record: Option<&Item>,
    slot: Option<&Item>,
) -> Result<(), StoreError> {
    if slot.is_some_and(slot::is_forgotten) {
        return Ok(());
    }
    // A lost code has no record.
    let record = record.map(item::known_code).transpose()?.flatten();
    let held = slot.map(Slot::parse).transpose()?.map(|slot| slot.held);
    let agree = match (record, held) {
        (None, held) => held.is_none_or(|held| held.id != *id),
        (Some(record), Some(held)) if held.id == *id => held == record,
        (Some(record), Some(_)) => record.state != State::Active,
        (Some(_), None) => false,
    };
    if agree { Ok(()) } else { Err(unsound(mentor)) }
}
