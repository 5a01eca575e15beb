//! What must agree, as pure functions over items that were read at one moment: the audit reports by them, and a repair
//! asks them whether it has more to do.

use super::super::contradiction::contradiction_between;
use super::super::item::{Claim, LostCode};
use super::super::key::Key;
use super::super::slot::{EarlierCode, Slot};
use super::finding::Finding;
use super::items::{Items, Lookup, Record, StoredItem};
use crate::model::{CodeId, CodeRef, MentorId, Origin, ReferralCode, State};

/// The keys of the items that must agree with this one, except for the pages of a slot.
pub(super) fn related(subject: &StoredItem) -> Vec<Key> {
    let record = |id: &CodeId| Key::Record(id.clone());
    match subject {
        StoredItem::Record(code) => {
            let linked = [predecessor(code), successor(code)].into_iter().flatten().map(|other| record(&other.id));
            let own = [Key::Claim(code.code.clone()), Key::Slot(code.mentor_id.clone())];
            own.into_iter().chain(linked).collect()
        }
        StoredItem::Lost(lost) => lost.code.iter().cloned().map(Key::Claim).collect(),
        StoredItem::Claim(claim) => vec![record(&claim.id)],
        StoredItem::Slot(slot) => {
            let earlier = slot.earlier.iter().map(|code| record(&code.id()));
            [record(&slot.held.id)].into_iter().chain(earlier).collect()
        }
        StoredItem::Page(mentor, _, codes) => {
            let codes = codes.iter().map(|code| record(&code.id()));
            [Key::Slot(mentor.clone())].into_iter().chain(codes).collect()
        }
    }
}

/// The keys of the pages that a slot counts.
pub(super) fn pages(slot: &Slot) -> impl Iterator<Item = Key> {
    let mentor = slot.held.mentor_id.clone();
    (1..=slot.pages).map(move |page| Key::Earlier { mentor: mentor.clone(), page })
}

/// The key of the page that a slot counts next, once it is full.
pub(super) fn next_page(slot: &Slot) -> Key {
    Key::Earlier { mentor: slot.held.mentor_id.clone(), page: slot.pages + 1 }
}

pub(super) fn successor(code: &ReferralCode) -> Option<&CodeRef> {
    match &code.state {
        State::Rotated { successor, .. } | State::Expired { successor, .. } => Some(successor),
        State::Active | State::Invalidated { .. } => None,
    }
}

pub(super) fn predecessor(code: &ReferralCode) -> Option<&CodeRef> {
    match &code.origin {
        Origin::Rotation(previous) | Origin::Expiry(previous) => Some(previous),
        Origin::New => None,
    }
}

/// Whether one code has replaced the other, and both say so in the same way.
pub(super) fn agree(old: &ReferralCode, new: &ReferralCode) -> bool {
    match (&old.state, &new.origin) {
        (State::Rotated { successor, .. }, Origin::Rotation(previous))
        | (State::Expired { successor, .. }, Origin::Expiry(previous)) => {
            *successor == new.code_ref() && *previous == old.code_ref() && old.mentor_id == new.mentor_id
        }
        _ => false,
    }
}

/// Whether the slot or one of its pages names the code. None if a page is unknown.
pub(super) fn is_listed(code: &ReferralCode, slot: &Slot, items: &Items) -> Option<bool> {
    let wanted = EarlierCode::of(code);
    if slot.earlier.contains(&wanted) {
        return Some(true);
    }
    let mut all_known = true;
    for page in 1..=slot.pages {
        match items.page(&code.mentor_id, page) {
            Lookup::Found(codes) if codes.contains(&wanted) => return Some(true),
            // A page that is missing names nothing.
            Lookup::Found(_) | Lookup::Absent => {}
            Lookup::Unknown => all_known = false,
        }
    }
    all_known.then_some(false)
}

/// Whether the entry of a list has its record, as far as is known.
pub(super) fn has_record(entry: &EarlierCode, mentor: &MentorId, items: &Items) -> bool {
    match items.record(&entry.id()) {
        Lookup::Unknown => true,
        Lookup::Absent | Lookup::Found(Record::Lost(_)) => false,
        Lookup::Found(Record::Code(record)) => record.ulid == entry.ulid && record.mentor_id == *mentor,
    }
}

