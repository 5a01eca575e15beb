//! Items that were read, by key: what each is, and which have been looked for in vain.

use std::collections::BTreeMap;

use super::super::dynamodb::Item;
use super::super::item::{self, Claim, LostCode, UnreadableItem};
use super::super::key::Key;
use super::super::page_index::{Head, parse_mark};
use super::super::slot::{self, EarlierCode, Slot};
use crate::model::{CodeId, CodeString, MentorId, ReferralCode};

/// An item as a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum StoredItem {
    Record(ReferralCode),
    Lost(LostCode),
    Claim(Claim),
    Slot(Slot),
    Page(MentorId, u32, Vec<EarlierCode>),
}

impl StoredItem {
    /// Reads an item. None for one of a page index, which has no part in the guarantee.
    pub(super) fn parse(key: &Key, item: &Item) -> Result<Option<Self>, UnreadableItem> {
        Ok(Some(match key {
            Key::Record(_) => match LostCode::parse(item)? {
                Some(lost) => Self::Lost(lost),
                None => Self::Record(item::referral_code(item)?),
            },
            Key::Claim(_) => Self::Claim(Claim::parse(item)?),
            Key::Slot(_) => Self::Slot(Slot::parse(item)?),
            Key::Earlier { mentor, page } => Self::Page(mentor.clone(), *page, slot::page(item)?),
            Key::Mark { .. } => return parse_mark(item).map(|_| None),
            Key::Head(_) => return Head::parse(item).map(|_| None),
        }))
    }

    pub(super) fn key(&self) -> Key {
        match self {
            Self::Record(code) => Key::Record(code.id.clone()),
            Self::Lost(lost) => Key::Record(lost.id.clone()),
            Self::Claim(claim) => Key::Claim(claim.code.clone()),
            Self::Slot(slot) => Key::Slot(slot.held.mentor_id.clone()),
            Self::Page(mentor, page, _) => Key::Earlier { mentor: mentor.clone(), page: *page },
        }
    }

    pub(super) fn item(&self) -> Item {
        match self {
            Self::Record(code) => item::record(code),
            Self::Lost(lost) => lost.item(),
            Self::Claim(claim) => claim.item(),
            Self::Slot(slot) => slot.item(),
            Self::Page(_, _, codes) => slot::page_item(&self.key(), codes),
        }
    }

    pub(super) fn mentor(&self) -> &MentorId {
        match self {
            Self::Record(code) => &code.mentor_id,
            Self::Lost(lost) => &lost.mentor_id,
            Self::Claim(claim) => &claim.mentor_id,
            Self::Slot(slot) => &slot.held.mentor_id,
            Self::Page(mentor, _, _) => mentor,
        }
    }
}

/// What a read has shown of a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Lookup<T> {
    /// Nothing: the key was not read, or this release cannot read its item.
    Unknown,
    /// The table has no such item.
    Absent,
    /// This is it.
    Found(T),
}

/// What is at the key of a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Record<'a> {
    Code(&'a ReferralCode),
    Lost(&'a LostCode),
}

/// Items by the text of their key, so that their order depends on the keys alone.
#[derive(Clone, Default, Debug)]
pub(super) struct Items(BTreeMap<String, (Key, Option<StoredItem>)>);

impl Items {
    /// Adds what was read at a key. An item that cannot be read stays unknown: the audit reports it where it meets it.
    pub(super) fn add(&mut self, key: &Key, item: Option<&Item>) {
        match item.map(|item| StoredItem::parse(key, item)) {
            None => self.remove(key),
            Some(Ok(Some(stored))) => self.set(stored),
            Some(Ok(None) | Err(_)) => {}
        }
    }

    pub(super) fn set(&mut self, stored: StoredItem) {
        let key = stored.key();
        self.0.insert(key.text(), (key, Some(stored)));
    }

    pub(super) fn remove(&mut self, key: &Key) {
        self.0.insert(key.text(), (key.clone(), None));
    }

    pub(super) fn at(&self, key: &Key) -> Lookup<&StoredItem> {
        match self.0.get(&key.text()) {
            None => Lookup::Unknown,
            Some((_, None)) => Lookup::Absent,
            Some((_, Some(stored))) => Lookup::Found(stored),
        }
    }

    pub(super) fn record(&self, id: &CodeId) -> Lookup<Record<'_>> {
        match self.at(&Key::Record(id.clone())) {
            Lookup::Found(StoredItem::Record(code)) => Lookup::Found(Record::Code(code)),
            Lookup::Found(StoredItem::Lost(lost)) => Lookup::Found(Record::Lost(lost)),
            Lookup::Absent => Lookup::Absent,
            _ => Lookup::Unknown,
        }
    }

    pub(super) fn claim(&self, code: &CodeString) -> Lookup<&Claim> {
        match self.at(&Key::Claim(code.clone())) {
            Lookup::Found(StoredItem::Claim(claim)) => Lookup::Found(claim),
            Lookup::Absent => Lookup::Absent,
            _ => Lookup::Unknown,
        }
    }

    pub(super) fn slot(&self, mentor: &MentorId) -> Lookup<&Slot> {
        match self.at(&Key::Slot(mentor.clone())) {
            Lookup::Found(StoredItem::Slot(slot)) => Lookup::Found(slot),
            Lookup::Absent => Lookup::Absent,
            _ => Lookup::Unknown,
        }
    }

    pub(super) fn page(&self, mentor: &MentorId, page: u32) -> Lookup<&[EarlierCode]> {
        match self.at(&Key::Earlier { mentor: mentor.clone(), page }) {
            Lookup::Found(StoredItem::Page(_, _, codes)) => Lookup::Found(codes),
            Lookup::Absent => Lookup::Absent,
            _ => Lookup::Unknown,
        }
    }

    /// Every item that was found.
    pub(super) fn all(&self) -> impl Iterator<Item = &StoredItem> {
        self.0.values().filter_map(|(_, stored)| stored.as_ref())
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.0.values().map(|(key, _)| key)
    }
}
