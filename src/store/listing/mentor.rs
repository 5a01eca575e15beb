//! The codes of one mentor, strongly consistent: they follow from the mentor's slot, which names them all and says which
//! is active, as every change reads it.
//!
//! Two round trips: the mentor's partition (the slot and its pages), then the records of the page's codes. The code that
//! the slot holds comes from the slot, never from its record. So `status=active` shows exactly the code that a
//! get-or-create would answer with, or none, and takes one round trip.
//!
//! A filter by another status, or by organisation, reads the records of all the mentor's codes, at most
//! [`crate::limits::MAX_CODES_READ`]; a page by cursor at most [`crate::limits::MAX_EXAMINED`].

use std::collections::HashMap;

use super::super::earlier::codes_of;
use super::super::key::Key;
use super::super::session::{Confirmed, Session, unsound};
use super::super::slot::{EarlierCode, Slot};
use super::super::{StoreError, item};
use super::{ListError, examined, few_enough};
use crate::model::{
    CodeId, CursorPage, CursorPageRequest, Filter, MentorId, Order, Page, PageRequest, ReferralCode, Status,
};

/// A numbered page of a mentor's codes.
pub(super) async fn page(session: &Session<'_>, mentor: &MentorId, request: &PageRequest) -> Result<Page, ListError> {
    let PageRequest { filter, order, .. } = request;
    if filter.status == Some(Status::Active) {
        let active = active_code(session, mentor, filter).await?;
        return Ok(request.page_of(active));
    }
    let Some((slot, codes)) = codes_of(session, mentor, *order).await? else { return Ok(request.page_of([])) };
    if !filter.asks_more_than_its_listing() {
        let Page { codes, total } = request.page_of(codes);
        return Ok(Page { codes: records_of(session, &slot, &codes).await?, total });
    }
    let codes = records_of(session, &slot, &few_enough(codes)?).await?;
    Ok(request.page_of(codes.into_iter().filter(|code| filter.fits(code, session.now))))
}

/// A page by cursor of a mentor's codes.
pub(super) async fn page_after(
    session: &Session<'_>,
    mentor: &MentorId,
    request: &CursorPageRequest,
) -> Result<CursorPage, StoreError> {
    let CursorPageRequest { filter, order, after, .. } = request;
    let is_after = |ulid| match (after, order) {
        (None, _) => true,
        (Some(after), Order::NewestFirst) => ulid < *after,
        (Some(after), Order::OldestFirst) => ulid > *after,
    };
    if filter.status == Some(Status::Active) {
        let active = active_code(session, mentor, filter).await?;
        return Ok(CursorPage { codes: active.into_iter().filter(|code| is_after(code.ulid)).collect(), next: None });
    }
    let Some((slot, codes)) = codes_of(session, mentor, *order).await? else {
        return Ok(CursorPage { codes: Vec::new(), next: None });
    };
    let examined = examined(request);
    let codes: Vec<_> = codes.into_iter().filter(|code| is_after(code.ulid)).take(examined + 1).collect();
    Ok(request.page_of(records_of(session, &slot, &codes).await?, examined, session.now))
}

async fn active_code(
    session: &Session<'_>,
    mentor: &MentorId,
    filter: &Filter,
) -> Result<Option<ReferralCode>, StoreError> {
    Ok(session.slot(mentor).await?.map(|slot| slot.into_inner().held).filter(|code| filter.fits(code, session.now)))
}

/// The records of a mentor's codes, in the same order. The one that the slot holds comes from the slot. All others
/// have ended for good before the slot's last change was made.
async fn records_of(
    session: &Session<'_>,
    slot: &Confirmed<Slot>,
    codes: &[EarlierCode],
) -> Result<Vec<ReferralCode>, StoreError> {
    let ids: Vec<CodeId> = codes.iter().map(EarlierCode::id).collect();
    let ended = ids.iter().filter(|id| **id != slot.held.id);
    let keys: Vec<_> = ended.map(|id| Key::Record(id.clone())).collect();
    let mut records = HashMap::from([(slot.held.id.clone(), slot.held.clone())]);
    for item in &session.final_items(&keys).await? {
        // A list may name a lost code only on a table that contradicts itself.
        if let Some(code) = item::known_code(item)? {
            records.insert(code.id.clone(), code);
        }
    }
    ids.iter().map(|id| records.remove(id).ok_or_else(|| unsound(&slot.held.mentor_id))).collect()
}
