//! The lists: numbered pages and pages by cursor, of one caller's codes.
//!
//! Each `org_id` has a listing, and so a page index ([`super::page_index`]), of its own. A mentor's codes follow from the
//! mentor's slot ([`mentor`]), and a `code` from its claim; both reads are strongly consistent. A status changes, and
//! `expired` comes with time alone, so no index can hold it. A numbered page of a status reads its listing, at most
//! [`crate::limits::MAX_CODES_READ`] codes. If there are more, the error leads to cursors.
//!
//! A page by cursor is one query, under every filter and at every place. It begins after the code with which the page
//! before ended. So a code that exists from the first page to the last is shown exactly once, whichever codes are made or
//! end in between.

mod agreement;
mod mentor;

use super::StoreError;
use super::dynamodb::Table;
use super::index_query::{Start, read_codes};
use super::page_index::{Memory, PageIndex};
use super::session::{Confirmed, Session};
use crate::limits::{MAX_CODES_READ, MAX_EXAMINED};
use crate::model::{CodeString, CursorPage, CursorPageRequest, OutOfSight, Page, PageRequest, ReferralCode};

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    #[error(transparent)]
    OutOfSight(#[from] OutOfSight),
    /// More than [`MAX_CODES_READ`] codes would have to be read to number them.
    #[error("more than {MAX_CODES_READ} codes would have to be read")]
    TooMany,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The lists of one call. It knows no sight: its caller has confined the filters ([`super::View`]).
pub(super) struct Lists<'a> {
    pub(super) table: &'a Table,
    pub(super) memory: &'a Memory,
    pub(super) session: &'a Session<'a>,
}

impl Lists<'_> {
    /// A numbered page; empty past the end.
    pub(super) async fn page(&self, request: &PageRequest) -> Result<Page, ListError> {
        let now = self.session.now;
        if let Some(code) = &request.filter.code {
            let found = self.by_code(code).await?;
            return Ok(request.page_of(found.filter(|found| request.filter.fits(found, now))));
        }
        if let Some(mentor) = &request.filter.mentor_id {
            return mentor::page(self.session, mentor, request).await;
        }
        let listing = &request.filter.listing();
        if request.filter.asks_more_than_its_listing() {
            // No index numbers the codes that fit.
            let codes = read_codes(self.table, listing, request.order, Start::End, MAX_CODES_READ + 1).await?;
            let codes = agreement::reconcile(self.table, few_enough(codes)?, now).await?;
            return Ok(request.page_of(codes.into_iter().filter(|code| request.filter.fits(code, now))));
        }
        let index = PageIndex { table: self.table, listing, memory: self.memory };
        let page = Box::pin(index.page(request, self.session.cx.unix_millis())).await?;
        Ok(Page { codes: agreement::reconcile(self.table, page.codes, now).await?, ..page })
    }

    pub(super) async fn page_after(&self, request: &CursorPageRequest) -> Result<CursorPage, ListError> {
        let now = self.session.now;
        let CursorPageRequest { filter, order, after, .. } = request;
        if let Some(code) = &filter.code {
            let found = if after.is_none() { self.by_code(code).await? } else { None };
            let codes = found.into_iter().filter(|code| filter.fits(code, now)).collect();
            return Ok(CursorPage { codes, next: None });
        }
        if let Some(mentor) = &filter.mentor_id {
            return mentor::page_after(self.session, mentor, request).await;
        }
        let examined = examined(request);
        let start = after.map_or(Start::End, Start::After);
        let read = read_codes(self.table, &filter.listing(), *order, start, examined + 1).await?;
        Ok(request.page_of(agreement::reconcile(self.table, read, now).await?, examined, now))
    }

    async fn by_code(&self, code: &CodeString) -> Result<Option<ReferralCode>, StoreError> {
        Ok(self.session.record_of(code).await?.map(Confirmed::into_inner))
    }
}

/// Codes that are to be read and filtered for a numbered page, unless they are too many.
fn few_enough<T>(codes: Vec<T>) -> Result<Vec<T>, ListError> {
    if codes.len() > MAX_CODES_READ { Err(ListError::TooMany) } else { Ok(codes) }
}

/// How many codes a page by cursor examines. One more tells whether there is a next page.
fn examined(request: &CursorPageRequest) -> usize {
    let limit = request.limit as usize;
    if request.filter.asks_more_than_its_listing() { MAX_EXAMINED.max(limit) } else { limit }
}
