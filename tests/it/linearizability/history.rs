//! A history: the requests of callers, their answers, and when both happened.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use dev::{BASE, Call, Reply, create_body, rotate_body};
use serde::Deserialize;
use serde_json::Value;

/// A request about one mentor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Request {
    Post {
        org: String,
        expires_at: Option<String>,
    },
    /// The requests below name a code by its id.
    Put(String),
    /// A PUT with another mentor's id.
    PutByOtherMentor(String),
    Delete(String),
    Get(String),
    GetUrl(String),
    /// The mentor's codes: all of them, or those with this status.
    List(Option<String>),
    /// The code with this string.
    ListByCode(String),
    /// The short link of this string, by a process with a grace that does not end within a history.
    Follow(String),
    /// A change of which a backup holds a part. A repair may complete it after later calls, and then it keeps its time. The time
    /// of an invalidation may be lost: then it is that of the repair.
    Lost(Box<Self>),
    /// What a command does, perhaps more than once: the active code ends, if it was made in this second.
    EndActive(u64),
    /// No call names the mentor any more.
    Forget,
}

/// An answer to a caller.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// A code that a POST has made.
    Created(Document),
    /// Every other answer with one code.
    Code(Document),
    /// When the code was invalidated.
    Invalidated(String),
    /// The string of the code to which the URL or the short link leads.
    Url(String),
    /// All codes of the list, newest first.
    Listed(Vec<Document>),
    Refused(Problem),
    /// Of maintenance.
    Done,
}

/// What a refusal says, by the names of the contract.
#[derive(Clone, PartialEq, Eq, Deserialize, Debug, Default)]
pub struct Problem {
    pub code: String,
    pub code_status: Option<String>,
    pub active_id: Option<String>,
}

/// A code as an answer shows it.
#[derive(Clone, PartialEq, Eq, Deserialize, Debug, Default)]
pub struct Document {
    pub id: String,
    #[serde(default)]
    pub mentor_id: String,
    pub org_id: String,
    pub code: String,
    pub status: String,
    pub previous_code: Option<String>,
    pub rotated_at: Option<String>,
    pub successor_id: Option<String>,
    pub invalidated_at: Option<String>,
    pub created_at: String,
    pub expires_at: Option<String>,
}

impl Document {
    fn read(body: &Value) -> Self {
        let code: Self = serde_json::from_value(body.clone()).unwrap();
        let ends = [&code.rotated_at, &code.invalidated_at];
        assert!(ends.into_iter().flatten().all(|end| *end >= code.created_at), "ended before it was made: {body}");
        code
    }
}

/// A call, sent at one moment of the history and answered at another. Without an answer, it is unknown whether and when it
/// takes effect.
#[derive(Clone, Debug)]
pub struct Operation {
    pub request: Request,
    /// The clock of the process at the start of the call, in milliseconds.
    pub now: u64,
    pub called: u64,
    pub answered: Option<(u64, Answer)>,
}

impl Operation {
    pub fn is_lost(&self) -> bool {
        matches!(self.request, Request::Lost(_))
    }

    /// Until when it may take effect.
    pub fn until(&self) -> u64 {
        self.answered.as_ref().map_or(u64::MAX, |(at, _)| *at)
    }

    /// Whether both do the same and are answered alike, wherever they come.
    pub fn is_twin_of(&self, other: &Self) -> bool {
        // A forgetting asks no clock.
        let is_same = self.request == other.request && (self.now == other.now || self.request == Request::Forget);
        is_same && self.answer() == other.answer()
    }

    pub fn answer(&self) -> Option<&Answer> {
        self.answered.as_ref().map(|(_, answer)| answer)
    }
}

/// The calls about one mentor.
#[derive(Default)]
pub struct History {
    moment: AtomicU64,
    operations: Mutex<Vec<Operation>>,
}

impl History {
    pub fn tick(&self) -> u64 {
        self.moment.fetch_add(1, Ordering::SeqCst)
    }

    /// A call that was sent then, and is answered now, if at all.
    pub fn record(&self, request: Request, now: u64, called: u64, answer: Option<Answer>) {
        let answered = answer.map(|answer| (self.tick(), answer));
        self.add(Operation { request, now, called, answered });
    }

