//! Forgetting: a mentor's id is taken out of the table. [`crate::store::Forgetting`] has the steps, and the upkeep those that
//! only time allows. No line of the log has the id.

use tokio::time::{Instant, timeout_at};

use super::{Maintenance, Report};
use crate::model::MentorId;
use crate::store::StoreError;

impl Maintenance {
    pub(super) async fn forget(&self, mentor: &MentorId, end: Instant) -> Result<Report, StoreError> {
        let forgetting = self.store.forgetting(mentor, &self.sources);
        // What is dropped in the middle goes on from there.
        let Ok(forgotten) = timeout_at(end, Box::pin(forgetting.forget(true))).await else {
            return Ok(Report::Forget { pseudonym: None, codes: 0, done: false });
        };
        let forgotten = forgotten.map_err(|error| error.without(mentor.as_str()))?;
        let codes = forgotten.as_ref().map_or(0, |forgotten| forgotten.codes);
        Ok(Report::Forget { pseudonym: forgotten.map(|forgotten| forgotten.pseudonym.to_string()), codes, done: true })
    }

    /// Completes what was begun: after a crash, and when no request of before can be under way any more.
    pub(super) async fn complete_forgetting(&self, begun: Vec<MentorId>, end: Instant) -> Result<(), StoreError> {
        let mut all = Ok(());
        for mentor in begun {
            let forgetting = self.store.forgetting(&mentor, &self.sources);
            let Ok(done) = timeout_at(end, Box::pin(forgetting.forget(false))).await else { break };
            let done = done.map(drop).map_err(|error| error.without(mentor.as_str()));
            // One that fails does not keep the others.
            all = all.and(done.inspect_err(|error| tracing::error!(%error, "could not go on with a forgetting")));
        }
        all
    }
}
