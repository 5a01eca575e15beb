//! The table: items under keys, and transactions of conditional writes that are carried out as a whole or not at all.
//!
//! A transaction is decided at once. If the model tears transactions, its items become visible to reads one by one, and
//! each is locked until then. For the properties the table also keeps what no caller can see: every code ever given out,
//! how each ended first, and the order of the changes.

use std::collections::{BTreeMap, BTreeSet};

use super::code::{ChangeId, Code, Digits, Mentor, State, Time, Ulid};
use super::guard::Guard;
use super::system::Rules;

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

/// For each write of a refused transaction: none if its condition held or its item was locked, otherwise the item under
/// its key.
pub type Refusal = Vec<Option<Option<Code>>>;

/// What the table does with a transaction.
pub enum Outcome {
    Committed,
    ConditionFailed(Refusal),
    /// `TransactionConflict` or `TransactionInProgress`: nothing happens. The SDK sends the transaction again.
    Busy,
}

/// Positions in a [`Refusal`].
pub const NEW_RECORD: usize = 0;
pub const NEW_CLAIM: usize = 1;
pub const SLOT: usize = 2;
/// Only if a record is replaced.
pub const OLD_RECORD: usize = 3;
/// Positions in the refusal of an invalidation.
pub const RECORD: usize = 0;
pub const HELD: usize = 1;

/// A client token: of one call and one round.
pub type Token = (super::code::Call, u8);

/// An item of a transaction in flight: locked, and not yet visible.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Hidden {
    token: Token,
    change: ChangeId,
    /// What reads still show.
    before: Option<Code>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Table {
    /// The items as decided, visible or not.
    pub items: Items,
    /// The items of transactions in flight that are not visible yet.
    hidden: BTreeMap<Key, Hidden>,
    /// The tokens of the transactions that were carried out.
    tokens: BTreeSet<Token>,
    /// Every code ever given out, with the keys of its record and its claim.
    pub given: BTreeSet<(Ulid, [Key; 2])>,
    /// The first end of each code that has ended.
    pub ended: BTreeMap<Ulid, State>,
    /// The changes of each mentor, in the order in which they were decided, with the keys of their items. Only if
    /// transactions are torn.
    pub history: [Vec<(ChangeId, Vec<Key>)>; 2],
}

impl Change {
    /// What the slot holds afterwards.
    pub fn held(&self) -> Code {
        match self {
            Self::Create { new } | Self::Replace { new, .. } | Self::Follow { new, .. } | Self::Rotate { new, .. } => {
                new.clone()
            }
            Self::Invalidate { old, at } => Code { state: State::Invalidated { at: *at }, ..old.clone() },
        }
    }

    fn writes(&self, without: &[Guard]) -> Vec<Write> {
        use Condition::{Absent, Holds, StillActive};
        let put = |guard, key, condition, code: &Code| Write(guard, key, condition, Effect::Put(code.clone()));
        match self {
            Self::Create { new } => vec![
                put(Guard::CreateRecord, new.record(), Absent, new),
                put(Guard::CreateClaim, new.claim(), Absent, new),
                put(Guard::CreateSlot, new.slot(), Absent, new),
            ],
            Self::Replace { new, expired } => {
                let end = Effect::End(State::Expired { successor: new.code_ref() });
                vec![
                    put(Guard::ReplaceRecord, new.record(), Absent, new),
                    put(Guard::ReplaceClaim, new.claim(), Absent, new),
                    put(Guard::ReplaceSlot, new.slot(), Holds(expired.id()), new),
                    Write(Guard::ReplaceOld, expired.record(), StillActive(expired.id()), end),
                ]
            }
            Self::Follow { new, invalidated } => vec![
                put(Guard::FollowRecord, new.record(), Absent, new),
                put(Guard::FollowClaim, new.claim(), Absent, new),
                put(Guard::FollowSlot, new.slot(), Holds(invalidated.id()), new),
            ],
            Self::Rotate { new, old } => {
                let end = Effect::End(State::Rotated { successor: new.code_ref() });
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
    /// What a read of one item shows.
    pub fn read(&self, key: Key) -> Option<&Code> {
        match self.hidden.get(&key) {
            Some(hidden) => hidden.before.as_ref(),
            None => self.items.get(&key),
        }
    }

    /// Whether `TransactGetItems` over these keys is refused: one of them is part of a transaction in flight.
    pub fn is_any_locked(&self, keys: &[Key]) -> bool {
        keys.iter().any(|key| self.hidden.contains_key(key))
    }

    pub fn hidden_keys(&self) -> impl Iterator<Item = Key> {
        self.hidden.keys().copied()
    }

    /// An item of a transaction in flight becomes visible, and its lock is released.
    pub fn reveal(&mut self, key: Key) {
        self.hidden.remove(&key);
    }

    /// Whether every item of this change is visible.
    pub fn is_complete(&self, change: ChangeId) -> bool {
        self.hidden.values().all(|hidden| hidden.change != change)
    }

    pub fn is_in_flight(&self, token: Token) -> bool {
        self.hidden.values().any(|hidden| hidden.token == token)
    }

    pub fn was_carried_out(&self, token: Token) -> bool {
        self.tokens.contains(&token)
    }

    /// Keeps the tokens of transactions that may still be sent again.
    pub fn forget_tokens(&mut self, may_be_resent: impl Fn(Token) -> bool) {
        self.tokens.retain(|token| may_be_resent(*token));
    }

    /// Carries a transaction out as a whole, if all guards but the removed ones hold and no item is locked. A failed
    /// condition is told even if another item is locked.
    ///
    /// # Panics
    /// If it names an item twice, which DynamoDB refuses as malformed.
    pub fn transact(&mut self, token: Token, change: &Change, rules: &Rules) -> Outcome {
        let writes = change.writes(&rules.without);
        let keys: BTreeSet<_> = writes.iter().map(|Write(_, key, ..)| key).collect();
        assert_eq!(keys.len(), writes.len(), "a transaction names an item twice: {change:?}");
        let is_locked = |key: &Key| self.hidden.contains_key(key);
        let refusal: Refusal = writes
            .iter()
            .map(|Write(guard, key, condition, _)| {
                let found = self.items.get(key);
                (!is_locked(key) && !rules.without.contains(guard) && !condition.holds(found)).then(|| found.cloned())
            })
            .collect();
        if refusal.iter().any(Option::is_some) {
            return Outcome::ConditionFailed(refusal);
        }
        if writes.iter().any(|Write(_, key, ..)| is_locked(key)) {
            return Outcome::Busy;
        }
        let held = change.held();
        let change = held.last_change();
        for Write(_, key, _, effect) in writes {
            if rules.torn {
                let before = self.items.get(&key).cloned();
                self.hidden.insert(key, Hidden { token, change, before });
            }
            match effect {
                Effect::Put(code) => self.put(key, code),
                Effect::End(state) => self.end(key, state),
                Effect::Delete => drop(self.items.remove(&key)),
            }
        }
        self.remember(&held, rules);
        self.tokens.insert(token);
        Outcome::Committed
    }

    /// Adds to the history the change after which the slot holds this code.
    pub fn remember(&mut self, held: &Code, rules: &Rules) {
        if rules.torn {
            self.history[usize::from(held.mentor)].push((held.last_change(), held.keys_of_last_change()));
        }
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