/// Whether a page that the slot does not count is the one that a full slot is about to count: it is put before.
pub(super) fn is_next_page(page: u32, codes: &[EarlierCode], slot: &Slot) -> bool {
    page == slot.pages + 1 && slot.is_full() && codes == slot.earlier
}

/// All that contradicts between an item and the items related to it, as far as those are known.
pub(super) fn disagreements(subject: &StoredItem, items: &Items) -> Vec<Finding> {
    let (mentor, item) = (subject.mentor(), subject.key());
    let wrong = match subject {
        StoredItem::Record(code) => of_record(code, items),
        StoredItem::Lost(lost) => of_lost(lost, items).into_iter().collect(),
        StoredItem::Claim(claim) => of_claim(claim, items).into_iter().collect(),
        StoredItem::Slot(slot) => of_slot(slot, items),
        StoredItem::Page(_, page, codes) => of_page(mentor, *page, codes, items),
    };
    wrong.into_iter().map(|Wrong { other, text }| Finding::new(mentor, &item, Some(other), text)).collect()
}

/// What is wrong between an item and another one.
struct Wrong {
    other: Key,
    text: String,
}

fn wrong(other: Key, text: String) -> Wrong {
    Wrong { other, text }
}

fn of_record(code: &ReferralCode, items: &Items) -> Vec<Wrong> {
    let ReferralCode { id, mentor_id: mentor, code: string, .. } = code;
    let (slot_key, claim_key) = (|| Key::Slot(mentor.clone()), Key::Claim(string.clone()));
    let mut found = Vec::new();
    match items.claim(string) {
        Lookup::Absent => {
            found.push(wrong(claim_key, format!("the code {id} of {mentor} has no claim on its string {string}")));
        }
        Lookup::Found(claim) if *claim != Claim::of(code) => {
            let text =
                format!("the claim on {string} names the code {}, and disagrees with the record of {id}", claim.id);
            found.push(wrong(claim_key, format!("{text} of {mentor}")));
        }
        _ => {}
    }
    let slot = match items.slot(mentor) {
        Lookup::Found(slot) => Some(slot),
        Lookup::Absent => None,
        Lookup::Unknown => return found,
    };
    let contradiction = contradiction_between(Some(code), slot);
    let is_held = slot.is_some_and(|slot| slot.held.id == *id);
    if let Some(replaced) = successor(code).filter(|_| is_held && contradiction.is_none())
        && let Lookup::Found(Record::Code(_)) = items.record(&replaced.id)
    {
        // Both say that the code was replaced: then the slot must have gone on to the successor, unless that is lost.
        let text = format!("the slot of {mentor} holds the code {id}, which {} has replaced", replaced.id);
        found.push(wrong(slot_key(), text));
    }
    if slot.is_some_and(|slot| !is_held && is_listed(code, slot, items) == Some(false)) {
        found.push(wrong(slot_key(), format!("the slot of {mentor} does not name the code {id}")));
    }
    found.extend(contradiction.map(|contradiction| wrong(slot_key(), contradiction.to_string())));
    found.extend(of_links(code, items));
    found
}

fn of_links(code: &ReferralCode, items: &Items) -> Vec<Wrong> {
    let ReferralCode { id, mentor_id: mentor, .. } = code;
    let mut found = Vec::new();
    if let Some(CodeRef { id: new, .. }) = successor(code) {
        let text = match items.record(new) {
            Lookup::Absent => Some("which has no record"),
            Lookup::Found(Record::Code(new)) if !agree(code, new) => Some("which replaced another code or none"),
            _ => None,
        };
        let text = text.map(|text| format!("the code {id} of {mentor} was replaced by {new}, {text}"));
        found.extend(text.map(|text| wrong(Key::Record(new.clone()), text)));
    }
    if let Some(CodeRef { id: old, .. }) = predecessor(code) {
        let text = match items.record(old) {
            Lookup::Absent => Some("which has no record"),
            Lookup::Found(Record::Code(old)) if !agree(old, code) => {
                Some("which is still active or has ended otherwise")
            }
            Lookup::Found(Record::Code(old)) if code.rotated_from().is_some() && old.first_id != code.first_id => {
                Some("which names another code as the first of their rotations")
            }
            _ => None,
        };
        let text = text.map(|text| format!("the code {id} of {mentor} replaced {old}, {text}"));
        found.extend(text.map(|text| wrong(Key::Record(old.clone()), text)));
    }
    found
}

