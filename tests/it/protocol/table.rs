//! The table: items under keys, and transactions of conditional writes that are carried out as a whole or not at all.
//!
//! A transaction is decided at once. If the model tears transactions, its items become visible to reads one by one, and
//! each is locked until then. For the properties the table also keeps what no caller can see: every code ever given out,
//! how each ended first, and the order of the changes.

use std::collections::{BTreeMap, BTreeSet};

use super::code::{ChangeId, Code, Digits, Mentor, Origin, State, Time, Ulid};
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

/// A change of the mentor's code: a transaction of `src/store/mod.rs`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Change {
    /// A new code, in the place of the one that the slot holds, if it holds one.
    Create {
        new: Code,
        before: Option<Code>,
    },
    Invalidate {
        old: Code,
        at: Time,
    },
    /// The slot moves to the pseudonym, and the records name it.
    Forget {
        held: Code,
        records: Vec<Code>,
    },
    /// Nothing stands in the slot's place any more.
    ForgetForGood {
        place: Code,
    },
}

enum Condition {
    Absent,
    Is(Code),
    Holds(Digits),
    StillActive(Digits),
}

enum Effect {
    Put(Code),
    End(State),
    /// Of what stands in a slot's place; in the earlier form of the protocol an invalidation deleted the slot.
    Delete,
}

/// One write of a transaction: the guard, the key, the condition of the guard, the effect.
struct Write(Guard, Key, Condition, Effect);

/// A condition of one of the transactions, or another rule that the protocol rests on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Guard {
    /// No record has the new code's id.
    NewRecord,
    /// No claim has its string.
    NewClaim,
    /// The slot is as it was read.
    Slot,
    /// The record that is ended is active.
    OldRecord,
    /// The slot is as it was read when it moves to a pseudonym.
    MovedSlot,
    /// No condition: an item stays in the place of a slot that has moved.
    PlaceStays,
    /// No condition: the second phase of a command begins when no call of before the first is under way.
    SecondPhase,
    /// No condition: an invalidated code stays in the slot. An earlier form of the protocol deleted the slot.
    SlotStays,
    /// No condition: a cancellation that shows our own record is success.
    OwnWrite,
    /// No condition: a cancellation with a conflict at the record of the change decides nothing.
    RecordDecides,
    /// No condition: the table knows the token of a transaction in flight. A promise of DynamoDB.
    TokenInFlight,
}

/// Why a transaction is cancelled: a reason for each of its writes.
pub struct Cancelled(Vec<Reason>);

#[derive(PartialEq, Eq)]
enum Reason {
    None,
    /// The item is part of a transaction in flight.
    Conflict,
    /// The condition does not hold, of the item that is there.
    Failed(Option<Code>),
}

/// What the table does with a transaction.
pub enum Outcome {
    Committed,
    /// A condition failed.
    Cancelled(Cancelled),
    /// `TransactionConflict` alone, or `TransactionInProgress`: nothing happens. The call sends the transaction again.
    Busy,
}

/// Position of the record that a change creates or ends, among the writes of every change.
pub const RECORD: usize = 0;
/// Positions among the writes of a creation.
pub const NEW_CLAIM: usize = 1;
pub const SLOT: usize = 2;
/// Only if a record is replaced.
pub const OLD_RECORD: usize = 3;

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
    /// The first phase of a command is over: the organisation is closed, or the slot has moved to the pseudonym.
    pub second_phase: bool,
}

impl Change {
    /// What the slot holds afterwards.
    pub fn held(&self) -> Code {
        match self {
            Self::Create { new, .. } => new.clone(),
            Self::Invalidate { old, at } => Code { state: State::Invalidated { at: *at }, ..old.clone() },
            Self::Forget { .. } | Self::ForgetForGood { .. } => {
                unreachable!("no command runs beside torn transactions")
            }
        }
    }

