//! A change as its items show it: which transaction has written an item last. From each item of a change, the keys of all
//! its other items follow. `session` confirms with them that the change is complete.

use super::dynamodb::Item;
use super::item::{self, Claim, UnreadableItem};
use super::key::Key;
use super::recent::Recent;
use super::slot::{MOVING, Slot};
use crate::limits::COMPLETE_AFTER;
use crate::model::{CodeId, CodeRef, MentorId, ReferralCode, State, Timestamp};

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Change {
    /// The code that the change created or invalidated.
    pub(super) code: CodeId,
    kind: Kind,
    /// The time of the call that made the change, by that call's clock.
    at: Timestamp,
    /// The mentor whose slot it has written.
    pub(super) mentor: MentorId,
    /// The keys of all items that it has written. The first is the record of `code`.
    pub(super) keys: Vec<Key>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Kind {
    Creation,
    Invalidation,
    Forgetting,
}

impl Change {
    /// The change that a record, or its copy in a slot, shows: the one that has written it last.
    pub(super) fn of(code: &ReferralCode) -> Self {
        let of_state = Self::of_state(code);
        match code.mentor_id.forgotten_at() {
            // With the items of the last ordinary change: a client may name its mentor like a pseudonym.
            Some(at) if at >= of_state.at => Self { kind: Kind::Forgetting, at, ..of_state },
            _ => of_state,
        }
    }

    fn of_state(code: &ReferralCode) -> Self {
        match &code.state {
            State::Active => {
                let replaced = code.predecessor().map(|replaced| &replaced.id);
                Self::created(&code.code_ref(), code.created_at(), &code.mentor_id, replaced)
            }
            State::Invalidated { at } => Self {
                code: code.id.clone(),
                kind: Kind::Invalidation,
                at: *at,
                mentor: code.mentor_id.clone(),
                keys: vec![Key::Record(code.id.clone()), Key::Slot(code.mentor_id.clone())],
            },
            State::Rotated { at, successor } | State::Expired { at, successor } => {
                Self::created(successor, *at, &code.mentor_id, Some(&code.id))
            }
        }
    }

    fn created(code: &CodeRef, at: Timestamp, mentor: &MentorId, replaced: Option<&CodeId>) -> Self {
        let mut keys = vec![Key::Record(code.id.clone()), Key::Claim(code.code.clone()), Key::Slot(mentor.clone())];
        keys.extend(replaced.cloned().map(Key::Record));
        Self { code: code.id.clone(), kind: Kind::Creation, at, mentor: mentor.clone(), keys }
    }

    /// Whether the change is so old that it cannot be in flight any more. A time in the future counts as fresh.
    pub(super) fn is_old(&self, now: Timestamp) -> bool {
        let age = now.unix_seconds().saturating_sub(self.at.unix_seconds());
        u64::try_from(age).is_ok_and(|age| age >= COMPLETE_AFTER.as_secs())
    }

    /// Whether the items at [`Self::keys`], read at one moment, were read after the change. A transaction is in all of
    /// them or in none, so the first item tells.
    pub(super) fn is_in(&self, snapshot: &[Option<Item>]) -> Result<bool, UnreadableItem> {
        let Some(Some(record)) = snapshot.first() else { return Ok(false) };
        // A repair has put a lost code in the place of the record: nothing of the change is in flight any more.
        let Some(record) = item::known_code(record)? else { return Ok(true) };
        Ok(match self.kind {
            Kind::Creation => true,
            Kind::Invalidation => matches!(record.state, State::Invalidated { .. }),
            Kind::Forgetting => record.mentor_id == self.mentor,
        })
    }

    /// Whether the mentor is being forgotten at this moment: some items may still show the id.
    pub(super) fn is_under_way(&self, snapshot: &[Option<Item>]) -> bool {
        self.kind == Kind::Forgetting && snapshot.iter().flatten().any(|item| item.contains_key(MOVING))
    }

    /// Whether this is the item at one of the keys, and was written by the change last.
    pub(super) fn is_shown_by(&self, item: &Item, key: &Key) -> bool {
        let last = match Key::of(item).filter(|of_item| of_item == key) {
            Some(Key::Record(_)) => item::referral_code(item).map(|code| Self::of(&code)),
            Some(Key::Slot(_)) => Slot::parse(item).map(|slot| Self::of(&slot.held)),
            Some(Key::Claim(_)) => return Claim::parse(item).is_ok_and(|claim| claim.id == self.code),
            _ => return false,
        };
        last.is_ok_and(|last| last == *self)
    }

    /// Not of a pseudonym's codes: a client may name its mentor like one, and change these codes.
    pub(super) fn can_be_remembered(&self) -> bool {
        self.kind != Kind::Forgetting
    }

    /// What no other change has.
    fn name(&self) -> (CodeId, Kind) {
        (self.code.clone(), self.kind)
    }
}

/// The changes that this process knows to be complete, up to a bounded number.
///
/// To forget one costs one confirmation more.
#[derive(Default, Debug)]
pub(super) struct CompleteChanges(Recent<(CodeId, Kind), ()>);

impl CompleteChanges {
    pub(super) fn contains(&self, change: &Change) -> bool {
        self.0.get(&change.name()).is_some()
    }

    pub(super) fn contains_creation(&self, id: &CodeId) -> bool {
        self.0.get(&(id.clone(), Kind::Creation)).is_some()
    }

    pub(super) fn insert(&self, change: &Change) {
        if change.can_be_remembered() {
            self.0.insert(change.name(), ());
        }
    }
}
