//! The listings: codes in the order of their creation, in numbered pages with an exact total, or page by page with a
//! cursor. Never a Scan.
//!
//! # The page index
//!
//! DynamoDB has no offset and no count. Here neither is needed: codes are never deleted, and a listing is ordered by ULID,
//! which begins with the time of creation. So the k-th oldest code of a listing, once it has *settled*, stays the k-th. A
//! **page mark** ([`marks`]) is a small item that says which code that is, for each k that is a multiple of
//! [`marks::MARK_INTERVAL`]. With marks,
//!
//! * `total` is the position of the last mark plus the length of the **tail**, the codes after it ([`tail`]);
//! * a page is one query from the nearest mark, which is at most half an interval away ([`page`]).
//!
//! A page costs the same at a thousand codes and at ten million, at page 1 and at page 50,000. It takes three round trips:
//! the last mark; the tail, and at the same time the marks around the page; the page. Its capacity units depend on `limit`
//! and on the length of the tail.
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
//! * **Makers agree.** Over settled codes every maker counts the same, and a mark is put only if absent.
//! * **Marks are derived.** Only pages depend on them. No write of the guarantee waits for a lock or a counter. The calls
//!   that make missing marks are lists that find a tail longer than an interval, and 1 in [`CREATES_PER_MAINTENANCE`]
//!   creates, so that the index keeps up if no lists come. Rotations and invalidations make none.
//! * **Work per call is bounded.** A call reads at most [`crate::limits::MAX_QUERIES`] answers of the tail, for at most
//!   [`crate::limits::INDEX_TIME_LIMIT`]. If that is not the whole tail, the table is slow or the index is behind: its
//!   marks were deleted, or no list and no create has come for very long. The call then makes the marks it can, and
//!   answers `503` with `Retry-After` instead of a guess. The next call starts from the new last mark.
//! * **No gaps.** Marks are made in order, one after the other. So a call that ends in the middle, by a fault or a crash,
//!   leaves a shorter index and no gap. A gap would never be filled, and its pages would stay expensive.
//! * **A late arrival** is a code that appears before a mark all the same, because a clock was off by more than the settling
//!   time. From there on pages are wrong by one: `total` misses the code, and a page border after it may repeat or skip a
//!   code. Cursors show every code, and so do `GET /:id` and the filters by mentor and by code.
//! * **To rebuild** a listing's index, delete its marks: the items with the partition key `marks#…`. The next calls make
//!   them again.
//!
//! # Filters
//!
//! Each `org_id` has a listing, and so a page index, of its own. A mentor's codes follow from the mentor's slot
//! ([`mentor`]), and a `code` from its claim; both reads are strongly consistent. A status changes, and `expired` comes with
//! time alone, so no index can hold it. A numbered page of a status reads its listing, at most
//! [`crate::limits::MAX_CODES_READ`] codes. If there are more, the error leads to cursors. A page by cursor has bounded
//! cost under every filter.

mod cursor_page;
mod filtered;
mod marks;
mod mentor;
mod page;
mod query;
mod tail;

pub use cursor_page::{CursorPage, CursorPageRequest};

use super::{Store, StoreError};
use crate::model::{CallContext, CodeString, MentorId, OrgId, ReferralCode, Status, Timestamp};

/// The index of all records.
pub const BY_CREATION: &str = "by-creation";
/// The index of an organisation's records.
pub const BY_ORG: &str = "by-org";

/// One in this many creates also updates the page index.
pub const CREATES_PER_MAINTENANCE: u128 = 256;

/// A sequence of codes in the order of creation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Listing {
    All,
    Org(OrgId),
}

/// From which end a listing is read.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Order {
    /// `-created_at`
    NewestFirst,
    /// `created_at`
    OldestFirst,
}

