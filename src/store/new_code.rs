//! A new code takes its place in its mentor's slot: what a create and a rotation have in common.
//!
//! The transaction is sent, and its outcome tells whether this call has made the code, or what to start over from.

use super::StoreError;
use super::change::Change;
use super::dynamodb::{FailedConditions, Item, Outcome};
use super::item;
use super::session::{Confirmed, Session, unsound};
use super::slot::{self, Slot};
use super::transaction_writes::{self, NEW_CLAIM, NEW_RECORD, REPLACED_RECORD, SLOT};
use crate::limits::MAX_ROUNDS;
use crate::model::{CodeCandidate, MentorId, ReferralCode};

/// Who has made the change that a call answers with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// This call.
    This,
    /// One before: the change was there when this call came.
    Earlier,
    /// Another one, while this call was about to make it.
    Other,
}

/// A new code that is not made, and that no attempt of this call can make any more.
pub(super) struct Declined {
    /// The slot to start over from.
    pub(super) slot: Option<Confirmed<Slot>>,
    /// What stands in the slot's place, if the mentor is forgotten.
    pub(super) place: Option<Item>,
    /// The next candidate for an id and a code string.
    pub(super) candidate: CodeCandidate,
}

/// Makes a code in the place of what the slot held before. None: this call has made it, by this attempt or by an earlier one.
pub(super) async fn make(
    session: &Session<'_>,
    code: &ReferralCode,
    candidate: CodeCandidate,
    before: Option<Confirmed<Slot>>,
    place: Option<&Item>,
) -> Result<Option<Declined>, StoreError> {
    if let Some(before) = &before
        && let Some(page) = before.full_page()
        && !session.put_if_absent(page).await?
    {
        check_page(session, before).await?;
    }
    let writes = transaction_writes::of_new_code(session.writes(), code, before.as_ref(), place);
    let Outcome::ConditionFailed(failed) = Box::pin(session.transact(writes, &Change::of(code))).await? else {
        return Ok(None);
    };
    if is_our_own(session, &failed, code).await? {
        return Ok(None);
    }
    let found = failed.existing_item(SLOT).filter(|item| slot::is_forgotten(item));
    let place = if failed.failed_at(SLOT) { found } else { place }.cloned();
    let slot = slot_of_next_round(session, &failed, before, &code.mentor_id).await?;
    let (id_taken, string_taken) = (failed.failed_at(NEW_RECORD), failed.failed_at(NEW_CLAIM));
    Ok(Some(Declined { slot, place, candidate: candidate.after_collision(id_taken, string_taken, &session.cx) }))
}

/// Looks at the page that is there already when a full slot is about to count it.
///
/// All changes that start from one slot put the same page. But a call may have put its page after a repair had changed the
/// slot: its own change was declined then, and its page stayed.
///
/// # Errors
/// If the page holds other codes than the slot, and the slot is still as it was: a repair deletes such a page.
async fn check_page(session: &Session<'_>, before: &Confirmed<Slot>) -> Result<(), StoreError> {
    let mentor = &before.held.mentor_id;
    let found = session.final_items(&[before.next_page()]).await?.first().map(slot::page).transpose()?;
    let is_in_the_way = found.is_some_and(|codes| codes != before.earlier);
    if is_in_the_way && session.slot(mentor).await?.as_ref() == Some(before) {
        return Err(unsound(mentor));
    }
    Ok(())
}

/// Whether the record that a new code met is that very code: an earlier attempt of this call had succeeded, and its answer
/// was lost. Then the change is confirmed, too.
///
/// The item that came with the failed condition may be visible before the rest of its change. The change is decided all the
/// same, and its confirmation waits until it is complete.
async fn is_our_own(
    session: &Session<'_>,
    failed: &FailedConditions,
    written: &ReferralCode,
) -> Result<bool, StoreError> {
    if !failed.failed_at(NEW_RECORD) {
        return Ok(false);
    }
    let found = match failed.existing_item(NEW_RECORD) {
        Some(item) => item::known_code(item)?,
        None => session.record(&written.id).await?.map(Confirmed::into_inner),
    };
    // It may have ended since, and its mentor been forgotten. Nothing else of a code ever changes.
    let is_ours = found.is_some_and(|found| {
        let is_forgotten = found.mentor_id.forgotten_at().is_some();
        let mentor_id = if is_forgotten { written.mentor_id.clone() } else { found.mentor_id.clone() };
        ReferralCode { mentor_id, state: written.state.clone(), ..found } == *written
    });
    if is_ours {
        session.confirm_creation(written).await?;
    }
    Ok(is_ours)
}

/// The slot to start over from after failed conditions.
async fn slot_of_next_round(
    session: &Session<'_>,
    failed: &FailedConditions,
    before: Option<Confirmed<Slot>>,
    mentor: &MentorId,
) -> Result<Option<Confirmed<Slot>>, StoreError> {
    if failed.failed_at(SLOT) {
        return match failed.existing_item(SLOT) {
            Some(item) => session.confirm_slot(item).await,
            None => session.slot(mentor).await,
        };
    }
    if failed.failed_at(NEW_RECORD) || failed.failed_at(NEW_CLAIM) {
        // Only the new id or code string was taken: the slot is still the same.
        return Ok(before);
    }
    // Only the condition of the replaced record failed: another caller has ended it since the slot was read. That change
    // may be in flight, with the slot not visible yet. So it is confirmed before the slot is read again.
    if let Some(replaced) = failed.existing_item(REPLACED_RECORD) {
        Box::pin(session.confirm_record(replaced)).await?;
    }
    let slot = session.slot(mentor).await?;
    if let Some(before) = before.filter(|before| slot.as_ref() == Some(before)) {
        Box::pin(session.confirm_agreement(&before.held.id, mentor)).await?;
    }
    Ok(slot)
}

/// The failure of an operation that started over [`MAX_ROUNDS`] times.
pub(super) fn too_many_rounds(mentor: &MentorId) -> StoreError {
    StoreError::Fault(format!("no progress in {MAX_ROUNDS} rounds with the mentor {mentor}"))
}
