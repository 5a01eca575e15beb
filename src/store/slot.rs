//! The slot: which code is a mentor's, and which were before.
//!
//! A mentor has one slot because a key has one item. It holds a copy of the mentor's active code, or of the last one, and
//! the ULIDs of the codes before it. So one strongly consistent read tells all of a mentor's codes and which is active.
//!
//! # Earlier codes
//!
//! The slot is rewritten by every change, so its size is kept to 1 KB, which is one write unit. When a replacement would
//! add one code more than [`MAX_EARLIER`], the earlier codes move to a page behind the slot ([`Key::Earlier`]), and the
//! slot counts one page more.
//!
//! The page is put *before* the transaction that shortens the slot. What page `n` holds follows from the slot that was
//! full, so all writers of page `n` put the same, and a page that is there before the slot counts it does no harm: it is
//! not read. A slot that counts a page never misses it.

use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;
use ulid::Ulid;

use super::dynamodb::Item;
use super::item::{self, Attributes, UnreadableItem, attributes, new_item, number, string};
use super::key::{Key, PK};
use crate::model::{CodeId, InvalidText, MentorId, ReferralCode, Timestamp};

/// How many earlier codes a slot has at most: so many that it stays within 1 KB with the longest ids there can be.
const MAX_EARLIER: usize = 14;

pub(super) const HELD: &str = "held";
const EARLIER: &str = "earlier";
const PAGES: &str = "pages";
const REPAIRS: &str = "repairs";
const FORGOTTEN: &str = "forgotten";
/// While a pseudonym's slot has it, some items may still show the mentor's id.
pub(super) const MOVING: &str = "moving";

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Slot {
    /// The mentor's active code, or the last that was.
    pub(super) held: ReferralCode,
    /// The codes before it, oldest first, without those on pages.
    pub(super) earlier: Vec<EarlierCode>,
    pub(super) pages: u32,
    /// How often a repair has written the slot. Every change keeps it, and has it in its condition: a change that starts
    /// from the slot before a repair does not undo the repair.
    pub(super) repairs: u32,
}

/// An earlier code of a mentor: enough to find its record, and its place among the mentor's codes.
///
/// Written as the ULID, with a dot and the number of hex digits of the id if they are more than the usual 8:
/// `01KEKV5N80HY7K2GXTA1S6B4QZ.9`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct EarlierCode {
    pub(super) ulid: Ulid,
    digits: usize,
}

impl EarlierCode {
    pub(super) fn of(code: &ReferralCode) -> Self {
        Self { ulid: code.ulid, digits: code.id.digits().len() }
    }

    pub(super) fn id(&self) -> CodeId {
        CodeId::of_ulid(self.ulid, self.digits).expect("the digits of an id, by every way to make one of these")
    }

    fn text(&self) -> String {
        if self.digits == CodeId::SHORTEST { self.ulid.to_string() } else { format!("{}.{}", self.ulid, self.digits) }
    }
}

impl FromStr for EarlierCode {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let invalid = InvalidText("must be a ULID, with a dot and the number of the id's digits if they are not 8");
        let (ulid, digits) = text.split_once('.').unwrap_or((text, "8"));
        let code = Self { ulid: ulid.parse().map_err(|_| invalid)?, digits: digits.parse().map_err(|_| invalid)? };
        CodeId::of_ulid(code.ulid, code.digits).map(|_| code).ok_or(invalid)
    }
}

impl Slot {
    /// The slot of a mentor's first code.
    pub(super) fn first(code: ReferralCode) -> Self {
        Self { held: code, earlier: Vec::new(), pages: 0, repairs: 0 }
    }

    /// The slot when another code has taken the place of the one it holds.
    pub(super) fn replaced_by(&self, code: ReferralCode) -> Self {
        let last = EarlierCode::of(&self.held);
        if self.is_full() {
            return Self { held: code, earlier: vec![last], pages: self.pages + 1, repairs: self.repairs };
        }
        let earlier = self.earlier.iter().cloned().chain([last]).collect();
        Self { held: code, earlier, ..*self }
    }

    /// Whether it holds this code, or has it among the earlier ones that no page has.
    pub(super) fn names(&self, id: &CodeId) -> bool {
        self.held.id == *id || self.earlier.iter().any(|code| code.id() == *id)
    }

    pub(super) fn is_full(&self) -> bool {
        self.earlier.len() == MAX_EARLIER
    }

    /// The key of the page that the slot counts next, once it is full.
    pub(super) fn next_page(&self) -> Key {
        Key::Earlier { mentor: self.held.mentor_id.clone(), page: self.pages + 1 }
    }

    /// The keys of the pages that the slot counts, and of the next one: a call puts a page before the slot counts it.
    pub(super) fn page_keys(&self) -> impl Iterator<Item = Key> {
        let mentor = self.held.mentor_id.clone();
        (1..=self.pages + 1).map(move |page| Key::Earlier { mentor: mentor.clone(), page })
    }

    /// The page that must be there before another code takes the place of the one held, if the slot is full.
    pub(super) fn full_page(&self) -> Option<Item> {
        self.is_full().then(|| page_item(&self.next_page(), &self.earlier))
    }

    pub(super) fn item(&self) -> Item {
        let mut item = new_item(&Key::Slot(self.held.mentor_id.clone()));
        item.extend(attributes([
            (HELD, Some(AttributeValue::M(item::held(&self.held)))),
            (EARLIER, (!self.earlier.is_empty()).then(|| earlier_list(&self.earlier))),
            (PAGES, (self.pages > 0).then(|| number(self.pages))),
            (REPAIRS, (self.repairs > 0).then(|| number(self.repairs))),
        ]));
        item
    }

