//! Invalidate: the active code is taken out of use, and its mentor is left with none.
//!
//! The slot keeps the code, as an ended one. Were it emptied, it would be just as it was before that code: an attempt to
//! create one that was held up on its way since then, and whose call was answered long ago, would find its conditions
//! fulfilled again.

use aws_sdk_dynamodb::types::TransactWriteItem;

use super::item::{seconds, string};
use super::key::Key;
use super::transaction::{Outcome, STILL_ACTIVE, still_active};
use super::{Store, StoreError};
use crate::limits::MAX_ROUNDS;
use crate::model::{CodeId, ReferralCode, State, Status, Timestamp};

/// A code that has been taken out of use, now or before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invalidated {
    /// The code.
    pub id: CodeId,
    /// When it was, the first time.
    pub at: Timestamp,
}

/// Why a code cannot be taken out of use.
#[derive(Debug, thiserror::Error)]
pub enum InvalidateError {
    /// No code has this id.
    #[error("no such code")]
    NotFound,
    /// It has ended otherwise.
    #[error("the code is not active but {}", status.as_str())]
    NotActive {
        /// How it ended.
        status: Status,
        /// The mentor's active code, where there is one.
        active_id: Option<CodeId>,
    },
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Position of the code's record among the two writes.
const RECORD: usize = 0;

const END_AS_INVALIDATED: &str = "SET #status = :invalidated, ended_at = :now";

impl Store {
    /// Takes a code out of use; repeated, it tells when that was done.
    ///
    /// # Errors
    /// When there is no such code, it was rotated or has expired, or the table fails.
    pub async fn invalidate(&self, id: &CodeId, now: Timestamp) -> Result<Invalidated, InvalidateError> {
        let mut found = self.get(id).await?;
        for _ in 0..MAX_ROUNDS {
            let code = found.ok_or(InvalidateError::NotFound)?;
            if let State::Invalidated { at } = code.state {
                return Ok(Invalidated { id: code.id, at });
            }
            let status = code.status(now);
            if status != Status::Active {
                let active = self.slot(&code.mentor_id).await?.filter(|code| code.is_active(now));
                return Err(InvalidateError::NotActive { status, active_id: active.map(|code| code.id) });
            }
            match self.transact(self.end_as_invalidated(&code, now)).await? {
                Outcome::Committed => return Ok(Invalidated { id: code.id, at: now }),
                Outcome::ConditionFailed(failed) => {
                    found = match failed.existing_item(RECORD) {
                        Some(item) => Some(super::item::referral_code(item).map_err(StoreError::from)?),
                        None => self.get(id).await?,
                    };
                }
            }
        }
        Err(StoreError::too_many_rounds().into())
    }

    fn end_as_invalidated(&self, code: &ReferralCode, now: Timestamp) -> Vec<TransactWriteItem> {
        let mut values = still_active(code);
        values.insert(":invalidated".into(), string("invalidated"));
        values.insert(":now".into(), seconds(now));
        [Key::Record(code.id.clone()), Key::Slot(code.mentor_id.clone())]
            .map(|key| self.update(&key, END_AS_INVALIDATED, STILL_ACTIVE, values.clone()))
            .into()
    }
}
