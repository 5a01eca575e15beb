//! Audit and repair: for a table whose items contradict each other.
//!
//! The service never writes such a table. A restored backup may be one: DynamoDB restores each item as it was at the same
//! second, but not transaction by transaction, so it may hold some of a transaction's items and not the others.
//! An audit finds the contradictions, and a repair makes the items agree. No call does either: both need permissions
//! that the function which serves HTTP does not have. Page indexes are no part of this: the upkeep counts them, and where a
//! repair puts a record back it is told to count again.
//!
//! # What a repair does
//!
//! 1. **A whole copy of the mentor's newest code is left**, in its record or in the slot: the change that made it is
//!    completed. The repair writes what a call writes: the record and its copy in the slot, the claim, and the end of the
//!    code that it replaced, in the second in which it was made.
//! 2. **Otherwise** the code has never been. Whatever else names it keeps its id and its string used up, by a *lost code*
//!    in the place of the record ([`super::item`]). Reads answer that there is no such code. A code that has ended stays
//!    ended, in the slot too. A code that is active without being the newest ends now, as invalidated.
//!
//! Then the lists of the slot and its pages are made right: they name every record once.
//!
//! The newest code is what the items say it is: the one that the slot holds as active; else the last active code, by its
//! ULID, that the slot has never held, because a change puts the code that leaves the slot into its list; else the last in
//! the chain of successors. A code that the slot has never held and that was made before the end of the one it holds is not
//! newer: a call on the restored table has started from a slot that did not know it. This assumes that clocks differ by less
//! than the time between the second that was restored and the first call on the restored table (`docs/guarantee.md`,
//! assumptions).
//!
//! So whichever items of a change a backup lacks, each being as before the change (N is the new code, O the one before):
//!
//! | change | what is there of it | the mentor's code is then |
//! | --- | --- | --- |
//! | any new code | N's record, or its copy in the slot | N: by rule 1 |
//! | rotation, create after an expiry | O's end | none, until the next create: N was not whole, and O has ended |
//! | any new code | the claim alone | O, if that is active: as if the change had not been; N is lost |
//! | invalidation | the end, in the record or in the slot | none: the other takes the end |
//! | page of earlier codes | the slot counts it, and it is missing | as before; an empty page is filled from the records |
//! | page of earlier codes | the page, before the slot counts it | as before: that is how a rotation begins |
//!
//! If a call has made another code from a slot that the backup lacked, that one is in the slot, and N ends. If a call has
//! ended O, N's rotation did not happen: N says no more that it replaced O. A second repair changes nothing.
//!
//! # What a person must decide
//!
//! * An item that this release cannot read. The message says why.
//! * One string with two records. A call has given it out again, while its claim was missing.
//! * A successor's id with the record of another code. A call has given the id out again, while its record was missing.
//!
//! # While calls run
//!
//! An audit reports what a repair would write, and what it would leave to a person. It scans, and reads the items that must
//! agree with each. These reads see changes in flight. So what they make suspect is read again by one `TransactGetItems`, over
//! the item and all items that it leads to. That read is serializable with every transaction. What it shows is real.
//!
//! A repair is one transaction. It writes some items, and checks all others that it was derived from. Its conditions
//! compare every attribute with what was read, and what it writes keeps the attributes that this release does not know.
//! So a repair and a call that change the same items cannot both succeed from the same state, and the one that loses
//! starts over. A repair that writes a slot counts up its `repairs`, which the conditions of later changes name: a change
//! that began before the repair does not undo it.
//!
//! Until the repair is done, a call may answer from one of two items that contradict each other. So let calls in after it. If
//! they come earlier, what they have changed stays: a repair ends no code that a call was answered with after the restore,
//! unless the mentor has another one.
//!
//! # What an audit does not find
//!
//! Whether an index or a page index shows what the table has. A change of which no item is in the backup is not a
//! contradiction. And behind a slot or a page that this release cannot read, it is not known which codes the slot has
//! held: of that mentor's items only the unreadable one is certain to be reported, until it is corrected.

mod auditor;
mod cursor;
mod finding;
mod items;
mod make_sound;
mod rewrite;

pub use auditor::{Auditor, Repair};
pub use cursor::AuditCursor;
pub use finding::Finding;
