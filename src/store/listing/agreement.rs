//! No page contradicts itself: of the codes that one answer shows, at most one is a mentor's active code.
//!
//! The entries of an index arrive one by one. After a rotation the new code may be there while the old one's entry still
//! says that it is active. Two things correct that:
//!
//! 1. A code that another one *on the page* has replaced has ended, as that one's record tells.
//! 2. If a mentor still has several active codes on the page, their records are read from the table, strongly consistent.
//!    All these codes exist there, and the table has one active code per mentor at every moment: of two records that are
//!    read one after the other both as active, the later would have become active before the earlier had ended.
//!
//! The second takes a round trip more, and happens only while an index lags by more than one change of a mentor, or by an
//! invalidation.

use std::collections::HashMap;

use super::super::dynamodb::Table;
use super::super::key::Key;
use super::super::{StoreError, item};
use crate::model::{CodeId, MentorId, ReferralCode, State, Timestamp};

/// The codes as they agree with each other, in the same order.
pub(super) async fn reconcile(
    table: &Table,
    mut codes: Vec<ReferralCode>,
    now: Timestamp,
) -> Result<Vec<ReferralCode>, StoreError> {
    if conflicting(&codes, now).is_empty() {
        return Ok(codes);
    }
    end_replaced(&mut codes);
    let conflicting = conflicting(&codes, now);
    if conflicting.is_empty() {
        return Ok(codes);
    }
    let keys: Vec<_> = conflicting.iter().map(|id| Key::Record(id.clone()).attributes()).collect();
    for record in &table.get_all(&keys).await? {
        if let Some(record) = item::known_code(record)?
            && let Some(code) = codes.iter_mut().find(|code| code.id == record.id)
        {
            *code = record;
        }
    }
    Ok(codes)
}

/// The active codes of each mentor who has several.
fn conflicting(codes: &[ReferralCode], now: Timestamp) -> Vec<CodeId> {
    let mut active: HashMap<&MentorId, Vec<&CodeId>> = HashMap::new();
    for code in codes.iter().filter(|code| code.is_active(now)) {
        active.entry(&code.mentor_id).or_default().push(&code.id);
    }
    let mut conflicting: Vec<_> = active.into_values().filter(|ids| ids.len() > 1).flatten().cloned().collect();
    conflicting.sort_unstable();
    conflicting
}

/// Ends every active code that another of these has replaced, as the transaction has that replaced it.
fn end_replaced(codes: &mut [ReferralCode]) {
    let end = |code: &ReferralCode| Some((code.predecessor()?.id.clone(), code.end_of_predecessor()?));
    let mut ends: HashMap<CodeId, State> = codes.iter().filter_map(end).collect();
    for code in codes.iter_mut().filter(|code| code.state == State::Active) {
        if let Some(end) = ends.remove(&code.id) {
            code.state = end;
        }
    }
}
