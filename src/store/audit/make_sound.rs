//! How a mentor's items must be, given how they are: a pure function. [`super`] says by which rules, and why.
//!
//! It leaves alone what it cannot decide: an item that is unknown, and one that is another mentor's.

use ulid::Ulid;

use super::super::item::{Claim, LostCode};
use super::super::key::Key;
use super::super::slot::{EarlierCode, MAX_EARLIER, Slot};
use super::disagreements::{agree, has_record, is_listed, is_next_page, next_page, pages, predecessor, successor};
use super::items::{Items, Lookup, Record, StoredItem};
use crate::model::{CodeId, CodeString, MentorId, Origin, ReferralCode, State, Timestamp};

/// Makes the items of a mentor agree, as far as they are known.
pub(super) fn make_sound(items: &mut Items, mentor: &MentorId, now: Timestamp) {
    let is_readable = match items.slot(mentor) {
        Lookup::Unknown => false,
        Lookup::Absent => true,
        // Without all of the lists it is not known which codes the slot has held.
        Lookup::Found(slot) => pages(slot).chain([next_page(slot)]).all(|page| items.at(&page) != Lookup::Unknown),
    };
    if !is_readable {
        return;
    }
    let mut plan = Plan { items, mentor, now };
    plan.write_record_of_held();
    plan.use_up_codes_without_record();
    plan.end_replaced_codes();
    plan.name_first_codes();
    plan.move_slot();
    plan.end_others();
    plan.claim_strings();
    plan.list_codes();
    plan.put_and_delete_pages();
}

struct Plan<'a> {
    items: &'a mut Items,
    mentor: &'a MentorId,
    now: Timestamp,
}

