//! How a mentor's items must be, given how they are: a pure function. [`super`] says by which rules, and why.
//!
//! It leaves alone what it cannot decide: an item that is unknown, and one that is another mentor's.

use std::collections::{BTreeMap, BTreeSet};

use ulid::Ulid;

use super::super::item::{Claim, LostCode};
use super::super::key::Key;
use super::super::slot::{EarlierCode, Slot};
use super::items::{Items, Lookup, StoredItem};
use crate::model::{CodeId, CodeString, MentorId, Origin, ReferralCode, State, Timestamp};

/// The items of a mentor, made to agree as far as they are known.
pub(super) fn sound(items: &Items, mentor: &MentorId, now: Timestamp) -> Items {
    // Without the slot and all of its lists it is not known which codes the slot has held.
    let pages = items.slot(mentor).into_iter().flat_map(Slot::page_keys);
    let is_unknown = [Key::Slot(mentor.clone())].into_iter().chain(pages).any(|key| items.at(&key) == Lookup::Unknown);
    let mut draft = Draft { items: items.clone(), mentor, now };
    if is_unknown {
        return draft.items;
    }
    draft.write_record_of_held();
    draft.use_up_codes_without_record();
    draft.end_replaced_codes();
    draft.name_first_codes();
    draft.move_slot();
    draft.end_others();
    draft.claim_strings();
    draft.list_codes();
    draft.delete_pages();
    draft.items
}

struct Draft<'a> {
    items: Items,
    mentor: &'a MentorId,
    now: Timestamp,
}

