//! What stands in front of the service: holds requests back for as long as a test wants, and answers in its place.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use dev::gateway;
use serde_json::{Value, json};
use tokio::sync::oneshot;

/// What requests meet. Without a rule they pass. Clones share everything.
#[derive(Clone, Default)]
pub struct Gate {
    /// Each for requests whose method, path and query contain this: `GET /api/v1/referral-codes?page=2`
    rules: Arc<Mutex<Vec<(String, Rule)>>>,
    /// Every request that came so far: its method, path and query.
    passed: Arc<Mutex<Vec<String>>>,
}

enum Rule {
    /// For all such requests.
    Answer(Answer),
    /// For the next one, as those below.
    AnswerNext(Answer),
    LoseResponse,
    Hold {
        open: oneshot::Receiver<()>,
        arrived: oneshot::Sender<()>,
        answered: oneshot::Sender<()>,
    },
}

/// A response that no service has made.
#[derive(Clone, Debug)]
pub struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Answer {
    pub fn text(status: u16, content_type: &str, body: &str) -> Self {
        Self { status, headers: vec![("content-type", content_type.into())], body: body.into() }
    }

    pub fn json(status: u16, body: &Value) -> Self {
        Self::text(status, "application/json", &body.to_string())
    }

    /// A problem document of the service.
    pub fn problem(status: u16, code: &str, title: &str, detail: &str) -> Self {
        let body = json!({
            "type": format!("urn:problem-type:referral-codes:{code}"), "title": title, "status": status, "detail": detail,
            "code": code, "request_id": "01TESTREQUEST",
        });
        Self::text(status, "application/problem+json", &body.to_string())
    }

    /// The service cannot answer now.
    pub fn busy() -> Self {
        Self::problem(503, "unavailable", "The service is busy", "The table is busy. Send the call again.")
    }

    /// The service has failed.
    pub fn failing() -> Self {
        Self::problem(500, "internal", "Internal error", "The service has a fault. Report the request id.")
    }

    /// What API Gateway answers by itself.
    pub fn of_gateway(status: u16, message: &str) -> Self {
        Self::json(status, &json!({ "message": message })).header("apigw-requestid", "GatewayRequest=")
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
    open: oneshot::Sender<()>,
    arrived: oneshot::Receiver<()>,
    answered: oneshot::Receiver<()>,
}

impl Held {
    /// Waits until it has come.
    pub async fn arrived(&mut self) {
        (&mut self.arrived).await.expect("the gate is there");
    }

    /// Lets it go on, and waits until it is answered, or the client has given it up.
    pub async fn release(self) {
        // Either side may be gone by then.
        let _ = self.open.send(());
        let _ = self.answered.await;
    }
}

impl Gate {
    /// Holds back the next such request.
    pub fn hold(&self, pattern: &str) -> Held {
        let [(open, opened), (arrive, arrived), (answer, answered)] = [(); 3].map(|()| oneshot::channel());
        self.add(pattern, Rule::Hold { open: opened, arrived: arrive, answered: answer });
        Held { open, arrived, answered }
    }

    /// Answers such requests, all of them.
    pub fn answer(&self, pattern: &str, answer: Answer) {
        self.add(pattern, Rule::Answer(answer));
    }

    /// Answers the next such request.
    pub fn answer_next(&self, pattern: &str, answer: Answer) {
        self.add(pattern, Rule::AnswerNext(answer));
    }

    /// Lets the next such request through, and answers 504 as API Gateway does when the function's answer comes too late.
    pub fn lose_next_response(&self, pattern: &str) {
        self.add(pattern, Rule::LoseResponse);
    }

    /// How many requests have contained this.
    pub fn requests(&self, pattern: &str) -> usize {
        self.passed.lock().unwrap().iter().filter(|line| line.contains(pattern)).count()
    }

    fn add(&self, pattern: &str, rule: Rule) {
        self.rules.lock().unwrap().push((pattern.into(), rule));
    }

    /// The response to the request with this line, which `forward` would have the service answer.
    pub(super) async fn pass(&self, line: String, forward: impl Future<Output = Response>) -> Response {
        self.passed.lock().unwrap().push(line.clone());
        match self.rule(&line) {
            None => forward.await,
            Some(Rule::LoseResponse) => {
                forward.await;
                gateway::own_response(StatusCode::GATEWAY_TIMEOUT, "Endpoint request timed out")
            }
            Some(Rule::Answer(answer) | Rule::AnswerNext(answer)) => answer.response(),
            Some(Rule::Hold { open, arrived, answered }) => {
                // An error is a test that has ended.
                let _ = arrived.send(());
                let _ = open.await;
                let response = forward.await;
                let _ = answered.send(());
                response
            }
        }
    }

    /// The first rule for a request. One that was for this request only is gone then.
    fn rule(&self, line: &str) -> Option<Rule> {
        let mut rules = self.rules.lock().unwrap();
        let at = rules.iter().position(|(pattern, _)| line.contains(pattern))?;
        Some(match &rules[at].1 {
            Rule::Answer(answer) => Rule::Answer(answer.clone()),
            _ => rules.remove(at).1,
        })
    }
}