    pub fn add(&self, operation: Operation) {
        self.operations.lock().unwrap().push(operation);
    }

    /// The answers, in their order.
    pub fn answers(&self) -> Vec<Answer> {
        let operations = self.operations.lock().unwrap();
        operations.iter().filter_map(|call| call.answer().cloned()).collect()
    }

    pub fn operations(&self) -> Vec<Operation> {
        let mut operations = self.operations.lock().unwrap().clone();
        operations.sort_by_key(|operation| operation.called);
        operations
    }
}

impl Request {
    /// A POST without an expiry.
    pub fn post() -> Self {
        Self::Post { org: "org".into(), expires_at: None }
    }

    pub fn call(&self, mentor: &str) -> Call {
        let path = |id: &str| format!("{BASE}/{id}");
        match self {
            Self::Post { org, expires_at } => {
                let mut body = create_body(mentor, org);
                // All have one name, so that their code strings collide.
                body["mentor_name"] = "Jan".into();
                body["expires_at"] = expires_at.clone().into();
                Call::post(BASE, &body)
            }
            Self::Put(id) => Call::put(&path(id), &rotate_body(mentor)),
            Self::PutByOtherMentor(id) => Call::put(&path(id), &rotate_body("another")),
            Self::Delete(id) => Call::delete(&path(id)),
            Self::Get(id) => Call::get(&path(id)),
            Self::GetUrl(id) => Call::get(&format!("{}/url", path(id))),
            Self::List(status) => {
                let status = status.as_ref().map(|status| format!("&status={status}")).unwrap_or_default();
                Call::get(&format!("{BASE}?mentor_id={mentor}&limit=100{status}"))
            }
            Self::ListByCode(code) => Call::get(&format!("{BASE}?code={code}")),
            Self::Follow(code) => Call::get(&format!("/r/{code}")).header("accept", "application/json"),
            Self::Lost(_) | Self::EndActive(_) | Self::Forget => unreachable!("it is no call"),
        }
    }

    /// The answer in a reply. None for a 503, which leaves open what happened.
    pub fn read(&self, reply: &Reply) -> Option<Answer> {
        let body = reply.json();
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        Some(match (reply.status, self) {
            (503, _) => {
                reply.expect_problem(503, "unavailable");
                assert!(reply.headers.contains_key("retry-after"), "{reply:?}");
                return None;
            }
            (201, _) => Answer::Created(Document::read(&body)),
            (200, Self::Delete(_)) => Answer::Invalidated(text("invalidated_at")),
            (200, Self::GetUrl(_) | Self::Follow(_)) => Answer::Url(text("code")),
            (200, Self::List(_) | Self::ListByCode(_)) => {
                let codes: Vec<_> = body["data"].as_array().unwrap().iter().map(Document::read).collect();
                assert_eq!(body["pagination"]["total"], codes.len(), "{body}");
                Answer::Listed(codes)
            }
            (200, _) => Answer::Code(Document::read(&body)),
            _ => Answer::Refused(serde_json::from_value(body).unwrap()),
        })
    }
}

impl Answer {
    /// The code that it shows, if it shows one.
    pub fn code(&self) -> Option<&Document> {
        match self {
            Self::Created(code) | Self::Code(code) => Some(code),
            _ => None,
        }
    }

    /// The ids that it shows, older ones first.
    pub fn ids(&self) -> Vec<String> {
        match self {
            Self::Created(code) | Self::Code(code) => code.successor_id.iter().chain([&code.id]).cloned().collect(),
            Self::Listed(codes) => codes.iter().rev().map(|code| code.id.clone()).collect(),
            Self::Refused(problem) => problem.active_id.iter().cloned().collect(),
            _ => Vec::new(),
        }
    }

    /// The code strings that it shows.
    pub fn strings(&self) -> Vec<String> {
        match self {
            Self::Created(code) | Self::Code(code) => vec![code.code.clone()],
            Self::Listed(codes) => codes.iter().map(|code| code.code.clone()).collect(),
            Self::Url(code) => vec![code.clone()],
            _ => Vec::new(),
        }
    }
}
