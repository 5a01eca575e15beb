//! One caller: the steps of `src/store/{create,rotate,invalidate}.rs`, split where another caller may come between.
//!
//! A step is one request to the table. What a caller computes between two requests is part of the step before.

use std::collections::BTreeSet;

use super::code::{Call, ChangeId, Code, CodeCandidate, Digits, Mentor, Origin, State, Time, Ulid};
use super::confirmation::{self, Confirmation, Source};
use super::system::Rules;
use super::table::{Cancelled, Change, Guard, Key, NEW_CLAIM, OLD_RECORD, RECORD, SLOT, Table, Token};

/// What a caller asks for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Operation {
    GetOrCreate {
        mentor: Mentor,
        label: u8,
    },
    Rotate {
        mentor: Mentor,
        id: Digits,
    },
    Invalidate {
        id: Digits,
    },
    /// A command: the mentor is forgotten. Begun again, it goes on.
    Forget {
        mentor: Mentor,
    },
    /// A command: the organisation is closed, and the mentor's code ends.
    Leave {
        mentor: Mentor,
    },
}

/// The answer to a caller.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Answer {
    /// Of a create or a rotation: the code, and whether the answer says that this call has made it.
    Code(Code, Made),
    Invalidated {
        at: Time,
    },
    /// No such code, or it is not active. With the last change of the record that told so.
    Declined(Option<ChangeId>),
    /// A command is done.
    Done {
        at: Time,
    },
    /// All rounds were used up.
    GaveUp,
}

/// Whether a code was made by the call that is answered with it: 201, or 200 of a rotation that is not a repetition.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Made {
    Now,
    Before,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Phase {
    /// The call has not begun or, after a crash, its repetition has not.
    Waiting,
    Running(Local, Step),
    Answered(Call, Answer),
}

/// What a running call keeps from step to step.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Local {
    pub call: Call,
    now: Time,
    candidate: CodeCandidate,
    round: u8,
    /// The organisation was open when the call began: a process remembers that for a minute.
    is_open: bool,
    /// Leaving looks whether a call of before has made a code.
    pub looks_again: bool,
}

/// The next request, or the response waited for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Step {
    Read(Item),
    /// Single reads of these keys, the last one first, to learn whether the last change of the code that was found is complete.
    Look(Item, Code, Vec<Key>),
    /// `TransactGetItems` over these keys, for the same.
    Confirm(Item, ChangeId, Vec<Key>),
    Send(Change),
    /// The transaction is in flight.
    Await(Change),
}

/// An item that a call reads, and for what.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Item {
    Slot(Mentor),
    Record(Digits),
    /// An item whose condition failed, but another item is the one to go on from, which is read next.
    Failed(Key, Box<Self>),
    /// The record of a code that this call has sent before.
    Own(Code),
}

/// What the process of a call knows, and the rules of the model.
pub struct Process<'a> {
    /// The changes that the process knows to be complete.
    pub complete: &'a BTreeSet<ChangeId>,
    pub rules: &'a Rules,
}

/// `MAX_ROUNDS` of `src/limits.rs`, but as few as two callers need: with six, some give up. Five would do if no repetition drew
/// the digits of its crashed call.
const ROUNDS: u8 = 7;

impl Item {
    pub fn key(&self) -> Key {
        match self {
            Self::Slot(mentor) => Key::Slot(*mentor),
            Self::Record(id) => Key::Record(*id),
            Self::Failed(key, _) => *key,
            Self::Own(code) => code.record(),
        }
    }
}

impl Operation {
    pub fn is_command(self) -> bool {
        matches!(self, Self::Forget { .. } | Self::Leave { .. })
    }

    pub fn begin(self, call: Call, now: Time, digits: u8, is_open: bool) -> Phase {
        let candidate = CodeCandidate::new(Ulid { call: Some(call), nth: 0, digits });
        let item = match self {
            Self::GetOrCreate { mentor, .. }
            | Self::Rotate { mentor, .. }
            | Self::Forget { mentor }
            | Self::Leave { mentor } => Item::Slot(mentor),
            Self::Invalidate { id } => Item::Record(id),
        };
        let local = Local { call, now, candidate, round: 0, is_open, looks_again: false };
        Phase::Running(local, Step::Read(item))
    }

    /// The next phase after a read.
    pub fn after_read(self, local: Local, item: &Item, table: &Table, process: &Process<'_>) -> Phase {
        if self.is_command() {
            return self.maintain(local, item, table);
        }
        self.examine(local, item, table.read(item.key()).cloned(), Source::Read, process)
    }