/// Which codes a list shows: those that fit every part that is given.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Filter {
    /// Of this organisation.
    pub org_id: Option<OrgId>,
    /// Of this mentor.
    pub mentor_id: Option<MentorId>,
    /// With this status at the moment of the call.
    pub status: Option<Status>,
    /// With this code string.
    pub code: Option<CodeString>,
}

/// Which page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PageRequest {
    /// Of which codes.
    pub filter: Filter,
    /// From which end.
    pub order: Order,
    /// From 1.
    pub page: u64,
    /// How many codes a page has.
    pub limit: u32,
}

/// A page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page<T = ReferralCode> {
    /// The codes on it, in the order asked for.
    pub codes: Vec<T>,
    /// How many codes there are on all pages.
    pub total: u64,
}

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// Too many codes would have to be read to number them.
    #[error("more than {most} codes would have to be read")]
    TooMany {
        /// How many may be read.
        most: usize,
    },
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// A numbered page; empty past the end.
    ///
    /// # Errors
    /// When a filter by status would have to read too much, the page index is catching up, or the table fails.
    pub async fn list(&self, request: &PageRequest, cx: &CallContext<'_>) -> Result<Page, ListError> {
        let now = cx.now();
        if let Some(code) = &request.filter.code {
            return Ok(self.page_of_one(code, request, cx).await?);
        }
        if let Some(mentor) = &request.filter.mentor_id {
            return self.session(cx).mentor_page(mentor, request).await;
        }
        let listing = request.filter.listing();
        if request.filter.asks_more_than_its_listing() {
            return self.filtered_page(&listing, request, now).await;
        }
        Ok(self.indexed_page(&listing, request, now).await?)
    }

    async fn page_of_one(
        &self,
        code: &CodeString,
        request: &PageRequest,
        cx: &CallContext<'_>,
    ) -> Result<Page, StoreError> {
        let found = self.by_code(code, cx).await?;
        Ok(request.page_of(found.filter(|found| request.filter.fits(found, cx.now()))))
    }
}

impl PageRequest {
    /// The page of all these codes, which come in the order asked for.
    fn page_of<T>(&self, all: impl IntoIterator<Item = T>) -> Page<T> {
        let before = (self.page - 1).saturating_mul(u64::from(self.limit));
        let mut total = 0;
        let mut codes = Vec::new();
        for code in all {
            if total >= before && codes.len() < self.limit as usize {
                codes.push(code);
            }
            total += 1;
        }
        Page { codes, total }
    }
}

impl Filter {
    /// The shorter of the listings that have every code that fits.
    fn listing(&self) -> Listing {
        self.org_id.clone().map_or(Listing::All, Listing::Org)
    }

    /// Whether a code fits every part.
    pub(super) fn fits(&self, code: &ReferralCode, now: Timestamp) -> bool {
        self.org_id.as_ref().is_none_or(|org| *org == code.org_id)
            && self.mentor_id.as_ref().is_none_or(|mentor| *mentor == code.mentor_id)
            && self.status.is_none_or(|status| status == code.status(now))
            && self.code.as_ref().is_none_or(|string| *string == code.code)
    }

    /// Whether some codes of the listing, or of the mentor, may not fit.
    pub(super) fn asks_more_than_its_listing(&self) -> bool {
        self.status.is_some() || self.code.is_some() || (self.mentor_id.is_some() && self.org_id.is_some())
    }
}

impl Listing {
    /// The name under which the listing's page marks are kept.
    fn name(&self) -> String {
        match self {
            Self::All => "all".to_owned(),
            Self::Org(org) => format!("org#{org}"),
        }
    }

    /// The listing with this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        if name == "all" {
            return Some(Self::All);
        }
        OrgId::parse(name.strip_prefix("org#")?).ok().map(Self::Org)
    }

    /// Whether the code is in the listing.
    pub(super) fn has(&self, code: &ReferralCode) -> bool {
        match self {
            Self::All => true,
            Self::Org(org) => *org == code.org_id,
        }
    }
}
