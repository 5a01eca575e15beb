//! The read by id, within a session of its own.

use super::session::Confirmed;
use super::{Store, StoreError};
use crate::model::{CallContext, CodeId, ReferralCode};

impl Store {
    /// The code with this id, if there is one.
    ///
    /// # Errors
    /// When the table cannot be read, or the code's last change stays in flight.
    pub(super) async fn get(&self, id: &CodeId, cx: &CallContext<'_>) -> Result<Option<ReferralCode>, StoreError> {
        Ok(self.session(cx).record(id).await?.map(Confirmed::into_inner))
    }
}
