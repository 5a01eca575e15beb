//! The codes of one mentor, strongly consistent: they follow from the mentor's slot, which names them all and says which
//! is active, as every change reads it.
//!
//! Two round trips: the mentor's partition (the slot and its pages), then the records of the page's codes. The code that
//! the slot holds comes from the slot, never from its record. So `status=active` shows exactly the code that a
//! get-or-create would answer with, or none, and takes one round trip.
//!
//! A filter by another status, or by organisation, reads the records of all the mentor's codes, at most
//! [`crate::limits::MAX_CODES_READ`]; a page by cursor at most [`crate::limits::MAX_EXAMINED`].

use std::collections::{BTreeMap, HashMap};

use super::super::item::Attributes;
use super::super::key::{Key, PK};
use super::super::session::{Confirmed, Session, unsound};
use super::super::slot::{self, EarlierCode, Slot};
use super::super::{StoreError, item};
use super::{ListError, examined, few_enough};
use crate::limits::MAX_OLDER_SNAPSHOTS;
use crate::model::{
    CodeId, CursorPage, CursorPageRequest, Filter, MentorId, Order, Page, PageRequest, ReferralCode, Status,
};

pub(super) async fn page(session: &Session<'_>, mentor: &MentorId, request: &PageRequest) -> Result<Page, ListError> {
    let PageRequest { filter, order, .. } = request;
    if filter.status == Some(Status::Active) {
        let active = active_code(session, mentor, filter).await?;
        return Ok(request.page_of(active));
    }
    if filter.asks_more_than_its_listing() {
        let codes = records_of_some(session, mentor, *order, few_enough).await?;
        return Ok(request.page_of(codes.into_iter().filter(|code| filter.fits(code, session.now))));
    }
    let mut total = 0;
    let on_page = |codes: Vec<EarlierCode>| {
        let page = request.page_of(codes);
        total = page.total;
        Ok(page.codes)
    };
    let codes = records_of_some(session, mentor, *order, on_page).await?;
    Ok(Page { codes, total })
}

pub(super) async fn page_after(
    session: &Session<'_>,
    mentor: &MentorId,
    request: &CursorPageRequest,
) -> Result<CursorPage, ListError> {
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
    let examined = examined(request);
    let examine =
        |codes: Vec<EarlierCode>| Ok(codes.into_iter().filter(|code| is_after(code.ulid)).take(examined + 1).collect());
    let codes = records_of_some(session, mentor, *order, examine).await?;
    Ok(request.page_of(codes, examined, session.now))
}

async fn active_code(
    session: &Session<'_>,
    mentor: &MentorId,
    filter: &Filter,
) -> Result<Option<ReferralCode>, StoreError> {
    Ok(session.slot(mentor).await?.map(|slot| slot.into_inner().held).filter(|code| filter.fits(code, session.now)))
}

/// The records of those of a mentor's codes that a list needs.
async fn records_of_some(
    session: &Session<'_>,
    mentor: &MentorId,
    order: Order,
    mut needed: impl FnMut(Vec<EarlierCode>) -> Result<Vec<EarlierCode>, ListError>,
) -> Result<Vec<ReferralCode>, ListError> {
    for _ in 0..=MAX_OLDER_SNAPSHOTS {
        let Some((slot, codes)) = codes_of(session, mentor, order).await? else {
            // What was needed of a slot that is gone does not count.
            needed(Vec::new())?;
            return Ok(Vec::new());
        };
        if let Some(records) = records_of(session, &slot, &needed(codes)?).await? {
            return Ok(records);
        }
    }
    Err(unsound(mentor).into())
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

/// All codes of a mentor in this order, with the slot that holds the last of them: one query, if the slot's last change is
/// known to be complete. None if the mentor has no code.
async fn codes_of(
    session: &Session<'_>,
    mentor: &MentorId,
    order: Order,
) -> Result<Option<(Confirmed<Slot>, Vec<EarlierCode>)>, StoreError> {
    let mut slot = None;
    let mut pages = BTreeMap::new();
    for item in &session.mentor_partition(mentor).await? {
        match Key::of(item) {
            Some(Key::Slot(_)) => slot = session.confirm_slot(item).await?,
            Some(Key::Earlier { page: number, .. }) => drop(pages.insert(number, slot::page(item)?)),
            _ => return Err(Attributes::of(item)?.malformed(PK).into()),
        }
    }
    let Some(slot) = slot else { return Ok(None) };
    // A page that the slot does not count yet repeats what the slot has.
    pages.retain(|number, _| *number <= slot.pages);
    // The query may have read a page's place before the page was put, and the slot after. Read now, the page is there.
    let missing = (1..=slot.pages).filter(|number| !pages.contains_key(number));
    let missing: Vec<_> = missing.map(|page| Key::Earlier { mentor: mentor.clone(), page }).collect();
    for item in &session.final_items(&missing).await? {
        if let Some(Key::Earlier { page: number, .. }) = Key::of(item) {
            pages.insert(number, slot::page(item)?);
        }
    }
    if pages.len() != slot.pages as usize {
        return Err(unsound(mentor));
    }
    let mut codes: Vec<_> = pages.into_values().flatten().collect();
    codes.extend(slot.earlier.iter().cloned());
    codes.push(EarlierCode::of(&slot.held));
    codes.sort_unstable();
    if order == Order::NewestFirst {
        codes.reverse();
    }
    Ok(Some((slot, codes)))
}
