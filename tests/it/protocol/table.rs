//! The table: items under keys, and transactions of conditional writes that are carried out as a whole or not at all.
//!
//! For the properties it also keeps what no caller can see: every code ever given out, and how each ended first.

use std::collections::{BTreeMap, BTreeSet};

use super::code::{Call, Code, Digits, Mentor, State, Time, Ulid};
use super::guard::Guard;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Key {
    Record(Digits),
    /// A label and a suffix: the code string.
    Claim(u8, Digits),
    Slot(Mentor),
}

/// The items. A claim holds its whole code, of which only the id matters.
pub type Items = BTreeMap<Key, Code>;

/// A change of the mentor's code: the four transactions of `src/store/mod.rs`, with create after an end as two.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Change {
    Create {
        new: Code,
    },
    /// Creates after an expiry.
    Replace {
        new: Code,
        expired: Code,
    },
    /// Creates after an invalidation.
    Follow {
        new: Code,
        invalidated: Code,
    },
    Rotate {
        new: Code,
        old: Code,
    },
    Invalidate {
        old: Code,
        at: Time,
    },
}

enum Condition {
    Absent,
    Holds(Digits),
    StillActive(Digits),
}

enum Effect {
    Put(Code),
    End(State),
    /// Only in the earlier form of the protocol, in which an invalidation deleted the slot.
    Delete,
}

/// One write of a transaction: the guard, the key, the condition of the guard, the effect.
struct Write(Guard, Key, Condition, Effect);

/// For each write of a refused transaction: none if its condition held, otherwise the item under its key.
pub type Refusal = Vec<Option<Option<Code>>>;

/// Positions in a [`Refusal`].
pub const NEW_RECORD: usize = 0;
pub const NEW_CLAIM: usize = 1;
pub const SLOT: usize = 2;
/// The position in the refusal of an invalidation.
pub const RECORD: usize = 0;

/// A client token: of one call and one round.
pub type Token = (Call, u8);

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Table {
    pub items: Items,
    /// The tokens of the transactions that were carried out.
    tokens: BTreeSet<Token>,
    /// Every code ever given out, with the keys of its record and its claim.
    pub given: BTreeSet<(Ulid, [Key; 2])>,
    /// The first end of each code that has ended.
    pub ended: BTreeMap<Ulid, State>,
}

impl Change {
    fn writes(&self, without: &[Guard]) -> Vec<Write> {
        use Condition::{Absent, Holds, StillActive};
        let put = |guard, key, condition, code: &Code| Write(guard, key, condition, Effect::Put(code.clone()));
        match self {
            Self::Create { new } => vec![
                put(Guard::CreateRecord, new.record(), Absent, new),
                put(Guard::CreateClaim, new.claim(), Absent, new),
                put(Guard::CreateSlot, new.slot(), Absent, new),
            ],
            Self::Replace { new, expired } => vec![
                put(Guard::ReplaceRecord, new.record(), Absent, new),
                put(Guard::ReplaceClaim, new.claim(), Absent, new),
                put(Guard::ReplaceSlot, new.slot(), Holds(expired.id()), new),
                Write(Guard::ReplaceOld, expired.record(), StillActive(expired.id()), Effect::End(State::Expired)),
            ],
            Self::Follow { new, invalidated } => vec![
                put(Guard::FollowRecord, new.record(), Absent, new),
                put(Guard::FollowClaim, new.claim(), Absent, new),
                put(Guard::FollowSlot, new.slot(), Holds(invalidated.id()), new),
            ],
            Self::Rotate { new, old } => {
                let end = Effect::End(State::Rotated { successor: new.id() });
                vec![
                    put(Guard::RotateRecord, new.record(), Absent, new),
                    put(Guard::RotateClaim, new.claim(), Absent, new),
                    put(Guard::RotateSlot, new.slot(), Holds(old.id()), new),
                    Write(Guard::RotateOld, old.record(), StillActive(old.id()), end),
                ]
            }
            Self::Invalidate { old, at } => {
                let end = || Effect::End(State::Invalidated { at: *at });
                let end_slot = if without.contains(&Guard::SlotStays) { Effect::Delete } else { end() };
                vec![
                    Write(Guard::InvalidateRecord, old.record(), StillActive(old.id()), end()),
                    Write(Guard::InvalidateSlot, old.slot(), StillActive(old.id()), end_slot),
                ]
            }
        }
    }
}

impl Table {
    pub fn get(&self, key: Key) -> Option<&Code> {
        self.items.get(&key)
    }

    pub fn was_carried_out(&self, token: Token) -> bool {
        self.tokens.contains(&token)
    }

    /// Keeps the tokens of transactions that may still be sent again.
    pub fn forget_tokens(&mut self, may_be_resent: impl Fn(Token) -> bool) {
        self.tokens.retain(|token| may_be_resent(*token));
    }

    /// Carries a transaction out as a whole, if all guards but the removed ones hold.
    ///
    /// # Panics
    /// If it names an item twice, which DynamoDB refuses as malformed.
    pub fn transact(&mut self, token: Token, change: &Change, without: &[Guard]) -> Result<(), Refusal> {
        let writes = change.writes(without);
        let keys: BTreeSet<_> = writes.iter().map(|Write(_, key, ..)| key).collect();
        assert_eq!(keys.len(), writes.len(), "a transaction names an item twice: {change:?}");
        let refusal: Refusal = writes
            .iter()
            .map(|Write(guard, key, condition, _)| {
                let found = self.items.get(key);
                (!without.contains(guard) && !condition.holds(found)).then(|| found.cloned())
            })
            .collect();
        if refusal.iter().any(Option::is_some) {
            return Err(refusal);
        }
        for Write(_, key, _, effect) in writes {
            match effect {
                Effect::Put(code) => self.put(key, code),
                Effect::End(state) => self.end(key, state),
                Effect::Delete => drop(self.items.remove(&key)),
            }
        }
        self.tokens.insert(token);
        Ok(())
    }

    pub fn put(&mut self, key: Key, code: Code) {
        self.given.insert((code.candidate.ulid, [code.record(), code.claim()]));
        self.items.insert(key, code);
    }

    pub fn end(&mut self, key: Key, state: State) {
        let code = self.items.get_mut(&key).expect("no record and no slot is ever deleted");
        code.state = state;
        if let Key::Record(_) = key {
            self.ended.entry(code.candidate.ulid).or_insert(state);
        }
    }
}

impl Condition {
    fn holds(&self, found: Option<&Code>) -> bool {
        match self {
            Self::Absent => found.is_none(),
            Self::Holds(id) => found.is_some_and(|found| found.id() == *id),
            Self::StillActive(id) => found.is_some_and(|found| found.id() == *id && found.state == State::Active),
        }
    }
}
