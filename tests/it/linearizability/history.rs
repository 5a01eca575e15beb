//! A history: the requests of callers, their answers, and when both happened.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use dev::{BASE, Call, Reply, create_body, rotate_body};
use serde::Deserialize;
use serde_json::{Value, json};

/// A request about one mentor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Request {
    Post {
        org: String,
        expires_at: Option<String>,
    },
    Put {
        id: String,
    },
    /// A PUT with another mentor's id.
    PutByOtherMentor {
        id: String,
    },
    Delete {
        id: String,
    },
    Get {
        id: String,
    },
    GetUrl {
        id: String,
    },
    /// The mentor's codes: all of them, or those with this status.
    List {
        status: Option<String>,
    },
    /// The code with this string.
    ListByCode {
        code: String,
    },
    /// The short link of this string, by a process with a grace that does not end within a history.
    Follow {
        code: String,
    },
    /// A change of which a backup holds a part. A repair may complete it after later calls, and then it keeps its time. The time
    /// of an invalidation may be lost: then it is that of the repair.
    Lost(Box<Self>),
    /// What a forgetting does first, perhaps more than once: the active code ends, if there is one.
    EndActive,
    /// No call names the mentor any more.
    Forget,
}

/// An answer to a caller.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    Created(Document),
    Existing(Document),
    Successor(Document),
    Invalidated {
        at: String,
    },
    Code(Document),
    Url {
        code: String,
    },
    /// All codes of the list, newest first.
    Listed(Vec<Document>),
    MentorInOtherOrg {
        active_id: String,
    },
    MentorMismatch,
    NotActive {
        status: String,
        active_id: Option<String>,
    },
    Gone {
        status: String,
    },
    /// Where a short link leads.
    Linked {
        code: String,
    },
    NotFound,
    /// A code would have been made, and would have expired already.
    ExpiresInThePast,
    OrgClosed,
    /// Of maintenance.
    Done,
    /// An answer that the contract does not allow.
    Other(String),
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

    pub fn record(&self, operation: Operation) {
        self.operations.lock().unwrap().push(operation);
    }

    /// The answers, in their order.
    pub fn answers(&self) -> Vec<Answer> {
        let operations = self.operations.lock().unwrap();
        operations.iter().filter_map(|call| Some(call.answered.as_ref()?.1.clone())).collect()
    }

    pub fn operations(&self) -> Vec<Operation> {
        let mut operations = self.operations.lock().unwrap().clone();
        operations.sort_by_key(|operation| operation.called);
        operations
    }
}

impl Request {
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
            Self::Put { id } => Call::put(&path(id), &rotate_body(mentor)),
            Self::PutByOtherMentor { id } => Call::put(&path(id), &rotate_body("another")),
            Self::Delete { id } => Call::delete(&path(id)),
            Self::Get { id } => Call::get(&path(id)),
            Self::GetUrl { id } => Call::get(&format!("{}/url", path(id))),
            Self::List { status } => {
                let status = status.as_ref().map(|status| format!("&status={status}")).unwrap_or_default();
                Call::get(&format!("{BASE}?mentor_id={mentor}&limit=100{status}"))
            }
            Self::ListByCode { code } => Call::get(&format!("{BASE}?code={code}")),
            Self::Follow { code } => Call::get(&format!("/r/{code}")).header("accept", "application/json"),
            Self::Lost(_) | Self::EndActive | Self::Forget => unreachable!("it is no call"),
        }
    }

    /// The answer in a reply. None for a 503, which leaves open what happened.
    pub fn read(&self, reply: &Reply) -> Option<Answer> {
        let body = reply.json();
        let text = |name: &str| body[name].as_str().map(str::to_owned);
        let document = || Document::read(&body);
        Some(match (reply.status, self) {
            (503, _) => {
                reply.expect_problem(503, "unavailable");
                assert!(reply.headers.contains_key("retry-after"), "{reply:?}");
                return None;
            }
            (201, Self::Post { .. }) => Answer::Created(document()),
            (200, Self::Post { .. }) => Answer::Existing(document()),
            (200, Self::Put { .. }) => Answer::Successor(document()),
            (200, Self::Delete { .. }) => Answer::Invalidated { at: text("invalidated_at").unwrap() },
            (200, Self::Get { .. }) => Answer::Code(document()),
            (200, Self::GetUrl { .. }) => Answer::Url { code: text("code").unwrap() },
            (200, Self::List { .. } | Self::ListByCode { .. }) => {
                let codes: Vec<_> = body["data"].as_array().unwrap().iter().map(Document::read).collect();
                assert_eq!(body["pagination"]["total"], codes.len(), "{body}");
                Answer::Listed(codes)
            }
            (409, Self::Post { .. }) => Answer::MentorInOtherOrg { active_id: text("active_id").unwrap() },
            (409, _) => Answer::NotActive { status: text("code_status").unwrap(), active_id: text("active_id") },
            (200, Self::Follow { .. }) => Answer::Linked { code: text("code").unwrap() },
            (410, Self::GetUrl { .. } | Self::Follow { .. }) => Answer::Gone { status: text("code_status").unwrap() },
            (422, Self::Post { .. }) => {
                let errors = &reply.expect_problem(422, "validation_failed")["errors"];
                assert_eq!(*errors, json!([{ "pointer": "/expires_at", "detail": "must be in the future" }]));
                Answer::ExpiresInThePast
            }
            (403, _) if body["code"] == "org_closed" => Answer::OrgClosed,
            (403, _) => Answer::MentorMismatch,
            (404, _) => Answer::NotFound,
            _ => Answer::Other(format!("{reply:?}")),
        })
    }
}

impl Answer {
    /// The time when the code was made that a change is answered with.
    pub fn created_at(&self) -> Option<&String> {
        match self {
            Self::Created(code) | Self::Successor(code) => Some(&code.created_at),
            _ => None,
        }
    }

    /// The ids that it shows, older ones first.
    pub fn ids(&self) -> Vec<String> {
        match self {
            Self::Created(code) | Self::Existing(code) | Self::Successor(code) | Self::Code(code) => {
                code.successor_id.iter().chain([&code.id]).cloned().collect()
            }
            Self::Listed(codes) => codes.iter().rev().map(|code| code.id.clone()).collect(),
            Self::MentorInOtherOrg { active_id } => vec![active_id.clone()],
            Self::NotActive { active_id, .. } => active_id.iter().cloned().collect(),
            _ => Vec::new(),
        }
    }

    /// The code strings that it shows.
    pub fn strings(&self) -> Vec<String> {
        match self {
            Self::Created(code) | Self::Existing(code) | Self::Successor(code) | Self::Code(code) => {
                vec![code.code.clone()]
            }
            Self::Listed(codes) => codes.iter().map(|code| code.code.clone()).collect(),
            Self::Url { code } | Self::Linked { code } => vec![code.clone()],
            _ => Vec::new(),
        }
    }
}
