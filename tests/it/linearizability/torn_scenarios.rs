//! Scenarios: one process has sent a change, which is in flight. Another process sends the next requests, one after the
//! other, and then reads all that it has heard of. The seed decides when they come, and which of the change's items are
//! visible by then.

use std::time::Duration;

use dev::{TestService, audit, random_ids, simulated};
use tokio::time::sleep;

use super::checker::check;
use super::clients::Callers;
use super::history::{Answer, Operation, Request};

/// What the mentor has before: the code A, or none.
#[derive(Clone, Copy, Debug)]
pub enum Before {
    Nothing,
    Active,
    Invalidated,
    Expired,
}

/// A request of a scenario.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    Post,
    /// PUT of the oldest known code.
    PutA,
    /// PUT of the newest known code.
    PutNewest,
    DeleteA,
    List,
    ListActive,
}

/// What a history shows that no order of its calls explains.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shows {
    /// An answer shows a code, and a later call says that no code has its id.
    UnknownId,
    /// An answer shows a code, and a later call says that no code has its string.
    UnknownString,
    /// An answer shows a code as the active one, and a later call shows an older code as active.
    OlderCodeActive,
    /// A call has made a code upon a change in flight, and a later call shows the code before that change as active.
    OlderCodeActiveAfterNextChange,
    /// A list shows two active codes.
    TwoActiveCodes,
    /// A call is answered that a code has ended, and a later call gets that code as the active one.
    EndedCodeGivenOut,
}

#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    pub before: Before,
    pub in_flight: Step,
    pub then: &'static [Step],
}

/// How long a transaction may be in flight.
const MAX_IN_FLIGHT: Duration = Duration::from_millis(100);

impl Step {
    /// Sends the request, if there is a code for it.
    async fn send(self, callers: &Callers) {
        let known = callers.known();
        let (oldest, newest) = (known.first().cloned(), known.last().cloned());
        let post = Request::Post { org: "org".into(), expires_at: None };
        let request = match self {
            Self::Post => Some(post),
            Self::PutA => oldest.map(|id| Request::Put { id }),
            Self::PutNewest => newest.map(|id| Request::Put { id }),
            Self::DeleteA => oldest.map(|id| Request::Delete { id }),
            Self::List => Some(Request::List { status: None }),
            Self::ListActive => Some(Request::List { status: Some("active".into()) }),
        };
        if let Some(request) = request {
            callers.send(request).await;
        }
    }
}

impl Shows {
    fn is_in(self, history: &[Operation]) -> bool {
        let answers = || history.iter().filter_map(|call| Some((call, call.answered.as_ref()?)));
        let before = |later: &Operation| {
            let called = later.called;
            answers().filter(move |(_, (at, _))| *at < called).map(|(_, (_, answer))| answer)
        };
        answers().any(|(call, (_, answer))| match (self, &call.request, answer) {
            (
                Self::UnknownId,
                Request::Get { id } | Request::Put { id } | Request::Delete { id } | Request::GetUrl { id },
                Answer::NotFound,
            ) => before(call).any(|answer| answer.ids().contains(id)),
            (Self::UnknownString, Request::ListByCode { code }, Answer::Listed(shown)) => {
                shown.is_empty() && before(call).any(|answer| answer.strings().contains(code))
            }
            (Self::OlderCodeActive, Request::Get { .. }, Answer::Code(shown)) => {
                shown.status == "active"
                    && before(call).any(|answer| match answer {
                        Answer::Existing(active) => {
                            active.id != shown.id && active.previous_code.as_ref() == Some(&shown.code)
                        }
                        _ => false,
                    })
            }
            (Self::OlderCodeActiveAfterNextChange, Request::Get { .. }, Answer::Code(shown)) => {
                let is_first = |code: &str| {
                    before(call).any(|answer| matches!(answer, Answer::Created(first) if first.id == code))
                };
                shown.status == "active"
                    && is_first(&shown.id)
                    && before(call).any(|answer| match answer {
                        Answer::Created(next) | Answer::Successor(next) => next.id != shown.id,
                        _ => false,
                    })
            }
            (Self::TwoActiveCodes, _, Answer::Listed(codes)) => {
                codes.iter().filter(|code| code.status == "active").count() > 1
            }
            (Self::EndedCodeGivenOut, Request::Post { .. }, Answer::Existing(shown)) => {
                before(call).any(|answer| matches!(answer, Answer::Invalidated { .. })) && shown.previous_code.is_none()
            }
            _ => false,
        })
    }
}

impl Scenario {
    /// Fails if the answers are not linearizable, or if the table breaks an invariant.
    pub fn play(&self, seed: u64) -> Result<(), String> {
        let (history, audited) = self.history(seed, &[]);
        check(&history).map_err(|refuted| refuted.0)?;
        audited
    }

    /// Whether the scenario is refuted under this seed, and shows this, if changes of so many items are not confirmed: creations
    /// have 3, rotations and creations after an expiry 4, invalidations 2.
    pub fn is_refuted_without(&self, unconfirmed: &'static [usize], seed: u64, shows: Shows) -> bool {
        let (history, _) = self.history(seed, unconfirmed);
        shows.is_in(&history) && check(&history).is_err()
    }

    /// The history, and what an audit of the table found.
    fn history(&self, seed: u64, unconfirmed: &'static [usize]) -> (Vec<Operation>, Result<(), String>) {
        simulated(seed, async {
            let service = TestService::builder().isolation(seed, MAX_IN_FLIGHT).scarce_ids(seed).build().await;
            let other = service.second_process_with(&service.clock, random_ids(seed + 1000, true), &[]).await;
            let first = Callers::new(&service, "usr_0");
            let second = first.through(&other, &other.clock);
            self.prepare(&service, &first).await;
            service.isolation().void_snapshots_of(unconfirmed);

            let (task, change) = (first.clone(), self.in_flight);
            let in_flight = tokio::spawn(async move { change.send(&task).await });
            let mut rng = fastrand::Rng::with_seed(seed);
            sleep(Duration::from_millis(rng.u64(1..40))).await;
            for step in self.then {
                step.send(&second).await;
            }
            second.read_all().await;
            in_flight.await.unwrap();
            first.read_all().await;
            (first.history.operations(), audit(&service).await)
        })
    }

    async fn prepare(&self, service: &TestService, callers: &Callers) {
        let expires_at = Some(service.clock.text_in(Duration::from_secs(600)));
        match self.before {
            Before::Nothing => {}
            Before::Active => Step::Post.send(callers).await,
            Before::Invalidated => {
                Step::Post.send(callers).await;
                Step::DeleteA.send(callers).await;
            }
            Before::Expired => {
                callers.send(Request::Post { org: "org".into(), expires_at }).await;
                service.clock.advance(Duration::from_secs(600));
            }
        }
        service.clock.advance(Duration::from_secs(60));
    }
}
