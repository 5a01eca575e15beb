//! A mentor's codes, from the slot and the pages behind it ([`super::slot`] says how they are kept).

use std::collections::BTreeMap;

use super::StoreError;
use super::item::Attributes;
use super::key::{Key, PK};
use super::session::{Confirmed, Session, unsound};
use super::slot::{EarlierCode, Slot, page};
use crate::model::{MentorId, Order};

/// All codes of a mentor in this order, with the slot that holds the last of them: one query, if the slot's last change is
/// known to be complete. None if the mentor has no code.
pub(super) async fn codes_of(
    session: &Session<'_>,
    mentor: &MentorId,
    order: Order,
) -> Result<Option<(Confirmed<Slot>, Vec<EarlierCode>)>, StoreError> {
    let mut slot = None;
    let mut pages = BTreeMap::new();
    for item in &session.mentor_partition(mentor).await? {
        match Key::of(item) {
            Some(Key::Slot(_)) => slot = session.confirm_slot(item).await?,
            Some(Key::Earlier { page: number, .. }) => drop(pages.insert(number, page(item)?)),
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
            pages.insert(number, page(item)?);
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
