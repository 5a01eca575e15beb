//! A code as an item and back. Records and slots hold the same attributes; a record also has the keys of the listing.
//!
//! Times are numbers (Unix seconds); the time of creation is in the ULID and nowhere else.

use aws_sdk_dynamodb::types::AttributeValue;
use ulid::Ulid;

use super::key::{Item, Key};
use crate::model::{CodeId, CodeString, MentorId, OrgId, Predecessor, ReferralCode, State, Status, Timestamp};

/// The partition keys of the listing indexes, which only records have; the sort key of each is the ULID.
pub(super) const LISTING: &str = "listing";
/// The one value of `listing`.
pub(super) const LISTING_ALL: &str = "all";
/// The organisation, in its listing.
pub(super) const LISTING_ORG: &str = "listing_org";
/// The mentor, in their listing.
pub(super) const LISTING_MENTOR: &str = "listing_mentor";

pub(super) const ULID: &str = "ulid";
pub(super) const STATUS: &str = "status";
const ENDED_AT: &str = "ended_at";
const SUCCESSOR_ID: &str = "successor_id";
pub(super) const ID: &str = "id";
const MENTOR_ID: &str = "mentor_id";
const ORG_ID: &str = "org_id";
const CODE: &str = "code";
const EXPIRES_AT: &str = "expires_at";
const PREVIOUS_ID: &str = "previous_id";
const PREVIOUS_CODE: &str = "previous_code";

