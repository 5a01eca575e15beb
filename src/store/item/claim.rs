//! The claim of a code on its string. It never changes.

use ulid::Ulid;

use super::super::dynamodb::Item;
use super::super::key::{Key, PK};
use super::{Attributes, ID, MENTOR_ID, PREVIOUS_ID, ULID, UnreadableItem, new_item, string};
use crate::model::{CodeId, CodeString, MentorId, ReferralCode};

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Claim {
    pub(crate) code: CodeString,
    pub(crate) id: CodeId,
    pub(crate) ulid: Ulid,
    pub(crate) mentor_id: MentorId,
    /// The code that the claim's code replaced.
    pub(crate) previous_id: Option<CodeId>,
}

impl Claim {
    pub(crate) fn of(code: &ReferralCode) -> Self {
        let previous_id = code.predecessor().map(|previous| previous.id.clone());
        let (id, mentor_id) = (code.id.clone(), code.mentor_id.clone());
        Self { code: code.code.clone(), id, ulid: code.ulid, mentor_id, previous_id }
    }

    pub(crate) fn item(&self) -> Item {
        let mut item = new_item(&Key::Claim(self.code.clone()));
        item.insert(ID.into(), string(self.id.as_str()));
        item.insert(ULID.into(), string(self.ulid.to_string()));
        item.insert(MENTOR_ID.into(), string(self.mentor_id.as_str()));
        if let Some(previous) = &self.previous_id {
            item.insert(PREVIOUS_ID.into(), string(previous.as_str()));
        }
        item
    }

    pub(crate) fn parse(item: &Item) -> Result<Self, UnreadableItem> {
        let attributes = Attributes::of(item)?;
        let Key::Claim(code) = attributes.key()? else { return Err(attributes.malformed(PK)) };
        Ok(Self {
            code,
            id: attributes.required(ID)?,
            ulid: attributes.required(ULID)?,
            mentor_id: attributes.required(MENTOR_ID)?,
            previous_id: attributes.optional(PREVIOUS_ID)?,
        })
    }
}