impl Draft<'_> {
    /// The mentor's records, oldest first: a mentor's codes follow each other by their ULIDs, whatever the clocks say
    /// ([`crate::model::CodeCandidate::following`]).
    fn codes(&self) -> Vec<ReferralCode> {
        let records = self.items.all().filter_map(|stored| match stored {
            StoredItem::Record(code) if code.mentor_id == *self.mentor => Some(code.clone()),
            _ => None,
        });
        let mut codes: Vec<_> = records.collect();
        codes.sort_by_key(|code| code.ulid);
        codes
    }

    fn code(&self, id: &CodeId) -> Option<ReferralCode> {
        self.items.code(id).filter(|code| code.mentor_id == *self.mentor).cloned()
    }

    fn slot(&self) -> Option<Slot> {
        self.items.slot(self.mentor).cloned()
    }

    /// What the slot itself names as earlier, and what its pages do, with their keys.
    fn lists(&self) -> impl Iterator<Item = &EarlierCode> {
        let lists = self.items.all().filter_map(|stored| match stored {
            StoredItem::Page(mentor, _, codes) if mentor == self.mentor => Some(codes),
            StoredItem::Slot(slot) if slot.held.mentor_id == *self.mentor => Some(&slot.earlier),
            _ => None,
        });
        lists.flatten()
    }

    /// The slot has a copy of the whole record, and may have seen the code end before its record has.
    fn write_record_of_held(&mut self) {
        let Some(Slot { held, .. }) = self.slot() else { return };
        let record = match self.items.at(&Key::Record(held.id.clone())) {
            Lookup::Absent | Lookup::Found(StoredItem::Lost(_)) => held,
            Lookup::Found(StoredItem::Record(record)) if record.state == State::Active => {
                ReferralCode { state: held.state, ..record.clone() }
            }
            _ => return,
        };
        if record.mentor_id == *self.mentor {
            self.items.set(StoredItem::Record(record));
        }
    }

    /// A code that a claim, another code or a list names, and that has no record, is lost. It keeps its id and its string.
    fn use_up_codes_without_record(&mut self) {
        let listed: BTreeMap<_, _> = self.lists().map(|entry| (entry.id(), entry.ulid)).collect();
        let claims = self.items.all().filter_map(|stored| match stored {
            StoredItem::Claim(claim) if claim.mentor_id == *self.mentor => Some(claim.clone()),
            _ => None,
        });
        for Claim { code, id, ulid, .. } in claims.collect::<Vec<_>>() {
            self.use_up(id, ulid, Some(code));
        }
        for code in self.codes() {
            for linked in code.predecessor().into_iter().chain(code.successor()) {
                let string = match self.items.at(&Key::Claim(linked.code.clone())) {
                    Lookup::Absent => Some(linked.code.clone()),
                    // A call has given the string out again, while the claim was missing.
                    Lookup::Found(_) => None,
                    Lookup::Unknown => continue,
                };
                // Only the lost code and its claim have this ULID. Neither is in a listing.
                let made_up = Ulid::from_parts(code.ulid.timestamp_ms(), 0);
                let ulid = listed.get(&linked.id).copied().unwrap_or(made_up);
                self.use_up(linked.id.clone(), ulid, string);
            }
        }
        for (id, ulid) in listed {
            self.use_up(id, ulid, None);
        }
    }

    fn use_up(&mut self, id: CodeId, ulid: Ulid, code: Option<CodeString>) {
        if self.items.at(&Key::Record(id.clone())) == Lookup::Absent {
            let mentor_id = self.mentor.clone();
            self.items.set(StoredItem::Lost(LostCode { id, ulid, mentor_id, code, at: self.now }));
        }
    }

    /// A code that replaced an active one ends it, as the change does that made it. If the old code has ended otherwise,
    /// that change did not happen: the new code has replaced none, and ends too, unless the slot holds it.
    fn end_replaced_codes(&mut self) {
        let held = self.slot().map(|slot| slot.held.id);
        let mut codes = self.codes();
        // If two codes say that they replaced one, the slot's has.
        codes.sort_by_key(|code| Some(&code.id) != held.as_ref());
        for ReferralCode { id, .. } in codes {
            let Some(new) = self.code(&id) else { continue };
            let old = new.predecessor().and_then(|old| self.code(&old.id));
            let (Some(old), Some(state)) = (old, new.end_of_predecessor()) else { continue };
            let ended = ReferralCode { state, ..old.clone() };
            if old.state == State::Active && agree(&ended, &new) {
                self.items.set(StoredItem::Record(ended));
            } else if self.has_ended_without(&old, &new) {
                let ends = new.state == State::Active && Some(&id) != held.as_ref();
                let state = if ends { self.end_now(&new) } else { new.state.clone() };
                self.items.set(StoredItem::Record(ReferralCode { origin: Origin::New, first_id: id, state, ..new }));
            }
        }
    }

    /// All codes of a chain of rotations name its first one.
    fn name_first_codes(&mut self) {
        // The older ones first: what a code replaced names the first of the chain already.
        for code in self.codes() {
            let old = code.rotated_from().and_then(|old| self.code(&old.id));
            if let Some(ReferralCode { first_id, .. }) = old.filter(|old| old.first_id != code.first_id) {
                self.items.set(StoredItem::Record(ReferralCode { first_id, ..code }));
            }
        }
    }

    /// Whether a code has ended otherwise than by this other one: it was invalidated, or replaced by a third.
    fn has_ended_without(&self, old: &ReferralCode, new: &ReferralCode) -> bool {
        let Some(successor) = old.successor() else { return old.state != State::Active };
        let is_third = match self.items.at(&Key::Record(successor.id.clone())) {
            Lookup::Found(StoredItem::Record(third)) => agree(old, third),
            Lookup::Found(_) => true,
            Lookup::Absent | Lookup::Unknown => false,
        };
        successor.id != new.id && is_third
    }

    /// The slot holds the newest code, as its record is.
    fn move_slot(&mut self) {
        let slot = self.slot();
        let Some(newest) = self.newest(slot.as_ref()) else { return };
        let moved = match slot {
            None => Slot::first(newest),
            Some(slot) if slot.held.id == newest.id => Slot { held: newest, ..slot },
            Some(slot) => {
                if slot.is_full() {
                    let page = StoredItem::Page(self.mentor.clone(), slot.pages + 1, slot.earlier.clone());
                    self.items.set(page);
                }
                // The code that leaves the slot has its record; without one it is lost, and leaves the list again.
                slot.replaced_by(newest)
            }
        };
        self.items.set(StoredItem::Slot(moved));
    }

    /// The code that is active, or the last that was, by what the items say: a code that the slot has never held may have
    /// been made after all that it has.
    fn newest(&self, slot: Option<&Slot>) -> Option<ReferralCode> {
        let codes = self.codes();
        let held = slot.and_then(|slot| self.code(&slot.held.id));
        if let Some(active) = held.as_ref().filter(|held| held.state == State::Active) {
            return Some(active.clone());
        }
        let listed: BTreeSet<_> = self.lists().collect();
        let is_newer = |code: &&ReferralCode| {
            code.state == State::Active
                && held.as_ref().is_none_or(|held| may_follow(code, held))
                && !listed.contains(&EarlierCode::of(code))
        };
        // A call that has made the later one has known the others as ended.
        if let Some(active) = codes.iter().rfind(is_newer) {
            return Some(active.clone());
        }
        if slot.is_some() && held.is_none() {
            return None;
        }
        let mut last = held.or_else(|| codes.last().cloned())?;
        // A step for each known code at most: more would be a circle.
        for _ in 0..codes.len() {
            let Some(next) = last.successor().and_then(|next| self.code(&next.id)) else { break };
            last = next;
        }
        Some(last)
    }

    /// A code that is active without being the mentor's ends now: the mentor has another, or had one since.
    fn end_others(&mut self) {
        let Some(Slot { held, .. }) = self.slot() else { return };
        for code in self.codes() {
            if code.state == State::Active && code.id != held.id {
                let state = self.end_now(&code);
                self.items.set(StoredItem::Record(ReferralCode { state, ..code }));
            }
        }
    }

    /// The end of a code now. No code ends before it was made, whichever clock told that.
    fn end_now(&self, code: &ReferralCode) -> State {
        State::Invalidated { at: self.now.max(code.created_at()) }
    }

    /// Every code has its string, and a lost one keeps it used up.
    fn claim_strings(&mut self) {
        let mut claims: Vec<Claim> = self.codes().iter().map(Claim::of).collect();
        for stored in self.items.all() {
            if let StoredItem::Lost(LostCode { id, ulid, mentor_id, code: Some(code), .. }) = stored
                && mentor_id == self.mentor
                && self.items.at(&Key::Claim(code.clone())) == Lookup::Absent
            {
                let (id, ulid, mentor_id, code) = (id.clone(), *ulid, mentor_id.clone(), code.clone());
                claims.push(Claim { code, id, ulid, mentor_id, previous_id: None });
            }
        }
        for claim in claims {
            match self.items.at(&Key::Claim(claim.code.clone())) {
                Lookup::Unknown => {}
                // The string is another code's. Which of the two may keep it is for a person to say.
                Lookup::Found(StoredItem::Claim(found)) if found.id != claim.id => {}
                Lookup::Absent | Lookup::Found(_) => self.items.set(StoredItem::Claim(claim)),
            }
        }
    }

    /// The slot and the pages that it counts name every record once, but for the code that the slot holds.
    fn list_codes(&mut self) {
        let Some(mut slot) = self.slot() else { return };
        let mut lists = vec![std::mem::take(&mut slot.earlier)];
        for page in 1..=slot.pages {
            let page = self.items.at(&Key::Earlier { mentor: self.mentor.clone(), page });
            // A page that is missing is empty. Its codes are found as not listed, each from its record.
            lists.push(if let Lookup::Found(StoredItem::Page(_, _, codes)) = page {
                codes.clone()
            } else {
                Vec::new()
            });
        }
        let mut seen = BTreeSet::from([EarlierCode::of(&slot.held)]);
        for list in &mut lists {
            list.retain(|entry| seen.insert(entry.clone()) && self.has_record(entry));
        }
        slot.earlier = lists.remove(0);
        for code in self.codes().iter().map(EarlierCode::of).filter(|code| !seen.contains(code)) {
            if slot.is_full() {
                slot.pages += 1;
                lists.push(std::mem::take(&mut slot.earlier));
            }
            slot.earlier.push(code);
        }
        for (page, codes) in (1..).zip(lists) {
            self.items.set(StoredItem::Page(self.mentor.clone(), page, codes));
        }
        self.items.set(StoredItem::Slot(slot));
    }

    /// Whether the entry of a list has its record, as far as is known.
    fn has_record(&self, entry: &EarlierCode) -> bool {
        match self.items.at(&Key::Record(entry.id())) {
            Lookup::Unknown => true,
            Lookup::Found(StoredItem::Record(record)) => record.ulid == entry.ulid && record.mentor_id == *self.mentor,
            Lookup::Absent | Lookup::Found(_) => false,
        }
    }

    /// No page is there that the slot does not count, but for the one that a full slot is about to count, and those of a
    /// pseudonym to which a slot is about to move.
    fn delete_pages(&mut self) {
        let slot = self.slot();
        let is_next = |slot: &Slot, page: u32, codes: &[EarlierCode]| {
            page == slot.pages + 1 && slot.is_full() && codes == slot.earlier
        };
        let is_stray = |stored: &&StoredItem| match stored {
            StoredItem::Page(mentor, page, codes) if mentor == self.mentor => {
                let is_uncounted = |slot: &Slot| *page > slot.pages && !is_next(slot, *page, codes);
                slot.as_ref().map_or_else(|| !mentor.is_young_pseudonym(self.now), is_uncounted)
            }
            _ => false,
        };
        let stray: Vec<Key> = self.items.all().filter(is_stray).map(StoredItem::key).collect();
        for page in &stray {
            self.items.remove(page);
        }
    }
}

/// Whether a code can have been made while the slot held the other one. Then it is later than the creation and the end of
/// that one, whichever clocks told those ([`crate::model::CodeCandidate::following`]). A code that was made in another way is
/// taken for earlier: [`super`] says what that assumes.
fn may_follow(code: &ReferralCode, held: &ReferralCode) -> bool {
    code.ulid > held.ulid && held.ended_at().is_none_or(|end| code.created_at() >= end)
}

/// Whether one code has replaced the other, and both say so in the same way.
pub(super) fn agree(old: &ReferralCode, new: &ReferralCode) -> bool {
    let is_same_way = matches!(
        (&old.state, &new.origin),
        (State::Rotated { .. }, Origin::Rotation(_)) | (State::Expired { .. }, Origin::Expiry(_))
    );
    is_same_way
        && old.successor() == Some(&new.code_ref())
        && new.predecessor() == Some(&old.code_ref())
        && old.mentor_id == new.mentor_id
}
