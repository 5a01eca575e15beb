//! What keeps the promise, by name, and what breaks without it.

use super::caller::Operation;
use super::property::{AGREEMENT, CRASHED, ENDED, KEPT, ONCE, ONE_ACTIVE, ONE_EFFECT};
use super::{create, invalidate, rotate};

/// A condition of one of the transactions, or what else the protocol rests on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Guard {
    CreateRecord,
    CreateClaim,
    CreateSlot,
    ReplaceRecord,
    ReplaceClaim,
    ReplaceSlot,
    ReplaceOld,
    FollowRecord,
    FollowClaim,
    FollowSlot,
    RotateRecord,
    RotateClaim,
    RotateSlot,
    RotateOld,
    InvalidateRecord,
    InvalidateSlot,
    /// No condition: an invalidated code stays in the slot, which was once emptied instead.
    SlotStays,
    /// No condition: a refusal that shows our own record is success.
    OwnWrite,
}

/// What breaks without a guard, and the two operations, the guard's own first, between which it is seen to.
pub struct Worth {
    pub shown_by: [Operation; 2],
    /// The guard that says as much or more, where there is one: only without both something breaks.
    pub beside: Option<Guard>,
    pub breaks: &'static [&'static str],
}

impl Guard {
    pub const ALL: [Self; 18] = [
        Self::CreateRecord,
        Self::CreateClaim,
        Self::CreateSlot,
        Self::ReplaceRecord,
        Self::ReplaceClaim,
        Self::ReplaceSlot,
        Self::ReplaceOld,
        Self::FollowRecord,
        Self::FollowClaim,
        Self::FollowSlot,
        Self::RotateRecord,
        Self::RotateClaim,
        Self::RotateSlot,
        Self::RotateOld,
        Self::InvalidateRecord,
        Self::InvalidateSlot,
        Self::SlotStays,
        Self::OwnWrite,
    ];

    pub fn worth(self) -> Worth {
        let alone = |shown_by, breaks| Worth { shown_by, beside: None, breaks };
        // Slot and record agree: where the record is still active, the slot holds that code.
        let beside = |other, shown_by, breaks| Worth { shown_by, beside: Some(other), breaks };
        match self {
            Self::CreateRecord | Self::ReplaceRecord | Self::FollowRecord => {
                alone([create(0, 0), create(1, 1)], &[ONCE, AGREEMENT])
            }
            Self::CreateClaim | Self::ReplaceClaim | Self::FollowClaim => alone([create(0, 0), create(1, 0)], &[ONCE]),
            Self::CreateSlot | Self::FollowSlot => {
                alone([create(0, 0), create(0, 0)], &[ONE_ACTIVE, AGREEMENT, CRASHED])
            }
            Self::ReplaceSlot => {
                beside(Self::ReplaceOld, [create(0, 0), invalidate()], &[ONE_ACTIVE, AGREEMENT, KEPT, ENDED, CRASHED])
            }
            // The slot holds an invalidated code too.
            Self::ReplaceOld => alone([create(0, 0), invalidate()], &[KEPT, ENDED]),
            Self::RotateRecord => alone([rotate(0), create(1, 1)], &[ONCE, AGREEMENT]),
            Self::RotateClaim => alone([rotate(0), create(1, 0)], &[ONCE]),
            Self::RotateSlot => {
                beside(Self::RotateOld, [rotate(0), rotate(0)], &[ONE_ACTIVE, AGREEMENT, KEPT, ENDED, CRASHED])
            }
            Self::RotateOld => alone([rotate(0), invalidate()], &[KEPT, ENDED]),
            Self::InvalidateRecord => {
                beside(Self::InvalidateSlot, [invalidate(), rotate(0)], &[AGREEMENT, KEPT, ENDED, CRASHED])
            }
            Self::InvalidateSlot => {
                beside(Self::InvalidateRecord, [invalidate(), rotate(0)], &[AGREEMENT, KEPT, ENDED, CRASHED])
            }
            Self::SlotStays => alone([create(0, 0), invalidate()], &[CRASHED]),
            Self::OwnWrite => alone([create(0, 0), invalidate()], &[ONE_EFFECT]),
        }
    }
}
