//! What a repair writes: the items that are planned otherwise than they were read, with all that this release does not
//! know of them.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::super::dynamodb::{Item, ItemChange};
use super::super::key::Key;
use super::super::slot::{HELD, Slot};
use super::items::{Items, Lookup, Record, StoredItem};
use crate::model::{CodeId, MentorId, ReferralCode};

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
        let written = match (before.slot(mentor), planned.slot(mentor)) {
            (Lookup::Found(before), Lookup::Found(after)) if before == after => None,
            (Lookup::Found(before), Lookup::Found(after)) => {
                Some(Slot { repairs: before.repairs + 1, ..after.clone() })
            }
            (_, Lookup::Found(after)) => Some(Slot { repairs: 1, ..after.clone() }),
            _ => None,
        };
        if let Some(slot) = written {
            planned.set(StoredItem::Slot(slot));
        }
        let changed = planned.keys().filter(|key| planned.at(key) != before.at(key)).cloned().collect();
        let is_new = |code: &ReferralCode| !matches!(before.record(&code.id), Lookup::Found(Record::Code(_)));
        let codes = planned.all().filter_map(|stored| match stored {
            StoredItem::Record(code) if is_new(code) => Some(code.clone()),
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
    pub(super) fn changes(&self, found: &HashMap<Key, Option<Item>>) -> Vec<(Key, ItemChange)> {
        let unknown = UnknownAttributes::of(found);
        let change = |key: &Key| match self.planned.at(key) {
            Lookup::Found(stored) => ItemChange::Put(unknown.added_to(stored)),
            Lookup::Absent | Lookup::Unknown => ItemChange::Delete,
        };
        self.changed.iter().map(|key| (key.clone(), change(key))).collect()
    }
}

/// The attributes that another release has given to items, and that this one does not know. A slot holds a copy of a
/// record, so what is known of either goes for the other.
struct UnknownAttributes {
    of_codes: HashMap<CodeId, Item>,
    of_items: HashMap<Key, Item>,
}

impl UnknownAttributes {
    fn of(found: &HashMap<Key, Option<Item>>) -> Self {
        let mut unknown = Self { of_codes: HashMap::new(), of_items: HashMap::new() };
        for (key, item) in found {
            let Some(item) = item else { continue };
            let Ok(Some(stored)) = StoredItem::parse(key, item) else { continue };
            let known = stored.item();
            let mut of_code = |id: &CodeId, more: Item| unknown.of_codes.entry(id.clone()).or_default().extend(more);
            match &stored {
                StoredItem::Record(code) => {
                    of_code(&code.id, without(item, &known));
                    continue;
                }
                StoredItem::Slot(slot) => of_code(&slot.held.id, without(held(item), held(&known))),
                StoredItem::Lost(_) | StoredItem::Claim(_) | StoredItem::Page(..) => {}
            }
            unknown.of_items.insert(key.clone(), without(item, &known));
        }
        unknown
    }

    fn added_to(&self, stored: &StoredItem) -> Item {
        let mut item = stored.item();
        match stored {
            StoredItem::Record(code) => add(&mut item, self.of_codes.get(&code.id)),
            StoredItem::Slot(slot) => {
                add(&mut item, self.of_items.get(&stored.key()));
                if let Some(AttributeValue::M(held)) = item.get_mut(HELD) {
                    add(held, self.of_codes.get(&slot.held.id));
                }
            }
            StoredItem::Lost(_) | StoredItem::Claim(_) | StoredItem::Page(..) => {
                add(&mut item, self.of_items.get(&stored.key()));
            }
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
