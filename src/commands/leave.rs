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

use std::collections::BTreeSet;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use tokio::time::{Duration, Instant, sleep_until};

use super::command::org_id;
use super::{Maintenance, Report};
use crate::limits::{LOOKING_TIME, MAX_ENDS_PER_SECOND, MAX_REPORTED_CODES};
use crate::model::{MentorId, OrgId};
use crate::store::{Closing, StoreError};

/// What a command says of those who leave.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leave {
    #[serde(deserialize_with = "org_id")]
    org_id: OrgId,
    /// Those of its mentors who leave; none if all do.
    #[serde(default, deserialize_with = "parsed_mentors")]
    mentors: Option<BTreeSet<MentorId>>,
    #[serde(default)]
    action: Action,
    per_second: Option<u32>,
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

/// What is there names somebody: a script that has found nobody must not end all codes. An error shows no id, since it is logged.
fn parsed_mentors<'de, D: Deserializer<'de>>(field: D) -> Result<Option<BTreeSet<MentorId>>, D::Error> {
    let Value::Array(mentors) = Value::deserialize(field)? else {
        return Err(D::Error::custom("`mentors` must be a list; leave it out if all mentors leave"));
    };
    if mentors.is_empty() {
        return Err(D::Error::custom("`mentors` names nobody; leave it out if all mentors leave"));
    }
    let parse = |mentor: &Value| MentorId::parse(mentor.as_str().unwrap_or_default());
    let parsed: Result<BTreeSet<_>, _> = mentors.iter().map(parse).collect();
    parsed.map(Some).map_err(|invalid| D::Error::custom(format!("`mentors`: each {invalid}")))
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

impl Leave {
    fn per_second(&self) -> u32 {
        self.per_second.unwrap_or(MAX_ENDS_PER_SECOND)
    }

    /// What is wrong with the fields, each of which can be read.
    pub(super) fn wrong(&self) -> Option<String> {
        let is_cursor = |after: &String| match &self.mentors {
            Some(mentors) => mentors.iter().any(|mentor| mentor.as_str() == after),
            None => ulid::Ulid::from_string(after).is_ok(),
        };
        if !(1..=MAX_ENDS_PER_SECOND).contains(&self.per_second()) {
            Some(format!("`per_second` must be 1 to {MAX_ENDS_PER_SECOND}"))
        } else if self.mentors.is_some() && self.action == Action::Reopen {
            Some("an organisation is opened for all its mentors: send no `mentors`".to_owned())
        } else if !self.after.as_ref().is_none_or(is_cursor) {
            Some("`after` is no cursor of this command: send the `next` of its last report".to_owned())
        } else {
            None
        }
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
        let leaving = self.store.leaving(&self.sources);
        let tally = match leave.action {
            Action::Reopen => {
                leaving.reopen(&leave.org_id).await?;
                Tally { done: true, ..Tally::default() }
            }
            Action::Count => self.pass(leave, None, leave.after.clone(), end).await?,
            Action::End => {
                let mut closing = None;
                if leave.mentors.is_none() {
                    let (since, wait) = leaving.close(&leave.org_id, leave.per_second()).await?;
                    sleep_until((Instant::now() + wait).min(end)).await;
                    closing = Some(since);
                }
                self.end_codes(leave, closing.as_ref(), end).await?
            }
        };
        let Tally { codes, failed, next, done } = tally;
        let org_id = leave.org_id.to_string();
        Ok(Report::Leave { org_id, action: leave.action, count: codes.len(), codes, failed, next, done })
    }

    /// Looks again at the organisations that were closed, once no call of before can make a code for them any more. Within a
    /// minute, so that two upkeeps do not end codes at once.
    pub(super) async fn look_again(&self, closed: Vec<OrgId>, end: Instant) -> Result<(), StoreError> {
        let end = end.min(Instant::now() + LOOKING_TIME);
        let mut all = Ok(());
        for org_id in closed {
            let looked = self.look_again_at(org_id, end).await;
            let looked = looked.inspect_err(|error| tracing::error!(%error, "could not look at an organisation again"));
            // One that fails does not keep the others.
            all = all.and(looked);
        }
        all
    }

    async fn look_again_at(&self, org_id: OrgId, end: Instant) -> Result<(), StoreError> {
        let leaving = self.store.leaving(&self.sources);
        let Some(closing) = leaving.due(org_id.clone()).await? else { return Ok(()) };
        let per_second = Some(closing.per_second());
        let leave = Leave { org_id, mentors: None, action: Action::End, per_second, after: None };
        let Tally { codes, done, .. } = self.end_codes(&leave, Some(&closing), end).await?;
        if done {
            leaving.is_done(&closing).await?;
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
        let leaving = self.store.leaving(&self.sources);
        let mut pass = Tally { next: after, ..Tally::default() };
        let pause = Duration::from_secs(1) / leave.per_second();
        let mut next_end = Instant::now();
        loop {
            if Instant::now() >= end {
                return Ok(pass);
            }
            let mentors = leave.mentors.as_ref();
            let (codes, next) = leaving.active_codes(&leave.org_id, mentors, pass.next.as_deref()).await?;
            for (cursor, code) in codes {
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
            pass.next = next;
            if pass.next.is_none() {
                pass.done = true;
                return Ok(pass);
            }
        }
    }
}
