//! Audit and repair: for a table whose items contradict each other.
//!
//! The service never writes such a table. A restored backup may be one: DynamoDB restores each item as it was at the same
//! second, but not transaction by transaction, so it may hold some of a transaction's items and not the others.
//! An audit finds the contradictions, and a repair makes the items agree. No call does either: both need permissions
//! that the function which serves HTTP does not have.
//!
//! | module | for |
//! | --- | --- |
//! | `finding` | what an audit can find |
//! | `check` | what must agree, as pure functions |
//! | `audit` | the scan, in parts, and the confirmation of what it suspects |
//! | `page_index` | whether the items of the page indexes can be read |
//! | `plan` | how a mentor's items must be, given how they are, as a pure function |
//! | `repair` | reads the items around a finding at one moment, and writes the plan in one transaction |
//! | `known_items` | items that were read |
//!
//! # While calls run
//!
//! A scan sees changes in flight. So what it suspects is read again by one `TransactGetItems`, over the item and all items
//! that must agree with it. That read is serializable with every transaction. What it shows is real.
//!
//! A repair is one transaction. It writes some items, and checks all others that it was derived from. Its conditions
//! compare every attribute with what was read. So a repair and a call that change the same items cannot both succeed from
//! the same state, and the one that loses starts over. A repair that writes a slot counts up its `repairs`, which the
//! conditions of later changes name: a change that began before the repair does not undo it.
//!
//! Until the repair is done, a call may answer from one of two items that contradict each other. So restore into a table
//! without callers, repair it, and then let the calls come. If they come earlier, what they have changed stays:
//! a repair ends no code that a call was answered with, unless the mentor has another one.
//!
//! # What a repair does
//!
//! N is the new code and O the old one. "Missing" means that the item is as it was before the change, or is absent. Each
//! row holds whichever other items of the change are missing too, so it covers every part of a change.
//!
//! | change | what is there | what a repair does | why it is safe |
//! | --- | --- | --- | --- |
//! | any new code | the slot holds N | writes N's record from the copy, the claim from the record, and O's end from N's time of creation | the copy is the whole record, and a change reads its clock once: O ended in the second in which N was made |
//! | any new code | N's record; the slot is missing and holds O, or an invalidated code, or is absent | moves the slot to N, and ends O | nothing has been made from the slot since, or its condition fails |
//! | any new code | N's record; a call has made another code from the missing slot | ends N as invalidated, and lists it; if O has ended otherwise, N no longer says that it replaced O | the caller's code stays the one active code |
//! | rotate | only O's record, as rotated | makes N from it, with the ULID from the claim, or one made up from the second of the end and the digits of the id; moves the slot to N | a rotation keeps all but the id and the string, and O's record names both; O has ended for good |
//! | rotate | only the claim; the slot holds O, which had not expired when N was made | makes N as above, and ends O | a claim names O; had O expired, the change would not have been a rotation |
//! | first create, create after an invalidation | only the claim | puts a lost code at N's id | the organisation is not known; id and string stay used up, and the mentor has no active code or the slot's |
//! | create after an expiry | the claim, or O's record as expired, or both | as above, with a claim if there is none; the slot takes O's end from its record | as above; O stays expired, and the next create replaces it |
//! | invalidate | the record has ended | the slot's copy takes the end | an ended code stays ended |
//! | invalidate | the slot's copy has ended | the record takes the end | as above |
//! | invalidate | the slot's copy had ended, and a call has replaced it | ends the record as invalidated, now | the slot holds another code; the time of the end is lost |
//! | page of earlier codes | the slot counts it, and it is missing | puts an empty page | its codes are found as not listed, each from its record, and fill it again |
//! | page of earlier codes | the page, before the slot counts it | nothing: that is how a rotation begins | a page that is not the next one of a full slot is deleted: it is never read |
//! | any | a record that no list names | the slot, or a page with room, names it | the order within a list has no meaning |
//! | any | a code that is missing in its listings | has the upkeep count the listings again from before it | marks are derived from the codes |
//! | any | an entry of a list without a record | puts a lost code at its id, and takes the entry out | its string is not known here; if a claim has it, that keeps it |
//!
//! A *lost code* ([`super::item`]) uses up an id, and its claim uses up a string. Every read answers that there is no such
//! code. So an id or a string that a caller was once shown is given to no other code, as long as any item names it.
//!
//! A second repair changes nothing: what it would find is what a repair has made agree.
//!
//! # What a person must decide
//!
//! * An item that this release cannot read. The message says why.
//! * One string with two records. A call has given it out again, while its claim was missing.
//! * A successor's id with the record of another code. A call has given the id out again, while its record was missing.
//!
//! # What an audit does not find
//!
//! Whether an index shows what the table has. A change of which no item is in the backup is not a contradiction.

mod audit;
mod check;
mod finding;
mod known_items;
mod page_index;
mod plan;
mod repair;

pub use audit::{AuditCursor, AuditPage, InvalidAuditCursor};
pub use finding::Finding;
pub use repair::Repair;
