//! The audit, a scan in parts, and the repair of what it finds.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::sleep;

use super::super::StoreError;
use super::super::dynamodb::{Item, ItemChange, Outcome, Table};
use super::super::key::Key;
use super::super::slot::{self, Slot};
use super::super::upkeep::Upkeep;
use super::cursor::AuditCursor;
use super::finding::{Finding, contradictions};
use super::items::{Items, Lookup, StoredItem};
use super::rewrite::rewrite;
use crate::limits::{MAX_BACKOFF, MAX_REPAIR_ROUNDS, MAX_TRANSACTION_ITEMS};
use crate::model::{CallContext, Listing, MentorId, ReferralCode, Timestamp};

/// Finds items that contradict each other, and makes them agree. No call does either.
#[derive(Clone, Debug)]
pub struct Auditor {
    pub(crate) table: Table,
    /// Is told of the codes that a repair puts back into the listings.
    pub(crate) upkeep: Upkeep,
}

/// A part of an audit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditPage {
    /// The contradictions of the items in this part. One between two items can be found from both.
    pub findings: Vec<Finding>,
    pub examined: usize,
    /// Where the next part begins; none if this is the last one.
    pub next: Option<AuditCursor>,
}

/// What became of a finding.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Repair {
    /// Items were written, by this repair or by another one at the same time.
    Done,
    /// The contradiction was gone already.
    NotNeeded,
    /// A person must decide. Nothing was written.
    NeedsAPerson,
}

/// How many links are followed from a finding and its mentor's slot. What is farther away is repaired from its own
/// findings.
const MAX_LINKS: usize = 4;

/// How many items are read at one moment. `TransactGetItems` takes 100, and so does the transaction that repairs them.
const MAX_ITEMS: usize = 90;

struct Surroundings {
    items: Items,
    found: BTreeMap<Key, Option<Item>>,
    /// The items that were read at one moment. The others are pages.
    at_once: Vec<Key>,
    /// Whether the mentor is being forgotten: some items show the id, and others the pseudonym, until the upkeep is done.
    is_moving: bool,
}

impl Auditor {
    /// Examines up to `limit` items after a cursor, each with all items that must agree with it. It may run while calls
    /// do: a change in flight is no finding.
    pub async fn audit(
        &self,
        after: Option<&AuditCursor>,
        limit: u32,
        cx: &CallContext,
    ) -> Result<AuditPage, StoreError> {
        let limit = i32::try_from(limit).unwrap_or(i32::MAX).max(1);
        let (scanned, next) = self.table.scan(after.map(AuditCursor::key), limit).await?;
        let (mut items, mut subjects, mut findings) = (Items::default(), Vec::new(), Vec::new());
        for item in &scanned {
            match Key::of(item).map(|key| StoredItem::parse(&key, item)) {
                None => findings.push(Finding::unknown_key(item)),
                Some(Err(error)) => findings.push(Finding::unreadable(&error)),
                Some(Ok(None)) => {}
                Some(Ok(Some(stored))) => {
                    items.set(stored.clone());
                    subjects.push(stored);
                }
            }
        }
        self.read_more(&mut items, subjects.iter().flat_map(StoredItem::related).collect()).await?;
        let mut mentors: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for subject in &subjects {
            mentors.entry(subject.mentor()).or_default().push(subject);
        }
        let slots = mentors.keys().filter_map(|mentor| items.slot(mentor));
        let pages = slots.flat_map(Slot::page_keys).collect();
        self.read_more(&mut items, pages).await?;
        let is_suspect = |mentor: &MentorId, subjects: &[&StoredItem]| {
            let keys: Vec<_> = subjects.iter().map(|subject| subject.key()).collect();
            !contradictions(&items.around(mentor, subjects), mentor, &keys, cx.now()).is_empty()
        };
        // A mentor may have many codes. All that are in this part are looked at together first.
        let suspects: BTreeSet<_> =
            mentors.iter().filter(|(mentor, all)| is_suspect(mentor, all)).map(|of| *of.0).collect();
        for subject in &subjects {
            let (mentor, key) = (subject.mentor(), subject.key());
            if !suspects.contains(mentor) || !is_suspect(mentor, &[subject]) {
                continue;
            }
            // These reads were not at one moment. So what is suspected is read again.
            let now = self.read_around(mentor, &key, cx.now()).await?;
            if now.is_moving {
                continue;
            }
            for wrong in contradictions(&now.items, mentor, std::slice::from_ref(&key), cx.now()) {
                if findings.iter().all(|finding: &Finding| finding.wrong != wrong) {
                    findings.push(Finding { place: Some((mentor.clone(), key.clone())), wrong });
                }
            }
        }
        Ok(AuditPage { findings, examined: scanned.len(), next: next.as_ref().and_then(AuditCursor::of) })
    }

    async fn read_more(&self, items: &mut Items, mut keys: Vec<Key>) -> Result<(), StoreError> {
        keys.retain(|key| items.at(key) == Lookup::Unknown);
        for (key, item) in self.read(keys).await? {
            items.add(&key, item.as_ref());
            if item.as_ref().is_some_and(slot::is_forgotten) {
                // Suspect, until it is read together with the slot that has moved away.
                items.remove(&key);
            }
        }
        Ok(())
    }

    /// The items at these keys, each at its own moment.
    async fn read(&self, keys: impl IntoIterator<Item = Key>) -> Result<BTreeMap<Key, Option<Item>>, StoreError> {
        let mut found: BTreeMap<_, _> = keys.into_iter().map(|key| (key, None)).collect();
        let keys: Vec<_> = found.keys().map(Key::attributes).collect();
        for item in self.table.get_all(&keys).await? {
            found.extend(Key::of(&item).map(|key| (key, Some(item))));
        }
        Ok(found)
    }

