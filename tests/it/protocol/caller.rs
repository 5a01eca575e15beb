//! One caller: the steps of `src/store/{create,rotate,invalidate}.rs`, split where another caller may come between.
//!
//! A step is one request to the table. What a caller computes between two requests is part of the step before.

use super::code::{Call, Code, CodeCandidate, Digits, Mentor, State, Time, Ulid};
use super::guard::Guard;
use super::table::{Change, Key, NEW_CLAIM, NEW_RECORD, RECORD, Refusal, SLOT, Table, Token};

/// What a caller asks for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Operation {
    GetOrCreate { mentor: Mentor, label: u8 },
    Rotate { mentor: Mentor, id: Digits },
    Invalidate { id: Digits },
}

/// The answer to a caller.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Answer {
    /// Of a create or a rotation.
    Code(Code),
    Invalidated {
        at: Time,
    },
    /// No such code, or it is not active.
    Declined,
    /// All rounds were used up.
    GaveUp,
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
}

/// The next request.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Step {
    ReadSlot(Mentor),
    ReadRecord(Digits),
    Send(Change),
}

/// `MAX_ROUNDS` of `src/limits.rs`, but as few as two callers need: with four, some give up.
const ROUNDS: u8 = 5;

impl Operation {
    pub fn begin(self, call: Call, now: Time, digits: u8) -> Phase {
        let candidate = CodeCandidate::new(Ulid { call: Some(call), nth: 0, digits });
        let step = match self {
            Self::GetOrCreate { mentor, .. } | Self::Rotate { mentor, .. } => Step::ReadSlot(mentor),
            Self::Invalidate { id } => Step::ReadRecord(id),
        };
        Phase::Running(Local { call, now, candidate, round: 0 }, step)
    }

    /// The next phase after a read.
    pub fn after_read(self, local: Local, step: &Step, table: &Table) -> Phase {
        match (self, step) {
            (Self::Rotate { mentor, .. }, Step::ReadRecord(id)) => match table.get(Key::Record(*id)) {
                Some(code) if code.mentor == mentor && code.is_active(local.now) => {
                    local.again(|local| Phase::Running(local, Step::ReadSlot(mentor)))
                }
                _ => local.answered(Answer::Declined),
            },
            (_, Step::ReadRecord(id)) => Self::with_record(local, table.get(Key::Record(*id)).cloned()),
            (_, Step::ReadSlot(mentor)) => self.with_slot(local, table.get(Key::Slot(*mentor)).cloned()),
            (_, Step::Send(_)) => unreachable!("a send is no read"),
        }
    }

    /// The next phase, by what the mentor's slot holds.
    fn with_slot(self, mut local: Local, slot: Option<Code>) -> Phase {
        match (self, slot) {
            (Self::GetOrCreate { .. }, Some(code)) if code.is_active(local.now) => local.answered(Answer::Code(code)),
            (Self::GetOrCreate { mentor, label }, slot) => {
                if let Some(last) = &slot {
                    local.candidate = local.candidate.avoiding(last.id());
                }
                let new = local.code(mentor, label, None);
                let change = match slot {
                    None => Change::Create { new },
                    Some(expired) if expired.state == State::Active => Change::Replace { new, expired },
                    Some(invalidated) => Change::Follow { new, invalidated },
                };
                Phase::Running(local, Step::Send(change))
            }
            (Self::Rotate { mentor, id }, Some(old)) if old.id() == id && old.is_active(local.now) => {
                local.candidate = local.candidate.avoiding(id);
                let new = local.code(mentor, old.label, Some(id));
                Phase::Running(local, Step::Send(Change::Rotate { new, old }))
            }
            (Self::Rotate { id, .. }, Some(code)) if code.predecessor == Some(id) && code.is_active(local.now) => {
                local.answered(Answer::Code(code))
            }
            (Self::Rotate { id, .. }, _) => Phase::Running(local, Step::ReadRecord(id)),
            (Self::Invalidate { .. }, _) => unreachable!("an invalidation reads no slot"),
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
            _ => local.answered(Answer::Declined),
        }
    }

    /// The next phase after the response to a transaction.
    pub fn after_send(
        self,
        mut local: Local,
        change: Change,
        outcome: Result<(), Refusal>,
        without: &[Guard],
    ) -> Phase {
        let refusal = match (outcome, &change) {
            (Err(refusal), _) => refusal,
            (Ok(()), Change::Invalidate { at, .. }) => return local.answered(Answer::Invalidated { at: *at }),
            (
                Ok(()),
                Change::Create { new }
                | Change::Replace { new, .. }
                | Change::Follow { new, .. }
                | Change::Rotate { new, .. },
            ) => return local.answered(Answer::Code(new.clone())),
        };
        let (new, started_from, mentor) = match change {
            Change::Invalidate { old, .. } => {
                return local.again(|local| match &refusal[RECORD] {
                    Some(Some(found)) => Self::with_record(local, Some(found.clone())),
                    _ => Phase::Running(local, Step::ReadRecord(old.id())),
                });
            }
            Change::Create { new } => (new.clone(), None, new.mentor),
            Change::Replace { new, expired: last }
            | Change::Follow { new, invalidated: last }
            | Change::Rotate { new, old: last } => (new, Some(last.clone()), last.mentor),
        };
        if let Some(Some(found)) = &refusal[NEW_RECORD]
            && found.is_same_as(&new)
            && !without.contains(&Guard::OwnWrite)
        {
            return local.answered(Answer::Code(new));
        }
        let (id_taken, code_taken) = (refusal[NEW_RECORD].is_some(), refusal[NEW_CLAIM].is_some());
        local.candidate = local.candidate.after_collision(id_taken, code_taken);
        local.again(|local| match &refusal[SLOT] {
            Some(Some(found)) => self.with_slot(local, Some(found.clone())),
            None if id_taken || code_taken => self.with_slot(local, started_from),
            _ => Phase::Running(local, Step::ReadSlot(mentor)),
        })
    }
}

impl Local {
    pub fn token(&self) -> Token {
        (self.call, self.round)
    }

    fn answered(&self, answer: Answer) -> Phase {
        Phase::Answered(self.call, answer)
    }

    /// Starts the next round, if one is left.
    fn again(mut self, next: impl FnOnce(Self) -> Phase) -> Phase {
        self.round += 1;
        if self.round == ROUNDS { self.answered(Answer::GaveUp) } else { next(self) }
    }

    /// A new code expires when the clock moves on.
    fn code(&self, mentor: Mentor, label: u8, predecessor: Option<Digits>) -> Code {
        let (candidate, expires_at) = (self.candidate, self.now + 1);
        Code { candidate, mentor, label, expires_at, predecessor, state: State::Active }
    }
}
