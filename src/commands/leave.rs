//! Leaving: the codes of an organisation, or of some of its mentors, end.
//!
//! 1. The organisation is closed; not if only some of its mentors leave.
//! 2. The command waits until no call makes a code for it any more ([`CLOSING_TIME`]).
//! 3. Each code that the index shows as active is ended, so many a second at most.
//! 4. It looks again, until a whole pass has ended no code. Much later the upkeep looks once more ([`crate::store::Leaving`]).
//!
//! A run that was stopped anywhere is repeated, from the start or from its `next`.
//!
//! [`CLOSING_TIME`]: crate::limits::CLOSING_TIME

use tokio::time::{Duration, Instant, sleep_until};

use super::command::parsed;
use super::{Maintenance, Report};
use crate::limits::{LOOKING_TIME, MAX_ENDS_PER_SECOND, MAX_REPORTED_CODES};
use crate::model::{MentorId, OrgId};
use crate::store::{Closing, Leavers, StoreError};

/// What a command says of those who leave.
#[derive(Clone, PartialEq, Eq, Debug, serde::Deserialize)]
#[serde(try_from = "Fields")]
pub struct Leave {
    leavers: Leavers,
    action: Action,
    per_second: u32,
    after: Option<String>,
}

/// What shall be done.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// A dry run: counts and names the active codes, and writes nothing.
    #[default]
    Count,
    /// Closes the organisation, and ends the codes.
    End,
    /// Opens the organisation again. No code comes back.
    Reopen,
}

impl Action {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::End => "end",
            Self::Reopen => "reopen",
        }
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    #[serde(deserialize_with = "parsed")]
    org_id: OrgId,
    #[serde(default)]
    mentors: Option<Vec<String>>,
    #[serde(default)]
    action: Action,
    #[serde(default)]
    per_second: Option<u32>,
    #[serde(default)]
    after: Option<String>,
}

impl TryFrom<Fields> for Leave {
    type Error = String;

    fn try_from(fields: Fields) -> Result<Self, String> {
        let Fields { org_id, mentors, action, per_second, after } = fields;
        let per_second = per_second.unwrap_or(MAX_ENDS_PER_SECOND);
        if !(1..=MAX_ENDS_PER_SECOND).contains(&per_second) {
            return Err(format!("`per_second` must be 1 to {MAX_ENDS_PER_SECOND}"));
        }
        if mentors.is_some() && action == Action::Reopen {
            return Err("an organisation is opened for all its mentors: send no `mentors`".to_owned());
        }
        let parse = |mentor: &String| MentorId::parse(mentor).map_err(|invalid| format!("`mentors`: {invalid}"));
        let mentors = mentors.map(|mentors| mentors.iter().map(parse).collect()).transpose()?;
        if mentors.is_none() && after.as_ref().is_some_and(|after| ulid::Ulid::from_string(after).is_err()) {
            return Err("`after` is no cursor of this command: send the `next` of its last report".to_owned());
        }
        Ok(Self { leavers: Leavers { org_id, mentors }, action, per_second, after })
    }
}

/// What one run has found or ended.
#[derive(Default)]
struct Tally {
    codes: Vec<String>,
    failed: u64,
    next: Option<String>,
    done: bool,
}

impl Maintenance {
    pub(super) async fn leave(&self, leave: &Leave, end: Instant) -> Result<Report, StoreError> {
        let (leaving, leavers) = (self.store.leaving(), &leave.leavers);
        let tally = match leave.action {
            Action::Reopen => {
                leaving.reopen(&leavers.org_id, &self.sources.call_context()).await?;
                Tally { done: true, ..Tally::default() }
            }
            Action::Count => self.pass(leave, None, leave.after.clone(), end).await?,
            Action::End => {
                let mut closing = None;
                if leavers.mentors.is_none() {
                    let cx = self.sources.call_context();
                    let (since, wait) = leaving.close(&leavers.org_id, leave.per_second, &cx).await?;
                    sleep_until((Instant::now() + wait).min(end)).await;
                    closing = Some(since);
                }
                self.end_codes(leave, closing.as_ref(), end).await?
            }
        };
        let Tally { codes, failed, next, done } = tally;
        let org_id = leavers.org_id.to_string();
        Ok(Report::Leave { org_id, action: leave.action, count: codes.len(), codes, failed, next, done })
    }

