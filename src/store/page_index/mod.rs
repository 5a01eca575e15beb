//! The page index of a listing: numbered pages with a total, each for the same price.
//!
//! 1. DynamoDB has no offset and no count; but codes are never deleted, and a listing is in the order of their creation, so
//!    the k-th oldest code stays the k-th as soon as no code can appear before it any more.
//! 2. A **mark** is a small item that says which code is the k-th, for each k that is a multiple of 100.
//! 3. The **head** is one item that names the last mark, and the **tail** is what follows that mark.
//! 4. `total` is the position of the last mark plus the length of the tail, and a page is one query from the nearest mark.
//! 5. A list only reads, and asks for all at once: the head, the newest codes, the tail, and the marks around the page; so
//!    a page of the newest codes takes one round trip, and any other takes two.
//! 6. A process that does not remember the last mark reads the head first, which takes one round trip more.
//! 7. The upkeep ([`super::upkeep`]) alone writes: it counts the codes of the last 20 minutes again, puts each mark that is
//!    missing, corrects in place each that names another code, and then moves the head.
//! 8. It makes a mark when the mark's code is `LISTING_SETTLE_SECONDS` old, which is longer than clocks differ, a call
//!    lasts, and an index lags, together.
//! 9. While a listing grows fast, it also makes marks of codes that are two seconds old, every five seconds, so that tails
//!    stay short; such a mark may be off by a few codes until it is counted again.
//! 10. If the tail is longer than a list may read, a list shows the newest codes and counts as far as it may; any page
//!     that needs more answers 503 until the upkeep has run.

mod items;
mod memory;
mod page;
mod place;
mod tail;

pub(super) use items::{
    Head, ORGANISATIONS, Point, Progress, mark_attributes, marks_between, parse_mark, progress_attributes, read_marks,
};
pub(super) use memory::Memory;
pub(super) use page::PageIndex;
pub(super) use tail::Tail;
