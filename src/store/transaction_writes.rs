//! The writes of the changes, and their conditions.
//!
//! The writes of a change stand in a fixed order, and each has a named position. DynamoDB's answer to a failed condition
//! is read by that name. Each writer of an item sets the attributes that it changes and no other, so an attribute that a
//! later release has added stays ([`super::item`]).

use super::dynamodb::{Item, ItemChange, Writes};
use super::item::{self, Claim, seconds, string};
use super::key::Key;
use super::session::{CHANGED_RECORD, Confirmed};
use super::slot::Slot;
use crate::model::{ReferralCode, Status, Timestamp};

/// Position of the record of a new code.
pub(super) const NEW_RECORD: usize = CHANGED_RECORD;
/// Position of its claim on the code string.
pub(super) const NEW_CLAIM: usize = 1;
/// Position of the mentor's slot.
pub(super) const SLOT: usize = 2;
/// Position of the record that the new code takes the place of, if there is one.
pub(super) const REPLACED_RECORD: usize = 3;

/// Position of the record of a code that is invalidated.
pub(super) const ENDED_RECORD: usize = CHANGED_RECORD;
/// Position of the slot that holds it.
pub(super) const ENDED_IN_SLOT: usize = 1;

/// The record has not ended.
const STILL_ACTIVE: &str = "#status = :active";
/// The slot holds the code that the change starts from, and that code has not ended.
const HOLDS_ACTIVE: &str = "held.id = :from AND held.#status = :active";

const END_AS_REPLACED: &str =
    "SET #status = :status, ended_at = :now, successor_id = :successor_id, successor_code = :successor_code";
const END_RECORD: &str = "SET #status = :status, ended_at = :now";
const END_HELD: &str = "SET held.#status = :status, held.ended_at = :now";

/// A new code: its record, its claim on the string, its mentor's slot, and the end of the record of an active code that it
/// replaces. `before` is the slot that the change starts from, and `place` what stands in its place, if the mentor is
/// forgotten.
pub(super) fn of_new_code(
    writes: Writes,
    code: &ReferralCode,
    before: Option<&Confirmed<Slot>>,
    place: Option<&Item>,
) -> Writes {
    let writes = writes.put(item::record(code)).put(Claim::of(code).item());
    let writes = match before {
        None => match place {
            None => writes.put(Slot::first(code.clone()).item()),
            Some(place) => {
                let slot = ItemChange::Put(Slot::first(code.clone()).item());
                writes.change(Key::Slot(code.mentor_id.clone()).attributes(), Some(place), slot)
            }
        },
        Some(before) => {
            let (change, condition, values) = before.replacement(code);
            writes.update(Key::Slot(code.mentor_id.clone()).attributes(), change, condition, values)
        }
    };
    let (Some(replaced), Some(end)) = (code.predecessor(), code.end_of_predecessor()) else { return writes };
    let mut values = ended(end.status(), code.created_at());
    values.insert(":successor_id".into(), string(code.id.as_str()));
    values.insert(":successor_code".into(), string(code.code.as_str()));
    writes.update(Key::Record(replaced.id.clone()).attributes(), END_AS_REPLACED, STILL_ACTIVE, values)
}

/// An invalidation: the code's record ends, and its copy in the slot.
pub(super) fn of_invalidation(writes: Writes, code: &Confirmed<ReferralCode>, at: Timestamp) -> Writes {
    let record_values = ended(Status::Invalidated, at);
    let mut slot_values = record_values.clone();
    slot_values.insert(":from".into(), string(code.id.as_str()));
    let (record, slot) = (Key::Record(code.id.clone()), Key::Slot(code.mentor_id.clone()));
    writes.update(record.attributes(), END_RECORD, STILL_ACTIVE, record_values).update(
        slot.attributes(),
        END_HELD,
        HOLDS_ACTIVE,
        slot_values,
    )
}

/// The values of an active code's end.
fn ended(status: Status, at: Timestamp) -> Item {
    Item::from([
        (":active".into(), string(Status::Active.as_str())),
        (":status".into(), string(status.as_str())),
        (":now".into(), seconds(at)),
    ])
}