impl Plan<'_> {
    /// The mentor's records, in an order that says nothing of their age: clocks differ between processes.
    fn codes(&self) -> Vec<ReferralCode> {
        let records = self.items.all().filter_map(|stored| match stored {
            StoredItem::Record(code) if code.mentor_id == *self.mentor => Some(code.clone()),
            _ => None,
        });
        records.collect()
    }

    fn code(&self, id: &CodeId) -> Option<ReferralCode> {
        match self.items.record(id) {
            Lookup::Found(Record::Code(code)) if code.mentor_id == *self.mentor => Some(code.clone()),
            _ => None,
        }
    }

    fn slot(&self) -> Option<Slot> {
        match self.items.slot(self.mentor) {
            Lookup::Found(slot) => Some(slot.clone()),
            Lookup::Absent | Lookup::Unknown => None,
        }
    }

    /// The slot has a copy of the whole record, and may have seen the code end before its record has.
    fn write_record_of_held(&mut self) {
        let Some(Slot { held, .. }) = self.slot() else { return };
        let record = match self.items.record(&held.id) {
            Lookup::Absent | Lookup::Found(Record::Lost(_)) => held,
            Lookup::Found(Record::Code(record)) if record.state == State::Active => {
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
        let listed = self.listed();
        let claims = self.items.all().filter_map(|stored| match stored {
            StoredItem::Claim(claim) if claim.mentor_id == *self.mentor => Some(claim.clone()),
            _ => None,
        });
        for Claim { code, id, ulid, .. } in claims.collect::<Vec<_>>() {
            self.use_up(id, ulid, Some(code));
        }
        for code in self.codes() {
            for linked in [predecessor(&code), successor(&code)].into_iter().flatten() {
                let string = match self.items.claim(&linked.code) {
                    Lookup::Absent => Some(linked.code.clone()),
                    // A call has given the string out again, while the claim was missing.
                    Lookup::Found(_) => None,
                    Lookup::Unknown => continue,
                };
                let entry = listed.iter().find(|entry| entry.id() == linked.id);
                // Only the lost code and its claim have this ULID. Neither is in a listing.
                let ulid = entry.map_or_else(|| Ulid::from_parts(code.ulid.timestamp_ms(), 0), |entry| entry.ulid);
                self.use_up(linked.id.clone(), ulid, string);
            }
        }
        for entry in listed {
            self.use_up(entry.id(), entry.ulid, None);
        }
    }

    /// All that the slot and its pages name.
    fn listed(&self) -> Vec<EarlierCode> {
        let lists = self.items.all().filter_map(|stored| match stored {
            StoredItem::Page(mentor, _, codes) if mentor == self.mentor => Some(codes),
            StoredItem::Slot(slot) if slot.held.mentor_id == *self.mentor => Some(&slot.earlier),
            _ => None,
        });
        lists.flatten().cloned().collect()
    }

    fn use_up(&mut self, id: CodeId, ulid: Ulid, code: Option<CodeString>) {
        if self.items.record(&id) == Lookup::Absent {
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
            let Some(old) = predecessor(&new).and_then(|old| self.code(&old.id)) else { continue };
            let ended = replaced(&old, &new);
            if old.state == State::Active && agree(&ended, &new) {
                self.items.set(StoredItem::Record(ended));
            } else if self.has_ended_without(&old, &new) {
                let ends = new.state == State::Active && Some(&id) != held.as_ref();
                let state = if ends { State::Invalidated { at: self.now } } else { new.state.clone() };
                self.items.set(StoredItem::Record(ReferralCode { origin: Origin::New, first_id: id, state, ..new }));
            }
        }
    }

    /// All codes of a chain of rotations name its first one.
    fn name_first_codes(&mut self) {
        let codes = self.codes();
        // The first of a chain is named by one code more in each round.
        for _ in &codes {
            for ReferralCode { id, .. } in &codes {
                let Some(code) = self.code(id) else { continue };
                let old = code.rotated_from().and_then(|old| self.code(&old.id));
                if let Some(ReferralCode { first_id, .. }) = old.filter(|old| old.first_id != code.first_id) {
                    self.items.set(StoredItem::Record(ReferralCode { first_id, ..code }));
                }
            }
        }
    }

    /// Whether a code has ended otherwise than by this other one: it was invalidated, or replaced by a third.
    fn has_ended_without(&self, old: &ReferralCode, new: &ReferralCode) -> bool {
        let Some(successor) = successor(old) else { return old.state != State::Active };
        let is_third = match self.items.record(&successor.id) {
            Lookup::Found(Record::Code(third)) => agree(old, third),
            Lookup::Found(Record::Lost(_)) => true,
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

    /// The code that is active, or the last that was, by what the items say: a code that the slot has never held was made
    /// after all that it has.
    fn newest(&self, slot: Option<&Slot>) -> Option<ReferralCode> {
        let codes = self.codes();
        let held = slot.and_then(|slot| self.code(&slot.held.id));
        if let Some(active) = held.as_ref().filter(|held| held.state == State::Active) {
            return Some(active.clone());
        }
        let is_listed = |code: &ReferralCode| slot.and_then(|slot| is_listed(code, slot, self.items)) == Some(true);
        if let Some(active) = codes.iter().find(|code| code.state == State::Active && !is_listed(code)) {
            return Some(active.clone());
        }
        if slot.is_some() && held.is_none() {
            return None;
        }
        let mut last = held.or_else(|| codes.first().cloned())?;
        // A step for each known code at most: more would be a circle.
        for _ in 0..codes.len() {
            let Some(next) = successor(&last).and_then(|next| self.code(&next.id)) else { break };
            last = next;
        }
        Some(last)
    }

    /// A code that is active without being the mentor's ends now: the mentor has another, or had one since.
    fn end_others(&mut self) {
        let Some(Slot { held, .. }) = self.slot() else { return };
        for code in self.codes() {
            if code.state == State::Active && code.id != held.id {
                let state = State::Invalidated { at: self.now };
                self.items.set(StoredItem::Record(ReferralCode { state, ..code }));
            }
        }
    }

    /// Every code has its string, and a lost one keeps it used up.
    fn claim_strings(&mut self) {
        let mut claims: Vec<Claim> = self.codes().iter().map(Claim::of).collect();
        for stored in self.items.all() {
            if let StoredItem::Lost(LostCode { id, ulid, mentor_id, code: Some(code), .. }) = stored
                && mentor_id == self.mentor
                && self.items.claim(code) == Lookup::Absent
            {
                let (id, ulid, mentor_id, code) = (id.clone(), *ulid, mentor_id.clone(), code.clone());
                claims.push(Claim { code, id, ulid, mentor_id, previous_id: None });
            }
        }
        for claim in claims {
            match self.items.claim(&claim.code) {
                Lookup::Unknown => {}
                // The string is another code's. Which of the two may keep it is for a person to say.
                Lookup::Found(found) if found.id != claim.id => {}
                Lookup::Absent | Lookup::Found(_) => self.items.set(StoredItem::Claim(claim)),
            }
        }
    }

    /// The slot and its pages name every record once, but for the code that the slot holds.
    fn list_codes(&mut self) {
        let Some(mut slot) = self.slot() else { return };
        let mut seen: Vec<EarlierCode> = vec![EarlierCode::of(&slot.held)];
        let mut keep = |codes: &mut Vec<EarlierCode>, items: &Items| {
            codes.retain(|code| {
                let fits = !seen.contains(code) && has_record(code, self.mentor, items);
                seen.push(code.clone());
                fits
            });
        };
        keep(&mut slot.earlier, self.items);
        for page in 1..=slot.pages {
            let Lookup::Found(codes) = self.items.page(self.mentor, page) else { continue };
            let mut codes = codes.to_vec();
            keep(&mut codes, self.items);
            self.items.set(StoredItem::Page(self.mentor.clone(), page, codes));
        }
        for code in self.codes() {
            if code.id == slot.held.id || is_listed(&code, &slot, self.items) != Some(false) {
                continue;
            }
            if slot.earlier.len() == MAX_EARLIER {
                slot.pages += 1;
                let full = std::mem::take(&mut slot.earlier);
                self.items.set(StoredItem::Page(self.mentor.clone(), slot.pages, full));
            }
            slot.earlier.push(EarlierCode::of(&code));
        }
        self.items.set(StoredItem::Slot(slot));
    }

    /// Every page that the slot counts is there, and no other, but for the one that a full slot is about to count.
    fn put_and_delete_pages(&mut self) {
        let slot = self.slot();
        let counted = slot.as_ref().map_or(0, |slot| slot.pages);
        for page in 1..=counted {
            if self.items.page(self.mentor, page) == Lookup::Absent {
                // Its codes are found as not listed, each from its record.
                self.items.set(StoredItem::Page(self.mentor.clone(), page, Vec::new()));
            }
        }
        let is_stray = |stored: &&StoredItem| match stored {
            StoredItem::Page(mentor, page, codes) => {
                let is_next = slot.as_ref().is_some_and(|slot| is_next_page(*page, codes, slot));
                mentor == self.mentor && *page > counted && !is_next
            }
            _ => false,
        };
        let stray: Vec<Key> = self.items.all().filter(is_stray).map(StoredItem::key).collect();
        for page in &stray {
            self.items.remove(page);
        }
    }
}

/// A code as the change leaves it that put another one in its place. A change reads its clock once, so the one ended in
/// the second in which the other was made.
fn replaced(old: &ReferralCode, new: &ReferralCode) -> ReferralCode {
    let (at, successor) = (new.created_at(), new.code_ref());
    let state = match &new.origin {
        Origin::Rotation(_) => State::Rotated { at, successor },
        Origin::Expiry(_) | Origin::New => State::Expired { at, successor },
    };
    ReferralCode { state, ..old.clone() }
}
