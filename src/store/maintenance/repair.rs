//! One repair: read the items around a finding at one moment, work out how they must be, and write that in one transaction
//! whose conditions are the items as they were read.

use std::collections::HashMap;

use tokio::time::sleep;

use super::super::dynamodb::{Item, ItemChange, Outcome};
use super::super::key::Key;
use super::super::slot::Slot;
use super::super::{Store, StoreError};
use super::check::{check, pages, predecessor, related, successor};
use super::finding::Finding;
use super::known_items::{KnownItems, Look, Record, Stored};
use super::plan::make_sound;
use crate::limits::{MAX_BACKOFF, MAX_BATCH_GET_ITEMS, MAX_REPAIR_ROUNDS};
use crate::model::{CallContext, Listing, MentorId, ReferralCode};

/// What became of a finding.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Repair {
    /// Items were written.
    Done,
    /// The contradiction was gone before anything was written: by another repair, or by a call.
    NotNeeded,
    /// A person must decide. Nothing was written.
    NeedsAPerson,
}

/// How many links a repair follows from the code of a finding, and from the mentor's last codes. What is farther away is
/// repaired from its own findings.
const MAX_LINKS: usize = 4;

/// How many items a repair reads at one moment. `TransactGetItems` takes 100.
const MAX_ITEMS: usize = 90;

/// The items around a finding.
struct Neighbourhood {
    known: KnownItems,
    found: HashMap<Key, Option<Item>>,
    /// The items that were read at one moment. The others are pages.
    at_once: Vec<Key>,
}

