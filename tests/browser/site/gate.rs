//! What stands in front of the service: holds requests back for as long as a test wants, and answers in its place.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use dev::gateway;
use serde_json::Value;
use tokio::sync::watch;

/// What requests meet. Without a rule they pass.
#[derive(Clone)]
pub struct Gate {
    rules: Arc<Mutex<Vec<Rule>>>,
    /// Every request that came so far: its method, and its path with the query.
    passed: Arc<Mutex<Vec<String>>>,
}

#[derive(Clone)]
struct Rule {
    /// What the line of a request has to contain: `GET /api/v1/referral-codes?page=2`
    pattern: String,
    effect: Effect,
    /// How many more requests it is for.
    left: usize,
}

#[derive(Clone)]
enum Effect {
    Answer(Answer),
    Lose,
    Hold { open: watch::Receiver<bool>, arrived: Arc<watch::Sender<usize>> },
}

/// A response that no service has made.
#[derive(Clone, Debug)]
pub struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Answer {
    pub fn json(status: u16, body: &Value) -> Self {
        Self { status, headers: vec![("content-type", "application/json".into())], body: body.to_string() }
    }

    pub fn text(status: u16, content_type: &str, body: &str) -> Self {
        Self { status, headers: vec![("content-type", content_type.into())], body: body.into() }
    }

    /// A problem document of the service.
    pub fn problem(status: u16, code: &str, title: &str, detail: &str) -> Self {
        let body = serde_json::json!({
            "type": format!("urn:problem-type:referral-codes:{code}"), "title": title, "status": status, "detail": detail,
            "code": code, "request_id": "01TESTREQUEST",
        });
        Self { status, headers: vec![("content-type", "application/problem+json".into())], body: body.to_string() }
    }

    /// What API Gateway answers by itself.
    pub fn of_gateway(status: u16, message: &str) -> Self {
        Self::json(status, &serde_json::json!({ "message": message })).header("apigw-requestid", "GatewayRequest=")
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn response(self) -> Response {
        let response = Response::builder().status(self.status);
        let response = self.headers.into_iter().fold(response, |response, (name, value)| response.header(name, value));
        response.body(Body::from(self.body)).unwrap()
    }
}

/// Requests that are held back, until this is released or dropped.
pub struct Held {
    open: watch::Sender<bool>,
    arrived: watch::Receiver<usize>,
}

impl Held {
    /// Waits until so many requests are held back.
    pub async fn arrived(&mut self, count: usize) {
        self.arrived.wait_for(|&arrived| arrived >= count).await.expect("the gate is there");
    }

    /// Lets them go on, and those that come later.
    pub fn release(self) {
        self.open.send_replace(true);
    }
}

/// What becomes of a request.
pub(super) enum Passage {
    /// The service answers it.
    Open,
    /// The service answers it, and the client gets this instead.
    OneWay(Response),
    /// The service never sees it.
    Closed(Response),
}

impl Gate {
    pub fn new() -> Self {
        Self { rules: Arc::default(), passed: Arc::default() }
    }

    /// Holds back the requests whose method, path and query contain this.
    pub fn hold(&self, pattern: &str) -> Held {
        let (open, opened) = watch::channel(false);
        let (arrived, has_arrived) = watch::channel(0);
        self.add(pattern, Effect::Hold { open: opened, arrived: Arc::new(arrived) }, usize::MAX);
        Held { open, arrived: has_arrived }
    }

    /// Answers such requests, until [`Self::clear`].
    pub fn answer(&self, pattern: &str, answer: Answer) {
        self.add(pattern, Effect::Answer(answer), usize::MAX);
    }

    /// Answers the next such request.
    pub fn answer_next(&self, pattern: &str, answer: Answer) {
        self.add(pattern, Effect::Answer(answer), 1);
    }

    /// Lets the next such request through, and answers 504 as API Gateway does when the function's answer comes too late.
    pub fn lose_next_response(&self, pattern: &str) {
        self.add(pattern, Effect::Lose, 1);
    }

    pub fn clear(&self) {
        self.rules.lock().unwrap().clear();
    }

    /// The requests so far that contain this: method, path and query.
    pub fn requests(&self, pattern: &str) -> Vec<String> {
        self.passed.lock().unwrap().iter().filter(|line| line.contains(pattern)).cloned().collect()
    }

    fn add(&self, pattern: &str, effect: Effect, left: usize) {
        self.rules.lock().unwrap().push(Rule { pattern: pattern.into(), effect, left });
    }

    /// What becomes of the request with this line: its method, path and query.
    pub(super) async fn pass(&self, line: String) -> Passage {
        self.passed.lock().unwrap().push(line.clone());
        match self.effect(&line) {
            None => Passage::Open,
            Some(Effect::Lose) => {
                Passage::OneWay(gateway::own_response(StatusCode::GATEWAY_TIMEOUT, "Endpoint request timed out"))
            }
            Some(Effect::Answer(answer)) => Passage::Closed(answer.response()),
            Some(Effect::Hold { mut open, arrived }) => {
                arrived.send_modify(|count| *count += 1);
                // An error is a test that has ended.
                let _ = open.wait_for(|&open| open).await;
                Passage::Open
            }
        }
    }

    fn effect(&self, line: &str) -> Option<Effect> {
        let mut rules = self.rules.lock().unwrap();
        let rule = rules.iter_mut().find(|rule| rule.left > 0 && line.contains(&rule.pattern))?;
        rule.left = rule.left.saturating_sub(usize::from(rule.left != usize::MAX));
        Some(rule.effect.clone())
    }
}
