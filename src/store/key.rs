//! The keys of the table, made in one place. `#` cannot occur in what a caller gives, so no two kinds can meet.

use aws_sdk_dynamodb::types::AttributeValue;

use super::item::Item;
use crate::model::{Code, CodeId, MentorId};

/// Which item is meant.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Key {
    /// The record of a code.
    Record(CodeId),
    /// The claim on a code string.
    Claim(Code),
    /// The slot of a mentor.
    Slot(MentorId),
}

/// The table's partition key.
pub(super) const PK: &str = "pk";
/// The table's sort key.
pub(super) const SK: &str = "sk";

impl Key {
    fn parts(&self) -> (String, &'static str) {
        match self {
            Self::Record(id) => (format!("id#{id}"), "record"),
            Self::Claim(code) => (format!("code#{code}"), "claim"),
            Self::Slot(mentor) => (format!("mentor#{mentor}"), "slot"),
        }
    }

    /// The two key attributes.
    pub(super) fn attributes(&self) -> Item {
        let (pk, sk) = self.parts();
        Item::from([(PK.into(), AttributeValue::S(pk)), (SK.into(), AttributeValue::S(sk.into()))])
    }
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
            ("id", "record") => CodeId::parse(name).ok().map(Key::Record),
            ("code", "claim") => Code::parse(name).ok().map(Key::Claim),
            ("mentor", "slot") => MentorId::parse(name).ok().map(Key::Slot),
            _ => None,
        }
    }

    fn any_key() -> impl Strategy<Value = Key> {
        prop_oneof![
            "rc_[0-9a-f]{8,20}".prop_map(|id| Key::Record(CodeId::parse(&id).expect("an id"))),
            "[A-Z]{2,3}-[A-Z0-9]{2,12}-[0-9A-F]{4,20}".prop_map(|code| Key::Claim(Code::parse(&code).expect("a code"))),
            "[A-Za-z0-9_.:-]{1,128}".prop_map(|id| Key::Slot(MentorId::parse(&id).expect("an id"))),
        ]
    }

    proptest! {
        #[test]
        fn a_key_tells_all_that_it_stands_for(key in any_key()) {
            prop_assert_eq!(parse(&key.attributes()), Some(key));
        }
    }
}
