//! Forgetting: a mentor's id is taken out of the table, and a random pseudonym stands in its place.
//!
//! The mentor's active code ends first, as by a DELETE. Then the id is replaced in the records, the claims, the lost codes,
//! the slot and the pages of earlier codes. The codes stay, so what was counted stays right. The id may come back with a
//! POST: as a mentor who never had a code.
//!
//! # In an order that may stop anywhere
//!
//! 1. An item in the partition of pending work names the mentor and the pseudonym. From here on the upkeep goes on by itself.
//! 2. The pages of earlier codes are put under the pseudonym, where nothing counts them yet, while the item of step 1 names it.
//!    A run that chooses another pseudonym deletes the first 96 of them in that transaction.
//! 3. One transaction: the slot moves to the pseudonym, and the records and claims of up to 48 codes name it. It has the item
//!    of step 1 in its condition: once another run has chosen another pseudonym, this transaction cannot happen any more,
//!    however late it comes.
//! 4. The records and claims of further codes, in more transactions; then the old pages go.
//! 5. The pseudonym's slot says until now that it is being moved; a last write takes that away. Until then audits and repairs
//!    leave the mentor out.
//!
//! All runs see where one has stopped from the items of steps 1 and 3, read at one moment. Only a restored backup can have torn
//! them: a slot that is there under both names loses the old one.
//!
//! # No late write brings the mentor back
//!
//! A request of before may arrive minutes later, and would find no slot, *again*. So the transaction leaves an item in
//! the slot's place, which says that its mentor is forgotten. To every condition of a change that began before, this is not
//! the slot that it started from. Readers take it for no slot. A create of afterwards names it in its condition, and
//! replaces it. [`crate::limits::FORGOTTEN_FOR_GOOD_AFTER`] later nothing of before can be under way: the upkeep deletes this
//! item and the one of step 1, the last that name the mentor. Both are written, too, if there is no slot to move.
//!
//! # What reads see
//!
//! The pseudonym tells when it was made. A state that names one of the last 45 minutes, and the item in the slot's place, are
//! confirmed ([`super::change`]): a call that meets them waits until step 5 is done. So whoever is shown one code as forgotten
//! is shown all so from then on, however many there are. If a run is stopped before step 5, these calls end with a 503 until
//! the upkeep has done it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tokio::time::sleep;
use ulid::Ulid;

use super::dynamodb::{Item, ItemChange, Outcome, Writes};
use super::index_query::BY_CREATION;
use super::item::{
    Attributes, LISTING_LOST, LostCode, MENTOR_ID, UnreadableItem, known_code, new_item, number, string,
};
use super::key::{Key, PK, SK, mentor_partition};
use super::slot::{self, EarlierCode, MOVING, Slot};
use super::{Store, StoreError};
use crate::limits::{MAX_BACKOFF, MAX_REPAIR_ROUNDS, MAX_TRANSACTION_ITEMS};
use crate::model::{CallContext, CodeId, MentorId, Sources, Timestamp};

const PSEUDONYM: &str = "pseudonym";
/// Of step 1's item: the table had no slot of the mentor.
const UNKNOWN: &str = "unknown";

/// How many items that name the mentor one transaction changes: those of 48 codes, besides three others.
const MAX_RENAMED: usize = MAX_TRANSACTION_ITEMS - 4;

/// The forgetting of a mentor. No call does it.
pub struct Forgetting<'a> {
    pub(super) store: &'a Store,
    pub(super) mentor: &'a MentorId,
    /// The steps read the clock anew.
    pub(super) sources: &'a Sources,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Forgotten {
    /// What stands in the place of the id.
    pub pseudonym: MentorId,
    /// How many codes the pseudonym has.
    pub codes: usize,
}

/// How far the forgetting of a mentor has come: items as they were at one moment.
struct Progress {
    /// The item of step 1.
    pending: Option<Item>,
    /// The mentor's slot, or what stands in its place.
    own: Option<Item>,
    /// The pseudonym that they name, and its slot.
    pseudonym: Option<MentorId>,
    moved: Option<Item>,
}

