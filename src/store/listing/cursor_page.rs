//! Pages by cursor: one query each over a listing, under every filter and at every place.
//!
//! A page begins after the code with which the page before ended. So a code that exists from the first page to the last is
//! shown exactly once, whichever codes are made or end in between.

use ulid::Ulid;

use super::super::session::Confirmed;
use super::super::{Store, StoreError};
use super::query::Start;
use super::{Filter, Order};
use crate::limits::MAX_EXAMINED;
use crate::model::{CallContext, ReferralCode, Timestamp};

/// Which page by cursor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CursorPageRequest {
    /// Of which codes.
    pub filter: Filter,
    /// From which end.
    pub order: Order,
    /// After which code the page begins; none for the first page.
    pub after: Option<Ulid>,
    /// How many codes at most.
    pub limit: u32,
}

/// A page by cursor. It may have fewer codes than asked for, even none, before the last page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CursorPage {
    /// The codes.
    pub codes: Vec<ReferralCode>,
    /// After which code the next page begins; none if this is the last page.
    pub next: Option<Ulid>,
}

impl CursorPageRequest {
    /// The page made of codes that follow the cursor. It examines at most `examined` of them. `read` has one more if there
    /// are more.
    pub(super) fn page_of(&self, read: Vec<ReferralCode>, examined: usize, now: Timestamp) -> CursorPage {
        let mut codes = Vec::new();
        let mut last = None;
        for (nth, code) in read.into_iter().enumerate() {
            if nth == examined || codes.len() == self.limit as usize {
                return CursorPage { codes, next: last };
            }
            last = Some(code.ulid);
            if self.filter.fits(&code, now) {
                codes.push(code);
            }
        }
        CursorPage { codes, next: None }
    }
}

impl Store {
    /// The page after a cursor.
    ///
    /// # Errors
    /// When the table cannot be read, or holds an item that this release cannot read.
    pub async fn list_after(
        &self,
        request: &CursorPageRequest,
        cx: &CallContext<'_>,
    ) -> Result<CursorPage, StoreError> {
        let now = cx.now();
        let CursorPageRequest { filter, order, after, limit } = request;
        if let Some(code) = &filter.code {
            let found =
                if after.is_none() { self.session(cx).record_of(code).await?.map(Confirmed::into_inner) } else { None };
            return Ok(CursorPage {
                codes: found.into_iter().filter(|code| filter.fits(code, now)).collect(),
                next: None,
            });
        }
        if let Some(mentor) = &filter.mentor_id {
            return self.session(cx).mentor_list_after(mentor, request).await;
        }
        let limit = *limit as usize;
        let examined = if filter.asks_more_than_its_listing() { MAX_EXAMINED.max(limit) } else { limit };
        let start = after.map_or(Start::End, Start::After);
        // One more than a page examines tells whether there is a next page.
        let (read, _) = self.read_listing(&filter.listing(), *order, start, examined + 1).await?;
        Ok(request.page_of(self.in_agreement(read, now).await?, examined, now))
    }
}