fn of_lost(LostCode { id, ulid, mentor_id, code, .. }: &LostCode, items: &Items) -> Option<Wrong> {
    let code = code.as_ref()?;
    let text = match items.claim(code) {
        Lookup::Absent => format!("the lost code {id} of {mentor_id} has no claim on its string {code}"),
        Lookup::Found(claim) if claim.id != *id || claim.ulid != *ulid => {
            format!(
                "the claim on {code} names the code {}, and disagrees with the lost code {id} of {mentor_id}",
                claim.id
            )
        }
        _ => return None,
    };
    Some(wrong(Key::Claim(code.clone()), text))
}

fn of_claim(Claim { code, id, ulid, mentor_id, .. }: &Claim, items: &Items) -> Option<Wrong> {
    let what = match items.record(id) {
        Lookup::Absent => "which has no record",
        // What else the two say is compared from the record's side.
        Lookup::Found(Record::Code(record)) if (&record.code, record.ulid) != (code, *ulid) => {
            "which has another string"
        }
        Lookup::Found(Record::Lost(lost))
            if lost.ulid != *ulid || lost.code.as_ref().is_some_and(|lost| lost != code) =>
        {
            "which is lost and had another string"
        }
        _ => return None,
    };
    Some(wrong(Key::Record(id.clone()), format!("the claim on {code} of {mentor_id} names the code {id}, {what}")))
}

fn of_slot(slot: &Slot, items: &Items) -> Vec<Wrong> {
    let ReferralCode { id, mentor_id: mentor, .. } = &slot.held;
    let mut found = Vec::new();
    let has_own_record = match items.record(id) {
        Lookup::Found(Record::Code(record)) => record.mentor_id == *mentor,
        Lookup::Unknown => true,
        Lookup::Absent | Lookup::Found(Record::Lost(_)) => false,
    };
    if !has_own_record {
        let contradiction = contradiction_between(None, Some(slot));
        found.extend(contradiction.map(|contradiction| wrong(Key::Record(id.clone()), contradiction.to_string())));
    }
    found.extend(of_list("the slot", &slot.earlier, slot, items));
    for key in pages(slot).filter(|key| items.at(key) == Lookup::Absent) {
        let text = format!("the slot of {mentor} counts the page {} of earlier codes, which is not there", key.text());
        found.push(wrong(key, text));
    }
    found
}

fn of_page(mentor: &MentorId, page: u32, codes: &[EarlierCode], items: &Items) -> Vec<Wrong> {
    let slot = match items.slot(mentor) {
        Lookup::Unknown => return Vec::new(),
        Lookup::Absent => None,
        Lookup::Found(slot) => Some(slot),
    };
    match slot {
        Some(slot) if page <= slot.pages => of_list(&format!("page {page} of the earlier codes"), codes, slot, items),
        Some(slot) if is_next_page(page, codes, slot) => Vec::new(),
        _ => {
            let text = format!("page {page} of the earlier codes of {mentor} does not follow from the slot");
            vec![wrong(Key::Slot(mentor.clone()), format!("{text}, which does not count it"))]
        }
    }
}

/// What is wrong with the list of a slot, or of a page that it counts.
fn of_list(list: &str, codes: &[EarlierCode], slot: &Slot, items: &Items) -> Vec<Wrong> {
    let mentor = &slot.held.mentor_id;
    let is_own = codes == slot.earlier;
    let mut found = Vec::new();
    for (nth, code) in codes.iter().enumerate() {
        let id = code.id();
        let is_twice = id == slot.held.id || codes[..nth].contains(code) || (!is_own && slot.earlier.contains(code));
        let what = match is_twice {
            true => "a second time",
            false if !has_record(code, mentor, items) => "which has no record",
            false => continue,
        };
        found.push(wrong(Key::Record(id.clone()), format!("{list} of {mentor} names the code {id}, {what}")));
    }
    found
}
