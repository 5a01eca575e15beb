//! What keeps the promise, by name, and what breaks without it.

use super::caller::Operation;
use super::property::{AGREEMENT, ENDED, KEPT, ONCE, ONE_ACTIVE, ONE_EFFECT};
use super::{create, invalidate, rotate};

/// A condition of one of the four transactions, or what a caller does with a refusal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Guard {
    CreateRecord,
    CreateClaim,
    CreateSlot,
    ReplaceRecord,
    ReplaceClaim,
    ReplaceSlot,
    ReplaceOld,
    RotateRecord,
    RotateClaim,
    RotateSlot,
    RotateOld,
    InvalidateRecord,
    InvalidateSlot,
    /// No condition: a refusal that shows our own record is success.
    OwnWrite,
}

/// What breaks without a guard, and the two operations, the guard's own first, between which it is seen to.
pub struct Worth {
    pub shown_by: [Operation; 2],
    /// The guard that says the same, where there is one: either suffices, and only without both something breaks.
    pub beside: Option<Guard>,
    pub breaks: &'static [&'static str],
}

impl Guard {
    pub const ALL: [Self; 14] = [
        Self::CreateRecord,
        Self::CreateClaim,
        Self::CreateSlot,
        Self::ReplaceRecord,
        Self::ReplaceClaim,
        Self::ReplaceSlot,
        Self::ReplaceOld,
        Self::RotateRecord,
        Self::RotateClaim,
        Self::RotateSlot,
        Self::RotateOld,
        Self::InvalidateRecord,
        Self::InvalidateSlot,
        Self::OwnWrite,
    ];

    pub fn worth(self) -> Worth {
        let alone = |shown_by, breaks| Worth { shown_by, beside: None, breaks };
        // Slot and record agree. So "the slot holds this code" and "its record is still active" are one condition.
        let beside = |other, shown_by, breaks| Worth { shown_by, beside: Some(other), breaks };
        match self {
            Self::CreateRecord | Self::ReplaceRecord => alone([create(0, 0), create(1, 1)], &[ONCE, AGREEMENT]),
            Self::CreateClaim | Self::ReplaceClaim => alone([create(0, 0), create(1, 0)], &[ONCE]),
            Self::CreateSlot => alone([create(0, 0), create(0, 0)], &[ONE_ACTIVE, AGREEMENT]),
            Self::ReplaceSlot => {
                beside(Self::ReplaceOld, [create(0, 0), invalidate()], &[ONE_ACTIVE, AGREEMENT, KEPT, ENDED])
            }
            Self::ReplaceOld => {
                beside(Self::ReplaceSlot, [create(0, 0), invalidate()], &[ONE_ACTIVE, AGREEMENT, KEPT, ENDED])
            }
            Self::RotateRecord => alone([rotate(0), create(1, 1)], &[ONCE, AGREEMENT]),
            Self::RotateClaim => alone([rotate(0), create(1, 0)], &[ONCE]),
            Self::RotateSlot => beside(Self::RotateOld, [rotate(0), rotate(0)], &[ONE_ACTIVE, AGREEMENT, KEPT]),
            Self::RotateOld => beside(Self::RotateSlot, [rotate(0), rotate(0)], &[ONE_ACTIVE, AGREEMENT, KEPT]),
            Self::InvalidateRecord => {
                beside(Self::InvalidateSlot, [invalidate(), rotate(0)], &[AGREEMENT, KEPT, ENDED])
            }
            Self::InvalidateSlot => {
                beside(Self::InvalidateRecord, [invalidate(), rotate(0)], &[AGREEMENT, KEPT, ENDED])
            }
            Self::OwnWrite => alone([create(0, 0), invalidate()], &[ONE_EFFECT]),
        }
    }
}
