//! The conditions that keep the promise, and what breaks without each.

use super::caller::Operation;
use super::property::{AGREEMENT, CRASHED, ENDED, KEPT, ONCE, ONE_ACTIVE, ONE_EFFECT};
use super::{create, invalidate, rotate};

/// A condition of one of the transactions, or another rule that the protocol rests on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Guard {
    Create(Kind, Part),
    InvalidateRecord,
    InvalidateSlot,
    /// No condition: an invalidated code stays in the slot. An earlier form of the protocol deleted the slot.
    SlotStays,
    /// No condition: a cancellation that shows our own record is success.
    OwnWrite,
    /// No condition: a cancellation with a conflict at the record of the change decides nothing.
    RecordDecides,
    /// No condition: the table knows the token of a transaction in flight. A promise of DynamoDB.
    TokenInFlight,
}

/// What a new code takes the place of.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    First,
    AfterExpiry,
    AfterInvalidation,
    Rotation,
}

/// An item of a creation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Part {
    Record,
    Claim,
    Slot,
    Replaced,
}

/// What breaks without a guard, and the two operations that show it. The first is the guard's own.
pub struct Worth {
    pub guard: Guard,
    /// The guard that refuses as much or more, if there is one: something breaks only without both.
    pub second: Option<Guard>,
    pub shown_by: [Operation; 2],
    pub breaks: &'static [&'static str],
}

/// One for each guard, but for the two that only torn transactions need.
pub fn worths() -> Vec<Worth> {
    use Kind::{AfterExpiry, AfterInvalidation, First, Rotation};
    let (create_one, rotate_one) = (create(0, 0), rotate(0));
    let (same_label, other_label) = (create(1, 0), create(1, 1));
    let alone = |guard, shown_by, breaks| Worth { guard, second: None, shown_by, breaks };
    let with_second = |guard, second, shown_by, breaks| Worth { guard, second: Some(second), shown_by, breaks };
    let mut worths = Vec::new();
    for (kind, operation) in
        [(First, create_one), (AfterExpiry, create_one), (AfterInvalidation, create_one), (Rotation, rotate_one)]
    {
        worths.push(alone(Guard::Create(kind, Part::Record), [operation, other_label], &[ONCE, AGREEMENT][..]));
        worths.push(alone(Guard::Create(kind, Part::Claim), [operation, same_label], &[ONCE]));
    }
    for kind in [First, AfterInvalidation] {
        let breaks = &[ONE_ACTIVE, AGREEMENT, CRASHED];
        worths.push(alone(Guard::Create(kind, Part::Slot), [create_one, create_one], breaks));
    }
    // Slot and record agree: while the record is active, the slot holds that code. The slot also holds invalidated codes,
    // so its guard does not suffice.
    for (kind, shown_by) in [(AfterExpiry, [create_one, invalidate()]), (Rotation, [rotate_one, rotate_one])] {
        let (slot, replaced) = (Guard::Create(kind, Part::Slot), Guard::Create(kind, Part::Replaced));
        worths.push(with_second(slot, replaced, shown_by, &[ONE_ACTIVE, AGREEMENT, KEPT, ENDED, CRASHED]));
        worths.push(alone(replaced, [shown_by[0], invalidate()], &[KEPT, ENDED]));
    }
    let (record, slot) = (Guard::InvalidateRecord, Guard::InvalidateSlot);
    for (guard, second) in [(record, slot), (slot, record)] {
        worths.push(with_second(guard, second, [invalidate(), rotate_one], &[AGREEMENT, KEPT, ENDED, CRASHED]));
    }
    worths.push(alone(Guard::SlotStays, [create_one, invalidate()], &[CRASHED]));
    worths.push(alone(Guard::OwnWrite, [create_one, invalidate()], &[ONE_EFFECT]));
    worths
}
