//! How a mentor's items must be, given how they are: a pure function. [`super`] has its rules as a table.
//!
//! The rules stand in their order. Each looks at items that are known, and leaves alone what it cannot decide.

use ulid::Ulid;

use super::super::item::{Claim, LostCode};
use super::super::key::Key;
use super::super::slot::{EarlierCode, MAX_EARLIER, Slot};
use super::check::{agree, is_listed, is_record_of, predecessor, successor};
use super::known_items::{KnownItems, Look, Record, Stored};
use crate::model::{CodeId, CodeRef, MentorId, Origin, ReferralCode, State, Timestamp};

/// Makes the items of a mentor agree, as far as the known knows them.
pub(super) fn make_sound(known: &mut KnownItems, mentor: &MentorId, now: Timestamp) {
    if known.slot(mentor) == Look::Unknown {
        return;
    }
    let mut plan = Plan { known, mentor, now };
    plan.take_ends_from_the_slot();
    plan.write_records_of_held();
    plan.write_successors();
    plan.write_predecessors();
    plan.write_codes_of_claims();
    plan.write_lost_codes_of_lists();
    plan.link();
    plan.move_slot();
    plan.end_orphans();
    plan.claim();
    plan.clean_lists();
    plan.list();
    plan.put_and_delete_pages();
}

struct Plan<'a> {
    known: &'a mut KnownItems,
    mentor: &'a MentorId,
    now: Timestamp,
}

