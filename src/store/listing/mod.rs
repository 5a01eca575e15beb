//! The listings: codes in the order of their creation, in numbered pages with an exact total, or page by page with a
//! cursor. Never a Scan.
//!
//! | module | for |
//! | --- | --- |
//! | `query` | queries of a listing's index |
//! | `index` | the page index: numbered pages of a whole listing, each for the same price |
//! | `upkeep` | what a maintenance run does for all page indexes; finds and mends what is wrong in them |
//! | `filtered` | a numbered page of the codes with a status |
//! | `cursor_page` | pages by cursor |
//! | `mentor` | the codes of one mentor |
//! | `agreement` | no page shows two active codes of one mentor |
//!
//! # Filters
//!
//! Each `org_id` has a listing, and so a page index, of its own. A mentor's codes follow from the mentor's slot
//! ([`mentor`]), and a `code` from its claim; both reads are strongly consistent. A status changes, and `expired` comes with
//! time alone, so no index can hold it. A numbered page of a status reads its listing, at most
//! [`crate::limits::MAX_CODES_READ`] codes. If there are more, the error leads to cursors. A page by cursor has bounded
//! cost under every filter.

mod agreement;
mod cursor_page;
mod filtered;
mod index;
mod mentor;
mod query;
mod upkeep;

pub use cursor_page::{CursorPage, CursorPageRequest};
pub(super) use index::{Head, MARK_INTERVAL, PageIndexes, Point, point};
pub(super) use upkeep::{NewGeneration, OrganisationsCursor};
pub use upkeep::{Rebuild, Upkeep};

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::session::Confirmed;
use super::{Store, StoreError};
use crate::model::{CallContext, CodeString, MentorId, OrgId, ReferralCode, Status, Timestamp};

/// The index of all records.
pub const BY_CREATION: &str = "by-creation";
/// The index of an organisation's records.
pub const BY_ORG: &str = "by-org";

/// A sequence of codes in the order of their creation. Its name is `all`, or `org#` and the organisation's id.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Listing {
    /// All codes.
    All,
    /// The codes of an organisation.
    Org(OrgId),
}

/// A text that is not the name of a listing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be all, or org# and the id of an organisation")]
pub struct InvalidListing;

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
        let page = Box::pin(self.indexed_page(&listing, request, cx)).await?;
        Ok(Page { codes: self.in_agreement(page.codes, now).await?, ..page })
    }

    /// Waits until the work on page indexes is done that lists of this process have left behind. No call needs that; a
    /// process that ends by itself, and a test, do.
    pub async fn finish_page_index_work(&self) {
        self.indexes.idle().await;
    }

    async fn page_of_one(
        &self,
        code: &CodeString,
        request: &PageRequest,
        cx: &CallContext<'_>,
    ) -> Result<Page, StoreError> {
        let found = self.session(cx).record_of(code).await?.map(Confirmed::into_inner);
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

/// A limit in milliseconds, as ULIDs and the items of the page indexes have their times.
fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl fmt::Display for Listing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => out.write_str("all"),
            Self::Org(org) => write!(out, "org#{org}"),
        }
    }
}

impl FromStr for Listing {
    type Err = InvalidListing;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        if name == "all" {
            return Ok(Self::All);
        }
        let org = name.strip_prefix("org#").ok_or(InvalidListing)?;
        OrgId::parse(org).map(Self::Org).map_err(|_| InvalidListing)
    }
}

impl Listing {
    /// Whether the code is in the listing.
    pub(super) fn has(&self, code: &ReferralCode) -> bool {
        match self {
            Self::All => true,
            Self::Org(org) => *org == code.org_id,
        }
    }
}
