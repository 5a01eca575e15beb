//! The engine without a socket: a request is carried out at once, on the thread that sends it.
//!
//! So nothing but timers is ever waited for, and a test on tokio's paused clock decides every interleaving by its seed,
//! and waits out every time-out for nothing.

use std::sync::Arc;

use aws_sdk_dynamodb::config::{HttpClient, RuntimeComponents, SharedHttpClient};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use dynoxide::Database;
use dynoxide::errors::DynoxideError;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::fault_injector::{answer, operation};

/// An engine of its own, in memory; clones share it.
#[derive(Clone)]
pub struct InProcess(Arc<Database>);

impl InProcess {
    pub fn new() -> Self {
        Self(Arc::new(Database::memory().unwrap()))
    }

    pub fn client(&self) -> SharedHttpClient {
        SharedHttpClient::new(self.clone())
    }

    fn carry_out(&self, operation: &str, body: &[u8]) -> Result<String, DynoxideError> {
        let table = &self.0;
        match operation {
            "GetItem" => run(body, |request| table.get_item(request)),
            "BatchWriteItem" => run(body, |request| table.batch_write_item(request)),
            "BatchGetItem" => run(body, |request| table.batch_get_item(request)),
            "PutItem" => run(body, |request| table.put_item(request)),
            "Query" => run(body, |request| table.query(request)),
            "Scan" => run(body, |request| table.scan(request)),
            "TransactWriteItems" => run(body, |request| table.transact_write_items(request)),
            "CreateTable" => run(body, |request| table.create_table(request)),
            "DescribeTable" => run(body, |request| table.describe_table(request)),
            other => panic!("the tests have not asked for {other} before"),
        }
    }
}

fn run<I: DeserializeOwned, O: Serialize>(
    body: &[u8],
    operation: impl FnOnce(I) -> Result<O, DynoxideError>,
) -> Result<String, DynoxideError> {
    Ok(serde_json::to_string(&operation(serde_json::from_slice(body).unwrap())?).unwrap())
}

impl std::fmt::Debug for InProcess {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("InProcess")
    }
}

impl HttpClient for InProcess {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (status, body) = match self.carry_out(&operation(&request), request.body().bytes().unwrap()) {
            Ok(body) => (200, body),
            Err(error) => (error.status_code(), error.to_json()),
        };
        HttpConnectorFuture::ready(Ok(answer(status, body)))
    }
}