impl Progress {
    fn slot(&self) -> Result<Option<Slot>, UnreadableItem> {
        Ok(self.own.as_ref().map(Slot::find).transpose()?.flatten())
    }

    fn place(&self) -> Option<&Item> {
        self.own.as_ref().filter(|item| slot::is_forgotten(item))
    }

    /// Whether no slot moves, because there was none.
    fn is_of_unknown(&self) -> bool {
        self.pending.as_ref().is_some_and(|pending| pending.contains_key(UNKNOWN))
    }
}

/// An item that names the mentor, as it was found, and as it names the pseudonym.
type Renamed = (Item, Item);

impl Forgetting<'_> {
    /// Forgets the mentor. None if the table does not know the mentor. If it is not asked for, this goes on with what has begun,
    /// and begins none: the mentor may be back.
    pub async fn forget(&self, is_asked: bool) -> Result<Option<Forgotten>, StoreError> {
        if self.mentor.is_young_pseudonym(self.cx().now()) {
            let message =
                "the id is a pseudonym whose own forgetting may be under way: send the command again in 75 minutes";
            return Err(StoreError::Unavailable(message.to_owned()));
        }
        let mut may_begin = is_asked;
        for _ in 0..MAX_REPAIR_ROUNDS {
            match Box::pin(self.step(is_asked, &mut may_begin)).await {
                Ok(None) => {}
                Ok(Some(forgotten)) => return Ok(forgotten),
                Err(StoreError::Contended(_)) => sleep(MAX_BACKOFF).await,
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Unavailable("the mentor's codes change too often to be forgotten now".to_owned()))
    }

    /// One step from what there is now. None if another one follows.
    async fn step(&self, is_asked: bool, may_begin: &mut bool) -> Result<Option<Option<Forgotten>>, StoreError> {
        let progress = self.progress().await?;
        let slot = progress.slot()?;
        if let (Some(slot), Some(moved), Some(pseudonym)) = (&slot, &progress.moved, &progress.pseudonym)
            && Slot::find(moved)?.is_some_and(|moved| moved.held.id == slot.held.id)
        {
            let place = ItemChange::Put(slot::forgotten_item(self.mentor, pseudonym));
            self.decide(self.writes().change(self.slot_key(), progress.own.as_ref(), place), &self.cx()).await?;
            return Ok(None);
        }
        if *may_begin && progress.own.is_none() && progress.pending.is_none() {
            *may_begin = false;
            self.begin_without_slot().await?;
            return Ok(None);
        }
        let is_begun = progress.pending.is_some() && progress.moved.is_none() && !progress.is_of_unknown();
        let Some(slot) = slot.filter(|_| *may_begin || is_begun) else {
            return self.complete(&progress, is_asked).await.map(Some);
        };
        if !is_begun {
            // The id may have come back since it was forgotten last.
            self.complete(&progress, is_asked).await?;
        }
        let cx = &self.cx();
        // As every transaction, those that follow rest only on changes known to be complete.
        let view = self.store.view(cx.clone());
        if let Some(own) = &progress.own
            && view.session.confirm_slot(own).await?.as_deref() != Some(&slot)
        {
            return Ok(None);
        }
        // Later than all changes of these codes, whichever clocks told their times.
        let last = slot.held.ulid.timestamp_ms().max(slot.held.ended_at().map_or(0, Timestamp::unix_millis));
        let now = cx.unix_millis().max(last);
        let pseudonym = MentorId::pseudonym(Ulid::from_parts(now, cx.new_ulid().random()));
        let pending = self.begin(&progress, slot.pages, &pseudonym, cx).await?;
        *may_begin = false;
        if slot.held.is_active(cx.now()) {
            self.store.leaving(self.sources).end(&slot.held.id, cx).await?;
        } else {
            self.move_slot(&pseudonym, &pending, &progress, &slot, cx).await?;
        }
        Ok(None)
    }

    async fn progress(&self) -> Result<Progress, StoreError> {
        let mut keys = vec![Key::Forgetting(self.mentor.clone()).attributes(), self.slot_key()];
        let mut pseudonym = None;
        for _ in 0..MAX_REPAIR_ROUNDS {
            let mut read = self.store.table.get_at_once(&keys).await?.into_iter();
            let (pending, own, moved) = (read.next().flatten(), read.next().flatten(), read.next().flatten());
            let place = own.as_ref().and_then(slot::pseudonym);
            let named = match (place, &pending) {
                (None, Some(pending)) => Some(Attributes::of(pending)?.required(PSEUDONYM)?),
                (place, _) => place,
            };
            if named == pseudonym {
                return Ok(Progress { pending, own, pseudonym, moved });
            }
            keys.truncate(2);
            keys.extend(named.clone().map(|pseudonym| Key::Slot(pseudonym).attributes()));
            pseudonym = named;
        }
        Err(changed())
    }

    /// Steps 1 and 3 of a mentor of whom there is no slot: a request of before may still make one.
    async fn begin_without_slot(&self) -> Result<(), StoreError> {
        let cx = &self.cx();
        let pseudonym = MentorId::pseudonym(cx.new_ulid());
        let mut pending = self.pending(&pseudonym);
        pending.insert(UNKNOWN.to_owned(), number(1));
        let place = slot::forgotten_item(self.mentor, &pseudonym);
        self.decide(self.writes().put(pending).put(place), cx).await
    }

    /// The item of step 1.
    fn pending(&self, pseudonym: &MentorId) -> Item {
        let mut item = new_item(&Key::Forgetting(self.mentor.clone()));
        item.insert(PSEUDONYM.to_owned(), string(pseudonym.as_str()));
        item
    }

    /// Step 1, if the slot is as it was found: otherwise a late one could begin again after the mentor is back.
    async fn begin(
        &self,
        progress: &Progress,
        pages: u32,
        pseudonym: &MentorId,
        cx: &CallContext,
    ) -> Result<Item, StoreError> {
        let item = self.pending(pseudonym);
        let put = ItemChange::Put(item.clone());
        let writes = self.writes().change(key_of(&item), progress.pending.as_ref(), put);
        let mut writes = writes.change(self.slot_key(), progress.own.as_ref(), ItemChange::Keep);
        let (Some(given_up), None) = (&progress.pseudonym, &progress.moved) else {
            self.decide(writes, cx).await?;
            return Ok(item);
        };
        // The pages that a run has put before it was stopped. Nothing will count them, nor know this pseudonym, any more. Nor may
        // another run put one meanwhile.
        let mut put = self.pages(given_up).await?;
        for page in (1..=pages).take(MAX_RENAMED) {
            let (key, found) = (Key::Earlier { mentor: given_up.clone(), page }.attributes(), put.remove(&page));
            let change = if found.is_some() { ItemChange::Delete } else { ItemChange::Keep };
            writes = writes.change(key, found.as_ref(), change);
        }
        self.decide(writes, cx).await?;
        // Those of a mentor with more than a thousand codes.
        self.delete_pages(given_up, None, &put.values().collect::<Vec<_>>(), cx).await?;
        Ok(item)
    }

    /// Steps 2 and 3.
    async fn move_slot(
        &self,
        pseudonym: &MentorId,
        pending: &Item,
        progress: &Progress,
        slot: &Slot,
        cx: &CallContext,
    ) -> Result<(), StoreError> {
        let to = Key::Slot(pseudonym.clone()).attributes();
        let moved = |found: &Item| {
            let mut item = found.clone();
            item.extend(to.clone().remove_entry(PK));
            item
        };
        let mut pages = self.pages(self.mentor).await?;
        pages.retain(|number, _| *number <= slot.pages);
        let put: Vec<_> = pages.values().map(moved).collect();
        for some in put.chunks(MAX_RENAMED) {
            let writes = self.writes().change(key_of(pending), Some(pending), ItemChange::Keep);
            self.decide(some.iter().cloned().fold(writes, Writes::put), cx).await?;
        }
        let found = progress.own.iter();
        let codes = codes_of(found.clone().chain(pages.values()))?;
        let mut there = found.clone().map(moved).next().unwrap_or_default();
        there.insert(MOVING.to_owned(), number(1));
        let writes = self.writes().change(key_of(pending), Some(pending), ItemChange::Keep);
        let place = ItemChange::Put(slot::forgotten_item(self.mentor, pseudonym));
        let writes = writes.change(self.slot_key(), progress.own.as_ref(), place);
        let writes = writes.change(to, None, ItemChange::Put(there));
        let renamed = self.renamed(pseudonym, &codes).await?;
        self.decide(renamed.iter().take(MAX_RENAMED).fold(writes, rename), cx).await
    }

    /// Steps 4 and 5, if step 3 is done, and the end for good. Between the two the upkeep does nothing.
    async fn complete(&self, progress: &Progress, is_asked: bool) -> Result<Option<Forgotten>, StoreError> {
        let Some(pseudonym) = progress.pseudonym.clone() else { return Ok(None) };
        let is_over = !pseudonym.is_young_pseudonym(self.cx().now());
        if progress.place().is_some() && progress.moved.is_none() && !progress.is_of_unknown() && !is_over {
            let message = "a restored backup lacks the slot of the pseudonym: run the repair, and then this again";
            return Err(StoreError::Unavailable(message.to_owned()));
        }
        let moved = progress.moved.as_ref();
        let theirs = self.pages(&pseudonym).await?;
        let mut codes = codes_of(moved.into_iter().chain(theirs.values()))?;
        let forgotten = Forgotten { codes: codes.len(), pseudonym };
        let is_moving = moved.is_some_and(|slot| slot.contains_key(MOVING));
        if !(is_asked || is_moving || is_over) {
            return Ok(Some(forgotten));
        }
        let (own, slot) = (self.pages(self.mentor).await?, progress.slot()?);
        // Pages that came late, too. A call of a mentor who came back may be about to count its page.
        let is_counted = |number: u32| slot.as_ref().is_some_and(|slot| number <= slot.pages);
        let is_next = |page: &Item| slot.as_ref().and_then(Slot::full_page).as_ref() == Some(page);
        let stray = own.iter().filter(|(number, page)| !is_counted(**number) && !is_next(page));
        let stray: Vec<_> = stray.map(|(_, page)| page).collect();
        if slot.is_none() {
            // A restored backup may have them alone.
            codes.extend(codes_of(stray.iter().copied())?);
        }
        let mut renamed = self.renamed(&forgotten.pseudonym, &codes).await?;
        renamed.extend(self.lost_codes(&forgotten.pseudonym).await?);
        for some in renamed.chunks(MAX_RENAMED) {
            // The mentor who may be back has codes of their own: those that this slot names.
            let writes = self.writes().change(self.slot_key(), progress.own.as_ref(), ItemChange::Keep);
            self.decide(some.iter().fold(writes, rename), &self.cx()).await?;
        }
        self.delete_pages(self.mentor, progress.own.as_ref(), &stray, &self.cx()).await?;
        // Now every item that named the mentor shows the pseudonym.
        if let Some(found) = moved.filter(|_| is_moving) {
            let mut item = found.clone();
            item.remove(MOVING);
            self.decide(rename(self.writes(), &(found.clone(), item)), &self.cx()).await?;
        }
        if is_over && renamed.is_empty() && stray.is_empty() {
            let last = progress.place().into_iter().chain(&progress.pending);
            let delete = |writes: Writes, found: &Item| writes.change(key_of(found), Some(found), ItemChange::Delete);
            self.decide(last.fold(self.writes(), delete), &self.cx()).await?;
        }
        // Lost codes have no slot.
        Ok((!progress.is_of_unknown() || !renamed.is_empty()).then_some(forgotten))
    }

    /// The pages of a mentor's earlier codes, by their numbers.
    async fn pages(&self, mentor: &MentorId) -> Result<BTreeMap<u32, Item>, StoreError> {
        let items = self.store.table.get_partition(&mentor_partition(mentor)).await?.into_iter();
        let pages = items.filter_map(|item| match Key::of(&item) {
            Some(Key::Earlier { page, .. }) => Some((page, item)),
            _ => None,
        });
        Ok(pages.collect())
    }

    /// The records of these codes and then their claims, as far as they name the mentor.
    async fn renamed(&self, pseudonym: &MentorId, codes: &[CodeId]) -> Result<Vec<Renamed>, StoreError> {
        let mut seen = BTreeSet::new();
        let keys = codes.iter().filter(|id| seen.insert(*id)).map(|id| Key::Record(id.clone()));
        let records = self.read(&keys.collect::<Vec<_>>()).await?;
        let mut claims = Vec::new();
        for record in &records {
            let lost = LostCode::find(record)?.and_then(|lost| lost.code);
            claims.extend(lost.or(known_code(record)?.map(|code| code.code)).map(Key::Claim));
        }
        let claims = self.read(&claims).await?;
        let names_mentor = |found: &Item| found.get(MENTOR_ID) == Some(&string(self.mentor.as_str()));
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
    async fn lost_codes(&self, pseudonym: &MentorId) -> Result<Vec<Renamed>, StoreError> {
        let (mut codes, mut from) = (Vec::new(), None);
        loop {
            let query = self.store.table.query().index_name(BY_CREATION).set_exclusive_start_key(from);
            let query = query.key_condition_expression("listing = :lost").filter_expression("mentor_id = :mentor");
            let query = query.expression_attribute_values(":lost", string(LISTING_LOST));
            let query = query.expression_attribute_values(":mentor", string(self.mentor.as_str()));
            let answer = Box::pin(query.send()).await?;
            codes.extend(answer.items().iter().filter_map(|lost| match Key::of(lost) {
                Some(Key::Record(id)) => Some(id),
                _ => None,
            }));
            from = answer.last_evaluated_key;
            if from.is_none() {
                return self.renamed(pseudonym, &codes).await;
            }
        }
    }

    /// Deletes pages of this mentor that the slot does not count, if that is as it was found.
    async fn delete_pages(
        &self,
        mentor: &MentorId,
        slot: Option<&Item>,
        pages: &[&Item],
        cx: &CallContext,
    ) -> Result<(), StoreError> {
        for some in pages.chunks(MAX_RENAMED) {
            let writes = self.writes().change(Key::Slot(mentor.clone()).attributes(), slot, ItemChange::Keep);
            let delete = |writes: Writes, page: &&Item| writes.change(key_of(page), Some(page), ItemChange::Delete);
            self.decide(some.iter().fold(writes, delete), cx).await?;
        }
        Ok(())
    }

    fn cx(&self) -> CallContext {
        self.sources.call_context()
    }

    fn slot_key(&self) -> Item {
        Key::Slot(self.mentor.clone()).attributes()
    }

    fn writes(&self) -> Writes {
        self.store.table.writes()
    }

    /// Writes what follows from other items, if these are as they were found.
    async fn decide(&self, writes: Writes, cx: &CallContext) -> Result<(), StoreError> {
        match self.store.table.decide(writes, cx).await? {
            Outcome::Committed => Ok(()),
            Outcome::ConditionFailed(_) => Err(changed()),
        }
    }
}

fn rename(writes: Writes, (found, item): &Renamed) -> Writes {
    writes.change(key_of(found), Some(found), ItemChange::Put(item.clone()))
}

fn key_of(item: &Item) -> Item {
    [PK, SK].into_iter().filter_map(|name| Some((name.to_owned(), item.get(name)?.clone()))).collect()
}

/// The codes that slots and pages name, the one that a slot holds first.
fn codes_of<'a>(items: impl Iterator<Item = &'a Item>) -> Result<Vec<CodeId>, UnreadableItem> {
    let mut codes = Vec::new();
    for item in items {
        if let Some(Key::Slot(_)) = Key::of(item) {
            codes.extend(Slot::find(item)?.map(|slot| slot.held.id));
        }
        codes.extend(slot::page(item)?.iter().map(EarlierCode::id));
    }
    Ok(codes)
}

/// The next step begins with what there is then.
fn changed() -> StoreError {
    StoreError::Contended("the mentor's items have changed meanwhile".to_owned())
}
