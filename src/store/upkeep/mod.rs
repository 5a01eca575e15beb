//! The upkeep: the only writer of page indexes ([`super::page_index`]). No call waits for it, and none does its work.
//!
//! # Nothing is lost for good
//!
//! * **A late arrival**, a code that appears behind a mark, makes that mark and all later ones wrong by one. A code appears at
//!   most 15 minutes late: a request is accepted for so long. The head's `checked` passes a mark only if the mark's code was
//!   older than [`crate::limits::CHECKED_AGE`] when it was counted. Every run counts from `checked` on. So each mark is
//!   counted at least once after the last code that may appear before it.
//! * **The head comes last.** It moves to a mark when all marks up to that one are there. Whatever a fault interrupts, no
//!   reader meets a gap, and the next run does the rest.
//! * **Two runs at once** each read the marks before the codes, and write a mark only as long as it names what they have
//!   read. So the run that has read earlier does not undo a correction. A run whose write is refused leaves the listing to
//!   the other one. What two runs get wrong all the same lies behind `checked`, and the next run counts it.
//! * **A code that is put in later than that**, by a repair: [`Upkeep::recount_from`] sets `checked` back. `recount_after` says
//!   when the index shows the code for certain; no count that began before moves `checked`.
//! * **An organisation** is counted when its codes settle in the listing of all codes: the head of that listing says how far
//!   that is. A code that appears late there appears late in its organisation's listing, too. So before a mark of all codes is
//!   corrected, the head is set back to it.

mod check;
mod count;
mod run;
mod walk;
mod writes;

pub use check::Rebuild;
pub use count::Counted;
pub use run::Upkept;

use super::dynamodb::Table;

/// The writer of page indexes. It may run while calls do, and beside other runs. What a run that fails has done stays.
#[derive(Clone, Debug)]
pub struct Upkeep {
    pub(super) table: Table,
    /// The minimum age, in seconds, before a code has its place for good.
    pub(super) settle_seconds: u32,
}