impl Store {
    /// Repairs what a finding names, if it is still so. It may run while calls do, and beside other repairs.
    ///
    /// # Errors
    /// When the table fails, or the items change more often than a repair starts over.
    pub async fn repair(&self, finding: &Finding, cx: &CallContext<'_>) -> Result<Repair, StoreError> {
        let Some(mentor) = finding.mentor() else { return Ok(Repair::NeedsAPerson) };
        for _ in 0..MAX_REPAIR_ROUNDS {
            let found = self.neighbourhood(mentor, finding).await?;
            let mut planned = found.known.clone();
            make_sound(&mut planned, mentor, cx.now());
            let changes = found.changes_to(&mut planned, mentor);
            if changes.is_empty() {
                let is_sound = found.known.all().into_iter().all(|stored| check(stored, &found.known).is_empty());
                let is_readable = found.known.slot(mentor) != Look::Unknown;
                return Ok(if is_sound && is_readable { Repair::NotNeeded } else { Repair::NeedsAPerson });
            }
            let kept = found.at_once.iter().filter(|key| found.known.knows(key) && !changes.contains_key(key));
            let mut writes: Vec<_> = kept.map(|key| (key, ItemChange::Keep)).collect();
            writes.extend(changes.iter().map(|(key, change)| (key, change.clone())));
            writes.sort_by_cached_key(|(key, _)| key.text());
            let writes = writes.into_iter().fold(self.table.writes(), |writes, (key, change)| {
                writes.change(key.attributes(), found.found.get(key).and_then(Option::as_ref), change)
            });
            // Before the transaction, because the run may end without its answer; and after it, because the upkeep may have
            // counted in between. A count that was not needed does no harm.
            let more = found.codes_more(&planned);
            self.recount_from(&more, cx).await?;
            match self.table.transaction(writes, cx.age()).send().await {
                Ok(Outcome::Committed) => {
                    self.recount_from(&more, cx).await?;
                    return Ok(Repair::Done);
                }
                Ok(Outcome::ConditionFailed(_)) => {}
                Err(StoreError::Contended(_)) => sleep(MAX_BACKOFF).await,
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Unavailable(format!("the items of {mentor} change too often to be repaired now")))
    }

    /// Has the upkeep count the listings of these codes again.
    async fn recount_from(&self, codes: &[&ReferralCode], cx: &CallContext<'_>) -> Result<(), StoreError> {
        let upkeep = self.upkeep();
        for code in codes {
            for listing in [Listing::All, Listing::Org(code.org_id.clone())] {
                upkeep.recount_from(&listing, code.ulid, cx).await?;
            }
        }
        Ok(())
    }

    async fn neighbourhood(&self, mentor: &MentorId, finding: &Finding) -> Result<Neighbourhood, StoreError> {
        let mut keys = vec![Key::Slot(mentor.clone())];
        add(&mut keys, keys_of(finding));
        // Read one item after the other until the keys are known, then all at once. What has changed in between may
        // lead to further keys.
        let mut found = Neighbourhood::new();
        for _ in 0..MAX_REPAIR_ROUNDS {
            for _ in 0..MAX_LINKS {
                let missing: Vec<_> = keys.iter().filter(|key| !found.found.contains_key(key)).cloned().collect();
                if missing.is_empty() {
                    break;
                }
                let items = self.table.get_all(&missing.iter().map(Key::attributes).collect::<Vec<_>>()).await?;
                found.note(&missing, &items);
                let linked = found.known.all().into_iter().flat_map(linked_keys).collect();
                add(&mut keys, linked);
            }
            keys.truncate(MAX_ITEMS);
            let items = self.table.get_at_once(&keys.iter().map(Key::attributes).collect::<Vec<_>>()).await?;
            found = Neighbourhood::new();
            found.note(&keys, &items.into_iter().flatten().collect::<Vec<_>>());
            found.at_once.clone_from(&keys);
            let linked = |stored: &Stored| matches!(stored, Stored::Slot(_)).then(|| linked_keys(stored));
            let further: Vec<_> = found.known.all().into_iter().filter_map(linked).flatten().collect();
            if further.iter().all(|key| keys.contains(key)) || keys.len() == MAX_ITEMS {
                break;
            }
            add(&mut keys, further);
        }
        // A page that the slot counts is written by repairs alone.
        let mut wanted: Vec<Key> = Vec::new();
        if let Look::Found(slot) = found.known.slot(mentor) {
            add(&mut wanted, pages(slot).chain([next_page(slot)]).collect());
        }
        if let Finding::PageNotCounted { page, .. } | Finding::PageMissing { page, .. } = finding {
            add(&mut wanted, vec![Key::Earlier { mentor: mentor.clone(), page: *page }]);
        }
        wanted.retain(|key| !found.found.contains_key(key));
        let items = self.table.get_all(&wanted.iter().map(Key::attributes).collect::<Vec<_>>()).await?;
        found.note(&wanted, &items);
        Ok(found)
    }
}

impl Neighbourhood {
    fn new() -> Self {
        Self { known: KnownItems::default(), found: HashMap::new(), at_once: Vec::new() }
    }

    /// Notes what was read: every key, and those items that there are.
    fn note(&mut self, keys: &[Key], items: &[Item]) {
        for key in keys {
            let item = items.iter().find(|item| Key::of(item).as_ref() == Some(key));
            self.known.note(key.clone(), item);
            self.found.insert(key.clone(), item.cloned());
        }
    }

    /// The codes whose records a plan adds.
    fn codes_more<'a>(&self, planned: &'a KnownItems) -> Vec<&'a ReferralCode> {
        let codes = planned.all().into_iter().filter_map(|stored| match stored {
            Stored::Record(code) => Some(code),
            _ => None,
        });
        codes.filter(|code| !matches!(self.known.record(&code.id), Look::Found(Record::Code(_)))).collect()
    }

    /// What has to be written so that the table is as planned. A slot that is written counts one repair more.
    fn changes_to(&self, planned: &mut KnownItems, mentor: &MentorId) -> HashMap<Key, ItemChange> {
        if let (Look::Found(before), Look::Found(after)) = (self.known.slot(mentor), planned.slot(mentor))
            && before != after
        {
            let counted = Slot { repairs: before.repairs + 1, ..after.clone() };
            planned.set(Stored::Slot(counted));
        }
        let changed = planned.keys().into_iter().filter(|key| planned.stored(key) != self.known.stored(key));
        let change = |key: &Key| match planned.stored(key) {
            Look::Found(stored) => ItemChange::Put(stored.item()),
            Look::Absent | Look::Unknown => ItemChange::Delete,
        };
        changed.map(|key| (key.clone(), change(&key))).collect()
    }
}

