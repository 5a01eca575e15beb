//! Codes, their ids and their strings, with so few digits that two callers often draw the same.
//!
//! Here a ULID has three binary digits, an id two or three of them, a code string one or more. A real ULID is unique by its
//! 80 random bits; here it is unique by the call that drew it.

use super::table::Key;

/// One of two mentors, or the pseudonym of one who was forgotten.
pub type Mentor = u8;
pub const PSEUDONYM: Mentor = 2;
/// The time of a clock. Few times suffice, since there are few expiries.
pub type Time = u8;
/// The caller, and which of its calls: 0 for the first, 1 for its repetition after a crash.
pub type Call = (usize, u8);

const ULID_DIGITS: u8 = 3;
const SHORTEST_ID: u8 = 2;
const SHORTEST_SUFFIX: u8 = 1;

/// The first digits of a ULID: their number and their value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Digits(u8, u8);

/// A ULID: never drawn twice, though its digits may be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Ulid {
    /// The call that drew it. None for a code that exists at the start.
    pub call: Option<Call>,
    /// How many ULIDs that call had drawn before.
    pub nth: u8,
    /// All of its digits.
    pub digits: u8,
}

/// A candidate for a new code's id and string, as in `src/model/code_candidate.rs`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CodeCandidate {
    pub ulid: Ulid,
    id_digits: u8,
    suffix_digits: u8,
}

/// What leads to the record and to the claim of another code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CodeRef {
    pub id: Digits,
    pub claim: Key,
}

/// The stored status of a code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum State {
    Active,
    Rotated {
        successor: CodeRef,
    },
    Invalidated {
        at: Time,
    },
    Expired {
        successor: CodeRef,
    },
    /// Of what stands in the place of a forgotten mentor's slot.
    Forgotten,
}

/// Why a code was made: as the first or after an invalidation, or in place of another code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Origin {
    New,
    Rotation(Digits),
    Expiry(Digits),
}

/// A change that was carried out. Ids are unique, so a code's id and what happened to the code name a change.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ChangeId {
    Created(Digits),
    Invalidated(Digits),
}

/// A code, as a record and a slot hold it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Code {
    pub candidate: CodeCandidate,
    pub mentor: Mentor,
    pub label: u8,
    pub expires_at: Time,
    pub origin: Origin,
    pub state: State,
}

impl CodeCandidate {
    pub fn new(ulid: Ulid) -> Self {
        Self { ulid, id_digits: SHORTEST_ID, suffix_digits: SHORTEST_SUFFIX }
    }

    pub fn id(self) -> Digits {
        self.first(self.id_digits)
    }

    pub fn is_longest(self) -> bool {
        self.id_digits == ULID_DIGITS
    }

    fn first(self, count: u8) -> Digits {
        Digits(count, self.ulid.digits >> (ULID_DIGITS - count))
    }

    pub fn avoiding(mut self, other: Digits) -> Self {
        while self.id() == other {
            self = self.after_collision(true, false);
        }
        self
    }

    /// The next candidate. If all digits are used up it takes a fresh ULID, which differs in every digit: a choice would
    /// only add states.
    pub fn after_collision(self, id_taken: bool, code_taken: bool) -> Self {
        let suffix_digits = self.suffix_digits + u8::from(code_taken);
        let id_digits = (self.id_digits + u8::from(id_taken)).max(suffix_digits);
        if id_digits <= ULID_DIGITS {
            return Self { id_digits, suffix_digits, ..self };
        }
        let Ulid { call, nth, digits } = self.ulid;
        Self::new(Ulid { call, nth: nth + 1, digits: !digits & ((1 << ULID_DIGITS) - 1) })
    }
}

impl Code {
    pub fn id(&self) -> Digits {
        self.candidate.id()
    }

    pub fn record(&self) -> Key {
        Key::Record(self.id())
    }

    pub fn claim(&self) -> Key {
        Key::Claim(self.label, self.candidate.first(self.candidate.suffix_digits))
    }

    pub fn slot(&self) -> Key {
        Key::Slot(self.mentor)
    }

    pub fn code_ref(&self) -> CodeRef {
        CodeRef { id: self.id(), claim: self.claim() }
    }

    /// The last change of a record or a slot that holds this code.
    pub fn last_change(&self) -> ChangeId {
        match self.state {
            State::Active => ChangeId::Created(self.id()),
            State::Rotated { successor } | State::Expired { successor } => ChangeId::Created(successor.id),
            State::Invalidated { .. } | State::Forgotten => ChangeId::Invalidated(self.id()),
        }
    }

    /// The keys of all items of that change. Each of its items leads to them.
    pub fn keys_of_last_change(&self) -> Vec<Key> {
        let created = |new: CodeRef, old: Option<Digits>| {
            [Key::Record(new.id), new.claim, self.slot()].into_iter().chain(old.map(Key::Record)).collect()
        };
        match (self.state, self.origin) {
            (State::Active, Origin::New) => created(self.code_ref(), None),
            (State::Active, Origin::Rotation(old) | Origin::Expiry(old)) => created(self.code_ref(), Some(old)),
            (State::Rotated { successor } | State::Expired { successor }, _) => created(successor, Some(self.id())),
            (State::Invalidated { .. } | State::Forgotten, _) => vec![self.record(), self.slot()],
        }
    }

    pub fn is_active(&self, now: Time) -> bool {
        self.state == State::Active && now < self.expires_at
    }

    /// Whether both are the same code, with any status, and forgotten or not: the comparison of `is_our_own` in
    /// `src/store/new_code.rs`.
    pub fn is_same_as(&self, other: &Self) -> bool {
        let mentor = if self.mentor == PSEUDONYM { other.mentor } else { self.mentor };
        Self { state: other.state, mentor, ..self.clone() } == *other
    }

    pub fn forgotten(&self) -> Self {
        Self { mentor: PSEUDONYM, ..self.clone() }
    }
}
