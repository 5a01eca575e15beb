//! The short link: from a code string to the code that it leads to. It only reads.
//!
//! **An active code** takes its claim and its record. A claim never changes, so a process remembers which id it named, and
//! takes the record alone the next time. If that has another code string, as after a repair, the claim is read again.
//!
//! **A rotated code in its grace** leads to its mentor's active code *where rotations alone lead from the one to the other*:
//! exactly if both name the same first code of their chain. No code between them is read: the link is public, so its cost
//! must not grow with the chain. Times and ULIDs could not decide it, since a DELETE leaves no trace in them.
//!
//! That takes three round trips at most: the claim; the record and, beside it, the slot of the mentor whom the claim names;
//! the slot again, unless it names the code's successor. For then it may be older than the rotation.
//!
//! A rotation keeps the organisation. It is compared all the same: a link must not lead to another one, even on a table that
//! contradicts itself.

use super::StoreError;
use super::dynamodb::Item;
use super::recent::Recent;
use super::session::{Confirmed, Session};
use super::slot::Slot;
use crate::model::{CodeId, CodeString, ReferralCode, State, Status, Timestamp};

/// What a short link leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ShortLink {
    /// An active code.
    Active {
        /// Its string: the one of the link or, in its grace, the one of the code that has replaced it.
        code: CodeString,
        /// When the link stops leading there, as far as is known.
        until: Option<Timestamp>,
    },
    /// Nothing: the code has ended.
    Ended(Status),
}

/// The ids that a process has found for code strings. A claim never changes.
pub(super) type KnownIds = Recent<CodeString, CodeId>;

/// The short links, as one call sees them: the way in from outside for callers of whom nothing is known.
///
/// A short link is public, even if its code is not. So what it tells is that the code is, or was, one, and the
/// string of the code that it leads to.
pub struct ShortLinks<'a> {
    pub(super) session: Session<'a>,
    pub(super) ids: &'a KnownIds,
}

impl ShortLinks<'_> {
    pub fn now(&self) -> Timestamp {
        self.session.now
    }

    /// What the short link of this code string leads to. None if there is no such code.
    ///
    /// A rotated code leads to its mentor's active one for `grace_days` after its rotation. `for_log` gets the id of the
    /// link's own code, which is for the log alone.
    pub async fn resolve(
        &self,
        code: &CodeString,
        grace_days: u32,
        for_log: impl FnOnce(&CodeId),
    ) -> Result<Option<ShortLink>, StoreError> {
        let Some((code, slot)) = self.linked_code(code, grace_days).await? else { return Ok(None) };
        for_log(&code.id);
        let now = self.session.now;
        if let State::Rotated { at, successor } = &code.state {
            let end = at.plus_days(grace_days);
            if now < end
                && let Some(active) = self.end_of_chain(&code, &successor.id, slot).await?
            {
                let until = active.expires_at.map_or(end, |expiry| expiry.min(end));
                return Ok(Some(ShortLink::Active { code: active.code, until: Some(until) }));
            }
        }
        Ok(Some(match code.status(now) {
            Status::Active => ShortLink::Active { until: code.expires_at, code: code.into_inner().code },
            ended => ShortLink::Ended(ended),
        }))
    }

    /// The code with this code string and, if it was read beside it, the item of its mentor's slot.
    async fn linked_code(
        &self,
        code: &CodeString,
        grace_days: u32,
    ) -> Result<Option<(Confirmed<ReferralCode>, Option<Item>)>, StoreError> {
        let session = &self.session;
        if let Some(id) = self.ids.get(code) {
            let known = session.record(&id).await?.filter(|found| found.code == *code);
            if let Some(known) = known {
                return Ok(Some((known, None)));
            }
        }
        let Some(claim) = session.claim(code).await? else { return Ok(None) };
        let (Some(found), slot) = session.claimed(code, claim, grace_days > 0).await? else { return Ok(None) };
        self.ids.insert(code.clone(), found.id.clone());
        Ok(Some((found, slot)))
    }

    /// The mentor's active code, if rotations alone have led to it from this one.
    async fn end_of_chain(
        &self,
        rotated: &ReferralCode,
        successor: &CodeId,
        slot: Option<Item>,
    ) -> Result<Option<ReferralCode>, StoreError> {
        let beside = match slot {
            Some(item) => self.session.confirm_slot(&item).await?,
            None => None,
        };
        let slot = match beside.filter(|slot| names(slot, successor)) {
            Some(slot) => Some(slot),
            None => self.session.slot(&rotated.mentor_id).await?,
        };
        Ok(slot.map(|slot| slot.into_inner().held).filter(|held| {
            held.is_active(self.session.now) && held.first_id == rotated.first_id && held.org_id == rotated.org_id
        }))
    }
}

fn names(slot: &Slot, id: &CodeId) -> bool {
    slot.held.id == *id || slot.earlier.iter().any(|earlier| earlier.id() == *id)
}
