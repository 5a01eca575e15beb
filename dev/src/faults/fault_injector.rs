//! A fault injector between the SDK and the table: it records every request, and injects faults as a plan says.
//!
//! It takes the place of the SDK's HTTP client. So the service, its retries and its time-outs are the real ones, and so
//! is the table behind it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::fault::Fault;
use crate::sdk_http::{Sent, body, error_body, http_response, in_front_of, operation, set_body};

/// A request to the table, as the SDK sent it.
#[derive(Clone, Debug)]
pub struct RecordedRequest {
    /// `GetItem`, `TransactWriteItems`, …
    pub operation: String,
    /// The request's body.
    pub request: Value,
    /// The same, byte for byte.
    pub bytes: Vec<u8>,
    /// The fault that it met.
    pub fault: Option<Fault>,
}

type Plan = dyn FnMut(&RecordedRequest) -> Option<Fault> + Send;
type Edit = dyn FnMut(&mut Value) + Send;
type Latency = dyn FnMut() -> Duration + Send;

/// Records requests and injects faults; clones share both.
#[derive(Clone)]
pub struct FaultInjector(Arc<Mutex<State>>);

struct State {
    requests: Vec<RecordedRequest>,
    plan: Box<Plan>,
    edit: Option<Box<Edit>>,
    latency: Option<Box<Latency>>,
}

/// What happens to a request, decided before it is sent.
struct Course {
    fault: Option<Fault>,
    request_latency: Duration,
    response_latency: Duration,
}

impl FaultInjector {
    pub fn new() -> Self {
        let state = State { requests: Vec::new(), plan: Box::new(|_| None), edit: None, latency: None };
        Self(Arc::new(Mutex::new(state)))
    }

    /// An HTTP client for the SDK, in front of another one.
    pub fn in_front_of(&self, inner: SharedHttpClient) -> SharedHttpClient {
        let faults = self.clone();
        in_front_of(inner, move |mut request, inner| {
            let course = faults.record(&mut request);
            async move {
                pause(course.request_latency).await;
                let response = inject(course.fault, inner, request).await;
                pause(course.response_latency).await;
                response
            }
        })
    }

    /// From now on, `plan` decides the fault of each request.
    pub fn plan(&self, plan: impl FnMut(&RecordedRequest) -> Option<Fault> + Send + 'static) {
        self.0.lock().unwrap().plan = Box::new(plan);
    }

    /// From now on, no request meets a fault.
    pub fn clear_faults(&self) {
        self.plan(|_| None);
    }

    /// The next requests of this operation meet these faults, one each. All other requests pass.
    pub fn fail_next<I: IntoIterator<Item = Fault, IntoIter: Send + 'static>>(
        &self,
        operation: &'static str,
        faults: I,
    ) {
        let mut faults = faults.into_iter();
        self.plan(move |recorded| if recorded.operation == operation { faults.next() } else { None });
    }

    /// From now on, each request meets a fault of any kind with the probability `rate`. Some faults last until a
    /// time-out of the SDK, so this is for a paused clock.
    pub fn random(&self, seed: u64, rate: f64) {
        self.random_of(seed, rate, Fault::all());
    }

    /// As [`Self::random`], and DynamoDB may refuse a transaction that it knows as another one ([`Fault::MISMATCH`]).
    pub fn random_with_mismatches(&self, seed: u64, rate: f64) {
        self.random_of(seed, rate, Fault::all_with_mismatches());
    }

    /// As [`Self::random`], with faults that take no time, for a clock that runs.
    pub fn random_quick(&self, seed: u64, rate: f64) {
        self.random_of(seed, rate, Fault::quick());
    }

    fn random_of(&self, seed: u64, rate: f64, faults: impl Iterator<Item = Fault>) {
        let (mut rng, of_transactions) = (fastrand::Rng::with_seed(seed), faults.collect::<Vec<_>>());
        let of_others: Vec<_> = of_transactions.iter().copied().filter(|fault| !fault.is_of_transactions()).collect();
        self.plan(move |recorded| {
            let faults = if recorded.operation == "TransactWriteItems" { &of_transactions } else { &of_others };
            if rng.f64() < rate { rng.choice(faults).copied() } else { None }
        });
    }

    /// From now on, a request and its response take up to ten milliseconds each, as the seed decides. On a paused clock
    /// this makes calls overtake each other.
    pub fn random_latency(&self, seed: u64) {
        let mut rng = fastrand::Rng::with_seed(seed);
        self.0.lock().unwrap().latency = Some(Box::new(move || Duration::from_millis(rng.u64(0..=10))));
    }

    /// From now on, a request takes this long, and so does its response.
    pub fn latency(&self, each_way: Duration) {
        self.0.lock().unwrap().latency = Some(Box::new(move || each_way));
    }

    /// From now on, `edit` changes every transaction before it is sent.
    pub fn edit_transactions(&self, edit: impl FnMut(&mut Value) + Send + 'static) {
        self.0.lock().unwrap().edit = Some(Box::new(edit));
    }

    /// The requests since this was last called.
    pub fn take(&self) -> Vec<RecordedRequest> {
        std::mem::take(&mut self.0.lock().unwrap().requests)
    }

    fn record(&self, request: &mut HttpRequest) -> Course {
        let (operation, mut body) = (operation(request), body(request));
        let mut state = self.0.lock().unwrap();
        if let Some(edit) = state.edit.as_mut().filter(|_| operation == "TransactWriteItems") {
            edit(&mut body);
            set_body(request, &body);
        }
        let bytes = request.body().bytes().unwrap_or_default().to_vec();
        let mut recorded = RecordedRequest { operation, request: body, bytes, fault: None };
        recorded.fault = (state.plan)(&recorded);
        let fault = recorded.fault;
        state.requests.push(recorded);
        let mut latency = || state.latency.as_mut().map_or(Duration::ZERO, |latency| latency());
        Course { fault, request_latency: latency(), response_latency: latency() }
    }
}

async fn pause(length: Duration) {
    if !length.is_zero() {
        sleep(length).await;
    }
}

async fn inject(fault: Option<Fault>, inner: SharedHttpConnector, request: HttpRequest) -> Sent {
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
        Some(Fault::DeliveredLate(delay)) => {
            tokio::spawn(async move {
                sleep(delay).await;
                inner.call(request).await
            });
            std::future::pending().await
        }
        Some(Fault::Garbled(status, body)) => Ok(http_response((status, body.into()))),
        Some(Fault::GarbledAfter(status, body)) => {
            inner.call(request).await.map(|_| http_response((status, body.into())))
        }
        Some(Fault::Refused(status, code)) => Ok(http_response((status, error_body(code, json!({}))))),
        Some(Fault::Cancelled(reason)) => {
            let reasons = json!({ "CancellationReasons": [{ "Code": reason }, { "Code": "None" }] });
            Ok(http_response((400, error_body("TransactionCanceledException", reasons))))
        }
    }
}

fn broken(how: std::io::ErrorKind) -> ConnectorError {
    ConnectorError::io(std::io::Error::from(how).into())
}
