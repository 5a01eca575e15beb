//! What an audit finds: the difference between a mentor's items and what a repair would make of them, and what a repair
//! leaves to a person.

use std::collections::BTreeSet;
use std::fmt;

use super::super::dynamodb::Item;
use super::super::item;
use super::super::key::{Key, PK, SK};
use super::items::{Items, Lookup, StoredItem};
use super::make_sound::{agree, sound};
use crate::model::{CodeRef, MentorId, Timestamp};

/// Items that contradict each other, or one that this release cannot read. As a text it is a sentence that says what is
/// wrong, with the mentor and the items.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Finding {
    /// The mentor whose items contradict each other, and one that leads to all of these. None for an item that cannot be
    /// read: a person must look at it.
    pub(super) place: Option<(MentorId, Key)>,
    pub(super) wrong: String,
}

impl Finding {
    pub(super) fn unreadable(reason: &impl ToString) -> Self {
        Self { place: None, wrong: reason.to_string() }
    }

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
    let changed = items.changed(&planned).map(|key| change(mentor, key, items.at(key), planned.at(key)));
    let undecided = subjects.iter().flat_map(|subject| match planned.at(subject) {
        Lookup::Found(stored) if stored.mentor() == mentor => undecided(stored, &planned),
        _ => Vec::new(),
    });
    changed.chain(undecided).collect()
}

/// What is wrong with an item, by what a repair makes of it.
fn change(mentor: &MentorId, key: &Key, before: Lookup<'_>, planned: Lookup<'_>) -> String {
    match (before, planned) {
        (Lookup::Found(old), Lookup::Found(new)) => {
            let (old, new) = (old.item(), new.item());
            let names: BTreeSet<_> = old.keys().chain(new.keys()).map(String::as_str).collect();
            let differing: Vec<_> = names.into_iter().filter(|name| old.get(*name) != new.get(*name)).collect();
            let differing = differing.join(", ");
            format!("the item {key} of {mentor} contradicts others of the mentor in its attributes {differing}")
        }
        (_, Lookup::Found(_)) => format!("the item {key} of {mentor} is missing, and others of the mentor name it"),
        (_, Lookup::Absent | Lookup::Unknown) => {
            format!("the item {key} of {mentor} is there, and the mentor's slot does not count it")
        }
    }
}

/// How an item contradicts others in a way that no repair decides.
fn undecided(stored: &StoredItem, items: &Items) -> Vec<String> {
    let contradicting = stored.related().into_iter().filter(|key| !may_agree(stored, items.at(key)));
    let (key, mentor) = (stored.key(), stored.mentor());
    let sentence = |other| {
        format!(
            "the items {key} and {other} of {mentor} contradict each other, or one is missing; no repair decides that"
        )
    };
    contradicting.map(sentence).collect()
}

/// Whether an item agrees with one to which it is related, as far as that is known.
fn may_agree(stored: &StoredItem, other: Lookup<'_>) -> bool {
    use StoredItem::{Claim, Lost, Record, Slot};
    let other = match other {
        Lookup::Unknown => return true,
        // Of the pages that no slot counts, the plan keeps those alone to which a slot is about to move.
        Lookup::Absent => return matches!(stored, StoredItem::Page(..)),
        Lookup::Found(other) => other,
    };
    match (stored, other) {
        (Record(code), Claim(claim)) => *claim == item::Claim::of(code),
        (Record(code), Record(other)) => {
            let is_other = |link: &CodeRef| link.id == other.id;
            (!code.successor().is_some_and(is_other) || agree(code, other))
                && (!code.predecessor().is_some_and(is_other) || agree(other, code))
        }
        (Claim(claim), Record(code)) => (&code.code, code.ulid) == (&claim.code, claim.ulid),
        (Claim(claim), Lost(lost)) => {
            lost.ulid == claim.ulid && lost.code.as_ref().is_none_or(|code| *code == claim.code)
        }
        (Lost(lost), Claim(claim)) => (&claim.id, claim.ulid) == (&lost.id, lost.ulid),
        (Slot(slot), Record(code)) => code.id != slot.held.id || *code == slot.held,
        // A lost code has nothing that could contradict.
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::slot::{EarlierCode, Slot};
    use super::*;
    use crate::model::{Campaign, CodeCandidate, Label, OrgId, Origin, ReferralCode, State};
    use ulid::Ulid;

    fn code(mentor: &MentorId, nth: u64) -> ReferralCode {
        let candidate = CodeCandidate::new(Ulid::from_parts(nth, u128::from(nth) << 72));
        let campaign = Campaign::parse("VERV").expect("a campaign");
        ReferralCode {
            ulid: candidate.ulid(),
            id: candidate.id(),
            first_id: candidate.id(),
            mentor_id: mentor.clone(),
            org_id: OrgId::parse("o").expect("an id"),
            code: candidate.code(&Label::for_mentor(None, mentor), &campaign),
            expires_at: None,
            origin: Origin::New,
            state: State::Active,
        }
    }

    /// Two codes in a slot's list say that a third has followed the one, and that the other one has. Whether the third
    /// has a record decides, and is not known here. The audit asks again where it meets the record itself.
    #[test]
    fn what_no_repair_decides_is_asked_of_the_subjects_only() {
        let (mentor, at) = (MentorId::parse("m").expect("an id"), Timestamp::from_unix_seconds(1).expect("a time"));
        let [held, old, new, third] = [4, 1, 2, 3].map(|nth| code(&mentor, nth));
        let old = ReferralCode { state: State::Rotated { at, successor: third.code_ref() }, ..old };
        let (origin, state) = (Origin::Rotation(old.code_ref()), State::Invalidated { at });
        let new = ReferralCode { first_id: old.id.clone(), origin, state, ..new };
        let earlier = [&old, &new].map(EarlierCode::of).to_vec();
        let slot = StoredItem::Slot(Slot { earlier, ..Slot::first(held.clone()) });
        let mut items = Items::default();
        items.remove(&Key::Earlier { mentor: mentor.clone(), page: 1 });
        items.set(slot.clone());
        for code in [&held, &old, &new] {
            items.set(StoredItem::Record(code.clone()));
        }
        assert_eq!(contradictions(&items, &mentor, &[slot.key()], at), Vec::<String>::new());
        assert_eq!(contradictions(&items, &mentor, &[StoredItem::Record(new).key()], at).len(), 1);
    }
}
