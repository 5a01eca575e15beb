//! The audit: a scan in pages. What looks like a contradiction there is read again at one moment before it is reported.

use std::fmt;
use std::str::FromStr;

use super::super::dynamodb::Item;
use super::super::item::string;
use super::super::key::{Key, PK, SK};
use super::super::{Store, StoreError};
use super::check::{check, pages, related};
use super::finding::Finding;
use super::known_items::{KnownItems, Look, Stored};
use super::page_index::check_index_item;
use crate::limits::MAX_REPAIR_ROUNDS;

/// Where a part of an audit begins: after the item with this key. As a text, it can be kept between two runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditCursor {
    pk: String,
    sk: String,
}

/// A text that is no cursor of an audit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a partition key, a space and a sort key")]
pub struct InvalidAuditCursor;

/// A part of an audit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditPage {
    /// The contradictions of the items in this part. One between two items can be found from both.
    pub findings: Vec<Finding>,
    /// How many items this part has.
    pub examined: usize,
    /// Where the next part begins; none if this is the last one.
    pub next: Option<AuditCursor>,
}

impl fmt::Display for AuditCursor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // No key of ours contains a space.
        write!(out, "{} {}", self.pk, self.sk)
    }
}

impl FromStr for AuditCursor {
    type Err = InvalidAuditCursor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (pk, sk) =
            text.split_once(' ').filter(|(pk, sk)| !pk.is_empty() && !sk.is_empty()).ok_or(InvalidAuditCursor)?;
        Ok(Self { pk: pk.to_owned(), sk: sk.to_owned() })
    }
}

impl AuditCursor {
    fn of(key: &Item) -> Option<Self> {
        let part = |name| key.get(name).and_then(|value| value.as_s().ok()).cloned();
        Some(Self { pk: part(PK)?, sk: part(SK)? })
    }

    fn key(&self) -> Item {
        Item::from([(PK.to_owned(), string(&self.pk)), (SK.to_owned(), string(&self.sk))])
    }
}

impl Store {
    /// Examines up to `limit` items after a cursor, each with all items that must agree with it. It may run while calls
    /// do: a change in flight is no finding.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn audit(&self, after: Option<&AuditCursor>, limit: u32) -> Result<AuditPage, StoreError> {
        let limit = i32::try_from(limit).unwrap_or(i32::MAX).max(1);
        let (items, next) = self.table.scan(after.map(AuditCursor::key), limit).await?;
        let mut known = KnownItems::default();
        let mut subjects = Vec::new();
        let mut findings = Vec::new();
        for item in &items {
            match subject(item) {
                Ok((key, Some(stored))) => {
                    known.note(key, Some(item));
                    subjects.push(stored);
                }
                Ok((key, None)) => findings.extend(check_index_item(&key, item)),
                Err(unreadable) => findings.push(unreadable),
            }
        }
        self.look_up(&mut known, subjects.iter().flat_map(related).collect()).await?;
        // The pages, once the slots are known.
        let slots = subjects.iter().filter_map(|subject| self.slot_of(subject, &known));
        let pages = slots.flat_map(pages).collect();
        self.look_up(&mut known, pages).await?;
        for subject in subjects {
            let suspected = check(&subject, &known);
            if !suspected.is_empty() {
                for finding in self.confirm(&subject, &known).await? {
                    if !findings.contains(&finding) {
                        findings.push(finding);
                    }
                }
            }
        }
        Ok(AuditPage { findings, examined: items.len(), next: next.as_ref().and_then(AuditCursor::of) })
    }

    /// The slot whose pages matter to an item: its own, or that of a record which the slot itself does not name.
    #[expect(clippy::unused_self, reason = "reads as the other steps do")]
    fn slot_of<'a>(&self, subject: &'a Stored, known: &'a KnownItems) -> Option<&'a super::super::slot::Slot> {
        match subject {
            Stored::Slot(slot) => Some(slot),
            Stored::Record(code) => match known.slot(&code.mentor_id) {
                Look::Found(slot) if slot.held.id != code.id => {
                    let entry = super::super::slot::EarlierCode::of(code);
                    (!slot.earlier.contains(&entry)).then_some(slot)
                }
                _ => None,
            },
            _ => None,
        }
    }

    async fn look_up(&self, known: &mut KnownItems, keys: Vec<Key>) -> Result<(), StoreError> {
        let mut missing: Vec<Key> = keys.into_iter().filter(|key| !known.knows(key)).collect();
        missing.sort_by_cached_key(Key::text);
        missing.dedup();
        let items = self.table.get_all(&missing.iter().map(Key::attributes).collect::<Vec<_>>()).await?;
        let mut items: std::collections::HashMap<_, _> =
            items.into_iter().filter_map(|item| Some((Key::of(&item)?, item))).collect();
        for key in missing {
            let item = items.remove(&key);
            known.note(key, item.as_ref());
        }
        Ok(())
    }

    /// The contradictions of an item, all items read at one moment. `first` is what an earlier look has shown.
    async fn confirm(&self, subject: &Stored, first: &KnownItems) -> Result<Vec<Finding>, StoreError> {
        let key = subject.key();
        let mut subject = subject.clone();
        for _ in 0..MAX_REPAIR_ROUNDS {
            let mut keys = vec![key.clone()];
            keys.extend(related(&subject));
            if let Stored::Slot(slot) = &subject {
                // A page that was there once stays. One that was not there must still be missing now.
                keys.extend(pages(slot).filter(|page| first.stored(page) == Look::Absent).take(MAX_MISSING_PAGES));
            }
            let mut unique = Vec::new();
            for key in keys {
                if !unique.contains(&key) {
                    unique.push(key);
                }
            }
            let keys = unique;
            let items = self.table.get_at_once(&keys.iter().map(Key::attributes).collect::<Vec<_>>()).await?;
            let mut known = KnownItems::default();
            for (key, item) in keys.iter().zip(&items) {
                known.note(key.clone(), item.as_ref());
            }
            let Look::Found(now) = known.stored(&key) else { return Ok(Vec::new()) };
            let now = now.clone();
            if related(&now).iter().all(|key| keys.contains(key)) {
                // A page that the slot counts does not change; so it need not be read at the same moment.
                if let Some(slot) = self.slot_of(&now, &known).filter(|_| matches!(now, Stored::Record(_))) {
                    let pages = pages(slot).collect();
                    self.look_up(&mut known, pages).await?;
                }
                return Ok(check(&now, &known));
            }
            subject = now;
        }
        Err(StoreError::Unavailable(format!("the items around {} change too often to be audited now", key.text())))
    }
}

/// How many missing pages of one slot a part of an audit reports. `TransactGetItems` takes 100 items.
const MAX_MISSING_PAGES: usize = 80;

/// What a scanned item is. None for one of a page index.
fn subject(item: &Item) -> Result<(Key, Option<Stored>), Finding> {
    let key = Key::of(item).ok_or_else(|| {
        let part = |name| item.get(name).and_then(|value| value.as_s().ok()).map_or("?", String::as_str);
        let reason = format!("the table has an item with the key {}/{}, which no release makes", part(PK), part(SK));
        Finding::unreadable(item, &reason)
    })?;
    let stored = Stored::parse(&key, item).map_err(|error| Finding::unreadable(item, &error))?;
    Ok((key, stored))
}