impl Plan<'_> {
    /// The mentor's records, oldest first.
    fn codes(&self) -> Vec<ReferralCode> {
        let records = self.known.all().into_iter().filter_map(|stored| match stored {
            Stored::Record(code) if code.mentor_id == *self.mentor => Some(code.clone()),
            _ => None,
        });
        let mut codes: Vec<_> = records.collect();
        codes.sort_by_key(|code| code.ulid);
        codes
    }

    fn code(&self, id: &CodeId) -> Option<ReferralCode> {
        match self.known.record(id) {
            Look::Found(Record::Code(code)) if code.mentor_id == *self.mentor => Some(code.clone()),
            _ => None,
        }
    }

    fn slot(&self) -> Option<Slot> {
        match self.known.slot(self.mentor) {
            Look::Found(slot) => Some(slot.clone()),
            Look::Absent | Look::Unknown => None,
        }
    }

    fn is_absent(&self, id: &CodeId) -> bool {
        self.known.record(id) == Look::Absent
    }

    fn held_id(&self) -> Option<CodeId> {
        self.slot().map(|slot| slot.held.id)
    }

    /// The slot has seen the code end, and its record has not.
    fn take_ends_from_the_slot(&mut self) {
        let Some(held) = self.slot().map(|slot| slot.held) else { return };
        if let Some(record) = self.code(&held.id)
            && record.state == State::Active
            && let State::Invalidated { .. } = held.state
        {
            self.known.set(Stored::Record(ReferralCode { state: held.state, ..record }));
        }
    }

    /// The slot has a copy of the whole record.
    fn write_records_of_held(&mut self) {
        let Some(held) = self.slot().map(|slot| slot.held) else { return };
        if matches!(self.known.record(&held.id), Look::Absent | Look::Found(Record::Lost(_))) {
            self.known.set(Stored::Record(held));
        }
    }

    /// A record was replaced by a code that has no record. A rotation keeps all but the id and the string, and the old
    /// record has both.
    fn write_successors(&mut self) {
        for old in self.codes() {
            match &old.state {
                State::Rotated { at, successor } if self.is_absent(&successor.id) => {
                    let ulid = self.ulid_of(successor).unwrap_or_else(|| made_up(&successor.id, *at));
                    self.known.set(Stored::Record(rotated_from(&old, successor.clone(), ulid)));
                }
                State::Expired { at, successor } if self.is_absent(&successor.id) => {
                    let ulid = self.ulid_of(successor).unwrap_or_else(|| made_up(&successor.id, *at));
                    self.lose(successor.id.clone(), ulid, Some(successor));
                }
                _ => {}
            }
        }
    }

    /// A record replaced a code that has no record. It has ended, whatever else it was.
    fn write_predecessors(&mut self) {
        for new in self.codes() {
            let Some(old) = predecessor(&new).filter(|old| self.is_absent(&old.id)).cloned() else { continue };
            let ulid = self.ulid_of(&old).unwrap_or_else(|| made_up(&old.id, new.created_at()));
            if new.rotated_from().is_none() {
                self.lose(old.id.clone(), ulid, Some(&old));
                continue;
            }
            let origin = self.origin_of(&old);
            let state = State::Rotated { at: new.created_at(), successor: new.code_ref() };
            self.known.set(Stored::Record(ReferralCode { ulid, id: old.id, code: old.code, origin, state, ..new }));
        }
    }

    /// How a code came to be, by the record of the code that it replaced.
    fn origin_of(&self, code: &CodeRef) -> Origin {
        let replaced = self.codes().into_iter().find(|old| successor(old) == Some(code));
        match replaced.map(|old| (old.code_ref(), old.state)) {
            Some((old, State::Rotated { .. })) => Origin::Rotation(old),
            Some((old, State::Expired { .. })) => Origin::Expiry(old),
            _ => Origin::New,
        }
    }

    /// A claim names an id that has no record. If it replaced the code that the slot still holds as active, before that
    /// expired, then by a rotation. Otherwise its organisation is not known.
    fn write_codes_of_claims(&mut self) {
        let claims = self.known.all().into_iter().filter_map(|stored| match stored {
            Stored::Claim(claim) if claim.mentor_id == *self.mentor => Some(claim.clone()),
            _ => None,
        });
        for claim in claims.collect::<Vec<_>>() {
            if !self.is_absent(&claim.id) {
                continue;
            }
            let code = CodeRef { id: claim.id.clone(), code: claim.code.clone() };
            let previous = claim.previous_id.as_ref().and_then(|previous| self.code(previous));
            let made_at = ReferralCode::created_at_of(claim.ulid);
            let rotated = previous.filter(|previous| {
                let is_held = self.slot().is_some_and(|slot| slot.held == *previous);
                is_held && previous.state == State::Active && previous.is_active(made_at)
            });
            match rotated {
                Some(old) => self.known.set(Stored::Record(rotated_from(&old, code, claim.ulid))),
                None => self.lose(claim.id.clone(), claim.ulid, Some(&code)),
            }
        }
    }

    /// A list names a code of which nothing else is left.
    fn write_lost_codes_of_lists(&mut self) {
        for entry in self.listed() {
            if self.is_absent(&entry.id()) {
                self.lose(entry.id(), entry.ulid, None);
            }
        }
    }

    /// All that the slot and the known pages name.
    fn listed(&self) -> Vec<EarlierCode> {
        let on_pages = self.known.all().into_iter().filter_map(|stored| match stored {
            Stored::Page(mentor, _, codes) if mentor == self.mentor => Some(codes.clone()),
            _ => None,
        });
        self.slot().into_iter().map(|slot| slot.earlier).chain(on_pages).flatten().collect()
    }

    fn lose(&mut self, id: CodeId, ulid: Ulid, code: Option<&CodeRef>) {
        let code = code.map(|code| code.code.clone());
        self.known.set(Stored::Lost(LostCode { id, ulid, mentor_id: self.mentor.clone(), code, at: self.now }));
    }

    fn ulid_of(&self, code: &CodeRef) -> Option<Ulid> {
        match self.known.claim(&code.code) {
            Look::Found(claim) if claim.id == code.id => Some(claim.ulid),
            _ => self.listed().into_iter().find(|entry| entry.id() == code.id).map(|entry| entry.ulid),
        }
    }

    /// A code that replaced an active one ends it. If the old code has ended otherwise, the new one has replaced nothing.
    /// Then it was never given out as the active code after that end, so it ends too, unless the slot holds it.
    fn link(&mut self) {
        let held = self.held_id();
        let mut codes = self.codes();
        // If two codes claim to have replaced one, the slot's has.
        codes.sort_by_key(|code| Some(&code.id) != held.as_ref());
        for new in codes {
            let Some(old) = predecessor(&new).and_then(|old| self.code(&old.id)) else { continue };
            if agree(&old, &new) {
                continue;
            }
            let (at, successor) = (new.created_at(), new.code_ref());
            let replaced = match &new.origin {
                Origin::Rotation(_) => State::Rotated { at, successor },
                Origin::Expiry(_) | Origin::New => State::Expired { at, successor },
            };
            let replaced = ReferralCode { state: replaced, ..old.clone() };
            if old.state == State::Active && agree(&replaced, &new) {
                self.known.set(Stored::Record(replaced));
            } else if self.has_ended_without(&old, &new) {
                let ends = new.state == State::Active && Some(&new.id) != held.as_ref();
                let state = if ends { State::Invalidated { at: self.now } } else { new.state.clone() };
                self.known.set(Stored::Record(ReferralCode { origin: Origin::New, state, ..new }));
            }
        }
    }

    /// Whether a code has ended otherwise than by this other one: it was invalidated, or replaced by a third.
    fn has_ended_without(&self, old: &ReferralCode, new: &ReferralCode) -> bool {
        let Some(successor) = successor(old) else { return old.state != State::Active };
        let is_third = match self.known.record(&successor.id) {
            Look::Found(Record::Code(third)) => agree(old, third),
            Look::Found(Record::Lost(_)) => true,
            Look::Absent | Look::Unknown => false,
        };
        successor.id != new.id && is_third
    }

    /// The slot holds the last code: as its record is, and if that was replaced, the code in its place.
    fn move_slot(&mut self) {
        let mut slot = match self.known.slot(self.mentor) {
            Look::Unknown => return,
            Look::Found(slot) => slot.clone(),
            Look::Absent => {
                let Some(last) = self.last_code() else { return };
                Slot::first(last)
            }
        };
        if let Some(record) = self.code(&slot.held.id) {
            slot.held = record;
        }
        // A step for each known code at most: more would be a circle.
        for _ in 0..self.codes().len() {
            let replaced_by = successor(&slot.held).and_then(|successor| self.code(&successor.id));
            let Some(next) = replaced_by.or_else(|| self.created_after(&slot)) else { break };
            if slot.is_full() {
                self.known.set(Stored::Page(self.mentor.clone(), slot.pages + 1, slot.earlier.clone()));
            }
            slot = slot.replaced_by(next);
        }
        self.known.set(Stored::Slot(slot));
    }

    /// What a slot holds whose item is lost: the active code, else the last.
    fn last_code(&self) -> Option<ReferralCode> {
        self.codes().into_iter().max_by_key(|code| (code.state == State::Active, successor(code).is_none(), code.ulid))
    }

    /// A code that replaced none, made after the one that the slot holds had ended, and that the slot does not know.
    fn created_after(&self, slot: &Slot) -> Option<ReferralCode> {
        if slot.held.state == State::Active {
            return None;
        }
        let follows = |code: &ReferralCode| {
            code.origin == Origin::New && code.ulid > slot.held.ulid && is_listed(code, slot, self.known) == Some(false)
        };
        self.codes().into_iter().find(follows)
    }

    /// A code that is active without being the mentor's ends now: the mentor has another, or had one since.
    fn end_orphans(&mut self) {
        let Some(held) = self.held_id() else { return };
        for code in self.codes() {
            if code.state == State::Active && code.id != held {
                let state = State::Invalidated { at: self.now };
                self.known.set(Stored::Record(ReferralCode { state, ..code }));
            }
        }
    }

    /// Every code has its string, and a lost one keeps it used up.
    fn claim(&mut self) {
        let mut claims: Vec<Claim> = self.codes().iter().map(Claim::of).collect();
        let lost = self.known.all().into_iter().filter_map(|stored| match stored {
            Stored::Lost(lost) if lost.mentor_id == *self.mentor => Some(lost),
            _ => None,
        });
        claims.extend(lost.filter_map(|lost| {
            let code = lost.code.clone()?;
            // What the code replaced is not known any more; a claim that is there may say it.
            let previous_id = match self.known.claim(&code) {
                Look::Found(claim) => claim.previous_id.clone(),
                Look::Absent | Look::Unknown => None,
            };
            Some(Claim { code, id: lost.id.clone(), ulid: lost.ulid, mentor_id: lost.mentor_id.clone(), previous_id })
        }));
        for claim in claims {
            match self.known.claim(&claim.code) {
                Look::Unknown => {}
                // The string is another code's. Which of the two may keep it is for a person to say.
                Look::Found(found) if found.id != claim.id => {}
                Look::Absent | Look::Found(_) => self.known.set(Stored::Claim(claim)),
            }
        }
    }

    /// No list names a code twice, nor one without a record, nor the one that the slot holds.
    fn clean_lists(&mut self) {
        let Some(mut slot) = self.slot() else { return };
        let held = slot.held.id.clone();
        let mut seen: Vec<EarlierCode> = Vec::new();
        let mut clean = |codes: &mut Vec<EarlierCode>, known: &KnownItems| {
            codes.retain(|code| {
                let fits = code.id() != held && is_record_of(code, self.mentor, known) && !seen.contains(code);
                seen.push(code.clone());
                fits
            });
        };
        clean(&mut slot.earlier, self.known);
        for page in 1..=slot.pages {
            if let Look::Found(codes) = self.known.page(self.mentor, page) {
                let mut codes = codes.to_vec();
                clean(&mut codes, self.known);
                self.known.set(Stored::Page(self.mentor.clone(), page, codes));
            }
        }
        self.known.set(Stored::Slot(slot));
    }

    /// Every code is named by the slot or a page. A page that is missing takes the first that fit on it.
    fn list(&mut self) {
        let Some(mut slot) = self.slot() else { return };
        for code in self.codes() {
            if code.id == slot.held.id || is_listed(&code, &slot, self.known) != Some(false) {
                continue;
            }
            let entry = EarlierCode::of(&code);
            let gap = (1..=slot.pages).find(|page| self.known.page(self.mentor, *page) == Look::Absent);
            if let Some(page) = gap {
                self.known.set(Stored::Page(self.mentor.clone(), page, vec![entry]));
            } else if slot.earlier.len() < MAX_EARLIER {
                slot.earlier.push(entry);
            } else {
                slot.pages += 1;
                let full = std::mem::replace(&mut slot.earlier, vec![entry]);
                self.known.set(Stored::Page(self.mentor.clone(), slot.pages, full));
            }
        }
        self.known.set(Stored::Slot(slot));
    }

    /// Every page that the slot counts is there, and no other, but for the one that a full slot is about to count.
    fn put_and_delete_pages(&mut self) {
        let slot = self.slot();
        let counted = slot.as_ref().map_or(0, |slot| slot.pages);
        for page in 1..=counted {
            if self.known.page(self.mentor, page) == Look::Absent {
                self.known.set(Stored::Page(self.mentor.clone(), page, Vec::new()));
            }
        }
        for key in self.known.keys() {
            let Key::Earlier { mentor, page } = &key else { continue };
            let Look::Found(codes) = self.known.page(mentor, *page) else { continue };
            let is_next =
                slot.as_ref().is_some_and(|slot| *page == slot.pages + 1 && slot.is_full() && codes == slot.earlier);
            if mentor == self.mentor && *page > counted && !is_next {
                self.known.remove(key);
            }
        }
    }
}

fn rotated_from(old: &ReferralCode, code: CodeRef, ulid: Ulid) -> ReferralCode {
    ReferralCode {
        ulid,
        id: code.id,
        first_id: old.first_id.clone(),
        mentor_id: old.mentor_id.clone(),
        org_id: old.org_id.clone(),
        code: code.code,
        expires_at: old.expires_at,
        origin: Origin::Rotation(old.code_ref()),
        state: State::Active,
    }
}

/// A ULID for an id whose own is lost: the second of the change, and the digits of the id followed by zeros. No other code
/// has it, since an id that begins with the same digits and goes on in zeros is met once in 2⁴⁸.
fn made_up(id: &CodeId, at: Timestamp) -> Ulid {
    let digits = id.as_str().trim_start_matches(CodeId::PREFIX);
    let random = u128::from_str_radix(&format!("{digits:0<20}"), 16).expect("an id has at most 20 hex digits");
    Ulid::from_parts(u64::try_from(at.unix_seconds()).unwrap_or(0) * 1000, random)
}
