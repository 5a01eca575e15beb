//! A referral code and what may become of it.
//!
//! ```text
//!            rotate      ┌──────────┐
//!          ┌────────────▶│ rotated  │  (its successor is active)
//! ┌────────┴┐            └──────────┘
//! │ active  │ invalidate ┌─────────────┐
//! │         ├───────────▶│ invalidated │
//! └────────┬┘            └─────────────┘
//!          │ expires_at  ┌─────────┐
//!          └────────────▶│ expired │
//!                        └─────────┘
//! ```
//!
//! There is no way back into `active`: an ended code stays as it ended.

use std::str::FromStr;

use ulid::Ulid;

use super::{CodeId, CodeString, InvalidText, MentorId, OrgId, Timestamp, call_context};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReferralCode {
    /// What its id, its code and its place in the listing are made from; unlike the id, never the same for two codes.
    pub ulid: Ulid,
    pub id: CodeId,
    /// The first code of its chain of rotations: its own id, unless a rotation made it. So of two codes of a mentor, rotations
    /// alone have led from the one to the other exactly if this is the same.
    pub first_id: CodeId,
    pub mentor_id: MentorId,
    pub org_id: OrgId,
    pub code: CodeString,
    /// From this moment on the code is expired; none where it does not expire.
    pub expires_at: Option<Timestamp>,
    pub origin: Origin,
    pub state: State,
}

/// Another code of the same mentor, as a code names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CodeRef {
    pub id: CodeId,
    pub code: CodeString,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// Its mentor had no code before, or had invalidated the last one.
    New,
    /// A rotation put it in the place of this active code.
    Rotation(CodeRef),
    /// A get-or-create put it in the place of this expired code.
    Expiry(CodeRef),
}

/// What is written down of a code's end. An end is final.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum State {
    /// Nothing: the code is active until it expires.
    Active,
    /// A rotation replaced it.
    Rotated { at: Timestamp, successor: CodeRef },
    /// A caller invalidated it.
    Invalidated { at: Timestamp },
    /// It had expired when its mentor got another code.
    Expired {
        /// When the mentor got the other code: not when it expired, which is its `expires_at`.
        at: Timestamp,
        successor: CodeRef,
    },
}

/// A code's status as a client sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Active,
    Rotated,
    Invalidated,
    Expired,
}

impl ReferralCode {
    /// When the code was made; its ULID knows.
    pub fn created_at(&self) -> Timestamp {
        call_context::created_at(self.ulid)
    }

    /// The status at a moment: `expired` is worked out here, so nothing waits for a clean-up.
    pub fn status(&self, now: Timestamp) -> Status {
        match self.state {
            State::Active if self.expires_at.is_some_and(|end| end <= now) => Status::Expired,
            _ => self.state.status(),
        }
    }

    /// Whether this is its mentor's one active code at that moment.
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.status(now) == Status::Active
    }

    pub fn predecessor(&self) -> Option<&CodeRef> {
        match &self.origin {
            Origin::New => None,
            Origin::Rotation(predecessor) | Origin::Expiry(predecessor) => Some(predecessor),
        }
    }

    pub fn successor(&self) -> Option<&CodeRef> {
        match &self.state {
            State::Active | State::Invalidated { .. } => None,
            State::Rotated { successor, .. } | State::Expired { successor, .. } => Some(successor),
        }
    }

    /// How the change that made this code has ended its predecessor. A change reads its clock once, so that one ended in the
    /// second in which this one was made.
    pub fn end_of_predecessor(&self) -> Option<State> {
        let (at, successor) = (self.created_at(), self.code_ref());
        match &self.origin {
            Origin::New => None,
            Origin::Rotation(_) => Some(State::Rotated { at, successor }),
            Origin::Expiry(_) => Some(State::Expired { at, successor }),
        }
    }

    /// The code that a rotation replaced by this one.
    pub fn rotated_from(&self) -> Option<&CodeRef> {
        match &self.origin {
            Origin::Rotation(predecessor) => Some(predecessor),
            Origin::New | Origin::Expiry(_) => None,
        }
    }

    /// When the code was rotated: the rotation that ended it, else the one that made it.
    pub fn rotated_at(&self) -> Option<Timestamp> {
        match self.state {
            State::Rotated { at, .. } => Some(at),
            _ => self.rotated_from().map(|_| self.created_at()),
        }
    }

    /// When it ended, as far as that is written down.
    pub fn ended_at(&self) -> Option<Timestamp> {
        match self.state {
            State::Active => None,
            State::Rotated { at, .. } | State::Invalidated { at } | State::Expired { at, .. } => Some(at),
        }
    }

    pub fn code_ref(&self) -> CodeRef {
        CodeRef { id: self.id.clone(), code: self.code.clone() }
    }
}

impl State {
    /// The status that is written down.
    pub fn status(&self) -> Status {
        match self {
            Self::Active => Status::Active,
            Self::Rotated { .. } => Status::Rotated,
            Self::Invalidated { .. } => Status::Invalidated,
            Self::Expired { .. } => Status::Expired,
        }
    }
}

impl Status {
    /// Every status, in the contract's order.
    pub const ALL: [Self; 4] = [Self::Active, Self::Rotated, Self::Invalidated, Self::Expired];

    /// The contract's word for it, which can be parsed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Rotated => "rotated",
            Self::Invalidated => "invalidated",
            Self::Expired => "expired",
        }
    }
}

impl FromStr for Status {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let status = Self::ALL.into_iter().find(|status| status.as_str() == text);
        status.ok_or(InvalidText("must be active, rotated, invalidated or expired"))
    }
}
