//! What must agree, as pure functions over items that were read at one moment. The audit reports by them, and the repair
//! is tested by them. What a call asks as well stands in [`super::super::contradiction`].

use super::super::contradiction::contradiction_between;
use super::super::item::{Claim, LostCode};
use super::super::key::Key;
use super::super::slot::{EarlierCode, Slot};
use super::finding::Finding;
use super::known_items::{KnownItems, Look, Record, Stored};
use crate::model::{CodeId, CodeRef, MentorId, Origin, ReferralCode, State};

/// The keys of the items that must agree with this one, except for the pages of a slot.
pub(super) fn related(subject: &Stored) -> Vec<Key> {
    let record = |id: &CodeId| Key::Record(id.clone());
    match subject {
        Stored::Record(code) => {
            let linked = [predecessor(code), successor(code)].into_iter().flatten().map(|other| record(&other.id));
            let own = [Key::Claim(code.code.clone()), Key::Slot(code.mentor_id.clone())];
            own.into_iter().chain(linked).collect()
        }
        Stored::Lost(lost) => lost.code.iter().cloned().map(Key::Claim).collect(),
        Stored::Claim(claim) => vec![record(&claim.id)],
        Stored::Slot(slot) => {
            let earlier = slot.earlier.iter().map(|code| record(&code.id()));
            [record(&slot.held.id)].into_iter().chain(earlier).collect()
        }
        Stored::Page(mentor, _, codes) => {
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

/// Every contradiction between an item and the items related to it, as far as the known knows them.
pub(super) fn check(subject: &Stored, known: &KnownItems) -> Vec<Finding> {
    match subject {
        Stored::Record(code) => check_record(code, known),
        Stored::Lost(lost) => check_lost(lost, known).into_iter().collect(),
        Stored::Claim(claim) => check_claim(claim, known).into_iter().collect(),
        Stored::Slot(slot) => check_slot(slot, known),
        Stored::Page(mentor, page, codes) => check_page(mentor, *page, codes, known),
    }
}

fn check_record(code: &ReferralCode, known: &KnownItems) -> Vec<Finding> {
    let (mentor, id) = (&code.mentor_id, &code.id);
    let mut findings = Vec::new();
    match known.claim(&code.code) {
        Look::Absent => {
            let code = code.code.clone();
            findings.push(Finding::RecordWithoutClaim { mentor: mentor.clone(), id: id.clone(), code });
        }
        Look::Found(claim) if *claim != Claim::of(code) => findings.push(Finding::ClaimDiffers {
            mentor: mentor.clone(),
            code: code.code.clone(),
            claimed: claim.id.clone(),
            id: id.clone(),
        }),
        _ => {}
    }
    match known.slot(mentor) {
        Look::Absent => findings.extend(contradiction_between(Some(code), None).map(Finding::from)),
        Look::Found(slot) => {
            let between = contradiction_between(Some(code), Some(slot)).map(Finding::from);
            let is_settled = between.is_none();
            findings.extend(between);
            if slot.held.id != *id && is_listed(code, slot, known) == Some(false) {
                findings.push(Finding::RecordNotListed { mentor: mentor.clone(), id: id.clone() });
            }
            if let (true, Some(replaced)) = (slot.held.id == *id && is_settled, successor(code)) {
                // Both say that the code was replaced: then the slot must have gone on to the successor, unless that is lost.
                if let Look::Found(Record::Code(_)) = known.record(&replaced.id) {
                    let successor = replaced.id.clone();
                    findings.push(Finding::HeldIsReplaced { mentor: mentor.clone(), id: id.clone(), successor });
                }
            }
        }
        Look::Unknown => {}
    }
    findings.extend(check_links(code, known));
    findings
}

/// Whether the slot or one of its pages names the code. None if a page is unknown.
pub(super) fn is_listed(code: &ReferralCode, slot: &Slot, known: &KnownItems) -> Option<bool> {
    let wanted = EarlierCode::of(code);
    if slot.earlier.contains(&wanted) {
        return Some(true);
    }
    let mut all_known = true;
    for page in 1..=slot.pages {
        match known.page(&code.mentor_id, page) {
            Look::Found(codes) if codes.contains(&wanted) => return Some(true),
            // A page that is missing names nothing.
            Look::Found(_) | Look::Absent => {}
            Look::Unknown => all_known = false,
        }
    }
    all_known.then_some(false)
}

fn check_links(code: &ReferralCode, known: &KnownItems) -> Vec<Finding> {
    let (mentor, id) = (|| code.mentor_id.clone(), || code.id.clone());
    let mut findings = Vec::new();
    if let Some(successor) = successor(code).map(|successor| successor.id.clone()) {
        match known.record(&successor) {
            Look::Absent => findings.push(Finding::SuccessorWithoutRecord { mentor: mentor(), id: id(), successor }),
            Look::Found(Record::Code(new)) if !agree(code, new) => {
                findings.push(Finding::SuccessorDiffers { mentor: mentor(), id: id(), successor });
            }
            _ => {}
        }
    }
    if let Some(predecessor) = predecessor(code).map(|predecessor| predecessor.id.clone()) {
        match known.record(&predecessor) {
            Look::Absent => {
                findings.push(Finding::PredecessorWithoutRecord { mentor: mentor(), id: id(), predecessor });
            }
            Look::Found(Record::Code(old)) if !agree(old, code) => {
                findings.push(Finding::PredecessorDiffers { mentor: mentor(), id: id(), predecessor });
            }
            _ => {}
        }
    }
    findings
}

fn check_lost(lost: &LostCode, known: &KnownItems) -> Option<Finding> {
    let (mentor, id) = (lost.mentor_id.clone(), lost.id.clone());
    let code = lost.code.clone()?;
    match known.claim(&code) {
        Look::Absent => Some(Finding::RecordWithoutClaim { mentor, id, code }),
        Look::Found(claim) if claim.id != id || claim.ulid != lost.ulid => {
            Some(Finding::ClaimDiffers { mentor, code, claimed: claim.id.clone(), id })
        }
        _ => None,
    }
}

fn check_claim(claim: &Claim, known: &KnownItems) -> Option<Finding> {
    let (mentor, code, id) = (claim.mentor_id.clone(), claim.code.clone(), claim.id.clone());
    let agrees = match known.record(&id) {
        Look::Absent => return Some(Finding::ClaimWithoutRecord { mentor, code, id }),
        Look::Unknown => true,
        // What else the two say is compared from the record's side.
        Look::Found(Record::Code(record)) => (&record.code, record.ulid) == (&code, claim.ulid),
        Look::Found(Record::Lost(lost)) => {
            lost.ulid == claim.ulid && lost.code.as_ref().is_none_or(|lost| *lost == code)
        }
    };
    (!agrees).then(|| Finding::ClaimDiffers { mentor, code, claimed: id.clone(), id })
}

fn check_slot(slot: &Slot, known: &KnownItems) -> Vec<Finding> {
    let held = &slot.held;
    let mentor = || held.mentor_id.clone();
    let mut findings = Vec::new();
    let has_record = |id: &CodeId| match known.record(id) {
        Look::Found(Record::Code(record)) => record.mentor_id == held.mentor_id,
        Look::Unknown => true,
        Look::Absent | Look::Found(Record::Lost(_)) => false,
    };
    if !has_record(&held.id) {
        findings.push(Finding::HeldWithoutRecord { mentor: mentor(), id: held.id.clone() });
    }
    for (nth, code) in slot.earlier.iter().enumerate() {
        let id = code.id();
        if id == held.id || slot.earlier[..nth].contains(code) {
            findings.push(Finding::ListedTwice { mentor: mentor(), id, page: None });
        } else if !is_record_of(code, &held.mentor_id, known) {
            findings.push(Finding::ListedWithoutRecord { mentor: mentor(), id, page: None });
        }
    }
    let missing = (1..=slot.pages).filter(|page| known.page(&held.mentor_id, *page) == Look::Absent);
    findings.extend(missing.map(|page| Finding::PageMissing { mentor: mentor(), page }));
    findings
}

/// Whether the entry of a list has its record, as far as is known.
pub(super) fn is_record_of(entry: &EarlierCode, mentor: &MentorId, known: &KnownItems) -> bool {
    match known.record(&entry.id()) {
        Look::Unknown => true,
        Look::Absent | Look::Found(Record::Lost(_)) => false,
        Look::Found(Record::Code(record)) => record.ulid == entry.ulid && record.mentor_id == *mentor,
    }
}

fn check_page(mentor: &MentorId, page: u32, codes: &[EarlierCode], known: &KnownItems) -> Vec<Finding> {
    let slot = match known.slot(mentor) {
        Look::Unknown => return Vec::new(),
        Look::Absent => None,
        Look::Found(slot) => Some(slot),
    };
    let Some(slot) = slot.filter(|slot| page <= slot.pages) else {
        // The page is put before the slot counts it. Until then it repeats what the slot has.
        let is_next = slot.is_some_and(|slot| page == slot.pages + 1 && slot.is_full() && codes == slot.earlier);
        return if is_next { Vec::new() } else { vec![Finding::PageNotCounted { mentor: mentor.clone(), page }] };
    };
    let mut findings = Vec::new();
    for (nth, code) in codes.iter().enumerate() {
        let (mentor, id, page) = (mentor.clone(), code.id(), Some(page));
        if id == slot.held.id || slot.earlier.contains(code) || codes[..nth].contains(code) {
            findings.push(Finding::ListedTwice { mentor, id, page });
        } else if !is_record_of(code, &mentor, known) {
            findings.push(Finding::ListedWithoutRecord { mentor, id, page });
        }
    }
    findings
}
