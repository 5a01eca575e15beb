//! Leaving: the codes of an organisation, or of some of its mentors, end.
//!
//! 1. The organisation is closed; not if only some of its mentors leave.
//! 2. The command waits until no call makes a code for it any more ([`CLOSING_TIME`]).
//! 3. Each code that seems active is ended, so many a second at most.
//! 4. It looks again, until a whole pass has found no code to end. Much later the upkeep looks once more ([`crate::store::Leaving`]).
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
use crate::store::{Closing, Ended, StoreError};

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
struct Tally {
    /// In all passes.
    codes: Vec<String>,
    /// How many could not be ended, in the last pass.
    failed: u64,
    /// Whether, in the last pass, one was replaced before it could be ended.
    replaced: bool,
    next: Option<String>,
    done: bool,
    /// When the next code may end.
    next_end: Instant,
}

impl Tally {
    fn after(next: Option<String>) -> Self {
        Self { codes: Vec::new(), failed: 0, replaced: false, next, done: false, next_end: Instant::now() }
    }
}

impl Maintenance {
    pub(super) async fn leave(&self, leave: &Leave, end: Instant) -> Result<Report, StoreError> {
        let leaving = self.store.leaving(&self.sources);
        let tally = match leave.action {
            Action::Reopen => {
                leaving.reopen(&leave.org_id).await?;
                Tally { done: true, ..Tally::after(None) }
            }
            Action::Count => {
                let mut tally = Tally::after(leave.after.clone());
                self.pass(leave, None, &mut tally, end).await?;
                tally
            }
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
        let Tally { codes, failed, next, done, .. } = tally;
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

    /// Passes from the cursor on and then from the start, until a whole one has found no code to end. If the table fails once
    /// codes have ended, they are reported all the same.
    async fn end_codes(&self, leave: &Leave, closing: Option<&Closing>, end: Instant) -> Result<Tally, StoreError> {
        let mut tally = Tally::after(leave.after.clone());
        loop {
            let (is_whole, ended) = (tally.next.is_none(), tally.codes.len());
            (tally.failed, tally.replaced, tally.done) = (0, false, false);
            match self.pass(leave, closing, &mut tally, end).await {
                Ok(()) => {}
                Err(error) if tally.codes.is_empty() => return Err(error),
                Err(error) => tracing::error!(%error, "a leaving was cut short"),
            }
            let has_found = tally.replaced || tally.codes.len() > ended;
            if !tally.done || (is_whole && !has_found) {
                tally.done &= tally.failed == 0;
                return Ok(tally);
            }
        }
    }

    /// One pass over the codes after the cursor. A code that cannot be ended, because its items contradict each other or a
    /// change of it stays in flight, does not keep the others. Once the closing is over, the pass is, too: it ends no code that
    /// was made after a reopening.
    async fn pass(
        &self,
        leave: &Leave,
        closing: Option<&Closing>,
        tally: &mut Tally,
        end: Instant,
    ) -> Result<(), StoreError> {
        let leaving = self.store.leaving(&self.sources);
        let pause = Duration::from_secs(1) / leave.per_second();
        loop {
            if Instant::now() >= end {
                return Ok(());
            }
            let mentors = leave.mentors.as_ref();
            let (codes, next) = leaving.active_codes(&leave.org_id, mentors, tally.next.as_deref()).await?;
            for (cursor, code) in codes {
                if leave.action == Action::Count {
                    tally.codes.push(code.to_string());
                } else {
                    sleep_until(tally.next_end.min(end)).await;
                    if Instant::now() >= end {
                        return Ok(());
                    }
                    tally.next_end = tally.next_end.max(Instant::now()) + pause;
                    if let Some(closing) = closing
                        && !leaving.is_current(closing).await?
                    {
                        tally.next = None;
                        return Ok(());
                    }
                    match leaving.end(&code, &self.sources.call_context()).await {
                        Ok(Ended::Now) => tally.codes.push(code.to_string()),
                        Ok(Ended::Replaced) => tally.replaced = true,
                        Ok(Ended::Before) => {}
                        Err(error) => {
                            tracing::error!(code_id = %code, %error, "a code could not be ended");
                            tally.failed += 1;
                        }
                    }
                }
                tally.next = Some(cursor);
                if tally.codes.len() >= MAX_REPORTED_CODES {
                    return Ok(());
                }
            }
            tally.next = next;
            if tally.next.is_none() {
                tally.done = true;
                return Ok(());
            }
        }
    }
}
