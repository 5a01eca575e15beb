//! The maintenance: commands that keep the table right, carried out over the store. It stands beside
//! [`crate::http`], and knows no HTTP.
//!
//! | command | does |
//! | --- | --- |
//! | `upkeep` | counts the newest codes of all listings and corrects their page indexes; the schedule sends it |
//! | `audit` | finds items that contradict each other |
//! | `repair` | the same, and repairs them |
//! | `rebuild` | the same for one listing, from its first code on |
//!
//! A command runs until its work is done or its time is over. Then [`Report`] says how far it came, and `next` where the
//! next run begins. Every command may be repeated, and any of them may run at once, beside calls: what they write is
//! derived from the codes, or has conditions on every item that it was derived from.
//!
//! A command that fails is an error of the invocation, so Lambda counts it, and repeats one that the schedule sent. Its
//! detail is in the log alone.

mod command;
mod report;
mod upkeep;

pub use command::{Command, InvalidCommand};
pub use report::Report;

use std::time::{Duration, SystemTime};

use lambda_http::lambda_runtime::Diagnostic;
use tokio::time::{Instant, timeout_at};

use crate::limits::{MAX_FINDINGS, MAX_REPAIR_PASSES, SCANNED_ITEMS};
use crate::model::{Listing, Sources};
use crate::store::{AuditCursor, Auditor, Repair, Store, StoreError};

/// What every command needs: the table, and the sources of time and randomness.
pub struct Maintenance {
    store: Store,
    sources: Sources,
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
    #[must_use]
    pub fn new(store: Store, sources: Sources) -> Self {
        Self { store, sources }
    }

    /// How long it is until a time, by the clock of the sources.
    #[must_use]
    pub fn time_until(&self, time: SystemTime) -> Duration {
        self.sources.time_until(time)
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
            Command::Upkeep {} => self.upkeep(end).await,
            Command::Audit { after } => self.audit(after.clone(), end).await,
            Command::Repair { after } => self.repair(after.clone(), end).await,
            Command::Rebuild { listing } => self.rebuild(listing, end).await,
        }
    }

    async fn upkeep(&self, end: Instant) -> Result<Report, StoreError> {
        let upkeep = &self.store.upkeep();
        let time_left = || end.saturating_duration_since(Instant::now());
        // Each count reads the clock anew: a code settles with time.
        let count = || async move { upkeep.count(&self.sources.call_context(), time_left()).await };
        let check = async { upkeep.check(&self.sources.call_context(), time_left()).await };
        upkeep::carry_out(end, count, check).await
    }

    async fn audit(&self, after: Option<AuditCursor>, end: Instant) -> Result<Report, StoreError> {
        let Examined { items, sentences, next, .. } = self.examine(after, end, false).await?;
        Ok(Report::Audit { examined: items, findings: sentences, done: next.is_none(), next })
    }

    async fn repair(&self, after: Option<AuditCursor>, end: Instant) -> Result<Report, StoreError> {
        let Examined { items, repaired, sentences, next, done } = self.examine(after, end, true).await?;
        Ok(Report::Repair { examined: items, repaired, left: sentences, next, done })
    }

    /// Audits part by part, and repairs what each part finds, if it shall. What a repair brings back can have findings of
    /// its own, in a part that is over. So a repair goes through the table again, until a pass repairs nothing.
    async fn examine(
        &self,
        mut after: Option<AuditCursor>,
        end: Instant,
        repairs: bool,
    ) -> Result<Examined, StoreError> {
        let auditor = self.store.auditor();
        let mut so_far = Examined::default();
        let (mut passes, mut repaired_before_pass) = (1, 0);
        // A repair that is dropped in the middle was either written or not: it is one transaction.
        while let Ok(part) = timeout_at(end, Box::pin(self.part(&auditor, after.as_ref(), repairs, &mut so_far))).await
        {
            after = part?;
            if after.is_none() {
                if so_far.repaired == repaired_before_pass {
                    so_far.done = true;
                    break;
                }
                if passes == MAX_REPAIR_PASSES {
                    break;
                }
                passes += 1;
                repaired_before_pass = so_far.repaired;
                so_far.sentences.clear();
            } else if so_far.sentences.len() >= MAX_FINDINGS {
                break;
            }
        }
        if so_far.items == 0 && !so_far.done {
            return Err(StoreError::Unavailable(format!(
                "the time was over before {SCANNED_ITEMS} items were examined"
            )));
        }
        so_far.next = after.as_ref().map(ToString::to_string);
        Ok(so_far)
    }

    /// Examines one part, and returns where the next one begins.
    async fn part(
        &self,
        auditor: &Auditor,
        after: Option<&AuditCursor>,
        repairs: bool,
        so_far: &mut Examined,
    ) -> Result<Option<AuditCursor>, StoreError> {
        let part = auditor.audit(after, SCANNED_ITEMS).await?;
        for finding in &part.findings {
            let became = if repairs {
                auditor.repair(finding, &self.sources.call_context()).await?
            } else {
                Repair::NeedsAPerson
            };
            let sentence = finding.to_string();
            match became {
                Repair::Done => so_far.repaired += 1,
                Repair::NeedsAPerson if !so_far.sentences.contains(&sentence) => so_far.sentences.push(sentence),
                Repair::NeedsAPerson | Repair::NotNeeded => {}
            }
        }
        so_far.items += part.examined as u64;
        Ok(part.next)
    }

    async fn rebuild(&self, listing: &Listing, end: Instant) -> Result<Report, StoreError> {
        let time_left = end.saturating_duration_since(Instant::now());
        let rebuilt = self.store.upkeep().rebuild(listing, &self.sources.call_context(), time_left).await?;
        Ok(Report::Rebuild {
            listing: listing.to_string(),
            counted: rebuilt.counted,
            marks_written: rebuilt.marks_written,
            done: rebuilt.done,
        })
    }
}

/// What an audit or a repair has come to.
#[derive(Default)]
struct Examined {
    items: u64,
    repaired: u64,
    /// What was found, or what a repair has left to a person.
    sentences: Vec<String>,
    /// Where the next run begins.
    next: Option<String>,
    done: bool,
}
