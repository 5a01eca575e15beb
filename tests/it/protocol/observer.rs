//! What the answers show of a mentor's changes, and observers that read at any moment.
//!
//! The changes of one mentor have an order, since each writes the mentor's slot. An answer that rests on an item holds from
//! the change that the item shows up to the next change of that item. The answers are linearizable if and only if no call
//! is answered with what held only before a change that was shown when the call began.
//!
//! Observers are part of every state: `GET /:id` reads a record, `GET /r/:code` a claim and its record, a list of the
//! mentor's active code the slot. Each makes one read that matters, so an observer needs no steps of its own: in each state
//! all that an observer may show is shown, and no observer that reads in this state may be answered from before that.

use super::caller::{Answer, Operation};
use super::code::{ChangeId, Code, Mentor};
use super::confirmation::Confirmation;
use super::system::Rules;
use super::table::{Key, Table};

/// For each mentor, how many changes the answers have shown.
pub type Shown = [usize; 2];

/// From which to which position in a mentor's history an answer holds. Position 0 is before the first change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Span {
    pub mentor: Mentor,
    pub from: usize,
    pub to: usize,
}

impl Table {
    /// When a read of this key shows this change, or nothing. None if the item is never written.
    pub fn span(&self, key: Key, change: Option<ChangeId>) -> Option<Span> {
        for (mentor, changes) in [0, 1].into_iter().zip(&self.history) {
            let from = match change {
                None => 0,
                Some(change) => match changes.iter().position(|(id, _)| *id == change) {
                    Some(index) => index + 1,
                    None => continue,
                },
            };
            let next = changes[from..].iter().position(|(_, keys)| keys.contains(&key));
            if change.is_some() || next.is_some() {
                return Some(Span { mentor, from, to: next.map_or(usize::MAX, |next| from + next) });
            }
        }
        None
    }

    /// When the answer to an observer that reads this key now holds. None if the observer would have to wait, or reads
    /// another item next.
    pub fn observed(&self, key: Key, rules: &Rules) -> Option<Span> {
        let found = self.read(key).map(Code::last_change);
        let confirmation = match key {
            // A claim that is there leads to the record.
            Key::Claim(..) if found.is_some() => return None,
            Key::Record(_) | Key::Claim(..) => Confirmation::ObservedRecord,
            Key::Slot(_) => Confirmation::ObservedSlot,
        };
        match found {
            Some(change) if !self.is_complete(change) && !rules.unconfirmed.contains(&confirmation) => None,
            found => self.span(key, found),
        }
    }

    /// Adds what observers may show now.
    pub fn observe(&self, rules: &Rules, shown: &mut Shown) {
        for span in self.items.keys().filter_map(|key| self.observed(*key, rules)) {
            span.show(shown);
        }
    }
}

impl Span {
    pub fn show(self, shown: &mut Shown) {
        let shown = &mut shown[usize::from(self.mentor)];
        *shown = self.from.max(*shown);
    }

    pub fn is_not_before(self, shown: &Shown) -> bool {
        shown[usize::from(self.mentor)] <= self.to
    }
}

impl Answer {
    /// When the answer holds.
    pub fn span(&self, operation: Operation, table: &Table) -> Option<Span> {
        match (self, operation) {
            (Self::Code(code, _), _) => table.span(code.record(), Some(ChangeId::Created(code.id()))),
            (Self::Invalidated { .. }, Operation::Invalidate { id }) => {
                table.span(Key::Record(id), Some(ChangeId::Invalidated(id)))
            }
            (Self::Declined(change), Operation::Rotate { id, .. } | Operation::Invalidate { id }) => {
                table.span(Key::Record(id), *change)
            }
            _ => None,
        }
    }
}
