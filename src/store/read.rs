//! The reads that decide something, or that a client relies on: one `GetItem` each, strongly consistent.

use super::item;
use super::key::{Item, Key};
use super::{Store, StoreError};
use crate::model::{CodeId, MentorId, ReferralCode};

impl Store {
    /// The code of this id, if there is one.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn get(&self, id: &CodeId) -> Result<Option<ReferralCode>, StoreError> {
        self.read(&Key::Record(id.clone())).await
    }

    /// What the mentor's slot holds: the one code that is active, or the last that was.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub(super) async fn slot(&self, mentor: &MentorId) -> Result<Option<ReferralCode>, StoreError> {
        self.read(&Key::Slot(mentor.clone())).await
    }

    async fn read(&self, key: &Key) -> Result<Option<ReferralCode>, StoreError> {
        Ok(self.read_item(key).await?.as_ref().map(item::referral_code).transpose()?)
    }

    /// The item at a key, if there is one.
    pub(super) async fn read_item(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        let request = self.client.get_item().table_name(&self.table).set_key(Some(key.attributes()));
        let answer = Box::pin(request.consistent_read(true).send()).await?;
        Ok(answer.item.filter(|item| !item.is_empty()))
    }

    /// What a refused slot write met: from the refusal itself, else by reading again.
    pub(super) async fn slot_after(
        &self,
        failed: &super::transaction::FailedConditions,
        position: usize,
        mentor: &MentorId,
    ) -> Result<Option<ReferralCode>, StoreError> {
        match failed.existing_item(position) {
            Some(found) => Ok(Some(item::referral_code(found)?)),
            None => self.slot(mentor).await,
        }
    }
}
