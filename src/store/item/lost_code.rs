//! What a repair ([`super::super::audit`]) puts in the place of the record of a code of which too little is left: its
//! organisation is not known, for one. It uses up the id, and its claim the code string, if that is known.

use ulid::Ulid;

use super::super::dynamodb::Item;
use super::super::key::{Key, PK};
use super::{Attributes, CODE, LISTING, LISTING_LOST, MENTOR_ID, ULID, UnreadableItem, new_item, seconds, string};
use crate::model::{CodeId, CodeString, MentorId, Timestamp};

const LOST_AT: &str = "lost_at";

/// A lost code. Every read answers that there is no such code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LostCode {
    pub(crate) id: CodeId,
    pub(crate) ulid: Ulid,
    pub(crate) mentor_id: MentorId,
    pub(crate) code: Option<CodeString>,
    pub(crate) at: Timestamp,
}

impl LostCode {
    /// The lost code in an item at the key of a record, if it is one. One that this release cannot read is an error.
    pub(crate) fn find(item: &Item) -> Result<Option<Self>, UnreadableItem> {
        item.contains_key(LOST_AT).then(|| Self::parse(item)).transpose()
    }

    pub(crate) fn item(&self) -> Item {
        let mut item = new_item(&Key::Record(self.id.clone()));
        item.insert(LISTING.into(), string(LISTING_LOST));
        item.insert(ULID.into(), string(self.ulid.to_string()));
        item.insert(MENTOR_ID.into(), string(self.mentor_id.as_str()));
        item.insert(LOST_AT.into(), seconds(self.at));
        if let Some(code) = &self.code {
            item.insert(CODE.into(), string(code.as_str()));
        }
        item
    }

    fn parse(item: &Item) -> Result<Self, UnreadableItem> {
        let attributes = Attributes::of(item)?;
        let Key::Record(id) = attributes.key()? else { return Err(attributes.malformed(PK)) };
        Ok(Self {
            id,
            ulid: attributes.required(ULID)?,
            mentor_id: attributes.required(MENTOR_ID)?,
            code: attributes.optional(CODE)?,
            at: attributes.time(LOST_AT)?.ok_or_else(|| attributes.malformed(LOST_AT))?,
        })
    }
}
