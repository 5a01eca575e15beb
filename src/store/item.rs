//! The items of the table, as types and back. `key` makes their keys, `slot` the slot and its pages.
//!
//! # Every attribute
//!
//! | attribute | type | record | slot | claim | page of earlier codes | lost code |
//! | --- | --- | --- | --- | --- | --- | --- |
//! | `pk` | S | `id#rc_8f3a21bc` | `mentor#usr_4491` | `code#JAN-VERV-8F3A` | `mentor#usr_4491` | `id#rc_8f3a21bc` |
//! | `sk` | S | `record` | `slot` | `claim` | `slot#00001` | `record` |
//! | `format` | N | 1 | 1 | 1 | 1 | 1 |
//! | `ulid` | S | the code's | | the code's | | the code's |
//! | `listing` | S | `all` | | | | |
//! | `org_id`, `mentor_id` | S | both | | `mentor_id` | | `mentor_id` |
//! | `id` | S | | | the code's | | |
//! | `code` | S | the code string | | | | the code string, if it is known |
//! | `status` | S | `active`, or how the code ended | | | | |
//! | `expires_at` | N | if the code expires | | | | |
//! | `previous_id`, `previous_code`, `previous_status` | S | if the code replaced one: which, and whether it was `rotated` or had `expired` | | `previous_id` | | |
//! | `first_id` | S | if a rotation made the code: the code with which its chain of rotations begins | | | | |
//! | `ended_at` | N | if the code has ended | | | | |
//! | `successor_id`, `successor_code` | S | if another code replaced it | | | | |
//! | `held` | M | | a copy of the record, with `id`, without `listing` and `mentor_id` | | | |
//! | `earlier` | L of S | | the mentor's earlier codes, by ULID | | the same | |
//! | `pages` | N | | how many pages of earlier codes there are | | | |
//! | `repairs` | N | | how often a repair has written the slot, if it has | | | |
//! | `lost_at` | N | | | | | when a repair found that the code is lost |
//!
//! The items of the page indexes ([`super::page_index`]) have, besides `pk`, `sk` and `format`:
//!
//! | attribute | type | page mark | head |
//! | --- | --- | --- | --- |
//! | `pk` | S | `marks#all` | `head#all` |
//! | `sk` | S | `00000000000000000100` | `head` |
//! | `ulid` | S | of the code at this position | of the last mark, if there is one |
//! | `position` | N | | of the last mark, if there is one |
//! | `checked` | N | | the position up to which all marks were found right, for good |
//! | `organisations` | N | | in `head#all`: the position up to which each code's organisation was counted |
//! | `recount_after` | N | | no count that began before this time moves `checked`; Unix milliseconds, as in ULIDs |
//!
//! An absent number is 0. The upkeep sets these attributes one by one ([`super::upkeep`]) and leaves all others as they are.
//!
//! All other times are Unix seconds. The time of creation is in the ULID and nowhere else.
//!
//! Both indexes are on a record's own attributes: `by-creation` on `listing` and `ulid`, `by-org` on `org_id` and `ulid`.
//! No other item has `listing` or `org_id` at its top level, so no other item is in an index.
//!
//! # Lost codes
//!
//! A restored backup may name a code of which too little is left to write its record: its organisation, for one. A repair
//! ([`super::audit`]) puts a *lost code* in the place of the record. It uses up the id, and its claim uses up the
//! code string, if it is known, so neither is given out again. Every read answers that there is no such code.
//!
//! # One change, all its items
//!
//! From each item of a change, the keys of all its other items follow:
//!
//! | from | the record | the claim | the slot | the replaced record |
//! | --- | --- | --- | --- | --- |
//! | a new record | | `code` | `mentor_id` | `previous_id` |
//! | its claim | `id` | | `mentor_id` | `previous_id` |
//! | the slot (in `held`) | `id` | `code` | | `previous_id` |
//! | the replaced record | `successor_id` | `successor_code` | `mentor_id` | |
//! | an invalidated record | | | `mentor_id` | |
//! | its slot (in `held`) | `id` | | | |
//!
//! # Formats
//!
//! Every item carries the version of its format. A release reads its own format and the one before, and fails with an
//! error that names the item when it meets a later one: it must not guess.
//!
//! Two releases use one table in a roll-out and after a roll-back (`docs/operation.md`). So each change of a code sets the
//! attributes that it changes and no other, and so does the upkeep of the page indexes: what a later release has added to an
//! item stays.
//!
//! | a release may | if |
//! | --- | --- |
//! | stop to read a format | every item was rewritten, and no release that writes it can be rolled back to |
//! | read a new format | always |
//! | write a new format | the release before it reads that format already. So a new format takes two releases, and the second may be rolled back to the first, and not further |
//! | add an attribute | an item without it means what it means today: the release before writes none, and the successor and the slot's copy of a code that it makes have none |
//! | change what an attribute means, | never: it is a new format |
//! | add a kind of item | the release before neither meets it nor breaks what it says |
//!
//! `tests/it/formats.rs` fails if a release writes one item otherwise than format 1, page indexes included.

