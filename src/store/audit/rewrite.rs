//! What a repair writes: the items that are planned otherwise than they were read, with all that this release does not
//! know of them.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::super::dynamodb::{Item, ItemChange};
use super::super::key::Key;
use super::super::slot::{HELD, Slot};
use super::items::{Items, Lookup, StoredItem};
use crate::model::{MentorId, ReferralCode};

/// The items that a repair's transaction changes.
pub(super) struct Rewrite {
    planned: Items,
    changed: Vec<Key>,
    /// The codes whose records it puts back.
    pub(super) added: Vec<ReferralCode>,
}

impl Rewrite {
    /// What makes the items of a mentor as planned. A slot that is written counts one repair more.
    pub(super) fn new(before: &Items, mut planned: Items, mentor: &MentorId) -> Self {
        let slot = planned.slot(mentor).filter(|slot| before.slot(mentor) != Some(slot)).cloned();
        if let Some(slot) = slot {
            planned.set(StoredItem::Slot(Slot { repairs: slot.repairs + 1, ..slot }));
        }
        let changed = planned.keys().filter(|key| planned.at(key) != before.at(key)).cloned().collect();
        let codes = planned.all().filter_map(|stored| match stored {
            StoredItem::Record(code) if before.code(&code.id).is_none() => Some(code.clone()),
            _ => None,
        });
        Self { added: codes.collect(), changed, planned }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.changed.is_empty()
    }

    /// Whether the items, read after this was sent, show that it has committed. No item was so before. Calls may have
    /// changed the slot since, and they keep its number of repairs. They may also have put a page that was planned, so a
    /// page tells nothing unless pages are all that was to be changed.
    pub(super) fn is_in(&self, now: &Items) -> bool {
        let is_page = |key: &Key| matches!(key, Key::Earlier { .. });
        let only_pages = self.changed.iter().all(is_page);
        let telling = self.changed.iter().filter(|key| only_pages || !is_page(key));
        telling.into_iter().any(|key| match (now.at(key), self.planned.at(key)) {
            (Lookup::Found(StoredItem::Slot(now)), Lookup::Found(StoredItem::Slot(planned))) => {
                now.repairs == planned.repairs
            }
            (now, planned) => now == planned,
        })
    }

    /// What becomes of each changed item, given all that were found.
    pub(super) fn changes(&self, found: &BTreeMap<Key, Option<Item>>) -> BTreeMap<Key, ItemChange> {
        let unknown = UnknownAttributes::of(found);
        let change = |key: &Key| match self.planned.at(key) {
            Lookup::Found(stored) => ItemChange::Put(unknown.added_to(stored)),
            Lookup::Absent | Lookup::Unknown => ItemChange::Delete,
        };
        self.changed.iter().map(|key| (key.clone(), change(key))).collect()
    }
}

/// The attributes that another release has given to items, and that this one does not know. A slot holds a copy of a
/// record, so what is known of either goes for the other: it stands under the record's key.
struct UnknownAttributes(BTreeMap<Key, Item>);

impl UnknownAttributes {
    fn of(found: &BTreeMap<Key, Option<Item>>) -> Self {
        let mut unknown: BTreeMap<Key, Item> = BTreeMap::new();
        for (key, item) in found {
            let Some(item) = item else { continue };
            let Ok(Some(stored)) = StoredItem::parse(key, item) else { continue };
            let known = stored.item();
            unknown.entry(key.clone()).or_default().extend(without(item, &known));
            if let StoredItem::Slot(slot) = &stored {
                let of_code = unknown.entry(Key::Record(slot.held.id.clone())).or_default();
                of_code.extend(without(held(item), held(&known)));
            }
        }
        Self(unknown)
    }

    fn added_to(&self, stored: &StoredItem) -> Item {
        let mut item = stored.item();
        add(&mut item, self.0.get(&stored.key()));
        if let StoredItem::Slot(slot) = stored
            && let Some(AttributeValue::M(held)) = item.get_mut(HELD)
        {
            add(held, self.0.get(&Key::Record(slot.held.id.clone())));
        }
        item
    }
}

fn held(slot: &Item) -> &Item {
    slot.get(HELD).and_then(|held| held.as_m().ok()).expect("a slot that was parsed holds a code")
}

fn without(item: &Item, known: &Item) -> Item {
    let unknown = item.iter().filter(|(name, _)| !known.contains_key(*name));
    unknown.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn add(item: &mut Item, more: Option<&Item>) {
    for (name, value) in more.into_iter().flatten() {
        item.entry(name.clone()).or_insert_with(|| value.clone());
    }
}
