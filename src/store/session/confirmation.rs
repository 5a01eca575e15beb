//! Reads at one moment, which confirm that a change is complete. The module above says why.

use super::super::change::Change;
use super::super::contradiction::{Contradiction, contradiction_between};
use super::super::dynamodb::{Item, Snapshot, StoreError};
use super::super::item::{self, UnreadableItem};
use super::super::key::Key;
use super::super::slot::Slot;
use super::attempts::{Pauses, stays_in_flight};
use super::{Confirmed, Session, unsound};
use crate::limits::MAX_OLDER_SNAPSHOTS;
use crate::model::{CodeId, MentorId, ReferralCode};

impl Session<'_> {
    /// The state of a record, from an item that was read in any way.
    pub(crate) async fn confirm_record(&self, item: &Item) -> Result<Confirmed<ReferralCode>, StoreError> {
        self.confirm(item, item::referral_code, |code| code).await
    }

    /// The state of a slot, from an item that was read in any way.
    pub(crate) async fn confirm_slot(&self, item: &Item) -> Result<Confirmed<Slot>, StoreError> {
        self.confirm(item, Slot::parse, |slot| &slot.held).await
    }

    async fn confirm<T>(
        &self,
        item: &Item,
        parse: impl Fn(&Item) -> Result<T, UnreadableItem>,
        code: impl Fn(&T) -> &ReferralCode,
    ) -> Result<Confirmed<T>, StoreError> {
        let mut state = parse(item)?;
        let key = Key::of(item);
        loop {
            let change = Change::of(code(&state));
            if change.is_old(self.now) || self.complete.contains(&change) {
                return Ok(Confirmed(state));
            }
            let snapshot = Box::pin(self.snapshot(&change)).await?;
            let place = change.keys.iter().position(|other| Some(other) == key.as_ref());
            let Some(item) = place.and_then(|place| snapshot[place].as_ref()) else {
                return Err(unsound(&change.mentor));
            };
            state = parse(item)?;
        }
    }

    /// Confirms that the creation of a code is complete, of which an earlier attempt of this call has met the record.
    pub(crate) async fn confirm_creation(&self, code: &ReferralCode) -> Result<(), StoreError> {
        let change = Change::creation(code);
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
            let items = self.read_at_once(&change.keys, &change.mentor, &mut pauses).await?;
            if change.is_in(&items)? {
                if let Some(contradiction) = contradiction_in(change, &items)? {
                    return Err(contradiction.into());
                }
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
            match self.table.transact_get(&keys).await? {
                Snapshot::Items(items) => return Ok(items),
                Snapshot::Conflict(reasons) if !pauses.wait(self.started).await => {
                    return Err(stays_in_flight(mentor, &reasons));
                }
                Snapshot::Conflict(_) => {}
            }
        }
    }

    /// Looks at a record and its mentor's slot at one moment, after a call has met states of them that do not fit.
    ///
    /// # Errors
    /// If they contradict each other. Then no number of rounds brings the call further.
    pub(crate) async fn check(&self, id: &CodeId, mentor: &MentorId) -> Result<(), StoreError> {
        let keys = [Key::Record(id.clone()), Key::Slot(mentor.clone())];
        let items = self.read_at_once(&keys, mentor, &mut Pauses::new()).await?;
        let record = items[0].as_ref().map(item::known_code).transpose()?.flatten();
        let slot = items[1].as_ref().map(Slot::parse).transpose()?;
        // A code without a record contradicts the slot only if the slot holds it.
        let slot = slot.filter(|slot| record.is_some() || slot.held.id == *id);
        contradiction_between(record.as_ref(), slot.as_ref()).map_or(Ok(()), |found| Err(found.into()))
    }
}

/// What contradicts between the record of a change's code and its mentor's slot, in a snapshot of the change's items.
fn contradiction_in(change: &Change, snapshot: &[Option<Item>]) -> Result<Option<Contradiction>, UnreadableItem> {
    let item = |wanted: &Key| {
        change.keys.iter().zip(snapshot).find(|(key, _)| *key == wanted).and_then(|(_, item)| item.as_ref())
    };
    let record = item(&change.keys[0]).map(item::known_code).transpose()?.flatten();
    let slot = item(&Key::Slot(change.mentor.clone())).map(Slot::parse).transpose()?;
    // A lost code has no record.
    Ok(record.and_then(|record| contradiction_between(Some(&record), slot.as_ref())))
}