    /// Repairs what a finding names, if it is still so. It may run while calls do, and beside other repairs.
    pub async fn repair(&self, finding: &Finding, cx: &CallContext) -> Result<Repair, StoreError> {
        let Some((mentor, item)) = &finding.place else { return Ok(Repair::NeedsAPerson) };
        let (mut sent, mut added) = (false, Vec::new());
        for _ in 0..MAX_REPAIR_ROUNDS {
            let before = self.read_around(mentor, item, cx.now()).await?;
            if before.is_moving {
                return Ok(Repair::NotNeeded);
            }
            let (mut changes, put_back) = rewrite(&before.items, &before.found, mentor, cx.now());
            if changes.is_empty() {
                if sent {
                    // An earlier attempt has committed, whatever its response said.
                    self.recount(&added, cx).await?;
                    return Ok(Repair::Done);
                }
                let left = contradictions(&before.items, mentor, std::slice::from_ref(item), cx.now());
                let is_left = left.contains(&finding.wrong);
                return Ok(if is_left { Repair::NeedsAPerson } else { Repair::NotNeeded });
            }
            for key in before.at_once {
                changes.entry(key).or_insert(ItemChange::Keep);
            }
            let writes = changes.into_iter().fold(self.table.writes(), |writes, (key, change)| {
                writes.change(key.attributes(), before.found.get(&key).and_then(Option::as_ref), change)
            });
            // Before the transaction, because the run may end without its answer; and after it, because an upkeep may have
            // counted in between. One that was not needed does no harm.
            added.extend(put_back);
            self.recount(&added, cx).await?;
            match self.table.transaction(writes, cx).send().await {
                Ok(Outcome::Committed) => {
                    self.recount(&added, cx).await?;
                    return Ok(Repair::Done);
                }
                Ok(Outcome::ConditionFailed(_)) => {}
                Err(StoreError::Contended(_)) => sleep(MAX_BACKOFF).await,
                Err(error) => return Err(error),
            }
            sent = true;
        }
        Err(StoreError::Unavailable(format!("the items of {mentor} change too often to be repaired now")))
    }

    /// Has the page indexes count again from these codes on, which appear late in their listings.
    async fn recount(&self, codes: &[ReferralCode], cx: &CallContext) -> Result<(), StoreError> {
        for code in codes {
            for listing in [Listing::All, Listing::Org(code.org_id.clone())] {
                self.upkeep.recount_from(&listing, code.ulid, cx).await?;
            }
        }
        Ok(())
    }

    /// The mentor's slot, this item, and those that must agree with them, at one moment; then the slot's pages.
    async fn read_around(&self, mentor: &MentorId, item: &Key, now: Timestamp) -> Result<Surroundings, StoreError> {
        let mut at_once = Vec::new();
        add(&mut at_once, [Key::Slot(mentor.clone()), item.clone()]);
        let roots = at_once.clone();
        for round in 0..MAX_REPAIR_ROUNDS {
            let keys: Vec<_> = at_once.iter().map(Key::attributes).collect();
            let read = self.table.get_at_once(&keys).await?;
            let mut found: BTreeMap<_, _> = at_once.iter().cloned().zip(read).collect();
            let mut items = Items::default();
            for (key, item) in &found {
                items.add(key, item.as_ref());
            }
            // What has changed between two reads may lead to further items. The codes that the slot names as earlier are
            // repaired from their own findings.
            let slot = items.slot(mentor).cloned();
            let earlier: Vec<_> =
                slot.iter().flat_map(|slot| &slot.earlier).map(|code| Key::Record(code.id())).collect();
            let leads_on = |key: &&Key| roots.contains(key) || (round < MAX_LINKS && !earlier.contains(key));
            let leads_to = |key| if let Lookup::Found(item) = items.at(key) { item.leads_to() } else { Vec::new() };
            let more: Vec<_> = at_once.iter().filter(leads_on).flat_map(leads_to).collect();
            let known = at_once.len();
            add(&mut at_once, more);
            for (key, item) in &found {
                // A mentor who was forgotten has no items. But a backup may have torn the place of the slot from the slot
                // that has moved away: then it is no slot, and the mentor's codes need one.
                let Some(moved_to) = item.as_ref().and_then(slot::moved_to) else { continue };
                if found.get(&moved_to) == Some(&None) {
                    items.remove(key);
                }
                add(&mut at_once, [moved_to]);
            }
            at_once.truncate(MAX_ITEMS);
            if at_once.len() > known {
                continue;
            }
            // The pages that the slot counts. Repairs alone write them, and a call puts one before the slot counts it.
            let unread = slot.iter().flat_map(Slot::page_keys).filter(|page| items.at(page) == Lookup::Unknown);
            for (key, item) in self.read(unread).await? {
                items.add(&key, item.as_ref());
                found.insert(key, item);
            }
            let own = found.get(&roots[0]).and_then(Option::as_ref);
            let moved = own.and_then(slot::moved_to).and_then(|key| found.get(&key)?.as_ref());
            let is_moving = [own, moved].into_iter().flatten().any(|slot| slot::is_moving(slot, now));
            return Ok(Surroundings { items, found, at_once, is_moving });
        }
        Err(StoreError::Unavailable(format!("the items of {mentor} change too often to be read at one moment")))
    }
}

fn add(keys: &mut Vec<Key>, more: impl IntoIterator<Item = Key>) {
    for key in more {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
}

const _: () = assert!(MAX_ITEMS < MAX_TRANSACTION_ITEMS, "the items and some pages fit into one transaction");
