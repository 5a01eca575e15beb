//! The keys of the table, made in one place. `#` cannot occur in what a caller gives, so no two kinds can meet.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::model::{CodeId, CodeString, MentorId};

/// An item as the SDK has it.
pub(super) type Item = HashMap<String, AttributeValue>;

/// Which item is meant.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Key {
    /// The record of a code.
    Record(CodeId),
    /// The claim on a code string.
    Claim(CodeString),
    /// The slot of a mentor.
    Slot(MentorId),
    /// A page mark of a listing.
    Mark {
        /// The listing's name.
        listing: String,
        /// The position it marks.
        position: u64,
    },
}

/// The table's partition key.
pub(super) const PK: &str = "pk";
/// The table's sort key.
pub(super) const SK: &str = "sk";

impl Key {
    fn parts(&self) -> (String, String) {
        match self {
            Self::Record(id) => (format!("id#{id}"), "record".to_owned()),
            Self::Claim(code) => (format!("code#{code}"), "claim".to_owned()),
            Self::Slot(mentor) => (format!("mentor#{mentor}"), "slot".to_owned()),
            Self::Mark { listing, position } => (marks(listing), mark(*position)),
        }
    }

    /// The two key attributes.
    pub(super) fn attributes(&self) -> Item {
        let (pk, sk) = self.parts();
        Item::from([(PK.into(), AttributeValue::S(pk)), (SK.into(), AttributeValue::S(sk))])
    }
}

/// The partition key under which a listing's page marks stand in the order of their positions.
pub(super) fn marks(listing: &str) -> String {
    format!("marks#{listing}")
}

/// The sort key of a page mark: its position, in as many digits as make text sort like numbers.
pub(super) fn mark(position: u64) -> String {
    format!("{position:020}")
}

/// The position in a page mark's sort key.
pub(super) fn mark_position(sk: &str) -> Option<u64> {
    sk.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The way back, which only this property needs.
    fn parse(item: &Item) -> Option<Key> {
        let pk = item.get(PK)?.as_s().ok()?;
        let sk = item.get(SK)?.as_s().ok()?;
        let (kind, name) = pk.split_once('#')?;
        match (kind, sk.as_str()) {
            ("marks", sk) => mark_position(sk).map(|position| Key::Mark { listing: name.to_owned(), position }),
            ("id", "record") => CodeId::parse(name).ok().map(Key::Record),
            ("code", "claim") => CodeString::parse(name).ok().map(Key::Claim),
            ("mentor", "slot") => MentorId::parse(name).ok().map(Key::Slot),
            _ => None,
        }
    }

    fn any_key() -> impl Strategy<Value = Key> {
        prop_oneof![
            "rc_[0-9a-f]{8,20}".prop_map(|id| Key::Record(CodeId::parse(&id).expect("an id"))),
            "[A-Z]{2,3}-[A-Z0-9]{2,12}-[0-9A-F]{4,20}"
                .prop_map(|code| Key::Claim(CodeString::parse(&code).expect("a code"))),
            "[A-Za-z0-9_.:-]{1,128}".prop_map(|id| Key::Slot(MentorId::parse(&id).expect("an id"))),
            ("all|org#[A-Za-z0-9_.:-]{1,128}", any::<u64>())
                .prop_map(|(listing, position)| Key::Mark { listing, position }),
        ]
    }

    proptest! {
        #[test]
        fn a_key_tells_all_that_it_stands_for(key in any_key()) {
            prop_assert_eq!(parse(&key.attributes()), Some(key));
        }

        #[test]
        fn marks_sort_as_their_positions_do(one in any::<u64>(), other in any::<u64>()) {
            prop_assert_eq!(mark(one).cmp(&mark(other)), one.cmp(&other));
        }
    }
}
