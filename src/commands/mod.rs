//! The maintenance: commands that keep the table right ([`Command`]), carried out over the store. It stands beside
//! [`crate::http`], and knows no HTTP.
//!
//! A command runs until its work is done or its time is over. Then [`Report`] says how far it came, and `next` where the
//! next run begins. Every command may be repeated, and any of them may run at once, beside calls: what they write is
//! derived from the codes, or has conditions on every item that it was derived from.
//!
//! A command that fails is an error of the invocation, so Lambda counts it, and repeats one that the schedule sent. Its
//! detail is in the log alone.

mod command;
mod forget;
mod leave;
mod report;
mod upkeep;

pub use command::{Command, InvalidCommand};
pub use leave::{Action, Leave};
pub use report::Report;

use std::time::Duration;

use futures_util::future::join;
use lambda_http::lambda_runtime::Diagnostic;
use tokio::time::{Instant, timeout_at};

use crate::limits::{MAX_FINDINGS, MAX_REPAIR_PASSES, SCANNED_ITEMS};
use crate::model::{Listing, Sources};
use crate::store::{AuditCursor, Repair, Store, StoreError};

/// What every command needs: the table, and the sources of time and randomness.
pub struct Maintenance {
    store: Store,
    pub(crate) sources: Sources,
}

/// A command that was refused or has failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The event is no command. Nothing was done.
    #[error(transparent)]
    Invalid(#[from] InvalidCommand),
    /// The table failed. What was done until then stays.
    #[error("the table could not be read or written: the log of this invocation says why; send the command again")]
    Failed(StoreError),
}

impl From<CommandError> for Diagnostic {
    fn from(error: CommandError) -> Self {
        let error_type = match error {
            CommandError::Invalid(_) => "InvalidCommand",
            CommandError::Failed(_) => "MaintenanceFailed",
        };
        Self { error_type: error_type.into(), error_message: error.to_string() }
    }
}

impl Maintenance {
    /// The maintenance of this table.
    pub fn new(store: Store, sources: Sources) -> Self {
        Self { store, sources }
    }

    /// Carries out the command in an event, until it is done or the time is over. Logs one line.
    ///
    /// # Errors
    /// The event is no command, or the table fails.
    pub async fn run(&self, event: &str, time_limit: Duration, request_id: &str) -> Result<Report, CommandError> {
        let started = Instant::now();
        let command = Command::parse(event).inspect_err(|invalid| {
            tracing::error!(request_id, error = %invalid, "command refused");
        })?;
        let done = Box::pin(self.carry_out(&command, started + time_limit)).await;
        let duration_ms = (started.elapsed().as_secs_f64() * 1e6).round() / 1e3;
        match done {
            Ok(report) => {
                report.log(request_id, duration_ms);
                Ok(report)
            }
            Err(error) => {
                let maintenance = command.name();
                tracing::error!(request_id, maintenance, %error, duration_ms, "maintenance failed");
                Err(CommandError::Failed(error))
            }
        }
    }

    async fn carry_out(&self, command: &Command, end: Instant) -> Result<Report, StoreError> {
        match command {
            Command::Upkeep {} => {
                // No failure of one keeps the other from its work.
                let (pending, report) = Box::pin(join(self.complete_pending(end), self.upkeep(end))).await;
                pending.and(report)
            }
            Command::Audit { after } => self.examine(after.clone(), end, false).await,
            Command::Repair { after } => self.examine(after.clone(), end, true).await,
            Command::Rebuild { listing } => self.rebuild(listing, end).await,
            Command::Leave(leave) => self.leave(leave, end).await,
            Command::Forget { mentor_id } => self.forget(mentor_id, end).await,
        }
    }

    /// Nearly always there is nothing.
    async fn complete_pending(&self, end: Instant) -> Result<(), StoreError> {
        let (closed, begun) = self.store.pending().await?;
        let (looked, forgotten) = join(self.look_again(closed, end), self.complete_forgetting(begun, end)).await;
        looked.and(forgotten)
    }

    async fn upkeep(&self, end: Instant) -> Result<Report, StoreError> {
        let upkeep = &self.store.upkeep();
        let time_left = || end.saturating_duration_since(Instant::now());
        // Each count reads the clock anew: a code settles with time.
        let count = || async move { upkeep.count(&self.sources.call_context(), time_left()).await };
        let check = async { upkeep.check(&self.sources.call_context(), time_left()).await };
        upkeep::carry_out(end, count, check).await
    }

    /// Audits part by part, and repairs what each part finds, if it shall. What a repair brings back can have findings of
    /// its own, in a part that is over. So a repair goes through the table again, until a pass repairs nothing.
    async fn examine(&self, mut after: Option<AuditCursor>, end: Instant, repairs: bool) -> Result<Report, StoreError> {
        let auditor = self.store.auditor();
        // What was found, or what a repair has left to a person.
        let mut sentences = Vec::new();
        let (mut examined, mut repaired, mut done) = (0, 0, false);
        let (mut passes, mut repaired_before_pass) = (1, 0);
        // A part that waits for nothing would be done whatever the time.
        while Instant::now() < end {
            let part = async {
                let part = auditor.audit(after.as_ref(), SCANNED_ITEMS, &self.sources.call_context()).await?;
                for finding in &part.findings {
                    let became = if repairs {
                        auditor.repair(finding, &self.sources.call_context()).await?
                    } else {
                        Repair::NeedsAPerson
                    };
                    let sentence = finding.to_string();
                    match became {
                        Repair::Done => repaired += 1,
                        Repair::NeedsAPerson if !sentences.contains(&sentence) => sentences.push(sentence),
                        Repair::NeedsAPerson | Repair::NotNeeded => {}
                    }
                }
                examined += part.examined as u64;
                Ok::<_, StoreError>(part.next)
            };
            // A repair that is dropped in the middle was either written or not: it is one transaction.
            let Ok(next) = timeout_at(end, Box::pin(part)).await else { break };
            after = next?;
            if after.is_none() {
                done = repaired == repaired_before_pass;
                if done || passes == MAX_REPAIR_PASSES {
                    break;
                }
                passes += 1;
                repaired_before_pass = repaired;
                sentences.clear();
            } else if sentences.len() >= MAX_FINDINGS {
                break;
            }
        }
        if examined == 0 && !done {
            let message = format!("the time was over before {SCANNED_ITEMS} items were examined");
            return Err(StoreError::Unavailable(message));
        }
        let next = after.as_ref().map(ToString::to_string);
        Ok(if repairs {
            Report::Repair { examined, repaired, left: sentences, next, done }
        } else {
            Report::Audit { examined, findings: sentences, next, done }
        })
    }

    async fn rebuild(&self, listing: &Listing, end: Instant) -> Result<Report, StoreError> {
        let time_left = end.saturating_duration_since(Instant::now());
        let rebuilt = self.store.upkeep().rebuild(listing, &self.sources.call_context(), time_left).await?;
        Ok(Report::Rebuild { listing: listing.to_string(), rebuilt })
    }
}
