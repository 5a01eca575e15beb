//! What an audit finds: the difference between a mentor's items and what a repair would make of them, and what a repair
//! leaves to a person.

use std::fmt;

use super::super::dynamodb::Item;
use super::super::item::{Claim, LostCode};
use super::super::key::{Key, PK, SK};
use super::super::slot::Slot;
use super::items::{Items, Lookup, StoredItem};
use super::make_sound::{agree, sound};
use crate::model::{CodeId, MentorId, ReferralCode, Timestamp};

/// Items that contradict each other, or one that this release cannot read. As a text it is a sentence that says what is
/// wrong, with the mentor and the codes.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Finding {
    /// The mentor whose items contradict each other, and one that leads to all of these. None for an item that cannot be
    /// read: a person must look at it.
    pub(super) place: Option<(MentorId, Key)>,
    pub(super) wrong: String,
}

impl Finding {
    /// An item that this release cannot read, and why.
    pub(super) fn unreadable(reason: &impl ToString) -> Self {
        Self { place: None, wrong: reason.to_string() }
    }

    /// An item whose key this release does not make.
    pub(super) fn unknown_key(item: &Item) -> Self {
        let part = |name| item.get(name).and_then(|value| value.as_s().ok()).map_or("?", String::as_str);
        let wrong = format!("the table has an item with the key {}/{}, which no release makes", part(PK), part(SK));
        Self { place: None, wrong }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.wrong)
    }
}

/// All that contradicts between the items of a mentor, as far as they are known: a sentence each. What no repair decides is
/// asked of the subjects only: of the items around them, what decides may be unknown.
pub(super) fn contradictions(items: &Items, mentor: &MentorId, subjects: &[Key], now: Timestamp) -> Vec<String> {
    let planned = sound(items, mentor, now);
    let mut all: Vec<_> =
        items.changed(&planned).map(|key| change(mentor, key, items.at(key), planned.at(key))).collect();
    for subject in subjects {
        if let Lookup::Found(stored) = planned.at(subject)
            && stored.mentor() == mentor
        {
            all.extend(left_over(stored, &planned));
        }
    }
    all
}

/// What is wrong with an item, by what a repair makes of it.
fn change(m: &MentorId, key: &Key, before: Lookup<'_>, planned: Lookup<'_>) -> String {
    use StoredItem::{Claim, Lost, Page, Record, Slot};
    match (before, planned) {
        (Lookup::Found(Record(old)), Lookup::Found(Record(new))) => of_record(old, new),
        (_, Lookup::Found(Record(code))) => format!("the slot of {m} holds the code {}, which has no record", code.id),
        (_, Lookup::Found(Lost(lost))) => format!("an item of {m} names the code {}, which has no record", lost.id),
        (Lookup::Found(_), Lookup::Found(Claim(claim))) => {
            format!("the claim on {} disagrees with the record of the code {} of {m}", claim.code, claim.id)
        }
        (_, Lookup::Found(Claim(claim))) => {
            format!("the code {} of {m} has no claim on its string {}", claim.id, claim.code)
        }
        (Lookup::Found(Slot(old)), Lookup::Found(Slot(new))) => of_slot(old, new),
        (_, Lookup::Found(Slot(slot))) => format!("{m} has the code {} and no slot", slot.held.id),
        (Lookup::Found(_), Lookup::Found(Page(_, page, _))) => {
            format!("page {page} of the earlier codes of {m} names a code that has no record, or that is named already")
        }
        (_, Lookup::Found(Page(_, page, _))) => format!("page {page} of the earlier codes of {m} is missing"),
        (_, Lookup::Absent | Lookup::Unknown) => {
            let page = if let Key::Earlier { page, .. } = key { *page } else { 0 };
            format!("page {page} of the earlier codes of {m} does not follow from the slot, which does not count it")
        }
    }
}

fn of_record(old: &ReferralCode, new: &ReferralCode) -> String {
    let code = format!("the code {} of {}", old.id, old.mentor_id);
    let replaced = old.predecessor().map_or("none", |replaced| replaced.id.as_str());
    if old.origin != new.origin {
        format!("{code} replaced {replaced}, which has ended otherwise")
    } else if old.first_id != new.first_id {
        format!("{code} replaced {replaced}, which names another code as the first of their rotations")
    } else {
        let [is, must] = [old, new].map(|code| code.state.status().as_str());
        format!("{code} is stored as {is}, and by the other items it is {must}")
    }
}

fn of_slot(old: &Slot, new: &Slot) -> String {
    let slot = format!("the slot of {}", old.held.mentor_id);
    if old.held.id != new.held.id {
        format!("{slot} holds the code {}, and the newest one is {}", old.held.id, new.held.id)
    } else if old.held != new.held {
        format!("{slot} holds the code {} in another state than its record has", old.held.id)
    } else {
        format!("{slot} does not name each earlier code that has a record, and no other, once")
    }
}