    /// The next phase of a command, by the mentor's slot.
    fn maintain(self, local: Local, item: &Item, table: &Table) -> Phase {
        let found = table.read(item.key()).cloned();
        let active = found.clone().filter(|code| code.is_active(local.now));
        let leaves = matches!(self, Self::Leave { .. });
        let change = match (active, found) {
            (Some(old), _) if leaves || !table.second_phase => Change::Invalidate { at: local.now, old },
            (_, Some(place)) if place.state == State::Forgotten => Change::ForgetForGood { place },
            (_, Some(held)) if !leaves && !table.second_phase => {
                Change::Forget { records: table.records(held.mentor), held }
            }
            _ if leaves && !local.looks_again => {
                return Phase::Running(Local { looks_again: true, ..local }, Step::Read(item.clone()));
            }
            _ => return local.answered(Answer::Done { at: local.now }),
        };
        Phase::Running(local, Step::Send(change))
    }

    /// The next phase after a read of another item of a change, and whether it has shown the change to be complete.
    pub fn after_look(
        self,
        local: Local,
        item: Item,
        found: Code,
        mut left: Vec<Key>,
        table: &Table,
        rules: &Rules,
    ) -> Option<(Phase, bool)> {
        let (key, change) = (left.pop()?, found.last_change());
        let is_shown = table.read(key).is_some_and(|other| match key {
            Key::Claim(..) => ChangeId::Created(other.id()) == change,
            Key::Record(_) | Key::Slot(_) => other.last_change() == change,
        });
        Some(match is_shown {
            true if left.is_empty() => (self.with_item(local, &item, Some(found)), true),
            true => (Phase::Running(local, Step::Look(item, found, left)), false),
            false => {
                let keys = confirmation::keys(&found, item.key(), &rules.unconfirmed);
                (Phase::Running(local, Step::Confirm(item, change, keys)), false)
            }
        })
    }

    /// The next phase after a snapshot of all items of a change. None if one of them is locked.
    pub fn after_snapshot(
        self,
        local: Local,
        item: &Item,
        keys: &[Key],
        table: &Table,
        process: &Process<'_>,
    ) -> Option<Phase> {
        if table.is_any_locked(keys) {
            return None;
        }
        let found = table.read(item.key()).cloned();
        Some(self.examine(local, item, found, Source::Snapshot, process))
    }

    /// Every item that a call has read passes through here: the next phase, if the item's last change is known to be
    /// complete, otherwise its confirmation.
    fn examine(self, local: Local, item: &Item, found: Option<Code>, source: Source, process: &Process<'_>) -> Phase {
        let next = self.with_item(local.clone(), item, found.clone());
        let rules = process.rules;
        let Some(found) = found else { return next };
        let change = found.last_change();
        let confirmation = Confirmation::of(source, item, &next);
        let is_taken_away = confirmation.is_some_and(|confirmation| rules.unconfirmed.contains(&confirmation));
        if !rules.torn || process.complete.contains(&change) || is_taken_away {
            return next;
        }
        let keys = confirmation::keys(&found, item.key(), &rules.unconfirmed);
        let others: Vec<_> = keys.iter().copied().filter(|key| *key != item.key()).collect();
        let step = match source {
            Source::Read | Source::Cancellation if !others.is_empty() => Step::Look(item.clone(), found, others),
            _ => Step::Confirm(item.clone(), change, keys),
        };
        Phase::Running(local, step)
    }

    fn with_item(self, local: Local, item: &Item, found: Option<Code>) -> Phase {
        match (self, item) {
            (_, Item::Slot(_)) => self.with_slot(local, found),
            (Self::Rotate { mentor, .. }, Item::Record(_)) => match found {
                Some(code) if code.mentor == mentor && code.is_active(local.now) => {
                    local.again(|local| Phase::Running(local, Step::Read(Item::Slot(mentor))))
                }
                found => local.declined(found.as_ref()),
            },
            (_, Item::Record(_)) => Self::with_record(local, found),
            (_, Item::Failed(_, next)) => Phase::Running(local, Step::Read((**next).clone())),
            (_, Item::Own(new)) => local.answered(Answer::Code(new.clone(), Made::Now)),
        }
    }

    /// The next phase, by what the mentor's slot holds.
    fn with_slot(self, mut local: Local, slot: Option<Code>) -> Phase {
        match (self, slot) {
            (Self::GetOrCreate { .. }, Some(code)) if code.is_active(local.now) => {
                local.answered(Answer::Code(code, Made::Before))
            }
            (Self::GetOrCreate { .. }, _) if !local.is_open => local.declined(None),
            (Self::GetOrCreate { mentor, label }, slot) => {
                if let Some(last) = &slot {
                    local.candidate = local.candidate.avoiding(last.id());
                }
                let origin = match &slot {
                    Some(expired) if expired.state == State::Active => Origin::Expiry(expired.id()),
                    _ => Origin::New,
                };
                let new = local.code(mentor, label, origin);
                Phase::Running(local, Step::Send(Change::Create { new, before: slot }))
            }
            (Self::Rotate { id, .. }, Some(old)) if old.id() == id && old.is_active(local.now) && !local.is_open => {
                local.declined(None)
            }
            (Self::Rotate { mentor, id }, Some(old)) if old.id() == id && old.is_active(local.now) => {
                local.candidate = local.candidate.avoiding(id);
                let new = local.code(mentor, old.label, Origin::Rotation(id));
                Phase::Running(local, Step::Send(Change::Create { new, before: Some(old) }))
            }
            (Self::Rotate { id, .. }, Some(code))
                if code.origin == Origin::Rotation(id) && code.is_active(local.now) =>
            {
                local.answered(Answer::Code(code, Made::Before))
            }
            (Self::Rotate { id, .. }, _) => Phase::Running(local, Step::Read(Item::Record(id))),
            (Self::Invalidate { .. } | Self::Forget { .. } | Self::Leave { .. }, _) => {
                unreachable!("an invalidation reads no slot, and a command in its own way")
            }
        }
    }

