//! What an audit can find: one variant for each contradiction between items.

use super::super::contradiction::Contradiction;
use super::super::dynamodb::Item;
use super::super::key::{PK, SK};
use crate::model::{CodeId, CodeString, MentorId};

/// Items of the table that contradict each other. Each variant names the items by what their keys are made of.
#[derive(Clone, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum Finding {
    /// A record, or a lost code, has no claim on its code string: the string could be given out again.
    #[error("the code {id} of {mentor} has no claim on its string {code}")]
    RecordWithoutClaim {
        /// Whose code.
        mentor: MentorId,
        /// The record.
        id: CodeId,
        /// The string without a claim.
        code: CodeString,
    },
    /// A claim names an id that has no record.
    #[error("the claim on {code} of {mentor} names the code {id}, which has no record")]
    ClaimWithoutRecord {
        /// Whose code.
        mentor: MentorId,
        /// The claimed string.
        code: CodeString,
        /// The id without a record.
        id: CodeId,
    },
    /// A claim and the record on its string, or on its id, say different things.
    #[error("the claim on {code} of {mentor} names the code {claimed}, and disagrees with the record of {id}")]
    ClaimDiffers {
        /// Whose code.
        mentor: MentorId,
        /// The claimed string.
        code: CodeString,
        /// The id in the claim.
        claimed: CodeId,
        /// The record that disagrees.
        id: CodeId,
    },
    /// A mentor has a record and no slot.
    #[error("{mentor} has the code {id} and no slot")]
    RecordWithoutSlot {
        /// Whose code.
        mentor: MentorId,
        /// The record.
        id: CodeId,
    },
    /// Neither the slot nor a page names the record: the mentor's list lacks it.
    #[error("the slot of {mentor} does not name the code {id}")]
    RecordNotListed {
        /// Whose code.
        mentor: MentorId,
        /// The record.
        id: CodeId,
    },
    /// A record is active, and the slot holds another code.
    #[error("the code {id} of {mentor} is active, and the slot holds {held}")]
    ActiveNotHeld {
        /// Whose code.
        mentor: MentorId,
        /// The active record.
        id: CodeId,
        /// What the slot holds.
        held: CodeId,
    },
    /// The slot holds a code that has no record.
    #[error("the slot of {mentor} holds the code {id}, which has no record")]
    HeldWithoutRecord {
        /// Whose slot.
        mentor: MentorId,
        /// What it holds.
        id: CodeId,
    },
    /// The slot's copy of a record is not as the record is.
    #[error("the slot of {mentor} holds the code {id} in another state than its record has")]
    HeldDiffers {
        /// Whose slot.
        mentor: MentorId,
        /// What it holds.
        id: CodeId,
    },
    /// The slot holds a code that another code has replaced.
    #[error("the slot of {mentor} holds the code {id}, which {successor} has replaced")]
    HeldIsReplaced {
        /// Whose slot.
        mentor: MentorId,
        /// What it holds.
        id: CodeId,
        /// What it should hold.
        successor: CodeId,
    },
    /// The slot, or a page behind it, names an earlier code that has no record.
    #[error("{} of {mentor} names the code {id}, which has no record", place(*.page))]
    ListedWithoutRecord {
        /// Whose codes.
        mentor: MentorId,
        /// The code.
        id: CodeId,
        /// The page that names it; none for the slot.
        page: Option<u32>,
    },
    /// The slot and the pages behind it name a code twice.
    #[error("{} of {mentor} names the code {id} a second time", place(*.page))]
    ListedTwice {
        /// Whose codes.
        mentor: MentorId,
        /// The code.
        id: CodeId,
        /// The page with the second mention; none for the slot.
        page: Option<u32>,
    },
    /// A record names a successor that has no record.
    #[error("the code {id} of {mentor} was replaced by {successor}, which has no record")]
    SuccessorWithoutRecord {
        /// Whose codes.
        mentor: MentorId,
        /// The replaced code.
        id: CodeId,
        /// The code in its place.
        successor: CodeId,
    },
    /// A record names a successor that does not name it as its predecessor.
    #[error("the code {id} of {mentor} was replaced by {successor}, which replaced another code or none")]
    SuccessorDiffers {
        /// Whose codes.
        mentor: MentorId,
        /// The replaced code.
        id: CodeId,
        /// The code in its place.
        successor: CodeId,
    },
    /// A record names a predecessor that has no record.
    #[error("the code {id} of {mentor} replaced {predecessor}, which has no record")]
    PredecessorWithoutRecord {
        /// Whose codes.
        mentor: MentorId,
        /// The code.
        id: CodeId,
        /// The code that it replaced.
        predecessor: CodeId,
    },
    /// A record names a predecessor that has not ended by it.
    #[error("the code {id} of {mentor} replaced {predecessor}, which is still active or has ended otherwise")]
    PredecessorDiffers {
        /// Whose codes.
        mentor: MentorId,
        /// The code.
        id: CodeId,
        /// The code that it replaced.
        predecessor: CodeId,
    },
    /// The slot counts a page of earlier codes that is not there.
    #[error("the slot of {mentor} counts page {page} of earlier codes, and the table does not have it")]
    PageMissing {
        /// Whose slot.
        mentor: MentorId,
        /// The page.
        page: u32,
    },
    /// A page of earlier codes is there that the slot does not count, and is not the one that it is about to count.
    #[error("page {page} of the earlier codes of {mentor} does not follow from the slot, which does not count it")]
    PageNotCounted {
        /// Whose slot.
        mentor: MentorId,
        /// The page.
        page: u32,
    },
    /// An item that this release cannot read, or whose key it does not make.
    #[error("{reason}")]
    Unreadable {
        /// The item's partition key.
        pk: String,
        /// The item's sort key.
        sk: String,
        /// What is wrong with it.
        reason: String,
    },
}