/// How an item contradicts others in a way that no repair decides.
fn left_over(stored: &StoredItem, items: &Items) -> Vec<String> {
    let m = stored.mentor();
    let mut wrong = Vec::new();
    match stored {
        StoredItem::Record(code) => {
            let (id, string) = (&code.id, &code.code);
            if let Lookup::Found(StoredItem::Claim(claim)) = items.at(&Key::Claim(string.clone()))
                && *claim != Claim::of(code)
            {
                wrong.push(format!(
                    "the claim on {string} names another code, and disagrees with the record of {id} of {m}"
                ));
            }
            let successor = code.successor().filter(|next| !may_be(&next.id, items, |next| agree(code, next)));
            let predecessor = code.predecessor().filter(|last| !may_be(&last.id, items, |last| agree(last, code)));
            let links = [("was replaced by", successor), ("replaced", predecessor)];
            for (link, other) in links.into_iter().filter_map(|(link, other)| Some((link, &other?.id))) {
                wrong.push(format!("the code {id} of {m} {link} {other}, whose record says otherwise or is missing"));
            }
        }
        StoredItem::Claim(Claim { code, id, ulid, .. }) => {
            let is_right = match items.at(&Key::Record(id.clone())) {
                Lookup::Found(StoredItem::Record(record)) => (&record.code, record.ulid) == (code, *ulid),
                Lookup::Found(StoredItem::Lost(lost)) => {
                    lost.ulid == *ulid && lost.code.as_ref().is_none_or(|lost| lost == code)
                }
                Lookup::Found(_) | Lookup::Absent => false,
                Lookup::Unknown => true,
            };
            if !is_right {
                wrong.push(format!(
                    "the claim on {code} of {m} names the code {id}, which has no record or another string"
                ));
            }
        }
        StoredItem::Lost(LostCode { id, ulid, code: Some(code), .. }) => {
            let is_right = match items.at(&Key::Claim(code.clone())) {
                Lookup::Found(StoredItem::Claim(claim)) => claim.id == *id && claim.ulid == *ulid,
                Lookup::Found(_) | Lookup::Absent => false,
                Lookup::Unknown => true,
            };
            if !is_right {
                wrong.push(format!("the lost code {id} of {m} has no claim on its string {code}"));
            }
        }
        StoredItem::Slot(Slot { held, .. }) if !may_be(&held.id, items, |record| record == held) => {
            wrong.push(format!("the slot of {m} holds the code {}, whose record says otherwise", held.id));
        }
        StoredItem::Lost(_) | StoredItem::Slot(_) | StoredItem::Page(..) => {}
    }
    wrong
}

/// Whether the record of a code fits, as far as is known. That of a lost code cannot contradict.
fn may_be(id: &CodeId, items: &Items, fits: impl Fn(&ReferralCode) -> bool) -> bool {
    match items.at(&Key::Record(id.clone())) {
        Lookup::Found(StoredItem::Record(record)) => fits(record),
        Lookup::Unknown | Lookup::Found(_) => true,
        Lookup::Absent => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::slot::EarlierCode;
    use super::*;
    use crate::model::any_code;
    use crate::model::{Origin, State};
    use proptest::prelude::*;

    proptest! {
        /// Two codes in a slot's list say that a third has followed the one, and that the other one has. Whether the third
        /// has a record decides, and is not known here. The audit asks again where it meets the record itself.
        #[test]
        fn what_no_repair_decides_is_asked_of_the_subjects_only(
            held in any_code(), old in any_code(), new in any_code(), third in any_code(),
        ) {
            let (mentor, at) = (held.mentor_id.clone(), Timestamp::from_unix_seconds(1).expect("a time"));
            let held = ReferralCode { first_id: held.id.clone(), origin: Origin::New, state: State::Active, ..held };
            let own = |code: ReferralCode| ReferralCode { mentor_id: mentor.clone(), ..code };
            let state = State::Rotated { at, successor: third.code_ref() };
            let old = own(ReferralCode { first_id: old.id.clone(), origin: Origin::New, state, ..old });
            let (origin, state) = (Origin::Rotation(old.code_ref()), State::Invalidated { at });
            let new = own(ReferralCode { first_id: old.id.clone(), origin, state, ..new });
            let earlier = [&old, &new].map(EarlierCode::of).to_vec();
            let slot = StoredItem::Slot(Slot { earlier, ..Slot::first(held.clone()) });
            let mut items = Items::default();
            items.remove(&Key::Earlier { mentor: mentor.clone(), page: 1 });
            items.set(slot.clone());
            for code in [&held, &old, &new] {
                items.set(StoredItem::Record(code.clone()));
            }
            prop_assert_eq!(contradictions(&items, &mentor, &[slot.key()], at), Vec::<String>::new());
            let found = contradictions(&items, &mentor, &[StoredItem::Record(new).key()], at);
            prop_assert!(found.len() == 1 && found[0].contains("whose record says otherwise"), "{:?}", found);
        }
    }
}