use aws_sdk_dynamodb::types::AttributeValue;
use ulid::Ulid;

use super::StoreError;
use super::dynamodb::Item;
use super::key::{Key, PK, SK};
use crate::model::{CodeId, CodeRef, CodeString, MentorId, OrgId, Origin, ReferralCode, State, Status, Timestamp};

/// The format that this release writes.
pub(super) const FORMAT: u32 = 1;
/// The oldest format that this release reads: the one before, once there is one.
const OLDEST_FORMAT: u32 = 1;

pub(super) const LISTING: &str = "listing";
/// The one value of `listing`.
pub(super) const LISTING_ALL: &str = "all";
pub(super) const ORG_ID: &str = "org_id";
pub(super) const ULID: &str = "ulid";
const FORMAT_NAME: &str = "format";
const STATUS: &str = "status";
const FIRST_ID: &str = "first_id";
const ENDED_AT: &str = "ended_at";
const SUCCESSOR_ID: &str = "successor_id";
const SUCCESSOR_CODE: &str = "successor_code";
const ID: &str = "id";
const MENTOR_ID: &str = "mentor_id";
const CODE: &str = "code";
const EXPIRES_AT: &str = "expires_at";
const PREVIOUS_ID: &str = "previous_id";
const PREVIOUS_CODE: &str = "previous_code";
const PREVIOUS_STATUS: &str = "previous_status";
const LOST_AT: &str = "lost_at";

/// An item that this release cannot read. The messages name the item.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum UnreadableItem {
    /// This service has not written the item, or it was changed by hand.
    #[error("the item {item} of the table has no attribute `{attribute}` of the right form")]
    Malformed {
        /// Its key.
        item: String,
        /// The first attribute that is missing or of another form.
        attribute: &'static str,
    },
    /// A later release has written the item.
    #[error(
        "the item {item} of the table has format {format}, and this release reads formats {OLDEST_FORMAT} to {FORMAT}: deploy a release that reads it"
    )]
    OtherFormat {
        /// Its key.
        item: String,
        /// Its format.
        format: String,
    },
}

impl From<UnreadableItem> for StoreError {
    fn from(unreadable: UnreadableItem) -> Self {
        Self::Fault(unreadable.to_string())
    }
}

/// A string attribute.
pub(super) fn string(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number attribute.
pub(super) fn number(value: impl ToString + Copy) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A time attribute.
pub(super) fn seconds(at: Timestamp) -> AttributeValue {
    number(at.unix_seconds())
}

/// A new item: its key and its format.
pub(super) fn new_item(key: &Key) -> Item {
    let mut item = key.attributes();
    item.extend(format());
    item
}

/// The attribute that says in which format an item is written.
pub(super) fn format() -> Item {
    Item::from([(FORMAT_NAME.to_owned(), number(FORMAT))])
}

/// The record of a code.
pub(super) fn record(code: &ReferralCode) -> Item {
    let mut item = new_item(&Key::Record(code.id.clone()));
    item.insert(LISTING.into(), string(LISTING_ALL));
    item.insert(MENTOR_ID.into(), string(code.mentor_id.as_str()));
    item.extend(code_attributes(code));
    item
}

/// The copy of a record in its mentor's slot.
pub(super) fn held(code: &ReferralCode) -> Item {
    let mut held = code_attributes(code);
    held.insert(ID.into(), string(code.id.as_str()));
    held
}

/// The claim of a code on its string.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Claim {
    pub(super) code: CodeString,
    pub(super) id: CodeId,
    pub(super) ulid: Ulid,
    pub(super) mentor_id: MentorId,
    /// The code that the claim's code replaced.
    pub(super) previous_id: Option<CodeId>,
}

