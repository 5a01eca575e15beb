//! What one request leaves behind in the log: one line, which says what was done, to which code, for whom and by whom.
//!
//! It never has a name, a body, a token, or a header of the client. Ids, the token's subject and the source address are
//! personal data all the same; `docs/security.md` says so to the operator.

use std::sync::OnceLock;
use std::time::Instant;

use lambda_http::http::{Method, StatusCode};

use super::access::{Caller, Grant};
use crate::limits::MAX_LOGGED_CLAIM_CHARS;
use crate::model::{CodeId, MentorId, OrgId};
use crate::store::{By, RoundTrips};

/// What is noted while a request is handled. What was noted stays, even if the request then fails or times out.
#[derive(Default, Debug)]
pub(super) struct RequestLog {
    org_id: OnceLock<OrgId>,
    code_id: OnceLock<CodeId>,
    mentor_id: OnceLock<MentorId>,
    /// What the request has come to, in one word: `docs/security.md` has them all.
    outcome: OnceLock<&'static str>,
    pub(super) round_trips: RoundTrips,
}

impl RequestLog {
    /// Notes the organisation that the caller is confined to.
    pub(super) fn grant(&self, grant: &Grant) {
        if let Some(org_id) = grant.org_id() {
            let _ = self.org_id.set(org_id.clone());
        }
    }

    /// Notes the code that the request is about. The first one stays: a rotation is about the code that it ends.
    pub(super) fn code(&self, id: &CodeId) {
        let _ = self.code_id.set(id.clone());
    }

    /// Notes the mentor whose codes the request changes.
    pub(super) fn mentor(&self, id: &MentorId) {
        let _ = self.mentor_id.set(id.clone());
    }

    /// Notes who has made the change that the request asked for: the outcome if this call has, and if an earlier one.
    pub(super) fn change(&self, by: By, now: &'static str, before: &'static str) {
        self.outcome(match by {
            By::This => now,
            By::Earlier => before,
            By::Other => "lost_race",
        });
    }

    /// Notes an outcome. If there is none, the request has shown something; if the answer is a problem, its code counts.
    pub(super) fn outcome(&self, outcome: &'static str) {
        let _ = self.outcome.set(outcome);
    }
}

/// What the line tells besides the log.
pub(super) struct Completed<'a> {
    pub(super) request_id: &'a str,
    pub(super) method: &'a Method,
    pub(super) route: &'static str,
    pub(super) status: StatusCode,
    /// The `code` of the problem that was the answer, if it was one.
    pub(super) problem: Option<&'static str>,
    pub(super) started: Instant,
}

pub(super) fn write(completed: &Completed<'_>, caller: &Caller<'_>, log: &RequestLog) {
    let counts = log.round_trips.so_far();
    // Nearly no call has any, and a field that is None is not written.
    let if_any = |count: u32| (count > 0).then_some(count);
    let subject = caller.subject();
    let outcome = completed.problem.unwrap_or(log.outcome.get().unwrap_or(&"shown"));
    tracing::info!(
        request_id = completed.request_id,
        gateway_request_id = caller.gateway_request_id,
        method = completed.method.as_str(),
        route = completed.route,
        status = completed.status.as_u16(),
        outcome,
        code_id = log.code_id.get().map(CodeId::as_str),
        mentor_id = log.mentor_id.get().map(MentorId::as_str),
        source_ip = caller.source_ip,
        subject = subject.as_deref().map(shortened),
        org_id = log.org_id.get().map(OrgId::as_str),
        round_trips = counts.round_trips,
        throttled = if_any(counts.throttled),
        conflicts = if_any(counts.conflicts),
        table_errors = if_any(counts.table_errors),
        duration_ms = millis_since(completed.started),
        "request completed"
    );
}

/// The time since `started` for the log: in milliseconds, rounded to a microsecond.
pub(super) fn millis_since(started: Instant) -> f64 {
    (started.elapsed().as_secs_f64() * 1e6).round() / 1e3
}

/// The beginning of a text of a token, which can have any length.
fn shortened(text: &str) -> &str {
    text.char_indices().nth(MAX_LOGGED_CLAIM_CHARS).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_subject_is_shortened_at_a_character() {
        assert_eq!(shortened("usr_1"), "usr_1");
        assert_eq!(shortened(&"å".repeat(500)), "å".repeat(MAX_LOGGED_CLAIM_CHARS));
    }
}
