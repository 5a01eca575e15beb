//! The layer itself: an HTTP client for the SDK, over three engines in process.
//!
//! | engine | holds | serves |
//! | --- | --- | --- |
//! | decided | all that has been decided | writes and their conditions |
//! | visible | each item as reads see it | `GetItem`, `BatchGetItem`, `Query`, `Scan`, `TransactGetItems` |
//! | indexed | each item as the indexes have it | `Query` and `Scan` of an index |
//!
//! An item that is not in flight is the same in the first two. So a condition is checked against what a read would have
//! shown, and all expressions, projections, filters and pages are the engine's own.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::config::{HttpClient, RuntimeComponents, SharedHttpClient};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use serde_json::Value;

use super::conflicts::ItemsInFlight;
use super::responses::Response;
use super::schedule::Schedule;
use super::tokens::Tokens;
use crate::engine::InProcessEngine;
use crate::faults::{operation, response};

/// Engines in process with the isolation that DynamoDB documents; clones share them.
#[derive(Clone)]
pub struct IsolatedEngine(Arc<Shared>);

pub struct Shared {
    pub decided: InProcessEngine,
    pub visible: InProcessEngine,
    pub indexed: InProcessEngine,
    pub state: Mutex<State>,
}

pub struct State {
    pub schedule: Schedule,
    pub in_flight: ItemsInFlight,
    pub tokens: Tokens,
}

impl IsolatedEngine {
    /// A transaction is in flight for up to `max_in_flight`, as the seed decides; indexes do not lag and nothing stalls.
    pub fn new(seed: u64, max_in_flight: Duration) -> Self {
        let schedule = Schedule::new(seed, max_in_flight);
        let state = State { schedule, in_flight: ItemsInFlight::default(), tokens: Tokens::default() };
        let [decided, visible, indexed] = [(); 3].map(|()| InProcessEngine::new());
        Self(Arc::new(Shared { decided, visible, indexed, state: Mutex::new(state) }))
    }

    /// From now on, a transaction is in flight for up to this long.
    pub fn max_in_flight(&self, most: Duration) {
        self.0.with_schedule(|schedule| schedule.max_in_flight = most);
    }

    /// From now on, an index entry arrives up to this long after the end of its transaction.
    pub fn index_lag(&self, most: Duration) {
        self.0.with_schedule(|schedule| schedule.max_index_lag = most);
    }

    /// From now on, this share of transactions stalls, each at a step that the seed decides.
    pub fn random_stalls(&self, rate: f64) {
        self.0.with_schedule(|schedule| schedule.stall_rate = rate);
    }

    /// The next transaction stalls before this step: 0 is its decision, `n` its `n`-th visible item.
    pub fn stall_next(&self, step: usize) {
        self.0.with_schedule(|schedule| schedule.next_stalls.push(step));
    }

    /// The items of the next transaction become visible in this order of their positions.
    pub fn order_next(&self, order: &[usize]) {
        self.0.with_schedule(|schedule| schedule.next_orders.push(order.to_vec()));
    }

    /// Takes away what a `TransactGetItems` of one of these numbers of items is good for: it shows all that has been decided, at once,
    /// while other reads do not show it yet. A store that confirms changes with it confirms nothing.
    pub fn void_snapshots_of(&self, items: &'static [usize]) {
        self.0.with_schedule(|schedule| schedule.void_snapshots = items);
    }

    /// How many items are in flight.
    pub fn items_in_flight(&self) -> usize {
        self.0.state.lock().unwrap().in_flight.len()
    }

    /// The table as a client sees it.
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(Path { engine: self.clone(), is_direct: false })
    }

    /// The table past the isolation: reads show all that has been decided, and a write is everywhere at once. For
    /// preparing and auditing.
    pub fn direct_http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(Path { engine: self.clone(), is_direct: true })
    }
}

impl Shared {
    pub fn with_schedule<T>(&self, change: impl FnOnce(&mut Schedule) -> T) -> T {
        change(&mut self.state.lock().unwrap().schedule)
    }

    async fn isolated(self: &Arc<Self>, operation: &str, body: Value) -> Response {
        match operation {
            "TransactWriteItems" => self.write_transaction(body).await,
            "TransactGetItems" => self.read_transaction(&body),
            "PutItem" | "UpdateItem" | "DeleteItem" => self.write(operation, &body),
            "GetItem" => self.visible.request(operation, body.to_string().as_bytes()),
            "BatchGetItem" => self.batch_get(&body).await,
            "Query" | "Scan" if body["IndexName"].is_string() => self.pages(&self.indexed, operation, &body).await,
            "Query" | "Scan" => self.pages(&self.visible, operation, &body).await,
            "DescribeTable" => self.decided.request(operation, body.to_string().as_bytes()),
            other => panic!("the isolation layer does not serve {other} yet: add it here"),
        }
    }

    fn direct(&self, operation: &str, body: &Value) -> Response {
        let text = body.to_string();
        match operation {
            "CreateTable" => {
                let engines = [&self.visible, &self.indexed, &self.decided];
                engines.map(|engine| engine.request(operation, text.as_bytes())).into_iter().next_back().unwrap()
            }
            "PutItem" | "UpdateItem" | "DeleteItem" | "BatchWriteItem" | "TransactWriteItems" => {
                self.write_directly(operation, body)
            }
            _ => self.decided.request(operation, text.as_bytes()),
        }
    }
}

/// One way to the table.
#[derive(Clone)]
struct Path {
    engine: IsolatedEngine,
    is_direct: bool,
}

impl std::fmt::Debug for Path {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("IsolatedEngine")
    }
}

impl HttpClient for Path {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Path {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Self { engine, is_direct } = self.clone();
        HttpConnectorFuture::new(async move {
            let body: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
            let operation = operation(&request);
            let (status, body) =
                if is_direct { engine.0.direct(&operation, &body) } else { engine.0.isolated(&operation, body).await };
            Ok(response(status, body))
        })
    }
}
