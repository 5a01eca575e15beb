//! The keys of the table, made and parsed in one place. An id or a code string cannot contain `#`, so two kinds of key
//! never meet.

use std::fmt;

use aws_sdk_dynamodb::types::AttributeValue;

use super::dynamodb::Item;
use crate::model::{CodeId, CodeString, Listing, MentorId, OrgId};

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Key {
    /// The record of a code.
    Record(CodeId),
    /// The claim on a code string.
    Claim(CodeString),
    /// The slot of a mentor.
    Slot(MentorId),
    /// A page of a mentor's earlier codes, from 1, which no longer fit into the slot.
    Earlier { mentor: MentorId, page: u32 },
    /// A page mark of a listing.
    Mark { listing: Listing, position: u64 },
    /// The head of a listing's page index.
    Head(Listing),
    /// Whether an organisation is closed.
    Organisation(OrgId),
    /// The upkeep has to look again at an organisation that was closed.
    Leaving(OrgId),
    /// The upkeep has to complete the forgetting of a mentor.
    Forgetting(MentorId),
}

/// A key that no item has: every partition key of ours contains a `#`.
pub(super) fn of_no_item() -> Item {
    Item::from([PK, SK].map(|name| (name.to_owned(), AttributeValue::S("none".into()))))
}

pub(super) const PK: &str = "pk";
pub(super) const SK: &str = "sk";

const RECORD: &str = "record";
const CLAIM: &str = "claim";
/// A mentor's partition holds the slot and, behind it in the order of the sort key, the pages of earlier codes. So a query of
/// the partition reads the slot first, and finds every page that it counts.
const SLOT: &str = "slot";
const EARLIER: &str = "slot#";
const HEAD: &str = "head";
const ORGANISATION: &str = "organisation";
/// What maintenance has begun, and the upkeep completes, is one partition: the upkeep looks for it every minute.
pub(super) const PENDING: &str = "pending#all";
const LEAVING: &str = "leave#";
const FORGETTING: &str = "forget#";

impl Key {
    fn parts(&self) -> (String, String) {
        match self {
            Self::Record(id) => (format!("id#{id}"), RECORD.to_owned()),
            Self::Claim(code) => (format!("code#{code}"), CLAIM.to_owned()),
            Self::Slot(mentor) => (mentor_partition(mentor), SLOT.to_owned()),
            Self::Earlier { mentor, page } => (mentor_partition(mentor), format!("{EARLIER}{page:05}")),
            Self::Mark { listing, position } => (marks_partition(listing), mark_sk(*position)),
            Self::Head(listing) => (format!("head#{listing}"), HEAD.to_owned()),
            Self::Organisation(org) => (format!("org#{org}"), ORGANISATION.to_owned()),
            Self::Leaving(org) => (PENDING.to_owned(), format!("{LEAVING}{org}")),
            Self::Forgetting(mentor) => (PENDING.to_owned(), format!("{FORGETTING}{mentor}")),
        }
    }

    pub(super) fn attributes(&self) -> Item {
        let (pk, sk) = self.parts();
        Item::from([(PK.into(), AttributeValue::S(pk)), (SK.into(), AttributeValue::S(sk))])
    }

    /// The key of an item, or of an entry of an index, which has the item's key among its attributes. None if this
    /// release makes no such key.
    pub(super) fn of(item: &Item) -> Option<Self> {
        let pk = item.get(PK)?.as_s().ok()?;
        let sk = item.get(SK)?.as_s().ok()?;
        let (kind, name) = pk.split_once('#')?;
        match (kind, sk.as_str()) {
            ("id", RECORD) => name.parse().ok().map(Self::Record),
            ("code", CLAIM) => name.parse().ok().map(Self::Claim),
            ("mentor", SLOT) => name.parse().ok().map(Self::Slot),
            ("mentor", sk) => {
                Some(Self::Earlier { mentor: name.parse().ok()?, page: sk.strip_prefix(EARLIER)?.parse().ok()? })
            }
            ("marks", sk) => Some(Self::Mark { listing: name.parse().ok()?, position: sk.parse().ok()? }),
            ("head", HEAD) => name.parse().ok().map(Self::Head),
            ("org", ORGANISATION) => OrgId::parse(name).ok().map(Self::Organisation),
            _ if pk == PENDING => match sk.strip_prefix(FORGETTING) {
                Some(mentor) => MentorId::parse(mentor).ok().map(Self::Forgetting),
                None => OrgId::parse(sk.strip_prefix(LEAVING)?).ok().map(Self::Leaving),
            },
            _ => None,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (pk, sk) = self.parts();
        write!(out, "{pk}/{sk}")
    }
}

/// The partition key of a mentor's slot and of the pages behind it.
pub(super) fn mentor_partition(mentor: &MentorId) -> String {
    format!("mentor#{mentor}")
}

/// The partition key of a listing's page marks, which stand in the order of their positions.
pub(super) fn marks_partition(listing: &Listing) -> String {
    format!("marks#{listing}")
}

/// The sort key of a page mark: its position, with so many digits that text sorts like numbers.
pub(super) fn mark_sk(position: u64) -> String {
    format!("{position:020}")
}
