//! Forgetting: a mentor's id is taken out of the table. [`crate::store::Forgetting`] has the steps, and the upkeep those that
//! only time allows. No line of the log has the id.

use tokio::time::{Instant, timeout_at};

use super::{Maintenance, Report};
use crate::model::MentorId;
use crate::store::StoreError;

impl Maintenance {
    pub(super) async fn forget(&self, mentor: &MentorId, end: Instant) -> Result<Report, StoreError> {
        let forgetting = self.store.forgetting();
        let forget = Box::pin(forgetting.forget(mentor, || self.sources.call_context()));
        // What is dropped in the middle goes on from there.
        let Ok(forgotten) = timeout_at(end, forget).await else {
            return Ok(Report::Forget { pseudonym: None, codes: 0, done: false });
        };
        let forgotten = forgotten.map_err(|error| error.without(mentor.as_str()))?;
        let codes = forgotten.as_ref().map_or(0, |forgotten| forgotten.codes);
        Ok(Report::Forget { pseudonym: forgotten.map(|forgotten| forgotten.pseudonym.to_string()), codes, done: true })
    }

    /// Completes what was begun: after a crash, and when no request of before can be under way any more.
    pub(super) async fn complete_forgetting(&self, end: Instant) -> Result<(), StoreError> {
        let (forgetting, cx) = (self.store.forgetting(), || self.sources.call_context());
        let mut all = Ok(());
        for mentor in forgetting.begun().await? {
            let resumed = timeout_at(end, Box::pin(forgetting.resume(&mentor, cx))).await;
            let Ok(resumed) = resumed else { break };
            // One that fails does not keep the others.
            all = all.and(resumed.map(drop).map_err(|error| error.without(mentor.as_str())));
        }
        all
    }
}