    /// Looks again at the organisations that were closed, once no call of before can make a code for them any more. Within a
    /// minute, so that two upkeeps do not end codes at once.
    pub(super) async fn look_again(&self, end: Instant) -> Result<(), StoreError> {
        let (leaving, end) = (self.store.leaving(), end.min(Instant::now() + LOOKING_TIME));
        let mut all = Ok(());
        for closing in leaving.to_look_at_again(&self.sources.call_context()).await? {
            // One that fails does not keep the others.
            all = all.and(self.look_again_at(&closing, end).await);
        }
        all
    }

    async fn look_again_at(&self, closing: &Closing, end: Instant) -> Result<(), StoreError> {
        let leavers = Leavers { org_id: closing.org_id.clone(), mentors: None };
        let leave = Leave { leavers, action: Action::End, per_second: closing.per_second(), after: None };
        let Tally { codes, done, .. } = self.end_codes(&leave, Some(closing), end).await?;
        if done {
            self.store.leaving().is_done(closing, &self.sources.call_context()).await?;
        }
        tracing::info!(org_id = %closing.org_id, ended = codes.len(), done, "looked again at a closed organisation");
        Ok(())
    }

    /// Passes from the cursor on and then from the start, until a whole one has ended no code.
    async fn end_codes(&self, leave: &Leave, closing: Option<&Closing>, end: Instant) -> Result<Tally, StoreError> {
        let (mut after, mut all) = (leave.after.clone(), Vec::new());
        loop {
            let is_whole = after.is_none();
            let pass = self.pass(leave, closing, after.take(), end).await?;
            let has_ended = !pass.codes.is_empty();
            all.extend(pass.codes);
            if !pass.done || (is_whole && !has_ended) {
                return Ok(Tally { codes: all, done: pass.done && pass.failed == 0, ..pass });
            }
        }
    }

    /// One pass over the codes after a cursor. A code that cannot be ended, because its items contradict each other or a
    /// change of it stays in flight, does not keep the others. Once the closing is over, the pass is, too: it ends no code that
    /// was made after a reopening.
    async fn pass(
        &self,
        leave: &Leave,
        closing: Option<&Closing>,
        after: Option<String>,
        end: Instant,
    ) -> Result<Tally, StoreError> {
        let leaving = self.store.leaving();
        let mut pass = Tally { next: after, ..Tally::default() };
        let pause = Duration::from_secs(1) / leave.per_second;
        let mut next_end = Instant::now();
        loop {
            if Instant::now() >= end {
                return Ok(pass);
            }
            let page = leaving.active_codes(&leave.leavers, pass.next.as_deref(), &self.sources.call_context()).await?;
            for (cursor, code) in page.codes {
                if leave.action == Action::Count {
                    pass.codes.push(code.to_string());
                } else {
                    sleep_until(next_end.min(end)).await;
                    if Instant::now() >= end {
                        return Ok(pass);
                    }
                    next_end = next_end.max(Instant::now()) + pause;
                    if let Some(closing) = closing
                        && !leaving.is_current(closing).await?
                    {
                        return Ok(Tally { next: None, ..pass });
                    }
                    match leaving.end(&code, &self.sources.call_context()).await {
                        Ok(true) => pass.codes.push(code.to_string()),
                        Ok(false) => {}
                        Err(error) => {
                            tracing::error!(code_id = %code, %error, "a code could not be ended");
                            pass.failed += 1;
                        }
                    }
                }
                pass.next = Some(cursor);
                if pass.codes.len() >= MAX_REPORTED_CODES {
                    return Ok(pass);
                }
            }
            pass.next = page.next;
            if pass.next.is_none() {
                pass.done = true;
                return Ok(pass);
            }
        }
    }
}