    /// The next phase of an invalidation, by the code's record.
    fn with_record(local: Local, record: Option<Code>) -> Phase {
        match record {
            Some(Code { state: State::Invalidated { at }, .. }) => local.answered(Answer::Invalidated { at }),
            Some(old) if old.is_active(local.now) => {
                let at = local.now;
                Phase::Running(local, Step::Send(Change::Invalidate { old, at }))
            }
            record => local.declined(record.as_ref()),
        }
    }

    /// The next phase after the success of a transaction.
    pub fn after_success(self, local: &Local, change: Change) -> Phase {
        match (self, change) {
            (Self::Forget { mentor } | Self::Leave { mentor }, _) => {
                Phase::Running(Local { round: local.round + 1, ..local.clone() }, Step::Read(Item::Slot(mentor)))
            }
            (_, Change::Create { new, .. }) => local.answered(Answer::Code(new, Made::Now)),
            (_, Change::Invalidate { at, .. }) => local.answered(Answer::Invalidated { at }),
            (_, Change::Forget { .. } | Change::ForgetForGood { .. }) => unreachable!("only a command forgets"),
        }
    }

    /// The next phase after a cancellation in which a condition failed. None if that decides nothing: a conflict at the record
    /// leaves open whether an earlier attempt at this very transaction has written it.
    pub fn after_cancellation(
        self,
        mut local: Local,
        change: Change,
        cancelled: &Cancelled,
        process: &Process<'_>,
    ) -> Option<Phase> {
        if cancelled.conflict_at(RECORD) && !process.rules.without.contains(&Guard::RecordDecides) {
            return None;
        }
        if self.is_command() {
            return Some(self.after_success(&local, change));
        }
        let found = |local, item: &Item, found: &Code| {
            self.examine(local, item, Some(found.clone()), Source::Cancellation, process)
        };
        let (new, before) = match change {
            Change::Create { new, before } => (new, before),
            Change::Invalidate { old, .. } => {
                let record = Item::Record(old.id());
                return Some(local.again(|local| match cancelled.existing_item(RECORD) {
                    Some(code) => found(local, &record, code),
                    None => Phase::Running(local, Step::Read(record)),
                }));
            }
            Change::Forget { .. } | Change::ForgetForGood { .. } => unreachable!("only a command forgets"),
        };
        if let Some(code) = cancelled.existing_item(RECORD)
            && code.is_same_as(&new)
            && !process.rules.without.contains(&Guard::OwnWrite)
        {
            return Some(found(local, &Item::Own(new), code));
        }
        let (id_taken, code_taken) = (cancelled.failed_at(RECORD), cancelled.failed_at(NEW_CLAIM));
        local.candidate = local.candidate.after_collision(id_taken, code_taken);
        let slot = Item::Slot(new.mentor);
        Some(local.again(|local| match (cancelled.existing_item(SLOT), cancelled.existing_item(OLD_RECORD)) {
            (Some(code), _) => found(local, &slot, code),
            _ if !cancelled.failed_at(SLOT) && (id_taken || code_taken) => self.with_slot(local, before),
            (_, Some(code)) => found(local, &Item::Failed(code.record(), Box::new(slot)), code),
            _ => Phase::Running(local, Step::Read(slot)),
        }))
    }
}

impl Local {
    pub fn token(&self) -> Token {
        (self.call, self.round)
    }

    fn answered(&self, answer: Answer) -> Phase {
        Phase::Answered(self.call, answer)
    }

    fn declined(&self, record: Option<&Code>) -> Phase {
        self.answered(Answer::Declined(record.map(Code::last_change)))
    }

    /// Starts the next round, if one is left.
    fn again(mut self, next: impl FnOnce(Self) -> Phase) -> Phase {
        self.round += 1;
        if self.round == ROUNDS { self.answered(Answer::GaveUp) } else { next(self) }
    }

    /// A new code expires when the clock moves on.
    fn code(&self, mentor: Mentor, label: u8, origin: Origin) -> Code {
        let (candidate, expires_at) = (self.candidate, self.now + 1);
        Code { candidate, mentor, label, expires_at, origin, state: State::Active }
    }
}
