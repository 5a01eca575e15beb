//! What an audit finds.

use std::fmt;

use super::super::dynamodb::Item;
use super::super::key::{Key, PK, SK};
use crate::model::MentorId;

/// An item that contradicts another one, or that this release cannot read. As a text it is a sentence that says what is
/// wrong, with the mentor and the codes.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Finding {
    /// Whose items contradict each other. None for an item that cannot be read: a person must look at it.
    pub(super) mentor: Option<MentorId>,
    /// The item. None if this release makes no such key.
    pub(super) item: Option<Key>,
    /// The item that it contradicts, if that has a key of its own.
    pub(super) other: Option<Key>,
    wrong: String,
}

impl Finding {
    /// An item that contradicts another one.
    pub(super) fn new(mentor: &MentorId, item: &Key, other: Option<Key>, wrong: String) -> Self {
        Self { mentor: Some(mentor.clone()), item: Some(item.clone()), other, wrong }
    }

    /// An item that this release cannot read, and why.
    pub(super) fn unreadable(key: Key, reason: &impl ToString) -> Self {
        Self { mentor: None, item: Some(key), other: None, wrong: reason.to_string() }
    }

    /// An item whose key this release does not make.
    pub(super) fn unknown_key(item: &Item) -> Self {
        let part = |name| item.get(name).and_then(|value| value.as_s().ok()).map_or("?", String::as_str);
        let wrong = format!("the table has an item with the key {}/{}, which no release makes", part(PK), part(SK));
        Self { mentor: None, item: None, other: None, wrong }
    }

    /// The mentor whose items contradict each other.
    #[must_use]
    pub fn mentor(&self) -> Option<&MentorId> {
        self.mentor.as_ref()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.wrong)
    }
}
