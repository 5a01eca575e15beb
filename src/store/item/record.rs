//! The record of a code, and its copy in the mentor's slot.

use super::super::dynamodb::Item;
use super::super::key::{Key, PK};
use super::{
    Attributes, CODE, ID, LISTING, LISTING_ALL, LostCode, MENTOR_ID, ORG_ID, PREVIOUS_ID, ULID, UnreadableItem,
    attributes, new_item, seconds, string,
};
use crate::model::{CodeId, CodeRef, MentorId, OrgId, Origin, ReferralCode, State, Status};

pub(crate) const STATUS: &str = "status";
const FIRST_ID: &str = "first_id";
const ENDED_AT: &str = "ended_at";
const SUCCESSOR_ID: &str = "successor_id";
const SUCCESSOR_CODE: &str = "successor_code";
const EXPIRES_AT: &str = "expires_at";
const PREVIOUS_CODE: &str = "previous_code";
const PREVIOUS_STATUS: &str = "previous_status";

pub(crate) fn record(code: &ReferralCode) -> Item {
    let mut item = new_item(&Key::Record(code.id.clone()));
    item.insert(LISTING.into(), string(LISTING_ALL));
    item.insert(MENTOR_ID.into(), string(code.mentor_id.as_str()));
    item.extend(attributes_of(code));
    item
}

/// The copy of a record in its mentor's slot.
pub(crate) fn held(code: &ReferralCode) -> Item {
    let mut held = attributes_of(code);
    held.insert(ID.into(), string(code.id.as_str()));
    held
}

fn attributes_of(code: &ReferralCode) -> Item {
    let (previous, successor, is_rotation) = (code.predecessor(), code.successor(), code.rotated_from().is_some());
    let previous_status = if is_rotation { Status::Rotated } else { Status::Expired };
    attributes([
        (ULID, Some(string(code.ulid.to_string()))),
        (ORG_ID, Some(string(code.org_id.as_str()))),
        (CODE, Some(string(code.code.as_str()))),
        (STATUS, Some(string(code.state.status().as_str()))),
        (EXPIRES_AT, code.expires_at.map(seconds)),
        (PREVIOUS_ID, previous.map(|previous| string(previous.id.as_str()))),
        (PREVIOUS_CODE, previous.map(|previous| string(previous.code.as_str()))),
        (PREVIOUS_STATUS, previous.map(|_| string(previous_status.as_str()))),
        (FIRST_ID, is_rotation.then(|| string(code.first_id.as_str()))),
        (ENDED_AT, code.ended_at().map(seconds)),
        (SUCCESSOR_ID, successor.map(|successor| string(successor.id.as_str()))),
        (SUCCESSOR_CODE, successor.map(|successor| string(successor.code.as_str()))),
    ])
}

/// The code of a record, or of its entry in an index.
pub(crate) fn referral_code(item: &Item) -> Result<ReferralCode, UnreadableItem> {
    let attributes = Attributes::of(item)?;
    let Key::Record(id) = attributes.key()? else { return Err(attributes.malformed(PK)) };
    let mentor_id = attributes.required(MENTOR_ID)?;
    attributes.code(id, mentor_id)
}

/// Whose code a record is, which is less than the whole code.
pub(crate) fn org_and_mentor(item: &Item) -> Result<(OrgId, MentorId), UnreadableItem> {
    let attributes = Attributes::of(item)?;
    Ok((attributes.required(ORG_ID)?, attributes.required(MENTOR_ID)?))
}

/// The code of an item at the key of a record. None if the code is lost.
pub(crate) fn known_code(item: &Item) -> Result<Option<ReferralCode>, UnreadableItem> {
    if LostCode::find(item)?.is_some() { Ok(None) } else { referral_code(item).map(Some) }
}

impl Attributes<'_> {
    /// The code in the attributes of a record or of the copy in a slot.
    fn code(&self, id: CodeId, mentor_id: MentorId) -> Result<ReferralCode, UnreadableItem> {
        let ended_at = || self.time(ENDED_AT)?.ok_or_else(|| self.malformed(ENDED_AT));
        let successor = || self.code_ref(SUCCESSOR_ID, SUCCESSOR_CODE);
        let origin = match self.optional(PREVIOUS_STATUS)? {
            None => Origin::New,
            Some(Status::Rotated) => Origin::Rotation(self.code_ref(PREVIOUS_ID, PREVIOUS_CODE)?),
            Some(Status::Expired) => Origin::Expiry(self.code_ref(PREVIOUS_ID, PREVIOUS_CODE)?),
            Some(Status::Active | Status::Invalidated) => return Err(self.malformed(PREVIOUS_STATUS)),
        };
        let first_id = match &origin {
            Origin::Rotation(_) => self.required(FIRST_ID)?,
            Origin::New | Origin::Expiry(_) => id.clone(),
        };
        let state = match self.required(STATUS)? {
            Status::Active => State::Active,
            Status::Rotated => State::Rotated { at: ended_at()?, successor: successor()? },
            Status::Invalidated => State::Invalidated { at: ended_at()? },
            Status::Expired => State::Expired { at: ended_at()?, successor: successor()? },
        };
        Ok(ReferralCode {
            ulid: self.required(ULID)?,
            id,
            first_id,
            mentor_id,
            org_id: self.required(ORG_ID)?,
            code: self.required(CODE)?,
            expires_at: self.time(EXPIRES_AT)?,
            origin,
            state,
        })
    }

    /// The code that a slot holds a copy of.
    pub(crate) fn held_code(&self, mentor_id: MentorId) -> Result<ReferralCode, UnreadableItem> {
        self.code(self.required(ID)?, mentor_id)
    }

    fn code_ref(&self, id: &'static str, code: &'static str) -> Result<CodeRef, UnreadableItem> {
        Ok(CodeRef { id: self.required(id)?, code: self.required(code)? })
    }
}