fn place(page: Option<u32>) -> String {
    page.map_or_else(|| "the slot".to_owned(), |page| format!("page {page} of the earlier codes"))
}

impl Finding {
    /// The mentor whose items contradict each other.
    #[must_use]
    pub fn mentor(&self) -> Option<&MentorId> {
        match self {
            Self::RecordWithoutClaim { mentor, .. }
            | Self::ClaimWithoutRecord { mentor, .. }
            | Self::ClaimDiffers { mentor, .. }
            | Self::RecordWithoutSlot { mentor, .. }
            | Self::RecordNotListed { mentor, .. }
            | Self::ActiveNotHeld { mentor, .. }
            | Self::HeldWithoutRecord { mentor, .. }
            | Self::HeldDiffers { mentor, .. }
            | Self::HeldIsReplaced { mentor, .. }
            | Self::ListedWithoutRecord { mentor, .. }
            | Self::ListedTwice { mentor, .. }
            | Self::SuccessorWithoutRecord { mentor, .. }
            | Self::SuccessorDiffers { mentor, .. }
            | Self::PredecessorWithoutRecord { mentor, .. }
            | Self::PredecessorDiffers { mentor, .. }
            | Self::PageMissing { mentor, .. }
            | Self::PageNotCounted { mentor, .. } => Some(mentor),
            Self::Unreadable { .. } => None,
        }
    }
}

impl Finding {
    /// An item of which this release can make nothing, and why.
    pub(super) fn unreadable(item: &Item, reason: &impl ToString) -> Self {
        let part = |name| item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
        Self::Unreadable { pk: part(PK), sk: part(SK), reason: reason.to_string() }
    }
}

impl From<Contradiction> for Finding {
    fn from(contradiction: Contradiction) -> Self {
        match contradiction {
            Contradiction::RecordWithoutSlot { mentor, id } => Self::RecordWithoutSlot { mentor, id },
            Contradiction::HeldWithoutRecord { mentor, id } => Self::HeldWithoutRecord { mentor, id },
            Contradiction::ActiveNotHeld { mentor, id, held } => Self::ActiveNotHeld { mentor, id, held },
            Contradiction::HeldIsReplaced { mentor, id, successor } => Self::HeldIsReplaced { mentor, id, successor },
            Contradiction::HeldDiffers { mentor, id } => Self::HeldDiffers { mentor, id },
        }
    }
}