/// An item that this service did not write, or that somebody changed by hand: the named attribute is missing or wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the attribute `{0}` of an item is missing or malformed")]
pub struct MalformedItem(&'static str);

/// A string attribute.
pub(super) fn string(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A time attribute.
pub(super) fn seconds(at: Timestamp) -> AttributeValue {
    AttributeValue::N(at.unix_seconds().to_string())
}

/// The record of a fresh code.
pub(super) fn record(code: &ReferralCode) -> Item {
    let mut item = Key::Record(code.id.clone()).attributes();
    item.insert(LISTING.into(), string(LISTING_ALL));
    item.insert(LISTING_ORG.into(), string(code.org_id.as_str()));
    item.insert(LISTING_MENTOR.into(), string(code.mentor_id.as_str()));
    item.extend(attributes(code));
    item
}

/// The slot of the code's mentor, holding this code.
pub(super) fn slot(code: &ReferralCode) -> Item {
    let mut item = Key::Slot(code.mentor_id.clone()).attributes();
    item.extend(attributes(code));
    item
}

/// The claim of a fresh code on its string.
pub(super) fn claim(code: &ReferralCode) -> Item {
    let mut item = Key::Claim(code.code.clone()).attributes();
    item.insert(ID.into(), string(code.id.as_str()));
    item
}

fn attributes(code: &ReferralCode) -> Item {
    let mut item = Item::from([
        (ULID.to_owned(), string(code.ulid.to_string())),
        (ID.to_owned(), string(code.id.as_str())),
        (MENTOR_ID.to_owned(), string(code.mentor_id.as_str())),
        (ORG_ID.to_owned(), string(code.org_id.as_str())),
        (CODE.to_owned(), string(code.code.as_str())),
    ]);
    if let Some(at) = code.expires_at {
        item.insert(EXPIRES_AT.into(), seconds(at));
    }
    if let Some(predecessor) = &code.predecessor {
        item.insert(PREVIOUS_ID.into(), string(predecessor.id.as_str()));
        item.insert(PREVIOUS_CODE.into(), string(predecessor.code.as_str()));
    }
    let status = match &code.state {
        State::Active => Status::Active,
        State::Rotated { at, successor_id } => {
            item.insert(ENDED_AT.into(), seconds(*at));
            item.insert(SUCCESSOR_ID.into(), string(successor_id.as_str()));
            Status::Rotated
        }
        State::Invalidated { at } => {
            item.insert(ENDED_AT.into(), seconds(*at));
            Status::Invalidated
        }
        State::Expired => Status::Expired,
    };
    item.insert(STATUS.into(), string(status.as_str()));
    item
}

/// The code that a record or a slot holds.
pub(super) fn referral_code(item: &Item) -> Result<ReferralCode, MalformedItem> {
    let predecessor = match parsed(item, PREVIOUS_ID, |text| CodeId::parse(text).ok())? {
        Some(id) => Some(Predecessor { id, code: required(item, PREVIOUS_CODE, |text| CodeString::parse(text).ok())? }),
        None => None,
    };
    let status = required(item, STATUS, |text| Status::ALL.into_iter().find(|status| status.as_str() == text))?;
    let state = match status {
        Status::Active => State::Active,
        Status::Rotated => State::Rotated {
            at: time(item, ENDED_AT)?.ok_or(MalformedItem(ENDED_AT))?,
            successor_id: required(item, SUCCESSOR_ID, |text| CodeId::parse(text).ok())?,
        },
        Status::Invalidated => State::Invalidated { at: time(item, ENDED_AT)?.ok_or(MalformedItem(ENDED_AT))? },
        Status::Expired => State::Expired,
    };
    Ok(ReferralCode {
        ulid: ulid(item)?,
        id: required(item, ID, |text| CodeId::parse(text).ok())?,
        mentor_id: required(item, MENTOR_ID, |text| MentorId::parse(text).ok())?,
        org_id: required(item, ORG_ID, |text| OrgId::parse(text).ok())?,
        code: required(item, CODE, |text| CodeString::parse(text).ok())?,
        expires_at: time(item, EXPIRES_AT)?,
        predecessor,
        state,
    })
}

/// The ULID of a record, a slot, a page mark, or an index's projection.
pub(super) fn ulid(item: &Item) -> Result<Ulid, MalformedItem> {
    required(item, ULID, |text| Ulid::from_string(text).ok())
}

/// The id that a claim holds.
pub(super) fn claimed_id(item: &Item) -> Result<CodeId, MalformedItem> {
    required(item, ID, |text| CodeId::parse(text).ok())
}

fn parsed<T>(item: &Item, name: &'static str, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, MalformedItem> {
    let Some(value) = item.get(name) else { return Ok(None) };
    value.as_s().ok().and_then(|text| parse(text)).map(Some).ok_or(MalformedItem(name))
}

fn required<T>(item: &Item, name: &'static str, parse: impl Fn(&str) -> Option<T>) -> Result<T, MalformedItem> {
    parsed(item, name, parse)?.ok_or(MalformedItem(name))
}

fn time(item: &Item, name: &'static str) -> Result<Option<Timestamp>, MalformedItem> {
    let Some(value) = item.get(name) else { return Ok(None) };
    let seconds = value.as_n().ok().and_then(|digits| digits.parse().ok());
    seconds.and_then(|seconds| Timestamp::from_unix_seconds(seconds).ok()).map(Some).ok_or(MalformedItem(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Campaign, CodeCandidate, Label};
    use proptest::prelude::*;

    fn any_time() -> impl Strategy<Value = Timestamp> {
        (0..4_000_000_000_i64).prop_map(|seconds| Timestamp::from_unix_seconds(seconds).expect("a time"))
    }

    fn any_candidate() -> impl Strategy<Value = (Ulid, CodeId, CodeString)> {
        (0..4_000_000_000_000_u64, 0..1_u128 << 80).prop_map(|(ms, random)| {
            let candidate = CodeCandidate::new(Ulid::from_parts(ms, random));
            let label = Label::for_mentor(None, &MentorId::parse("usr_1").expect("an id"));
            (candidate.ulid(), candidate.id(), candidate.code(&label, &Campaign::parse("VERV").expect("a campaign")))
        })
    }

    fn any_state() -> impl Strategy<Value = State> {
        prop_oneof![
            Just(State::Active),
            Just(State::Expired),
            any_time().prop_map(|at| State::Invalidated { at }),
            (any_time(), any_candidate()).prop_map(|(at, (_, successor_id, _))| State::Rotated { at, successor_id }),
        ]
    }

    prop_compose! {
        fn any_code()(
            (ulid, id, code) in any_candidate(),
            mentor in "[A-Za-z0-9_.:-]{1,128}",
            org in "[A-Za-z0-9_.:-]{1,128}",
            expires_at in prop::option::of(any_time()),
            predecessor in prop::option::of(any_candidate()),
            state in any_state(),
        ) -> ReferralCode {
            ReferralCode {
                ulid, id, code, expires_at, state,
                mentor_id: MentorId::parse(&mentor).expect("an id"),
                org_id: OrgId::parse(&org).expect("an id"),
                predecessor: predecessor.map(|(_, id, code)| Predecessor { id, code }),
            }
        }
    }

    proptest! {
        #[test]
        fn a_code_survives_the_way_into_the_table_and_back(code in any_code()) {
            prop_assert_eq!(referral_code(&record(&code)), Ok(code.clone()));
            prop_assert_eq!(referral_code(&slot(&code)), Ok(code));
        }

        #[test]
        fn an_item_that_lacks_an_attribute_it_needs_is_named_not_guessed(code in any_code(), which in 0..6_usize) {
            let name = [ULID, ID, MENTOR_ID, ORG_ID, CODE, STATUS][which];
            let mut item = record(&code);
            item.remove(name);
            prop_assert_eq!(referral_code(&item), Err(MalformedItem(name)));
        }
    }
}
