//! The conditions that keep the promise, and what breaks without each.

use super::caller::Operation;
use super::property::{AGREEMENT, CRASHED, ENDED, KEPT, ONCE, ONE_ACTIVE, ONE_EFFECT};
use super::{create, invalidate, rotate};

/// A condition of one of the transactions, or another rule that the protocol rests on.
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
    /// No condition: an invalidated code stays in the slot. An earlier form of the protocol deleted the slot.
    SlotStays,
    /// No condition: a refusal that shows our own record is success.
    OwnWrite,
    /// No condition: the table knows the token of a transaction in flight. A promise of DynamoDB, so not in `ALL`.
    TokenInFlight,
}

/// What breaks without a guard, and the two operations that show it. The first is the guard's own.
pub struct Worth {
    pub shown_by: [Operation; 2],
    /// The guard that refuses as much or more, if there is one: something breaks only without both.
    pub second: Option<Guard>,
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
        let alone = |shown_by, breaks| Worth { shown_by, second: None, breaks };
        // Slot and record agree: while the record is active, the slot holds that code.
        let with_second = |other, shown_by, breaks| Worth { shown_by, second: Some(other), breaks };
        match self {
            Self::CreateRecord | Self::ReplaceRecord | Self::FollowRecord => {
                alone([create(0, 0), create(1, 1)], &[ONCE, AGREEMENT])
            }
            Self::CreateClaim | Self::ReplaceClaim | Self::FollowClaim => alone([create(0, 0), create(1, 0)], &[ONCE]),
            Self::CreateSlot | Self::FollowSlot => {
                alone([create(0, 0), create(0, 0)], &[ONE_ACTIVE, AGREEMENT, CRASHED])
            }
            Self::ReplaceSlot => with_second(
                Self::ReplaceOld,
                [create(0, 0), invalidate()],
                &[ONE_ACTIVE, AGREEMENT, KEPT, ENDED, CRASHED],
            ),
            // The slot also holds invalidated codes, so its guard does not suffice.
            Self::ReplaceOld => alone([create(0, 0), invalidate()], &[KEPT, ENDED]),
            Self::RotateRecord => alone([rotate(0), create(1, 1)], &[ONCE, AGREEMENT]),
            Self::RotateClaim => alone([rotate(0), create(1, 0)], &[ONCE]),
            Self::RotateSlot => {
                with_second(Self::RotateOld, [rotate(0), rotate(0)], &[ONE_ACTIVE, AGREEMENT, KEPT, ENDED, CRASHED])
            }
            Self::RotateOld => alone([rotate(0), invalidate()], &[KEPT, ENDED]),
            Self::InvalidateRecord => {
                with_second(Self::InvalidateSlot, [invalidate(), rotate(0)], &[AGREEMENT, KEPT, ENDED, CRASHED])
            }
            Self::InvalidateSlot => {
                with_second(Self::InvalidateRecord, [invalidate(), rotate(0)], &[AGREEMENT, KEPT, ENDED, CRASHED])
            }
            Self::SlotStays => alone([create(0, 0), invalidate()], &[CRASHED]),
            Self::TokenInFlight => unreachable!("a promise of DynamoDB"),
            Self::OwnWrite => alone([create(0, 0), invalidate()], &[ONE_EFFECT]),
        }
    }
}
