//! Forgetting: a mentor's id is taken out of the table, and a random pseudonym stands in its place.
//!
//! The mentor's active code ends first, as by a DELETE. Then the id is replaced in the records, the claims, the lost codes,
//! the slot and the pages of earlier codes. The codes stay, so what was counted stays right. The id may come back with a
//! POST: as a mentor who never had a code.
//!
//! # In an order that may stop anywhere
//!
//! 1. An item in the partition of pending work names the mentor and the pseudonym. From here on the upkeep goes on by itself.
//! 2. The pages of earlier codes are put under the pseudonym, where nothing counts them yet.
//! 3. One transaction: the slot moves to the pseudonym, and the records and claims of up to 48 codes name it. It notes itself
//!    in the item of step 1, as that was found: once another run has chosen another pseudonym, this transaction cannot happen
//!    any more, however late it comes.
//! 4. The records and claims of further codes, in more transactions.
//! 5. The pseudonym's slot says until now that it is being moved; a last write takes that away, and the old pages go.
//!
//! # No late write brings the mentor back
//!
//! A request of before may arrive minutes later, and would find no slot, *again*. So the transaction leaves an item in
//! the slot's place, which says that its mentor is forgotten. To every condition of a change that began before, this is not
//! the slot that it started from. Readers take it for no slot. A create of afterwards names it in its condition, and
//! replaces it. [`FORGOTTEN_FOR_GOOD_AFTER`] later nothing of before can be under way: the upkeep deletes this item and the
//! one of step 1, the last that name the mentor.
//!
//! # What reads see
//!
//! The pseudonym tells when it was made. A state that names a young one, and the item in the slot's place, are confirmed
//! ([`super::change`]): a call that meets them waits until step 5 is done. So whoever is shown one code as forgotten is shown
//! all so from then on, however many there are. If a run is stopped before step 5, these calls end with a 503 until the
//! upkeep has done it.

use std::collections::{BTreeSet, HashMap};

use tokio::time::sleep;
use ulid::Ulid;

use super::dynamodb::{Item, ItemChange, Outcome, Writes};
use super::index_query::BY_CREATION;
use super::item::{
    Attributes, LISTING_LOST, LostCode, MENTOR_ID, UnreadableItem, known_code, new_item, number, string,
};
use super::key::{Key, PENDING, PK, SK, mentor_partition};
use super::slot::{self, EarlierCode, MOVING, Slot};
use super::{Store, StoreError};
use crate::limits::{FORGOTTEN_FOR_GOOD_AFTER, MAX_BACKOFF, MAX_REPAIR_ROUNDS, MAX_TRANSACTION_ITEMS, millis};
use crate::model::{CallContext, CodeId, MentorId, Timestamp};

const PSEUDONYM: &str = "pseudonym";
const MOVED: &str = "moved";

/// How many items that name the mentor one transaction changes, besides three others.
const MAX_RENAMED: usize = MAX_TRANSACTION_ITEMS - 4;

/// The forgetting of mentors. No call does it.
#[derive(Clone, Debug)]
pub struct Forgetting {
    pub(super) store: Store,
}

/// A mentor who was forgotten.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Forgotten {
    /// What stands in the place of the id.
    pub pseudonym: MentorId,
    /// How many codes the pseudonym has.
    pub codes: usize,
}

/// A mentor's slot, or what stands in its place, and the pages of earlier codes.
#[derive(Default)]
struct Partition {
    slot: Option<Item>,
    pages: Vec<(u32, Item)>,
}

impl Partition {
    fn slot(&self) -> Result<Option<Slot>, UnreadableItem> {
        Ok(self.slot.as_ref().map(Slot::find).transpose()?.flatten())
    }

    /// The code that the slot holds, and then those that the lists name.
    fn codes(&self) -> Result<Vec<CodeId>, UnreadableItem> {
        let mut codes: Vec<_> = self.slot()?.map(|slot| slot.held.id).into_iter().collect();
        for item in self.slot.iter().chain(self.pages.iter().map(|(_, page)| page)) {
            codes.extend(slot::page(item)?.iter().map(EarlierCode::id));
        }
        Ok(codes)
    }
}