    fn writes(&self, without: &[Guard]) -> Vec<Write> {
        use Condition::{Absent, Holds, Is, StillActive};
        match self {
            Self::Create { new, before } => {
                let put = |guard, key, condition| Write(guard, key, condition, Effect::Put(new.clone()));
                let on_slot = match before {
                    None => Absent,
                    Some(place) if place.state == State::Forgotten => Is(place.clone()),
                    Some(before) => Holds(before.id()),
                };
                let mut writes = vec![
                    put(Guard::NewRecord, new.record(), Absent),
                    put(Guard::NewClaim, new.claim(), Absent),
                    put(Guard::Slot, new.slot(), on_slot),
                ];
                let end = match new.origin {
                    Origin::New => return writes,
                    Origin::Rotation(_) => State::Rotated { successor: new.code_ref() },
                    Origin::Expiry(_) => State::Expired { successor: new.code_ref() },
                };
                let old = before.as_ref().expect("a code that is replaced");
                writes.push(Write(Guard::OldRecord, old.record(), StillActive(old.id()), Effect::End(end)));
                writes
            }
            Self::Invalidate { old, at } => {
                let end = || Effect::End(State::Invalidated { at: *at });
                let end_slot = if without.contains(&Guard::SlotStays) { Effect::Delete } else { end() };
                vec![
                    Write(Guard::OldRecord, old.record(), StillActive(old.id()), end()),
                    Write(Guard::Slot, old.slot(), StillActive(old.id()), end_slot),
                ]
            }
            Self::Forget { held, records } => {
                let place = Effect::Put(Code { state: State::Forgotten, ..held.clone() });
                let place = if without.contains(&Guard::PlaceStays) { Effect::Delete } else { place };
                let there = held.forgotten();
                let mut writes = vec![
                    Write(Guard::MovedSlot, held.slot(), Is(held.clone()), place),
                    Write(Guard::MovedSlot, there.slot(), Absent, Effect::Put(there)),
                ];
                let rename = |record: &Code| {
                    let renamed = Effect::Put(record.forgotten());
                    Write(Guard::OldRecord, record.record(), Is(record.clone()), renamed)
                };
                writes.extend(records.iter().map(rename));
                writes
            }
            Self::ForgetForGood { place } => {
                vec![Write(Guard::Slot, place.slot(), Is(place.clone()), Effect::Delete)]
            }
        }
    }
}

impl Cancelled {
    pub fn failed_at(&self, position: usize) -> bool {
        matches!(self.0.get(position), Some(Reason::Failed(_)))
    }

    pub fn conflict_at(&self, position: usize) -> bool {
        self.0.get(position) == Some(&Reason::Conflict)
    }

    /// The item for which the condition at this position failed.
    pub fn existing_item(&self, position: usize) -> Option<&Code> {
        match self.0.get(position) {
            Some(Reason::Failed(found)) => found.as_ref(),
            _ => None,
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
        let reasons = writes.iter().map(|Write(guard, key, condition, _)| {
            let found = self.items.get(key);
            match self.hidden.contains_key(key) {
                true => Reason::Conflict,
                false if rules.without.contains(guard) || condition.holds(found) => Reason::None,
                false => Reason::Failed(found.cloned()),
            }
        });
        let reasons: Vec<_> = reasons.collect();
        if reasons.iter().any(|reason| matches!(reason, Reason::Failed(_))) {
            return Outcome::Cancelled(Cancelled(reasons));
        }
        if reasons.contains(&Reason::Conflict) {
            return Outcome::Busy;
        }
        let held = rules.torn.then(|| change.held());
        for Write(_, key, _, effect) in writes {
            if let Some(held) = &held {
                let before = self.items.get(&key).cloned();
                self.hidden.insert(key, Hidden { token, change: held.last_change(), before });
            }
            match effect {
                Effect::Put(code) => self.put(key, code),
                Effect::End(state) => self.end(key, state),
                Effect::Delete => drop(self.items.remove(&key)),
            }
        }
        if let Some(held) = &held {
            self.remember(held, rules);
        }
        self.second_phase |= matches!(change, Change::Forget { .. });
        self.tokens.insert(token);
        Outcome::Committed
    }

    /// Adds to the history the change after which the slot holds this code.
    pub fn remember(&mut self, held: &Code, rules: &Rules) {
        if rules.torn {
            self.history[usize::from(held.mentor)].push((held.last_change(), held.keys_of_last_change()));
        }
    }

    /// The mentor's records.
    pub fn records(&self, mentor: Mentor) -> Vec<Code> {
        let records = self.items.iter().filter(|(key, code)| matches!(key, Key::Record(_)) && code.mentor == mentor);
        records.map(|(_, code)| code.clone()).collect()
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
            Self::Is(code) => found == Some(code),
            Self::Holds(id) => found.is_some_and(|found| found.id() == *id && found.state != State::Forgotten),
            Self::StillActive(id) => found.is_some_and(|found| found.id() == *id && found.state == State::Active),
        }
    }
}
