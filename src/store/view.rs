//! All that a caller may do with codes, within the caller's sight: the way in from outside.
//!
//! A view holds the context of one call, and with it what the caller may see ([`Sight`]). A code out of sight looks
//! absent: it is found by no read, shown and counted by no list, and changed by no call. A request that names an
//! organisation or a mentor out of sight is refused before the table is asked ([`OutOfSight`]).

use super::dynamodb::Table;
use super::listing::Lists;
use super::organisation::OpenOrganisations;
use super::page_index::Memory;
use super::session::{Confirmed, Session};
use super::{
    By, GetOrCreate, GetOrCreateError, InvalidateError, ListError, Rotate, RotateError, StoreError, create, invalidate,
    rotate,
};
use crate::model::{
    CodeId, CursorPage, CursorPageRequest, Filter, OutOfSight, Page, PageRequest, ReferralCode, Sight, Timestamp,
};

/// The store as one call sees it. A call fails with a [`StoreError`] if the table does, or if a change stays in flight.
pub struct View<'a> {
    pub(super) session: Session<'a>,
    /// For the lists, which read indexes.
    pub(super) table: &'a Table,
    pub(super) memory: &'a Memory,
    pub(super) open: &'a OpenOrganisations,
}

impl View<'_> {
    pub fn now(&self) -> Timestamp {
        self.session.now
    }

    pub fn sight(&self) -> &Sight {
        self.session.cx.sight()
    }

    /// The code with this id, if there is one in sight.
    pub async fn get(&self, id: &CodeId) -> Result<Option<ReferralCode>, StoreError> {
        Ok(self.session.record(id).await?.map(Confirmed::into_inner))
    }

    /// The mentor's active code, made if there is none or the last one has expired.
    pub async fn get_or_create(&self, request: &GetOrCreate) -> Result<(ReferralCode, By), GetOrCreateError> {
        create::get_or_create(&self.session, self.open, request).await
    }

    /// Replaces the active code by a new one and returns that. Repeated, it returns the same one, as long as that is active.
    pub async fn rotate(&self, request: &Rotate) -> Result<(ReferralCode, By), RotateError> {
        Box::pin(rotate::rotate(&self.session, self.open, request)).await
    }

    /// Invalidates a code. Repeated, it returns the code as the first call has left it.
    pub async fn invalidate(&self, id: &CodeId) -> Result<(ReferralCode, By), InvalidateError> {
        invalidate::invalidate(&self.session, id).await
    }

    /// A numbered page of the codes in sight; empty past the end.
    pub async fn list(&self, request: &PageRequest) -> Result<Page, ListError> {
        let filter = self.confine(&request.filter)?;
        self.lists().page(&PageRequest { filter, ..request.clone() }).await
    }

    /// The page after a cursor, of the codes in sight.
    ///
    /// A page examines codes that do not fit its filter, and may end at one of them. If the list is of one mentor, that
    /// could be a code of the mentor's in another organisation, whose place a cursor must not tell. So such a page goes on
    /// until it ends at a code that it shows, or at the end.
    pub async fn list_after(&self, request: &CursorPageRequest) -> Result<CursorPage, ListError> {
        let filter = self.confine(&request.filter)?;
        let may_end_out_of_sight = *self.sight() != Sight::All && filter.mentor_id.is_some();
        let mut rest = CursorPageRequest { filter, ..request.clone() };
        let mut shown = Vec::new();
        loop {
            let CursorPage { codes, next } = self.lists().page_after(&rest).await?;
            shown.extend(codes);
            let ends_in_sight = next.is_none() || shown.last().map(|code| code.ulid) == next;
            if ends_in_sight || !may_end_out_of_sight {
                return Ok(CursorPage { codes: shown, next });
            }
            // Fewer than the limit are shown: a full page ends at its last code.
            rest.limit = request.limit.saturating_sub(u32::try_from(shown.len()).unwrap_or(u32::MAX)).max(1);
            rest.after = next;
        }
    }

    fn lists(&self) -> Lists<'_> {
        Lists { table: self.table, memory: self.memory, session: &self.session }
    }

    /// The filter with what confines the caller to codes in sight.
    fn confine(&self, filter: &Filter) -> Result<Filter, OutOfSight> {
        self.sight().check(filter.org_id.as_ref(), filter.mentor_id.as_ref())?;
        let mut confined = filter.clone();
        if let Sight::Org { org_id, mentor_id } = self.sight() {
            confined.org_id = Some(org_id.clone());
            confined.mentor_id = mentor_id.clone().or(confined.mentor_id);
        }
        Ok(confined)
    }
}
