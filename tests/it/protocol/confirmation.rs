//! The confirmations that the properties rest on once transactions are torn, and what breaks without each.
//!
//! The rule: an answer, and a transaction about to be sent, rests only on changes known to be complete. A process knows a
//! change to be complete if single reads of all its items have shown the change, or one `TransactGetItems` over them, or if
//! the process saw its own transaction answered with success.

use super::caller::{Item, Operation, Phase, Step};
use super::code::Code;
use super::property::{BY_ID, BY_STRING, ENOUGH, IN_LIST, KEPT, KNOWN, LATER, ONE_IN_FLIGHT};
use super::table::Key;
use super::{create, invalidate, invalidate_drawn, rotate, rotate_drawn};

/// Where an item comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    Read,
    /// A cancellation brings the item that was in the way (`ALL_OLD`).
    Cancellation,
    /// The snapshot that confirmed another change.
    Snapshot,
}

/// A confirmation that can be taken away, or an item that it can leave out.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Confirmation {
    /// Of a slot, before a get or create or a rotation answers.
    SlotBeforeAnswer,
    /// Of a slot, before a get or create or a rotation sends its transaction.
    SlotBeforeTransaction,
    /// Of a record, before an invalidation or a rotation answers.
    RecordBeforeAnswer,
    /// Of a record, before an invalidation sends its transaction.
    RecordBeforeTransaction,
    /// Of a slot that came back in a cancellation.
    SlotOfCancellation,
    /// Of a record that came back in a cancellation of an invalidation.
    RecordOfCancellation,
    /// Of an item that came back in a cancellation while the item to go on from did not.
    OtherOfCancellation,
    /// Of a call's own record that came back in a cancellation.
    OwnRecord,
    /// Of a later change that the snapshot shows.
    LaterChange,
    /// Of the record that `GET /:id` reads.
    ObservedRecord,
    /// Of the slot that a list of the mentor's active code reads.
    ObservedSlot,
    /// The confirmations leave out the record of the new or invalidated code.
    RecordOfChange,
    /// The confirmations leave out the claim.
    ClaimOfChange,
    /// The confirmations leave out the slot.
    SlotOfChange,
    /// The confirmations leave out the record that was ended by its successor.
    OldRecordOfChange,
}

impl Confirmation {
    /// The confirmation that stands between an item and the phase that would come next. None if that phase neither answers
    /// nor sends.
    pub fn of(source: Source, item: &Item, next: &Phase) -> Option<Self> {
        let is_answer = matches!(next, Phase::Answered(..));
        let is_transaction = matches!(next, Phase::Running(_, Step::Send(_)));
        match (source, item) {
            (_, Item::Own(_)) => Some(Self::OwnRecord),
            (_, Item::Failed(..)) => Some(Self::OtherOfCancellation),
            (Source::Snapshot, _) => Some(Self::LaterChange),
            (Source::Cancellation, Item::Slot(_)) => Some(Self::SlotOfCancellation),
            (Source::Cancellation, Item::Record(_)) => Some(Self::RecordOfCancellation),
            (Source::Read, Item::Slot(_)) if is_answer => Some(Self::SlotBeforeAnswer),
            (Source::Read, Item::Slot(_)) if is_transaction => Some(Self::SlotBeforeTransaction),
            (Source::Read, Item::Record(_)) if is_answer => Some(Self::RecordBeforeAnswer),
            (Source::Read, Item::Record(_)) if is_transaction => Some(Self::RecordBeforeTransaction),
            (Source::Read, _) => None,
        }
    }
}

/// What breaks without each confirmation, and the callers that show it.
///
/// The confirmation of a call's own record stands behind another promise: the table knows the token of a transaction in
/// flight, so a cancellation shows the own record only when the transaction is complete.
pub fn worths() -> [(Confirmation, Vec<Operation>, &'static [&'static str]); 16] {
    use Confirmation as C;
    let (create, rotate, invalidate) = (create(0, 0), rotate(0), invalidate());
    let three = vec![rotate, rotate_drawn(), create];
    [
        (C::SlotBeforeAnswer, vec![create, create], &[BY_ID, BY_STRING, KEPT]),
        // The second rotation is answered with the new code, and `GET /:id` calls the old one active.
        (C::SlotBeforeAnswer, vec![rotate, rotate], &[BY_ID, BY_STRING, KEPT]),
        (C::SlotBeforeTransaction, vec![create, invalidate], &[BY_ID, ONE_IN_FLIGHT]),
        (C::RecordBeforeAnswer, vec![invalidate, invalidate], &[IN_LIST]),
        (C::RecordBeforeTransaction, vec![rotate, invalidate_drawn()], &[BY_ID, BY_STRING, ONE_IN_FLIGHT]),
        (C::SlotOfCancellation, vec![create, create], &[BY_ID, BY_STRING, KEPT]),
        (C::RecordOfCancellation, vec![rotate, invalidate], &[BY_ID, BY_STRING]),
        (C::OtherOfCancellation, vec![rotate, invalidate], &[ENOUGH]),
        (C::OwnRecord, vec![create, create], &[BY_ID, BY_STRING]),
        (C::LaterChange, three, &[BY_ID, BY_STRING, KEPT]),
        (C::ObservedRecord, vec![create, rotate], &[BY_ID, BY_STRING, IN_LIST, LATER]),
        (C::ObservedSlot, vec![create, rotate], &[BY_ID, BY_STRING]),
        (C::RecordOfChange, vec![create, create], &[BY_ID, KNOWN, KEPT]),
        (C::ClaimOfChange, vec![create, create], &[BY_STRING, KNOWN]),
        (C::SlotOfChange, vec![create, invalidate], &[IN_LIST]),
        (C::OldRecordOfChange, vec![rotate, rotate], &[BY_ID, KEPT]),
    ]
}

/// The keys that a confirmation covers: all of the last change, but for what is left out. The item that was found always
/// belongs to them.
pub fn keys(found: &Code, item: Key, unconfirmed: &[Confirmation]) -> Vec<Key> {
    let mut keys = found.keys_of_last_change();
    // The record of the new or invalidated code comes first.
    let first = keys[0];
    keys.retain(|key| {
        let kind = match key {
            Key::Slot(_) => Confirmation::SlotOfChange,
            Key::Claim(..) => Confirmation::ClaimOfChange,
            Key::Record(_) if *key == first => Confirmation::RecordOfChange,
            Key::Record(_) => Confirmation::OldRecordOfChange,
        };
        *key == item || !unconfirmed.contains(&kind)
    });
    keys
}
