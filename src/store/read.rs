//! The reads of one item, on which answers and changes rest: strongly consistent, one read unit each.

use super::item;
use super::key::Key;
use super::slot::Slot;
use super::{Store, StoreError};
use crate::model::{CodeId, CodeString, MentorId, ReferralCode};

impl Store {
    /// The code with this id, if there is one.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn get(&self, id: &CodeId) -> Result<Option<ReferralCode>, StoreError> {
        let record = self.table.get(Key::Record(id.clone()).attributes()).await?;
        Ok(record.as_ref().map(item::known_code).transpose()?.flatten())
    }

    /// The mentor's slot, which holds the active code or the last that was. None if the mentor never had a code.
    pub(super) async fn slot(&self, mentor: &MentorId) -> Result<Option<Slot>, StoreError> {
        let slot = self.table.get(Key::Slot(mentor.clone()).attributes()).await?;
        Ok(slot.as_ref().map(Slot::parse).transpose()?)
    }

    /// The code with this code string, if there is one: its claim, then its record.
    pub(super) async fn by_code(&self, code: &CodeString) -> Result<Option<ReferralCode>, StoreError> {
        let Some(claim) = self.table.get(Key::Claim(code.clone()).attributes()).await? else { return Ok(None) };
        // A claim of a lost code, and one whose record contradicts it, are claims of no code.
        Ok(self.get(&item::claimed_id(&claim)?).await?.filter(|found| found.code == *code))
    }
}
