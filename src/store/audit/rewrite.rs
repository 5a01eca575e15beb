//! What a repair writes: the items that are planned otherwise than they were read, with all that this release does not
//! know of them.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::super::dynamodb::{Item, ItemChange};
use super::super::key::Key;
use super::super::slot::{HELD, Slot};
use super::items::{Items, Lookup, StoredItem};
use super::make_sound::sound;
use crate::model::{MentorId, ReferralCode, Timestamp};

/// What becomes of each item of a mentor that is planned otherwise than it was `found` in the table, and the codes whose
/// records are put back. A slot that is written counts one repair more.
pub(super) fn rewrite(
    items: &Items,
    found: &BTreeMap<Key, Option<Item>>,
    mentor: &MentorId,
    now: Timestamp,
) -> (BTreeMap<Key, ItemChange>, Vec<ReferralCode>) {
    let mut planned = sound(items, mentor, now);
    if let Some(slot) = planned.slot(mentor).filter(|slot| items.slot(mentor) != Some(slot)).cloned() {
        planned.set(StoredItem::Slot(Slot { repairs: slot.repairs + 1, ..slot }));
    }
    let unknown = unknown_attributes(found);
    let change = |key: &Key| match planned.at(key) {
        Lookup::Found(stored) => ItemChange::Put(with_unknown(stored, &unknown)),
        Lookup::Absent | Lookup::Unknown => ItemChange::Delete,
    };
    let changes = items.changed(&planned).map(|key| (key.clone(), change(key))).collect();
    let put_back = planned.all().filter_map(|stored| match stored {
        StoredItem::Record(code) if items.code(&code.id).is_none() => Some(code.clone()),
        _ => None,
    });
    (changes, put_back.collect())
}

/// The attributes that another release has given to items, and that this one does not know. A slot holds a copy of a
/// record, so what is known of either goes for the other: it stands under the record's key.
fn unknown_attributes(found: &BTreeMap<Key, Option<Item>>) -> BTreeMap<Key, Item> {
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
    unknown
}

fn with_unknown(stored: &StoredItem, unknown: &BTreeMap<Key, Item>) -> Item {
    let mut item = stored.item();
    add(&mut item, unknown.get(&stored.key()));
    if let StoredItem::Slot(slot) = stored
        && let Some(AttributeValue::M(held)) = item.get_mut(HELD)
    {
        add(held, unknown.get(&Key::Record(slot.held.id.clone())));
    }
    item
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
