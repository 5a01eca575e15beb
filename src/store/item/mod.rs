//! The items of the table, as types and back. [`super::key`] makes their keys; [`super::slot`] has the slot and its pages.
//!
//! # Every attribute
//!
//! | attribute | type | record | slot | claim | page of earlier codes | lost code |
//! | --- | --- | --- | --- | --- | --- | --- |
//! | `pk` | S | `id#rc_8f3a21bc` | `mentor#usr_4491` | `code#JAN-VERV-8F3A` | `mentor#usr_4491` | `id#rc_8f3a21bc` |
//! | `sk` | S | `record` | `slot` | `claim` | `slot#00001` | `record` |
//! | `format` | N | 1 | 1 | 1 | 1 | 1 |
//! | `ulid` | S | the code's | | the code's | | the code's |
//! | `listing` | S | `all` | | | | `lost` |
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
//! | `moving` | N | | 1 in the slot of a pseudonym, while other items may still name the mentor | | | |
//! | `forgotten` | S | | the pseudonym, and nothing else, if the mentor was forgotten and has no code | | | |
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
//! Two kinds of item are for maintenance ([`super::leaving`], [`super::forgetting`]):
//!
//! | attribute | type | organisation | pending work | pending work |
//! | --- | --- | --- | --- | --- |
//! | `pk` | S | `org#org_002` | `pending#all` | `pending#all` |
//! | `sk` | S | `organisation` | `leave#org_002` | `forget#usr_4491` |
//! | `closed_at` | N | when it was closed, in Unix milliseconds; 0: it is open | | |
//! | `version` | N | how often it was closed or opened | | |
//! | `per_second` | N | how many codes a second may end | | |
//! | `pseudonym` | S | | | what stands in the place of the mentor's id |
//!
//! An absent number is 0. The upkeep sets these attributes one by one ([`super::upkeep`]) and leaves all others as they are.
//!
//! All other times are Unix seconds. The time of creation is in the ULID and nowhere else.
//!
//! Both indexes are on a record's own attributes: `by-creation` on `listing` and `ulid`, `by-org` on `org_id` and `ulid`.
//! Lost codes are in `by-creation`, in a listing of their own. No other item has `listing` or `org_id` at its top level.
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
//! | change what an attribute means | never: it is a new format |
//! | add a kind of item | the release before neither meets it nor breaks what it says |
//!
//! `tests/it/formats.rs` fails if a release writes one item otherwise than format 1, page indexes included.

mod attributes;
mod claim;
mod lost_code;
mod record;
mod size;

pub(super) use attributes::{Attributes, UnreadableItem, of_entry};
pub(super) use claim::Claim;
pub(super) use lost_code::LostCode;
pub(super) use record::{STATUS, held, known_code, org_and_mentor, record, referral_code};
pub(super) use size::size;

use aws_sdk_dynamodb::types::AttributeValue;

use super::dynamodb::Item;
use super::key::Key;
use crate::model::Timestamp;

/// The format that this release writes.
pub(super) const FORMAT: u32 = 1;
/// The oldest format that this release reads: the one before, once there is one.
const OLDEST_FORMAT: u32 = 1;

pub(super) const LISTING: &str = "listing";
/// The value of `listing` of all records.
pub(super) const LISTING_ALL: &str = "all";
/// The value of `listing` of lost codes: so the lost codes of a mentor are found without a scan.
pub(super) const LISTING_LOST: &str = "lost";
pub(super) const ORG_ID: &str = "org_id";
pub(super) const ULID: &str = "ulid";
const FORMAT_NAME: &str = "format";
const ID: &str = "id";
pub(super) const MENTOR_ID: &str = "mentor_id";
const CODE: &str = "code";
const PREVIOUS_ID: &str = "previous_id";

pub(super) fn string(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(super) fn number(value: impl ToString + Copy) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(super) fn seconds(at: Timestamp) -> AttributeValue {
    number(at.unix_seconds())
}

/// A new item: its key and its format.
pub(super) fn new_item(key: &Key) -> Item {
    let mut item = key.attributes();
    item.extend(format());
    item
}

/// Attributes by their names, as far as there are values for them.
pub(super) fn attributes<const N: usize>(values: [(&str, Option<AttributeValue>); N]) -> Item {
    values.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// The attribute that says in which format an item is written.
pub(super) fn format() -> Item {
    Item::from([(FORMAT_NAME.to_owned(), number(FORMAT))])
}