impl Claim {
    pub(super) fn of(code: &ReferralCode) -> Self {
        let previous_id = match &code.origin {
            Origin::New => None,
            Origin::Rotation(previous) | Origin::Expiry(previous) => Some(previous.id.clone()),
        };
        let (id, mentor_id) = (code.id.clone(), code.mentor_id.clone());
        Self { code: code.code.clone(), id, ulid: code.ulid, mentor_id, previous_id }
    }

    pub(super) fn item(&self) -> Item {
        let mut item = new_item(&Key::Claim(self.code.clone()));
        item.insert(ID.into(), string(self.id.as_str()));
        item.insert(ULID.into(), string(self.ulid.to_string()));
        item.insert(MENTOR_ID.into(), string(self.mentor_id.as_str()));
        if let Some(previous) = &self.previous_id {
            item.insert(PREVIOUS_ID.into(), string(previous.as_str()));
        }
        item
    }

    pub(super) fn parse(item: &Item) -> Result<Self, UnreadableItem> {
        let attributes = Attributes::of(item)?;
        let Key::Claim(code) = attributes.key()? else { return Err(attributes.malformed(PK)) };
        Ok(Self {
            code,
            id: attributes.required(ID, |text| CodeId::parse(text).ok())?,
            ulid: attributes.ulid()?,
            mentor_id: attributes.required(MENTOR_ID, |text| MentorId::parse(text).ok())?,
            previous_id: attributes.optional(PREVIOUS_ID, |text| CodeId::parse(text).ok())?,
        })
    }
}

/// The claim of a new code on its string.
pub(super) fn claim(code: &ReferralCode) -> Item {
    Claim::of(code).item()
}

/// What stands in the place of the record of a code that is lost.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct LostCode {
    pub(super) id: CodeId,
    pub(super) ulid: Ulid,
    pub(super) mentor_id: MentorId,
    pub(super) code: Option<CodeString>,
    pub(super) at: Timestamp,
}

impl LostCode {
    pub(super) fn item(&self) -> Item {
        let mut item = new_item(&Key::Record(self.id.clone()));
        item.insert(ULID.into(), string(self.ulid.to_string()));
        item.insert(MENTOR_ID.into(), string(self.mentor_id.as_str()));
        item.insert(LOST_AT.into(), seconds(self.at));
        if let Some(code) = &self.code {
            item.insert(CODE.into(), string(code.as_str()));
        }
        item
    }

    /// Reads the item at the key of a record. None if it is a record.
    pub(super) fn parse(item: &Item) -> Result<Option<Self>, UnreadableItem> {
        let attributes = Attributes::of(item)?;
        let Some(at) = attributes.time(LOST_AT)? else { return Ok(None) };
        let Key::Record(id) = attributes.key()? else { return Err(attributes.malformed(PK)) };
        Ok(Some(Self {
            id,
            ulid: attributes.ulid()?,
            mentor_id: attributes.required(MENTOR_ID, |text| MentorId::parse(text).ok())?,
            code: attributes.optional(CODE, |text| CodeString::parse(text).ok())?,
            at,
        }))
    }
}

/// The size of an item, or of its entry in an index, in bytes.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>
pub(super) fn size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + size_of_value(value)).sum()
}

fn size_of_value(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(digits) => digits.len().div_ceil(2) + 1,
        AttributeValue::L(list) => 3 + list.iter().map(|element| 1 + size_of_value(element)).sum::<usize>(),
        AttributeValue::M(map) => 3 + map.len() + size(map),
        // No item of ours has any other.
        _ => 0,
    }
}

fn code_attributes(code: &ReferralCode) -> Item {
    let mut item = Item::from([
        (ULID.to_owned(), string(code.ulid.to_string())),
        (ORG_ID.to_owned(), string(code.org_id.as_str())),
        (CODE.to_owned(), string(code.code.as_str())),
        (STATUS.to_owned(), string(stored_status(&code.state).as_str())),
    ]);
    if let Some(at) = code.expires_at {
        item.insert(EXPIRES_AT.into(), seconds(at));
    }
    let previous = match &code.origin {
        Origin::New => None,
        Origin::Rotation(previous) => Some((previous, Status::Rotated)),
        Origin::Expiry(previous) => Some((previous, Status::Expired)),
    };
    if let Some((previous, status)) = previous {
        item.insert(PREVIOUS_ID.into(), string(previous.id.as_str()));
        item.insert(PREVIOUS_CODE.into(), string(previous.code.as_str()));
        item.insert(PREVIOUS_STATUS.into(), string(status.as_str()));
    }
    if code.rotated_from().is_some() {
        item.insert(FIRST_ID.into(), string(code.first_id.as_str()));
    }
    let (ended_at, successor) = match &code.state {
        State::Active => (None, None),
        State::Invalidated { at } => (Some(*at), None),
        State::Rotated { at, successor } | State::Expired { at, successor } => (Some(*at), Some(successor)),
    };
    if let Some(at) = ended_at {
        item.insert(ENDED_AT.into(), seconds(at));
    }
    if let Some(successor) = successor {
        item.insert(SUCCESSOR_ID.into(), string(successor.id.as_str()));
        item.insert(SUCCESSOR_CODE.into(), string(successor.code.as_str()));
    }
    item
}

