//! The upkeep of all page indexes: what a maintenance run does, and no call.
//!
//! Lists make the marks that they find missing, so the indexes stay right without any upkeep. It does what lists cannot:
//!
//! | module | for |
//! | --- | --- |
//! | `run` | one run, within its time: the listing of all codes, then those of organisations with new codes |
//! | `advance` | makes all marks of a listing that are due, and counts a listing that grows fast |
//! | `check` | counts the newest steps again: two marks that follow each other are a hundred codes apart |
//! | `rebuild` | makes a new generation of marks beside the live one, and deletes the old one |
//! | `state` | the items that keep the progress of both from run to run |
//!
//! # Late arrivals
//!
//! A code that appears behind a mark makes that mark, and all later ones, wrong by one. Three look out for it, at no
//! cost but the last's: makers of the same mark that name different codes; a list that has counted across a mark that
//! another process made; and each run, for the steps of the last [`crate::limits::CHECKED_AGE`]. An audit looks at all
//! marks. Whoever finds one logs an error with `event` = `late_arrival` ([`report_wrong_mark`]). The upkeep and a repair also begin a
//! rebuild.
//!
//! # Rebuilds
//!
//! The new generation is counted from the oldest code on. Its marks have keys of their own, so no reader meets them until
//! the head names their generation: then all do, from one write on. The old marks are deleted half an hour later, when
//! no process builds upon them any more. A large listing takes several runs: `state` has the progress. A rebuild that meets
//! a mark of its own generation which names another code starts over with the next generation.

mod advance;
mod check;
mod rebuild;
mod run;
mod state;

use ulid::Ulid;

use super::Listing;
use super::index::Point;

pub use rebuild::Rebuild;
pub use run::Upkeep;
pub(in crate::store) use state::{NewGeneration, Sweep};

/// Logs that a mark does not count right. `counted`: the code that was found at its position.
pub(super) fn report_wrong_mark(listing: &Listing, mark: Point, counted: Option<Ulid>, found_by: &'static str) {
    tracing::error!(
        event = "late_arrival",
        %listing,
        position = mark.position,
        marked = %mark.ulid,
        counted = counted.map(tracing::field::display),
        found_by,
        "a page mark counts wrongly: a code appeared in the listing later than LISTING_SETTLE_SECONDS allows; pages by number may \
         repeat or skip it until the page index is rebuilt; look at the clocks of all processes"
    );
}