    /// How another code takes the place of the one held: an update of the slot, its condition, and the values of both.
    ///
    /// The slot must still hold this code, ended or not, and no repair may have written it since.
    pub(super) fn replacement(&self, code: &ReferralCode) -> (&'static str, &'static str, Item) {
        let after = self.replaced_by(code.clone());
        let mut values = Item::from([
            (":from".into(), string(self.held.id.as_str())),
            (":held".into(), AttributeValue::M(item::held(&after.held))),
            (":earlier".into(), earlier_list(&after.earlier)),
        ]);
        let mut change = "SET held = :held, earlier = :earlier";
        if after.pages != self.pages {
            change = "SET held = :held, earlier = :earlier, pages = :pages";
            values.insert(":pages".into(), number(after.pages));
        }
        if self.repairs == 0 {
            return (change, "held.id = :from AND attribute_not_exists(repairs)", values);
        }
        values.insert(":repairs".into(), number(self.repairs));
        (change, "held.id = :from AND repairs = :repairs", values)
    }

    /// Reads the item at the key of a slot. None if it only says that the mentor is forgotten.
    pub(super) fn find(item: &Item) -> Result<Option<Self>, UnreadableItem> {
        if is_forgotten(item) { Attributes::of(item).map(|_| None) } else { Self::parse(item).map(Some) }
    }

    pub(super) fn parse(item: &Item) -> Result<Self, UnreadableItem> {
        let attributes = Attributes::of(item)?;
        let Key::Slot(mentor) = attributes.key()? else { return Err(attributes.malformed(PK)) };
        Ok(Self {
            held: attributes.map(HELD)?.held_code(mentor)?,
            earlier: attributes.list(EARLIER)?,
            pages: attributes.number(PAGES)?.unwrap_or(0),
            repairs: attributes.number(REPAIRS)?.unwrap_or(0),
        })
    }
}

fn earlier_list(codes: &[EarlierCode]) -> AttributeValue {
    AttributeValue::L(codes.iter().map(|code| string(code.text())).collect())
}

/// What stands in the place of a forgotten mentor's slot ([`super::forgetting`]): no change that began before starts from it.
pub(super) fn forgotten_item(mentor: &MentorId, pseudonym: &MentorId) -> Item {
    let mut item = new_item(&Key::Slot(mentor.clone()));
    item.insert(FORGOTTEN.into(), string(pseudonym.as_str()));
    item
}

pub(super) fn is_forgotten(item: &Item) -> bool {
    item.contains_key(FORGOTTEN)
}

/// Whether this is the slot of a pseudonym whose forgetting is under way.
pub(super) fn is_moving(slot: &Item, now: Timestamp) -> bool {
    let is_young = matches!(Key::of(slot), Some(Key::Slot(mentor)) if mentor.is_young_pseudonym(now));
    is_young && slot.contains_key(MOVING)
}

/// What stands in the place of the mentor's id.
pub(super) fn pseudonym(place: &Item) -> Option<MentorId> {
    MentorId::parse(place.get(FORGOTTEN)?.as_s().ok()?).ok()
}

/// The key of the slot that has moved away from this place.
pub(super) fn moved_to(place: &Item) -> Option<Key> {
    pseudonym(place).map(Key::Slot)
}

pub(super) fn page_item(key: &Key, codes: &[EarlierCode]) -> Item {
    let mut item = new_item(key);
    item.insert(EARLIER.into(), earlier_list(codes));
    item
}

pub(super) fn page(item: &Item) -> Result<Vec<EarlierCode>, UnreadableItem> {
    Attributes::of(item)?.list(EARLIER)
}

#[cfg(test)]
mod tests {
    use super::super::item::size;
    use super::*;
    use crate::model::{CodeRef, CodeString, OrgId, Origin, State, Timestamp};

    fn longest() -> ReferralCode {
        let ulid = Ulid::from_parts(1, u128::MAX);
        let id = CodeId::of_ulid(ulid, CodeId::LONGEST).unwrap();
        let code = CodeString::parse(&format!("ABC-ABCDEFGHIJKL-{}", "F".repeat(20))).unwrap();
        let last = Timestamp::parse("9999-12-31T23:59:59Z").unwrap();
        ReferralCode {
            ulid,
            id: id.clone(),
            first_id: id.clone(),
            mentor_id: MentorId::parse(&"m".repeat(128)).unwrap(),
            org_id: OrgId::parse(&"o".repeat(128)).unwrap(),
            code: code.clone(),
            expires_at: Some(last),
            origin: Origin::Rotation(CodeRef { id, code }),
            state: State::Invalidated { at: last },
        }
    }

    #[test]
    fn items_of_a_change_fit_into_one_write_unit() {
        let code = longest();
        let replaced = ReferralCode {
            state: State::Rotated { at: code.expires_at.unwrap(), successor: code.code_ref() },
            ..code.clone()
        };
        let mut slot = Slot::first(code.clone());
        while !slot.is_full() {
            slot = slot.replaced_by(code.clone());
        }
        slot.pages = 99_999;
        // A slot that was repaired has one attribute more. With the longest ids it takes a second unit.
        assert_eq!(slot.repairs, 0);
        let items = [
            item::record(&code),
            item::record(&replaced),
            item::Claim::of(&code).item(),
            slot.item(),
            slot.full_page().unwrap(),
        ];
        for item in items {
            assert!(size(&item) <= 1024, "{} bytes: {item:?}", size(&item));
        }
    }
}
