//! Items that were read, by key: what each is, and which have been looked for in vain.

use std::collections::BTreeMap;

use super::super::dynamodb::Item;
use super::super::item::{self, Attributes, Claim, LostCode, UnreadableItem};
use super::super::key::Key;
use super::super::page_index::{Head, parse_mark};
use super::super::slot::{self, EarlierCode, Slot};
use crate::model::{CodeId, MentorId, ReferralCode};

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum StoredItem {
    Record(ReferralCode),
    Lost(LostCode),
    Claim(Claim),
    Slot(Slot),
    Page(MentorId, u32, Vec<EarlierCode>),
}

impl StoredItem {
    /// Reads an item. None for one that has no part in the guarantee, such as those of a page index.
    pub(super) fn parse(key: &Key, item: &Item) -> Result<Option<Self>, UnreadableItem> {
        Ok(Some(match key {
            Key::Record(_) => match LostCode::find(item)? {
                Some(lost) => Self::Lost(lost),
                None => Self::Record(item::referral_code(item)?),
            },
            Key::Claim(_) => Self::Claim(Claim::parse(item)?),
            // In the place of a forgotten mentor's slot.
            Key::Slot(_) => return Ok(Slot::find(item)?.map(Self::Slot)),
            Key::Earlier { mentor, page } => Self::Page(mentor.clone(), *page, slot::page(item)?),
            Key::Mark { .. } => return parse_mark(item).map(|_| None),
            Key::Head(_) => return Head::parse(item).map(|_| None),
            Key::Organisation(_) | Key::Leaving(_) | Key::Forgetting(_) => return Attributes::of(item).map(|_| None),
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

    /// The keys of the items that must agree with this one, except for the pages of a slot.
    pub(super) fn related(&self) -> Vec<Key> {
        let records = |codes: &[EarlierCode]| codes.iter().map(|code| Key::Record(code.id())).collect::<Vec<_>>();
        match self {
            Self::Record(code) => {
                let linked = code.predecessor().into_iter().chain(code.successor());
                let own = [Key::Claim(code.code.clone()), Key::Slot(code.mentor_id.clone())];
                own.into_iter().chain(linked.map(|other| Key::Record(other.id.clone()))).collect()
            }
            Self::Lost(lost) => lost.code.iter().cloned().map(Key::Claim).collect(),
            Self::Claim(claim) => vec![Key::Record(claim.id.clone())],
            Self::Slot(slot) => [vec![Key::Record(slot.held.id.clone())], records(&slot.earlier)].concat(),
            Self::Page(mentor, _, codes) => [vec![Key::Slot(mentor.clone())], records(codes)].concat(),
        }
    }

    /// The keys to which an item leads: those of the items that must agree with it, of the claims on the strings that it
    /// names, and of the page that a call may have put before the slot counts it.
    pub(super) fn leads_to(&self) -> Vec<Key> {
        let mut keys = self.related();
        match self {
            Self::Record(code) => {
                let linked = code.predecessor().into_iter().chain(code.successor());
                keys.extend(linked.map(|other| Key::Claim(other.code.clone())));
            }
            Self::Claim(claim) => keys.extend(claim.previous_id.iter().cloned().map(Key::Record)),
            Self::Slot(slot) => {
                keys.push(slot.next_page());
                keys.extend(Self::Record(slot.held.clone()).leads_to());
            }
            Self::Lost(_) | Self::Page(..) => {}
        }
        keys
    }
}

/// What a read has shown of a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Lookup<'a> {
    /// Nothing: the key was not read, or this release cannot read its item.
    Unknown,
    Absent,
    Found(&'a StoredItem),
}

#[derive(Clone, Default, Debug)]
pub(super) struct Items(BTreeMap<Key, Option<StoredItem>>);

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
        self.0.insert(stored.key(), Some(stored));
    }

    pub(super) fn remove(&mut self, key: &Key) {
        self.0.insert(key.clone(), None);
    }

    pub(super) fn at(&self, key: &Key) -> Lookup<'_> {
        match self.0.get(key) {
            None => Lookup::Unknown,
            Some(None) => Lookup::Absent,
            Some(Some(stored)) => Lookup::Found(stored),
        }
    }

    pub(super) fn slot(&self, mentor: &MentorId) -> Option<&Slot> {
        match self.at(&Key::Slot(mentor.clone())) {
            Lookup::Found(StoredItem::Slot(slot)) => Some(slot),
            _ => None,
        }
    }

    pub(super) fn code(&self, id: &CodeId) -> Option<&ReferralCode> {
        match self.at(&Key::Record(id.clone())) {
            Lookup::Found(StoredItem::Record(code)) => Some(code),
            _ => None,
        }
    }

    /// Items of a mentor, those related to them, and the pages of the mentor's slot, as far as they are known.
    pub(super) fn around(&self, mentor: &MentorId, subjects: &[&StoredItem]) -> Self {
        let pages = self.slot(mentor).into_iter().flat_map(Slot::page_keys);
        let related = subjects.iter().flat_map(|subject| subject.related().into_iter().chain([subject.key()]));
        let keys = related.chain(pages);
        Self(keys.filter_map(|key| self.0.get_key_value(&key)).map(|(key, item)| (key.clone(), item.clone())).collect())
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &StoredItem> {
        self.0.values().flatten()
    }

    /// The keys whose items are planned otherwise than they are here.
    pub(super) fn changed<'p>(&self, planned: &'p Self) -> impl Iterator<Item = &'p Key> {
        planned.0.keys().filter(|key| planned.at(key) != self.at(key))
    }
}
