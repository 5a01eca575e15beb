//! The layer itself: an HTTP client for the SDK, over three engines in process.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::config::SharedHttpClient;
use serde_json::Value;

use super::reads::{batch_get, pages};
use super::schedule::Schedule;
use super::shared::{Shared, ask};
use super::transaction::{read_transaction, write, write_directly, write_transaction};
use crate::sdk_http::{Response, at_once, body, http_client, http_response, operation};

/// Engines in process with the isolation that DynamoDB documents; clones share them.
#[derive(Clone)]
pub struct IsolatedEngine(Arc<Shared>);

impl IsolatedEngine {
    /// A transaction is in flight for up to `max_in_flight`, as the seed decides; indexes do not lag and nothing stalls.
    pub fn new(seed: u64, max_in_flight: Duration) -> Self {
        Self(Arc::new(Shared::new(seed, max_in_flight)))
    }

    /// Changes what happens from now on.
    pub fn schedule(&self, change: impl FnOnce(&mut Schedule)) {
        self.0.with_schedule(change);
    }

    /// How many items are in flight.
    pub fn items_in_flight(&self) -> usize {
        self.0.state.lock().unwrap().in_flight.len()
    }

    /// The table as a client sees it.
    pub fn http_client(&self) -> SharedHttpClient {
        let engine = self.clone();
        http_client(move |request| {
            let engine = engine.clone();
            async move { Ok(http_response(engine.request(&operation(&request), body(&request)).await)) }
        })
    }

    /// The table past the isolation: reads show all that has been decided, and a write is everywhere at once. For
    /// preparing and auditing.
    pub fn direct_http_client(&self) -> SharedHttpClient {
        let shared = Arc::clone(&self.0);
        at_once(move |operation, body| direct(&shared, operation, body))
    }

    /// Carries out one request of a client.
    pub async fn request(&self, operation: &str, body: Value) -> Response {
        let shared = &self.0;
        match operation {
            "TransactWriteItems" => write_transaction(shared, body).await,
            "TransactGetItems" => read_transaction(shared, &body),
            "PutItem" | "UpdateItem" | "DeleteItem" => write(shared, operation, &body),
            "GetItem" => ask(&shared.visible, operation, &body),
            "BatchGetItem" => batch_get(shared, &body).await,
            "Query" | "Scan" if body["IndexName"].is_string() => pages(shared, &shared.indexed, operation, &body).await,
            "Query" | "Scan" => pages(shared, &shared.visible, operation, &body).await,
            "DescribeTable" => ask(&shared.decided, operation, &body),
            other => panic!("the isolation layer does not serve {other} yet: add it here"),
        }
    }
}

fn direct(shared: &Shared, operation: &str, body: &[u8]) -> Response {
    match operation {
        "CreateTable" => {
            let engines = [&shared.visible, &shared.indexed, &shared.decided];
            engines.map(|engine| engine.request(operation, body)).into_iter().next_back().unwrap()
        }
        "PutItem" | "UpdateItem" | "DeleteItem" | "BatchWriteItem" | "TransactWriteItems" => {
            write_directly(shared, operation, &serde_json::from_slice(body).unwrap())
        }
        _ => shared.decided.request(operation, body),
    }
}