/// An item that names the mentor, as it was found, and as it names the pseudonym.
type Renamed = (Item, Item);

impl Forgetting {
    /// The mentors of whom forgetting has begun, and is not complete for good.
    pub async fn begun(&self) -> Result<Vec<MentorId>, StoreError> {
        let pending = self.store.table.get_partition(PENDING).await?;
        let mentors = pending.iter().filter_map(|item| match Key::of(item) {
            Some(Key::Forgetting(mentor)) => Some(mentor),
            _ => None,
        });
        Ok(mentors.collect())
    }

    /// Forgets a mentor. None if the table does not know the mentor. `cx` reads the clock anew.
    pub async fn forget<'a>(
        &self,
        mentor: &MentorId,
        cx: impl Fn() -> CallContext<'a>,
    ) -> Result<Option<Forgotten>, StoreError> {
        self.carry_out(mentor, true, cx).await
    }

    /// Goes on with a forgetting that has begun, and begins none: the mentor may be back.
    pub async fn resume<'a>(
        &self,
        mentor: &MentorId,
        cx: impl Fn() -> CallContext<'a>,
    ) -> Result<Option<Forgotten>, StoreError> {
        self.carry_out(mentor, false, cx).await
    }

    async fn carry_out<'a>(
        &self,
        mentor: &MentorId,
        mut may_begin: bool,
        cx: impl Fn() -> CallContext<'a>,
    ) -> Result<Option<Forgotten>, StoreError> {
        let keys = [Key::Forgetting(mentor.clone()), Key::Slot(mentor.clone())].map(|key| key.attributes());
        for _ in 0..MAX_REPAIR_ROUNDS {
            let mut read = self.store.table.get_at_once(&keys).await?.into_iter();
            let (pending, found) = (read.next().flatten(), read.next().flatten());
            let slot = found.as_ref().map(Slot::find).transpose()?.flatten();
            let is_begun = match &pending {
                Some(pending) => !self.has_moved(pending).await?,
                None => false,
            };
            let goes_on = slot.is_some() && (may_begin || is_begun);
            if !(goes_on && is_begun) {
                // The id may have come back since it was forgotten last.
                match Box::pin(self.complete(mentor, &cx)).await {
                    Err(StoreError::Contended(_)) => {
                        sleep(MAX_BACKOFF).await;
                        continue;
                    }
                    done if !goes_on => return done,
                    done => drop(done?),
                }
            }
            let (Some(found), Some(slot)) = (found, slot) else { return Ok(None) };
            let (cx, held) = (cx(), &slot.held);
            // Later than all changes of these codes, whichever clocks told their times.
            let last = held.ulid.timestamp_ms().max(held.ended_at().map_or(0, Timestamp::unix_millis));
            let now = cx.unix_millis().max(last);
            let pseudonym = MentorId::pseudonym(Ulid::from_parts(now, cx.new_ulid().random()));
            let Some(pending) = self.begin(mentor, pending, &pseudonym, &cx).await? else { continue };
            may_begin = false;
            if held.is_active(cx.now()) {
                self.store.leaving().end(&held.id, &cx).await?;
                continue;
            }
            let moved = self.move_slot(mentor, &pseudonym, pending, &found, &slot, &cx);
            match Box::pin(moved).await {
                Ok(_) => {}
                Err(StoreError::Contended(_)) => sleep(MAX_BACKOFF).await,
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Unavailable("the mentor's codes change too often to be forgotten now".to_owned()))
    }

    /// Step 1. None if another run has written the item since it was found.
    async fn begin(
        &self,
        mentor: &MentorId,
        found: Option<Item>,
        pseudonym: &MentorId,
        cx: &CallContext<'_>,
    ) -> Result<Option<Item>, StoreError> {
        let (table, key) = (&self.store.table, Key::Forgetting(mentor.clone()));
        let mut item = new_item(&key);
        item.insert(PSEUDONYM.to_owned(), string(pseudonym.as_str()));
        // Stands there from the start: a condition compares the attributes that were found.
        item.insert(MOVED.to_owned(), number(0));
        let writes = table.writes().change(key.attributes(), found.as_ref(), ItemChange::Put(item.clone()));
        if matches!(table.decide(writes, cx.age()).await?, Outcome::ConditionFailed(_)) {
            return Ok(None);
        }
        if let Some(given_up) = found.filter(|found| found.get(MOVED) == Some(&number(0))) {
            // The pages that a run has put before it was stopped. Nothing will count them any more.
            let given_up = pseudonym_in(&given_up)?;
            let theirs = self.partition(&given_up).await?;
            let pages: Vec<_> = theirs.pages.iter().map(|(_, page)| page).collect();
            self.delete_pages(&given_up, &theirs, &pages, cx).await?;
        }
        Ok(Some(item))
    }

    /// Steps 2 and 3.
    async fn move_slot(
        &self,
        mentor: &MentorId,
        pseudonym: &MentorId,
        pending: Item,
        found: &Item,
        slot: &Slot,
        cx: &CallContext<'_>,
    ) -> Result<Outcome, StoreError> {
        let (table, key) = (&self.store.table, Key::Slot(pseudonym.clone()));
        let moved = |found: &Item| {
            let mut item = found.clone();
            item.extend(key.attributes().remove_entry(PK));
            item
        };
        let mut own = self.partition(mentor).await?;
        own.pages.retain(|(number, _)| *number <= slot.pages);
        own.slot = Some(found.clone());
        for (_, page) in &own.pages {
            table.put_if_absent(moved(page)).await?;
        }
        let mut noted = pending.clone();
        noted.insert(MOVED.to_owned(), number(1));
        let writes = table.writes().change(key_of(&pending), Some(&pending), ItemChange::Put(noted));
        let place = ItemChange::Put(slot::forgotten_item(mentor, slot, pseudonym));
        let writes = writes.change(Key::Slot(mentor.clone()).attributes(), Some(found), place);
        let mut slot = moved(found);
        slot.insert(MOVING.to_owned(), number(1));
        let writes = writes.change(key.attributes(), None, ItemChange::Put(slot));
        let renamed = self.renamed(mentor, pseudonym, &own.codes()?).await?;
        table.decide(renamed.iter().take(MAX_RENAMED).fold(writes, rename), cx.age()).await
    }

    /// Does what is left to do after step 3, if that is done.
    async fn complete<'a>(
        &self,
        mentor: &MentorId,
        cx: impl Fn() -> CallContext<'a>,
    ) -> Result<Option<Forgotten>, StoreError> {
        let table = &self.store.table;
        let pending = table.get(Key::Forgetting(mentor.clone()).attributes()).await?;
        let mut own = self.partition(mentor).await?;
        let is_place = own.slot.as_ref().is_some_and(slot::is_forgotten);
        // After a restore only one of them may say that the slot has moved.
        let pseudonym = match &pending {
            _ if is_place => own.slot.as_ref().and_then(slot::pseudonym),
            Some(pending) if self.has_moved(pending).await? => Some(pseudonym_in(pending)?),
            _ => None,
        };
        let Some(pseudonym) = pseudonym else { return Ok(None) };
        let theirs = self.partition(&pseudonym).await?;
        let is_over = pseudonym
            .forgotten_at()
            .is_none_or(|at| cx().unix_millis() >= at.unix_millis() + millis(FORGOTTEN_FOR_GOOD_AFTER));
        let (slot, moved) = (own.slot()?, theirs.slot()?);
        let is_both = matches!((&slot, &moved), (Some(slot), Some(moved)) if slot.held.id == moved.held.id);
        if !is_over && (is_both || moved.is_none()) {
            return Err(StoreError::Contended("the transaction that moves the slot is in flight".to_owned()));
        }
        if let Some(slot) = slot.filter(|_| is_both) {
            // A restored backup has one slot from before, and one from after.
            let place = slot::forgotten_item(mentor, &slot, &pseudonym);
            let writes = table.writes().change(key_of(&place), own.slot.as_ref(), ItemChange::Put(place.clone()));
            decided(&table.decide(writes, cx().age()).await?)?;
            own.slot = Some(place);
        }
        let place = own.slot.as_ref().filter(|item| slot::is_forgotten(item));
        let slot = own.slot()?;
        // Pages that came late, too. A call of a mentor who came back may be about to count its page.
        let is_counted = |number: u32| slot.as_ref().is_some_and(|slot| number <= slot.pages);
        let is_next = |page: &Item| slot.as_ref().and_then(Slot::full_page).as_ref() == Some(page);
        let is_stray = |(number, page): &&(u32, Item)| !is_counted(*number) && !is_next(page);
        let stray: Vec<_> = own.pages.iter().filter(is_stray).map(|(_, page)| page).collect();
        let codes = theirs.codes()?;
        let forgotten = Forgotten { codes: codes.len(), pseudonym: pseudonym.clone() };
        // The place of the slot and the old pages name them too, so that no repair of the pseudonym's items hides a code.
        let mut all = codes;
        for item in place.into_iter().chain(stray.iter().copied()) {
            all.extend(slot::page(item)?.iter().map(EarlierCode::id));
        }
        let mut renamed = self.renamed(mentor, &pseudonym, &all).await?;
        renamed.extend(self.lost_codes(mentor, &pseudonym).await?);
        for some in renamed.chunks(MAX_RENAMED) {
            // The mentor who may be back has codes of their own: those that this slot names.
            let key = Key::Slot(mentor.clone()).attributes();
            let writes = table.writes().change(key, own.slot.as_ref(), ItemChange::Keep);
            decided(&table.decide(some.iter().fold(writes, rename), cx().age()).await?)?;
        }
        // Now every item that named the mentor shows the pseudonym.
        if let Some(found) = theirs.slot.as_ref().filter(|slot| slot.contains_key(MOVING)) {
            let mut item = found.clone();
            item.remove(MOVING);
            decided(&table.decide(rename(table.writes(), &(found.clone(), item)), cx().age()).await?)?;
        }
        self.delete_pages(mentor, &own, &stray, &cx()).await?;
        if is_over && renamed.is_empty() && stray.is_empty() {
            let writes = place
                .into_iter()
                .chain(&pending)
                .fold(table.writes(), |writes, found| writes.change(key_of(found), Some(found), ItemChange::Delete));
            decided(&table.decide(writes, cx().age()).await?)?;
        }
        Ok(Some(forgotten))
    }

    /// Whether the slot has moved to the pseudonym in this item.
    async fn has_moved(&self, pending: &Item) -> Result<bool, StoreError> {
        if pending.get(MOVED) == Some(&number(1)) {
            return Ok(true);
        }
        // In a restored backup the slot alone may say so.
        let key = Key::Slot(pseudonym_in(pending)?);
        Ok(self.store.table.get(key.attributes()).await?.is_some())
    }

    async fn partition(&self, mentor: &MentorId) -> Result<Partition, StoreError> {
        let mut partition = Partition::default();
        for item in self.store.table.get_partition(&mentor_partition(mentor)).await? {
            match Key::of(&item) {
                Some(Key::Earlier { page, .. }) => partition.pages.push((page, item)),
                _ => partition.slot = Some(item),
            }
        }
        Ok(partition)
    }

    /// The records of these codes and then their claims, as far as they name the mentor.
    async fn renamed(
        &self,
        mentor: &MentorId,
        pseudonym: &MentorId,
        codes: &[CodeId],
    ) -> Result<Vec<Renamed>, StoreError> {
        let mut seen = BTreeSet::new();
        let keys = codes.iter().filter(|id| seen.insert(*id)).map(|id| Key::Record(id.clone()));
        let records = self.read(&keys.collect::<Vec<_>>()).await?;
        let mut claims = Vec::new();
        for record in &records {
            let lost = LostCode::find(record)?.and_then(|lost| lost.code);
            claims.extend(lost.or(known_code(record)?.map(|code| code.code)).map(Key::Claim));
        }
        let claims = self.read(&claims).await?;
        let names_mentor = |found: &Item| found.get(MENTOR_ID) == Some(&string(mentor.as_str()));
        let rename = |found: Item| {
            let mut item = found.clone();
            item.insert(MENTOR_ID.to_owned(), string(pseudonym.as_str()));
            (found, item)
        };
        Ok(records.into_iter().chain(claims).filter(names_mentor).map(rename).collect())
    }

    /// The items at these keys, in their order.
    async fn read(&self, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
        let found = self.store.table.get_all(&keys.iter().map(Key::attributes).collect::<Vec<_>>()).await?;
        let mut found: HashMap<_, _> = found.into_iter().filter_map(|item| Some((Key::of(&item)?, item))).collect();
        Ok(keys.iter().filter_map(|key| found.remove(key)).collect())
    }

    /// The lost codes that name the mentor, and their claims. No slot lists them; the index does.
    async fn lost_codes(&self, mentor: &MentorId, pseudonym: &MentorId) -> Result<Vec<Renamed>, StoreError> {
        let (mut codes, mut from) = (Vec::new(), None);
        loop {
            let query = self.store.table.query().index_name(BY_CREATION).set_exclusive_start_key(from);
            let query = query.key_condition_expression("listing = :lost").filter_expression("mentor_id = :mentor");
            let query = query.expression_attribute_values(":lost", string(LISTING_LOST));
            let query = query.expression_attribute_values(":mentor", string(mentor.as_str()));
            let answer = Box::pin(query.send()).await?;
            codes.extend(answer.items().iter().filter_map(|lost| match Key::of(lost) {
                Some(Key::Record(id)) => Some(id),
                _ => None,
            }));
            from = answer.last_evaluated_key;
            if from.is_none() {
                return self.renamed(mentor, pseudonym, &codes).await;
            }
        }
    }

    /// Deletes pages that the mentor's slot does not count, if that is as it was found.
    async fn delete_pages(
        &self,
        mentor: &MentorId,
        own: &Partition,
        pages: &[&Item],
        cx: &CallContext<'_>,
    ) -> Result<(), StoreError> {
        let table = &self.store.table;
        for some in pages.chunks(MAX_RENAMED) {
            let slot = Key::Slot(mentor.clone()).attributes();
            let writes = table.writes().change(slot, own.slot.as_ref(), ItemChange::Keep);
            let delete = |writes: Writes, page: &&Item| writes.change(key_of(page), Some(page), ItemChange::Delete);
            decided(&table.decide(some.iter().fold(writes, delete), cx.age()).await?)?;
        }
        Ok(())
    }
}

fn rename(writes: Writes, (found, item): &Renamed) -> Writes {
    writes.change(key_of(found), Some(found), ItemChange::Put(item.clone()))
}

fn key_of(item: &Item) -> Item {
    [PK, SK].into_iter().filter_map(|name| Some((name.to_owned(), item.get(name)?.clone()))).collect()
}

fn pseudonym_in(pending: &Item) -> Result<MentorId, UnreadableItem> {
    Attributes::of(pending)?.required(PSEUDONYM)
}

/// What follows from other items cannot be written once these have changed. The next run begins with what there is then.
fn decided(outcome: &Outcome) -> Result<(), StoreError> {
    match outcome {
        Outcome::Committed => Ok(()),
        Outcome::ConditionFailed(_) => {
            Err(StoreError::Unavailable("the mentor's items have changed meanwhile: send the command again".to_owned()))
        }
    }
}
