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
    Hold { open: watch::Receiver<bool>, arrived: Arc<watch::Sender<bool>>, answered: Arc<watch::Sender<bool>> },
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

/// A request that is held back, until this is released or dropped.
pub struct Held {
    open: watch::Sender<bool>,
    arrived: watch::Receiver<bool>,
    answered: watch::Receiver<bool>,
}

impl Held {
    /// Waits until it has come.
    pub async fn arrived(&mut self) {
        self.arrived.wait_for(|&arrived| arrived).await.expect("the gate is there");
    }

    /// Lets it go on, and waits until it is answered, or the client has given it up.
    pub async fn release(mut self) {
        self.open.send_replace(true);
        let _ = self.answered.wait_for(|&answered| answered).await;
    }
}

/// What becomes of a request.
pub(super) enum Passage {
    /// The service answers it.
    Open,
    /// The service answers it, and this is told then.
    Watched(Arc<watch::Sender<bool>>),
    /// The service answers it, and the client gets this instead.
    OneWay(Response),
    /// The service never sees it.
    Closed(Response),
}

impl Gate {
    pub fn new() -> Self {
        Self { rules: Arc::default(), passed: Arc::default() }
    }

    /// Holds back the next request whose method, path and query contain this.
    pub fn hold(&self, pattern: &str) -> Held {
        let [(open, opened), (arrive, arrived), (answer, answered)] =
            [watch::channel(false), watch::channel(false), watch::channel(false)];
        self.add(pattern, Effect::Hold { open: opened, arrived: Arc::new(arrive), answered: Arc::new(answer) }, 1);
        Held { open, arrived, answered }
    }

    /// Answers such requests, all of them.
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
            Some(Effect::Hold { mut open, arrived, answered }) => {
                arrived.send_replace(true);
                // An error is a test that has ended.
                let _ = open.wait_for(|&open| open).await;
                Passage::Watched(answered)
            }
        }
    }

    /// What the first rule for a request does. A rule that has done all it was for is gone, and what it held with it.
    fn effect(&self, line: &str) -> Option<Effect> {
        let mut rules = self.rules.lock().unwrap();
        let at = rules.iter().position(|rule| line.contains(&rule.pattern))?;
        if rules[at].left == 1 {
            return Some(rules.remove(at).effect);
        }
        rules[at].left -= 1;
        Some(rules[at].effect.clone())
    }
}
