//! The wire between the SDK and the table: it keeps a record of every recorded, and breaks those it is told to.
//!
//! It stands where the SDK's HTTP client stands, so the service's own code, its retries and its time-outs are the real
//! ones, and so is the table behind it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::config::{HttpClient, RuntimeComponents, SharedHttpClient};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::fault::{Fault, by_chance};

/// Longer than the SDK waits for one attempt (`store/client.rs`).
const TOO_LONG: Duration = Duration::from_secs(2);

/// One request to the table, as it left.
#[derive(Clone, Debug)]
pub struct RecordedRequest {
    /// `GetItem`, `TransactWriteItems`, …
    pub operation: String,
    /// The request's body.
    pub request: Value,
    /// What was done to it.
    pub fault: Option<Fault>,
}

type Plan = dyn FnMut(&RecordedRequest) -> Option<Fault> + Send;
type Edit = dyn FnMut(&mut Value) + Send;
type Journey = dyn FnMut() -> Duration + Send;

/// The wire; clones share it.
#[derive(Clone)]
pub struct FaultInjector {
    inner: SharedHttpClient,
    state: Arc<Mutex<State>>,
}

struct State {
    requests: Vec<RecordedRequest>,
    plan: Box<Plan>,
    edit: Option<Box<Edit>>,
    journey: Option<Box<Journey>>,
}

/// What is decided of a request before it leaves.
struct Fate {
    fault: Option<Fault>,
    out: Duration,
    back: Duration,
}

impl FaultInjector {
    pub fn new(inner: SharedHttpClient) -> Self {
        let state = State { requests: Vec::new(), plan: Box::new(|_| None), edit: None, journey: None };
        Self { inner, state: Arc::new(Mutex::new(state)) }
    }

    /// From now on, the plan says what happens to each request.
    pub fn plan(&self, plan: impl FnMut(&RecordedRequest) -> Option<Fault> + Send + 'static) {
        self.state.lock().unwrap().plan = Box::new(plan);
    }

    /// From now on, nothing happens to any request.
    pub fn clear_faults(&self) {
        self.plan(|_| None);
    }

    /// The next requests of this operation meet these faults, one each; all others pass.
    pub fn fail_next(&self, operation: &'static str, faults: impl IntoIterator<Item = Fault>) {
        let mut faults = faults.into_iter().collect::<Vec<_>>().into_iter();
        self.plan(move |recorded| if recorded.operation == operation { faults.next() } else { None });
    }

    /// From now on, each request meets a fault of any kind with the probability `rate`. Some of them outlast a
    /// time-out of the SDK, so this is for a paused clock.
    pub fn random(&self, seed: u64, rate: f64) {
        self.plan(by_chance(seed, rate, Fault::all().collect()));
    }

    /// The same with faults that cost no time, for a clock that runs.
    pub fn random_quick(&self, seed: u64, rate: f64) {
        self.plan(by_chance(seed, rate, Fault::quick().collect()));
    }

    /// From now on, a request and its answer take up to ten milliseconds each, as the seed decides: on a paused clock
    /// this is what makes calls overtake each other.
    pub fn wander(&self, seed: u64) {
        let mut chance = fastrand::Rng::with_seed(seed);
        self.state.lock().unwrap().journey = Some(Box::new(move || Duration::from_millis(chance.u64(0..=10))));
    }

    /// From now on, a request takes this long, and so does its answer.
    pub fn slow_down(&self, leg: Duration) {
        self.state.lock().unwrap().journey = Some(Box::new(move || leg));
    }

    /// From now on, every transaction goes out as this leaves it.
    pub fn edit_transactions(&self, edit: impl FnMut(&mut Value) + Send + 'static) {
        self.state.lock().unwrap().edit = Some(Box::new(edit));
    }

    /// Forgets the requests so far, and gives them back.
    pub fn take(&self) -> Vec<RecordedRequest> {
        std::mem::take(&mut self.state.lock().unwrap().requests)
    }

    fn note(&self, request: &mut HttpRequest) -> Fate {
        let mut body = serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap_or_default();
        let operation = operation(request);
        let mut state = self.state.lock().unwrap();
        if let Some(edit) = state.edit.as_mut().filter(|_| operation == "TransactWriteItems") {
            edit(&mut body);
            let text = body.to_string();
            request.headers_mut().insert("content-length", text.len().to_string());
            *request.body_mut() = SdkBody::from(text);
        }
        let mut recorded = RecordedRequest { operation, request: body, fault: None };
        recorded.fault = (state.plan)(&recorded);
        let fault = recorded.fault;
        state.requests.push(recorded);
        let mut leg = || state.journey.as_mut().map_or(Duration::ZERO, |journey| journey());
        Fate { fault, out: leg(), back: leg() }
    }
}

impl std::fmt::Debug for FaultInjector {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("FaultInjector")
    }
}

impl HttpClient for FaultInjector {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(FaultConnector { inner, wire: self.clone() })
    }
}

#[derive(Debug)]
struct FaultConnector {
    inner: SharedHttpConnector,
    wire: FaultInjector,
}

impl HttpConnector for FaultConnector {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let Fate { fault, out, back } = self.wire.note(&mut request);
        let inner = self.inner.clone();
        HttpConnectorFuture::new(async move {
            if !out.is_zero() {
                sleep(out).await;
            }
            let answer = meet(fault, inner, request).await;
            if !back.is_zero() {
                sleep(back).await;
            }
            answer
        })
    }
}

async fn meet(
    fault: Option<Fault>,
    inner: SharedHttpConnector,
    request: HttpRequest,
) -> Result<HttpResponse, ConnectorError> {
    match fault {
        None => inner.call(request).await,
        Some(Fault::ConnectionRefused) => Err(broken(std::io::ErrorKind::ConnectionRefused)),
        Some(Fault::RequestLost) => Err(broken(std::io::ErrorKind::ConnectionReset)),
        Some(Fault::NoResponse) => std::future::pending().await,
        Some(Fault::ResponseLost) => {
            inner.call(request).await.and_then(|_| Err(broken(std::io::ErrorKind::UnexpectedEof)))
        }
        Some(Fault::Late) => {
            let _ = inner.call(request).await;
            std::future::pending().await
        }
        Some(Fault::DeliveredLate) => {
            tokio::spawn(async move {
                sleep(TOO_LONG).await;
                inner.call(request).await
            });
            std::future::pending().await
        }
        Some(Fault::Garbled(status, body)) => Ok(answer(status, body.into())),
        Some(Fault::GarbledAfter(status, body)) => inner.call(request).await.map(|_| answer(status, body.into())),
        Some(Fault::Refused(status, code)) => Ok(answer(status, error(code, &json!({})))),
        Some(Fault::Cancelled(reason)) => {
            let reasons = json!({ "CancellationReasons": [{ "Code": reason }, { "Code": "None" }] });
            Ok(answer(400, error("TransactionCanceledException", &reasons)))
        }
    }
}

/// `GetItem`, `TransactWriteItems`, …
pub fn operation(request: &HttpRequest) -> String {
    let target = request.headers().get("x-amz-target").unwrap_or_default();
    target.rsplit('.').next().unwrap_or_default().to_owned()
}

fn broken(how: std::io::ErrorKind) -> ConnectorError {
    ConnectorError::io(std::io::Error::from(how).into())
}

fn error(code: &str, more: &Value) -> String {
    let mut body = json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "injected" });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body.to_string()
}

pub fn answer(status: u16, body: String) -> HttpResponse {
    HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body))
}