fn stored_status(state: &State) -> Status {
    match state {
        State::Active => Status::Active,
        State::Rotated { .. } => Status::Rotated,
        State::Invalidated { .. } => Status::Invalidated,
        State::Expired { .. } => Status::Expired,
    }
}

/// The attributes of an item, or of a map in it, with what an error says about them.
pub(super) struct Attributes<'a> {
    item: &'a Item,
    name: String,
}

impl<'a> Attributes<'a> {
    /// The attributes of a whole item, or of its entry in an index, after a look at its format.
    pub(super) fn of(item: &'a Item) -> Result<Self, UnreadableItem> {
        let part = |name| item.get(name).and_then(|value| value.as_s().ok()).map_or("?", String::as_str);
        let attributes = Self { item, name: format!("{}/{}", part(PK), part(SK)) };
        let format = item.get(FORMAT_NAME).and_then(|value| value.as_n().ok());
        let format = format.ok_or_else(|| attributes.malformed(FORMAT_NAME))?;
        let readable = format.parse().is_ok_and(|format: u32| (OLDEST_FORMAT..=FORMAT).contains(&format));
        if readable {
            Ok(attributes)
        } else {
            Err(UnreadableItem::OtherFormat { item: attributes.name, format: format.clone() })
        }
    }

    /// The attributes of a map attribute.
    pub(super) fn map(&self, name: &'static str) -> Result<Attributes<'a>, UnreadableItem> {
        let map = self.item.get(name).and_then(|value| value.as_m().ok());
        Ok(Attributes { item: map.ok_or_else(|| self.malformed(name))?, name: self.name.clone() })
    }

    /// The item's key.
    pub(super) fn key(&self) -> Result<Key, UnreadableItem> {
        Key::of(self.item).ok_or_else(|| self.malformed(PK))
    }

    /// The error that an attribute is missing or malformed.
    pub(super) fn malformed(&self, attribute: &'static str) -> UnreadableItem {
        UnreadableItem::Malformed { item: self.name.clone(), attribute }
    }

    pub(super) fn ulid(&self) -> Result<Ulid, UnreadableItem> {
        self.required(ULID, |text| Ulid::from_string(text).ok())
    }

    /// The strings of a list attribute, each parsed; none if there is no such attribute.
    pub(super) fn list<T>(
        &self,
        name: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, UnreadableItem> {
        let Some(value) = self.item.get(name) else { return Ok(Vec::new()) };
        let parsed = value.as_l().ok().and_then(|list| {
            list.iter().map(|element| element.as_s().ok().and_then(|text| parse(text))).collect::<Option<Vec<_>>>()
        });
        parsed.ok_or_else(|| self.malformed(name))
    }

    pub(super) fn number<T: std::str::FromStr>(&self, name: &'static str) -> Result<Option<T>, UnreadableItem> {
        let Some(value) = self.item.get(name) else { return Ok(None) };
        let number = value.as_n().ok().and_then(|digits| digits.parse().ok());
        number.map(Some).ok_or_else(|| self.malformed(name))
    }

    fn optional<T>(&self, name: &'static str, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, UnreadableItem> {
        let Some(value) = self.item.get(name) else { return Ok(None) };
        value.as_s().ok().and_then(|text| parse(text)).map(Some).ok_or_else(|| self.malformed(name))
    }

    fn required<T>(&self, name: &'static str, parse: impl Fn(&str) -> Option<T>) -> Result<T, UnreadableItem> {
        self.optional(name, parse)?.ok_or_else(|| self.malformed(name))
    }

    fn time(&self, name: &'static str) -> Result<Option<Timestamp>, UnreadableItem> {
        let Some(seconds) = self.number(name)? else { return Ok(None) };
        Timestamp::from_unix_seconds(seconds).map(Some).map_err(|_| self.malformed(name))
    }

    fn code_ref(&self, id: &'static str, code: &'static str) -> Result<CodeRef, UnreadableItem> {
        Ok(CodeRef {
            id: self.required(id, |text| CodeId::parse(text).ok())?,
            code: self.required(code, |text| CodeString::parse(text).ok())?,
        })
    }

    /// The code in the attributes of a record or of the copy in a slot.
    fn code(&self, id: CodeId, mentor_id: MentorId) -> Result<ReferralCode, UnreadableItem> {
        let ended_at = || self.time(ENDED_AT)?.ok_or_else(|| self.malformed(ENDED_AT));
        let successor = || self.code_ref(SUCCESSOR_ID, SUCCESSOR_CODE);
        let origin = match self.optional(PREVIOUS_STATUS, status)? {
            None => Origin::New,
            Some(Status::Rotated) => Origin::Rotation(self.code_ref(PREVIOUS_ID, PREVIOUS_CODE)?),
            Some(Status::Expired) => Origin::Expiry(self.code_ref(PREVIOUS_ID, PREVIOUS_CODE)?),
            Some(Status::Active | Status::Invalidated) => return Err(self.malformed(PREVIOUS_STATUS)),
        };
        let first_id = match &origin {
            Origin::Rotation(_) => self.required(FIRST_ID, |text| CodeId::parse(text).ok())?,
            Origin::New | Origin::Expiry(_) => id.clone(),
        };
        let state = match self.required(STATUS, status)? {
            Status::Active => State::Active,
            Status::Rotated => State::Rotated { at: ended_at()?, successor: successor()? },
            Status::Invalidated => State::Invalidated { at: ended_at()? },
            Status::Expired => State::Expired { at: ended_at()?, successor: successor()? },
        };
        Ok(ReferralCode {
            ulid: self.ulid()?,
            id,
            first_id,
            mentor_id,
            org_id: self.required(ORG_ID, |text| OrgId::parse(text).ok())?,
            code: self.required(CODE, |text| CodeString::parse(text).ok())?,
            expires_at: self.time(EXPIRES_AT)?,
            origin,
            state,
        })
    }

    /// The code that a slot holds a copy of.
    pub(super) fn held_code(&self, mentor_id: MentorId) -> Result<ReferralCode, UnreadableItem> {
        self.code(self.required(ID, |text| CodeId::parse(text).ok())?, mentor_id)
    }
}

fn status(text: &str) -> Option<Status> {
    Status::ALL.into_iter().find(|status| status.as_str() == text)
}

/// The code of a record, or of its entry in an index.
pub(super) fn referral_code(item: &Item) -> Result<ReferralCode, UnreadableItem> {
    let attributes = Attributes::of(item)?;
    let Key::Record(id) = attributes.key()? else { return Err(attributes.malformed(PK)) };
    let mentor_id = attributes.required(MENTOR_ID, |text| MentorId::parse(text).ok())?;
    attributes.code(id, mentor_id)
}

/// The code of an item at the key of a record. None if the code is lost.
pub(super) fn known_code(item: &Item) -> Result<Option<ReferralCode>, UnreadableItem> {
    if LostCode::parse(item)?.is_some() { Ok(None) } else { referral_code(item).map(Some) }
}

/// The ULID of an index entry that was read without its other attributes.
pub(super) fn indexed_ulid(entry: &Item) -> Result<Ulid, UnreadableItem> {
    Attributes { item: entry, name: "an entry of an index".to_owned() }.ulid()
}

/// The organisation of an index entry that was read so.
pub(super) fn indexed_org(entry: &Item) -> Result<OrgId, UnreadableItem> {
    Attributes { item: entry, name: "an entry of an index".to_owned() }.required(ORG_ID, |text| OrgId::parse(text).ok())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::{Campaign, CodeCandidate, Label};
    use proptest::prelude::*;

    fn any_time() -> impl Strategy<Value = Timestamp> {
        (0..4_000_000_000_i64).prop_map(|seconds| Timestamp::from_unix_seconds(seconds).expect("a time"))
    }

    fn any_candidate() -> impl Strategy<Value = (Ulid, CodeRef)> {
        (0..4_000_000_000_000_u64, 0..1_u128 << 80).prop_map(|(ms, random)| {
            let candidate = CodeCandidate::new(Ulid::from_parts(ms, random));
            let label = Label::for_mentor(None, &MentorId::parse("usr_1").expect("an id"));
            let code = candidate.code(&label, &Campaign::parse("VERV").expect("a campaign"));
            (candidate.ulid(), CodeRef { id: candidate.id(), code })
        })
    }

    fn any_ref() -> impl Strategy<Value = CodeRef> {
        any_candidate().prop_map(|(_, code)| code)
    }

    fn any_origin() -> impl Strategy<Value = Origin> {
        prop_oneof![Just(Origin::New), any_ref().prop_map(Origin::Rotation), any_ref().prop_map(Origin::Expiry)]
    }

    fn any_state() -> impl Strategy<Value = State> {
        prop_oneof![
            Just(State::Active),
            any_time().prop_map(|at| State::Invalidated { at }),
            (any_time(), any_ref()).prop_map(|(at, successor)| State::Expired { at, successor }),
            (any_time(), any_ref()).prop_map(|(at, successor)| State::Rotated { at, successor }),
        ]
    }

    prop_compose! {
        pub fn any_code()(
            (ulid, CodeRef { id, code }) in any_candidate(),
            mentor in "[A-Za-z0-9_.:-]{1,128}",
            org in "[A-Za-z0-9_.:-]{1,128}",
            expires_at in prop::option::of(any_time()),
            origin in any_origin(),
            first in any_ref(),
            state in any_state(),
        ) -> ReferralCode {
            let first_id = if matches!(origin, Origin::Rotation(_)) { first.id } else { id.clone() };
            ReferralCode {
                ulid, id, first_id, code, expires_at, origin, state,
                mentor_id: MentorId::parse(&mentor).expect("an id"),
                org_id: OrgId::parse(&org).expect("an id"),
            }
        }
    }

    proptest! {
        #[test]
        fn record_round_trips(code in any_code()) {
            prop_assert_eq!(referral_code(&record(&code)), Ok(code));
        }

        #[test]
        fn claim_leads_to_its_code(code in any_code()) {
            prop_assert_eq!(Claim::parse(&claim(&code)).map(|claim| claim.id), Ok(code.id.clone()));
            prop_assert_eq!(Claim::parse(&claim(&code)), Ok(Claim::of(&code)));
        }

        #[test]
        fn lost_code_round_trips_and_is_no_record(code in any_code(), known in any::<bool>(), at in any_time()) {
            let ReferralCode { id, ulid, mentor_id, code, .. } = code.clone();
            let lost = LostCode { id, ulid, mentor_id, code: known.then_some(code), at };
            prop_assert_eq!(LostCode::parse(&lost.item()), Ok(Some(lost.clone())));
            prop_assert_eq!(known_code(&lost.item()), Ok(None));
        }

        #[test]
        fn record_without_an_attribute_it_needs_is_an_error_that_names_both(code in any_code(), which in 0..6_usize) {
            let attribute = [FORMAT_NAME, MENTOR_ID, ULID, ORG_ID, CODE, STATUS][which];
            let mut item = record(&code);
            item.remove(attribute);
            let name = format!("id#{}/record", code.id);
            prop_assert_eq!(referral_code(&item), Err(UnreadableItem::Malformed { item: name, attribute }));
        }

        #[test]
        fn record_of_a_later_format_is_an_error_that_names_it(code in any_code(), later in FORMAT + 1..) {
            let mut item = record(&code);
            item.insert(FORMAT_NAME.into(), number(later));
            let error = referral_code(&item).expect_err("a later format").to_string();
            let names_both = error.contains(&format!("id#{}/record", code.id)) && error.contains(&later.to_string());
            prop_assert!(names_both, "{}", error);
        }
    }

    #[test]
    fn index_keys_are_on_records_only() {
        let code = ReferralCode {
            ulid: Ulid::from_parts(1, 1),
            id: CodeId::parse("rc_00000000").expect("an id"),
            first_id: CodeId::parse("rc_00000000").expect("an id"),
            mentor_id: MentorId::parse("m").expect("an id"),
            org_id: OrgId::parse("o").expect("an id"),
            code: CodeString::parse("JAN-VERV-0000").expect("a code"),
            expires_at: None,
            origin: Origin::New,
            state: State::Active,
        };
        for item in [claim(&code), super::super::slot::Slot::first(code).item()] {
            assert!(!item.contains_key(LISTING) && !item.contains_key(ORG_ID), "{item:?}");
        }
    }
}
