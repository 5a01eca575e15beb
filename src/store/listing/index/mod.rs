//! The page index of a listing: numbered pages with a total, each for the same price.
//!
//! DynamoDB has no offset and no count. Here neither is needed: codes are never deleted, and a listing is ordered by
//! ULID, which begins with the time of creation. So the k-th oldest code of a listing, once it has *settled*, stays the
//! k-th.
//!
//! # What it consists of
//!
//! * **Page marks** ([`marks`]): a mark is a small item that says which code is the k-th, for each k that is a multiple
//!   of [`marks::MARK_INTERVAL`]. It is never changed.
//! * **The head** ([`head`]): one item that says which generation of marks is live, and which mark of it is the last. In a
//!   listing that grows fast it also has the last **count**: the position of a younger code, which may become wrong.
//! * What a process remembers of both ([`known`]).
//!
//! The **tail** ([`tail`]) is what follows the last mark. `total` is the position of that mark plus the length of the tail,
//! and a page is one query from the nearest mark, which is at most half an interval away ([`place`]).
//!
//! # A list's round trips
//!
//! A process that remembers the head asks for everything at once: the head as it is now, the newest codes whole, the tail,
//! and the marks around the page ([`page`]). A page near the newest code is complete then: one round trip. Any other page
//! is one query more. A process that knows nothing of the listing reads its head first: one more.
//!
//! # Why it is right
//!
//! A mark is wrong if a code appears in the index *before* it after it was made. A code's position follows from the clock
//! of the process that made it, at the start of its call. The code appears in the index when the write is done and the
//! index has caught up. Between the two lie at most: the difference between two processes' clocks, the longest write in
//! flight ([`crate::limits::CALL_DEADLINE`]), and the delay of a global secondary index, usually well under a second. A
//! mark is made only at a code that is older than `LISTING_SETTLE_SECONDS` by the maker's clock. That setting exceeds
//! their sum.
//!
//! * **Makers agree.** Over settled codes every maker counts the same. A mark is put only if absent; a maker that finds
//!   another code in its place reports it and stops.
//! * **Marks are derived.** Only pages depend on them. No write of the guarantee waits for a lock or a counter.
//! * **The head comes last.** It moves to a mark when all marks up to that one are there, and readers use no later one. So
//!   whatever a fault interrupts, no reader meets a gap. Two who move it start from a `version`, and one of them loses.
//! * **Nobody waits.** Marks that are due are made beside the list that has met them ([`advance`]), and by the upkeep
//!   ([`super::upkeep`]). In Lambda the process may be frozen before they are done; then the next list finds them still due.
//! * **A late arrival**, a code that appears before a mark all the same, is found and mended: see [`super::upkeep`]. Until
//!   then `total` misses it, and a page border after it may repeat or skip a code.
//!
//! # Fast listings
//!
//! Counting the whole tail for each list costs half a read unit per 4 KB, and no list may read more than
//! [`crate::limits::LIST_BUDGET_BYTES`] of it. So while more than [`crate::limits::BUSY_CODES`] codes are made in ten
//! seconds, `total` may be a few seconds old, as the contract allows, and there are three ways to it ([`count`]): the
//! process's own last answer, the codes after the last count, or the whole tail. If even the count is so far behind that
//! the budget does not reach the newest code, a page near the newest code still answers, with as much as was counted;
//! other pages answer 503. The next list goes on from there.

mod advance;
mod count;
mod head;
mod known;
mod marks;
mod page;
mod place;
mod tail;

pub(super) use count::count_of_fast_listing;
pub(in crate::store) use head::Head;
pub(super) use head::{attributes_of, point_of};
pub(in crate::store) use known::PageIndexes;
pub(super) use marks::Made;
pub(in crate::store) use marks::{MARK_INTERVAL, Point, point};
pub(super) use tail::Tail;