fn add(keys: &mut Vec<Key>, more: Vec<Key>) {
    for key in more {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
}

fn last_page(slot: &Slot) -> Key {
    Key::Earlier { mentor: slot.held.mentor_id.clone(), page: slot.pages }
}

fn next_page(slot: &Slot) -> Key {
    Key::Earlier { mentor: slot.held.mentor_id.clone(), page: slot.pages + 1 }
}

/// The keys to which an item leads: those of the items that must agree with it, and of the claims on the strings that it
/// names. A slot leads to its mentor's last codes: what a backup lacks is among them.
fn linked_keys(stored: &Stored) -> Vec<Key> {
    let strings = |code: &ReferralCode| -> Vec<Key> {
        let linked = [predecessor(code), successor(code)].into_iter().flatten();
        linked.map(|other| Key::Claim(other.code.clone())).collect()
    };
    match stored {
        Stored::Record(code) => related(stored).into_iter().chain(strings(code)).collect(),
        Stored::Claim(claim) => {
            let previous = claim.previous_id.iter().cloned().map(Key::Record);
            related(stored).into_iter().chain(previous).collect()
        }
        Stored::Slot(slot) => {
            let held = related(&Stored::Record(slot.held.clone())).into_iter().chain(strings(&slot.held));
            // The last codes before a page was filled are on that page.
            let is_short = slot.pages > 0 && slot.earlier.len() < MAX_LINKS;
            related(stored).into_iter().chain(held).chain(is_short.then(|| last_page(slot))).collect()
        }
        Stored::Page(_, _, codes) => codes.iter().rev().take(MAX_LINKS).map(|code| Key::Record(code.id())).collect(),
        Stored::Lost(_) => related(stored),
    }
}

/// The keys of the records and claims that a finding names.
fn keys_of(finding: &Finding) -> Vec<Key> {
    use Finding as F;
    let (mut ids, mut codes) = (Vec::new(), Vec::new());
    match finding {
        F::RecordWithoutClaim { id, code, .. } | F::ClaimWithoutRecord { id, code, .. } => {
            ids.push(id);
            codes.push(code);
        }
        F::ClaimDiffers { id, code, claimed, .. } => {
            ids.extend([id, claimed]);
            codes.push(code);
        }
        F::RecordWithoutSlot { id, .. }
        | F::RecordNotListed { id, .. }
        | F::ActiveNotHeld { id, .. }
        | F::HeldWithoutRecord { id, .. }
        | F::HeldDiffers { id, .. }
        | F::ListedWithoutRecord { id, .. }
        | F::ListedTwice { id, .. } => ids.push(id),
        F::HeldIsReplaced { id, successor, .. }
        | F::SuccessorWithoutRecord { id, successor, .. }
        | F::SuccessorDiffers { id, successor, .. } => ids.extend([id, successor]),
        F::PredecessorWithoutRecord { id, predecessor, .. } | F::PredecessorDiffers { id, predecessor, .. } => {
            ids.extend([id, predecessor]);
        }
        F::PageMissing { .. } | F::PageNotCounted { .. } | F::Unreadable { .. } => {}
    }
    let records = ids.into_iter().cloned().map(Key::Record);
    records.chain(codes.into_iter().cloned().map(Key::Claim)).collect()
}

const _: () = assert!(MAX_ITEMS < MAX_BATCH_GET_ITEMS, "the items and some pages fit into one transaction");
