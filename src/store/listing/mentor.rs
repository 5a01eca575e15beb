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
use crate::limits::MAX_OLDER_SNAPSHOTS;
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
    for _ in 0..=MAX_OLDER_SNAPSHOTS {
        let Some((slot, codes)) = codes_of(session, mentor, *order).await? else { return Ok(request.page_of([])) };
        if filter.asks_more_than_its_listing() {
            let Some(codes) = records_of(session, &slot, &few_enough(codes)?).await? else { continue };
            return Ok(request.page_of(codes.into_iter().filter(|code| filter.fits(code, session.now))));
        }
        let Page { codes, total } = request.page_of(codes);
        let Some(codes) = records_of(session, &slot, &codes).await? else { continue };
        return Ok(Page { codes, total });
    }
    Err(unsound(mentor).into())
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
    for _ in 0..=MAX_OLDER_SNAPSHOTS {
        let Some((slot, codes)) = codes_of(session, mentor, *order).await? else {
            return Ok(CursorPage { codes: Vec::new(), next: None });
        };
        let examined = examined(request);
        let codes: Vec<_> = codes.into_iter().filter(|code| is_after(code.ulid)).take(examined + 1).collect();
        if let Some(codes) = records_of(session, &slot, &codes).await? {
            return Ok(request.page_of(codes, examined, session.now));
        }
    }
    Err(unsound(mentor))
}

async fn active_code(
    session: &Session<'_>,
    mentor: &MentorId,
    filter: &Filter,
) -> Result<Option<ReferralCode>, StoreError> {
    Ok(session.slot(mentor).await?.map(|slot| slot.into_inner().held).filter(|code| filter.fits(code, session.now)))
}

/// The records of a mentor's codes, in the same order. The one that the slot holds comes from the slot. All others
/// have ended for good before the slot's last change was made, and are the slot's mentor's.
/// None if the mentor was forgotten after the slot was read: the list then starts over, and does not tell the pseudonym.
async fn records_of(
    session: &Session<'_>,
    slot: &Confirmed<Slot>,
    codes: &[EarlierCode],
) -> Result<Option<Vec<ReferralCode>>, StoreError> {
    let ids: Vec<CodeId> = codes.iter().map(EarlierCode::id).collect();
    let ended = ids.iter().filter(|id| **id != slot.held.id);
    let keys: Vec<_> = ended.map(|id| Key::Record(id.clone())).collect();
    let mut records = HashMap::from([(slot.held.id.clone(), slot.held.clone())]);
    for item in &session.final_items(&keys).await? {
        // A list may name a lost code only on a table that contradicts itself.
        let Some(code) = item::known_code(item)? else { continue };
        let mentor_id = &slot.held.mentor_id;
        if mentor_id.forgotten_at().is_none() && code.mentor_id.forgotten_at().is_some() {
            // Once this change is complete, the slot shows it.
            session.confirm_record(item).await?;
            return Ok(None);
        }
        records.insert(code.id.clone(), ReferralCode { mentor_id: mentor_id.clone(), ..code });
    }
    let codes = ids.iter().map(|id| records.remove(id).ok_or_else(|| unsound(&slot.held.mentor_id)));
    codes.collect::<Result<_, _>>().map(Some)
}
