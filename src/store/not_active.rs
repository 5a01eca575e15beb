//! Why a code can be neither rotated nor invalidated.

use super::session::{Confirmed, Session};
use super::slot::Slot;
use crate::model::{CodeId, Status};

#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the code is not active but {}", status.as_str())]
pub struct NotActive {
    pub status: Status,
    /// The mentor's active code, if there is one in the caller's sight.
    pub active_id: Option<CodeId>,
}

impl NotActive {
    /// `slot` is the mentor's.
    pub(super) fn new(session: &Session<'_>, status: Status, slot: Option<&Confirmed<Slot>>) -> Self {
        let active = slot.map(|slot| &slot.held).filter(|held| held.is_active(session.now) && session.sees(held));
        Self { status, active_id: active.map(|active| active.id.clone()) }
    }
}
