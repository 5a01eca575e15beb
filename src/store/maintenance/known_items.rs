//! Items that were read, by key: what each is, and which have been looked for in vain.

use std::collections::HashMap;

use super::super::dynamodb::Item;
use super::super::item::{self, Claim, LostCode, UnreadableItem};
use super::super::key::Key;
use super::super::slot::{self, EarlierCode, Slot};
use crate::model::{CodeId, CodeString, MentorId, ReferralCode};

/// An item as a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Stored {
    Record(ReferralCode),
    Lost(LostCode),
    Claim(Claim),
    Slot(Slot),
    Page(MentorId, u32, Vec<EarlierCode>),
}

impl Stored {
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
            Key::Mark { .. } | Key::Head(_) => return Ok(None),
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
}

/// Items by key. A key that is not in it has not been looked for, or its item cannot be read.
#[derive(Clone, Default, Debug)]
pub(super) struct KnownItems(HashMap<Key, Option<Stored>>);

/// Whether an item is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Look<T> {
    /// It was not looked for, or this release cannot read it.
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

impl KnownItems {
    /// Notes what was read at a key. An item that cannot be read stays unknown: the audit reports it where it meets it.
    pub(super) fn note(&mut self, key: Key, item: Option<&Item>) {
        let parsed = match item {
            None => Some(None),
            Some(item) => Stored::parse(&key, item).ok().flatten().map(Some),
        };
        match parsed {
            Some(stored) => drop(self.0.insert(key, stored)),
            None => drop(self.0.remove(&key)),
        }
    }

    pub(super) fn set(&mut self, stored: Stored) {
        self.0.insert(stored.key(), Some(stored));
    }

    pub(super) fn remove(&mut self, key: Key) {
        self.0.insert(key, None);
    }

    pub(super) fn stored(&self, key: &Key) -> Look<&Stored> {
        match self.0.get(key) {
            None => Look::Unknown,
            Some(None) => Look::Absent,
            Some(Some(stored)) => Look::Found(stored),
        }
    }

    pub(super) fn record(&self, id: &CodeId) -> Look<Record<'_>> {
        match self.stored(&Key::Record(id.clone())) {
            Look::Found(Stored::Record(code)) => Look::Found(Record::Code(code)),
            Look::Found(Stored::Lost(lost)) => Look::Found(Record::Lost(lost)),
            Look::Absent => Look::Absent,
            _ => Look::Unknown,
        }
    }

    pub(super) fn claim(&self, code: &CodeString) -> Look<&Claim> {
        match self.stored(&Key::Claim(code.clone())) {
            Look::Found(Stored::Claim(claim)) => Look::Found(claim),
            Look::Absent => Look::Absent,
            _ => Look::Unknown,
        }
    }

    pub(super) fn slot(&self, mentor: &MentorId) -> Look<&Slot> {
        match self.stored(&Key::Slot(mentor.clone())) {
            Look::Found(Stored::Slot(slot)) => Look::Found(slot),
            Look::Absent => Look::Absent,
            _ => Look::Unknown,
        }
    }

    pub(super) fn page(&self, mentor: &MentorId, page: u32) -> Look<&[EarlierCode]> {
        match self.stored(&Key::Earlier { mentor: mentor.clone(), page }) {
            Look::Found(Stored::Page(_, _, codes)) => Look::Found(codes),
            Look::Absent => Look::Absent,
            _ => Look::Unknown,
        }
    }

    /// Every item, in an order that depends on the keys alone.
    pub(super) fn all(&self) -> Vec<&Stored> {
        let mut all: Vec<_> = self.0.values().flatten().collect();
        all.sort_by_cached_key(|stored| stored.key().text());
        all
    }

    pub(super) fn keys(&self) -> Vec<Key> {
        let mut keys: Vec<_> = self.0.keys().cloned().collect();
        keys.sort_by_cached_key(Key::text);
        keys
    }

    pub(super) fn knows(&self, key: &Key) -> bool {
        self.0.contains_key(key)
    }
}
