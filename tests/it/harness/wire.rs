//! The wire between the SDK and the table: it keeps a record of every exchange, and breaks those it is told to.
//!
//! It stands where the SDK's HTTP client stands, so the service's own code, its retries and its time-outs are the real
//! ones, and so is the table behind it.

use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::config::{HttpClient, RuntimeComponents, SharedHttpClient};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};

/// One request to the table, as it left.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// `GetItem`, `TransactWriteItems`, …
    pub operation: String,
    /// The request's body.
    pub request: Value,
    /// What was done to it.
    pub fault: Option<Fault>,
}

/// What can happen to a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// It never arrives.
    RequestLost,
    /// It is carried out, and the answer never arrives.
    ResponseLost,
    /// It is carried out, and the answer comes later than anybody waits.
    Late,
    /// It is carried out, and the answer is not what it was.
    Garbled,
    /// It is refused with this status and error code.
    Refused(u16, &'static str),
    /// The transaction is cancelled, with this reason for its first write.
    Cancelled(&'static str),
}

type Plan = dyn FnMut(&Exchange) -> Option<Fault> + Send;

/// The wire; clones share it.
#[derive(Clone)]
pub struct Wire {
    inner: SharedHttpClient,
    state: Arc<Mutex<State>>,
}

struct State {
    exchanges: Vec<Exchange>,
    plan: Box<Plan>,
}

impl Wire {
    pub fn new(inner: SharedHttpClient) -> Self {
        Self { inner, state: Arc::new(Mutex::new(State { exchanges: Vec::new(), plan: Box::new(|_| None) })) }
    }

    /// From now on, the plan says what happens to each request.
    pub fn plan(&self, plan: impl FnMut(&Exchange) -> Option<Fault> + Send + 'static) {
        self.state.lock().unwrap().plan = Box::new(plan);
    }

    /// The next requests of this operation meet these faults, one each; all others pass.
    pub fn break_next(&self, operation: &'static str, faults: impl IntoIterator<Item = Fault>) {
        let mut faults = faults.into_iter().collect::<Vec<_>>().into_iter();
        self.plan(move |exchange| if exchange.operation == operation { faults.next() } else { None });
    }

    /// Forgets the exchanges so far, and gives them back.
    pub fn take(&self) -> Vec<Exchange> {
        std::mem::take(&mut self.state.lock().unwrap().exchanges)
    }

    fn note(&self, request: &HttpRequest) -> Option<Fault> {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let body = request.body().bytes().unwrap_or_default();
        let request = serde_json::from_slice(body).unwrap_or_default();
        let mut state = self.state.lock().unwrap();
        let mut exchange = Exchange { operation, request, fault: None };
        exchange.fault = (state.plan)(&exchange);
        let fault = exchange.fault.clone();
        state.exchanges.push(exchange);
        fault
    }
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Wire")
    }
}

impl HttpClient for Wire {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(WireConnector { inner, wire: self.clone() })
    }
}

#[derive(Debug)]
struct WireConnector {
    inner: SharedHttpConnector,
    wire: Wire,
}

impl HttpConnector for WireConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let fault = self.wire.note(&request);
        let inner = self.inner.clone();
        HttpConnectorFuture::new(async move {
            match fault {
                None => inner.call(request).await,
                Some(Fault::RequestLost) => Err(lost()),
                Some(Fault::ResponseLost) => inner.call(request).await.and_then(|_| Err(lost())),
                Some(Fault::Late) => {
                    let _ = inner.call(request).await;
                    std::future::pending().await
                }
                Some(Fault::Garbled) => inner.call(request).await.map(|_| answer(200, "{\"Item\": {\"pk".into())),
                Some(Fault::Refused(status, code)) => Ok(answer(status, error(code, &json!({})))),
                Some(Fault::Cancelled(reason)) => {
                    let reasons = json!({ "CancellationReasons": [{ "Code": reason }, { "Code": "None" }] });
                    Ok(answer(400, error("TransactionCanceledException", &reasons)))
                }
            }
        })
    }
}

fn lost() -> ConnectorError {
    ConnectorError::io("the wire was cut".into())
}

fn error(code: &str, more: &Value) -> String {
    let mut body = json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "injected" });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body.to_string()
}

fn answer(status: u16, body: String) -> HttpResponse {
    HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body))
}
