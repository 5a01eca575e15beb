//! The words of scenarios: what a mentor has when one begins, and the requests that callers then send.

use std::time::Duration;

use referral_codes::limits::COMPLETE_AFTER;

use super::clients::Callers;
use super::history::{Answer, Request};

/// The mentor's code when a scenario begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Before {
    Nothing,
    Active,
    /// Long ago, to a code that is active.
    Rotated,
    Invalidated,
    Expired,
}

/// A request. A is the oldest code that an answer has shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    Post,
    PutA,
    PutNewest,
    DeleteA,
    DeleteNewest,
    List,
    ListActive,
    /// The short link of the first code.
    FollowA,
}

impl Step {
    /// The request, if there is a code for it.
    pub fn request(self, callers: &Callers) -> Option<Request> {
        let known = callers.known();
        let (oldest, newest) = (known.first().cloned(), known.last().cloned());
        match self {
            Self::Post => Some(Request::post()),
            Self::PutA => oldest.map(Request::Put),
            Self::PutNewest => newest.map(Request::Put),
            Self::DeleteA => oldest.map(Request::Delete),
            Self::DeleteNewest => newest.map(Request::Delete),
            Self::List => Some(Request::List(None)),
            Self::ListActive => Some(Request::List(Some("active".into()))),
            Self::FollowA => callers.history.answers().iter().flat_map(Answer::strings).next().map(Request::Follow),
        }
    }

    pub async fn send(self, callers: &Callers) {
        if let Some(request) = self.request(callers) {
            callers.send(request).await;
        }
    }
}

impl Callers {
    /// Makes what the mentor has before. Then a minute passes, so that each time in an answer shows when it comes from.
    pub async fn begin_with(&self, before: Before) {
        self.begin_after(before, 0).await;
    }

    /// The same, of a code that was rotated so often.
    pub async fn begin_after(&self, before: Before, rotations: usize) {
        let seconds = |seconds| self.clock.advance(Duration::from_secs(seconds));
        if before != Before::Nothing {
            let lasts = if before == Before::Expired { 600 } else { 24 * 3_600 };
            let expires_at = Some(self.clock.text_in(Duration::from_secs(lasts)));
            self.send(Request::Post { org: "org".into(), expires_at }).await;
        }
        for _ in 0..rotations {
            seconds(1);
            Step::PutNewest.send(self).await;
        }
        match before {
            Before::Rotated => {
                Step::PutNewest.send(self).await;
                // So long ago that no process has to confirm it.
                self.clock.advance(COMPLETE_AFTER);
            }
            Before::Invalidated => Step::DeleteNewest.send(self).await,
            Before::Expired => seconds(600),
            Before::Nothing | Before::Active => {}
        }
        seconds(60);
    }
}
