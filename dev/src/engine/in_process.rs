//! The engine without a socket: each request is carried out at once, on the thread that sends it.
//!
//! So only timers are ever waited for. On tokio's paused clock a seed decides every interleaving, and a time-out takes
//! no time.

use std::sync::Arc;

use aws_sdk_dynamodb::config::SharedHttpClient;
use dynoxide::Database;
use dynoxide::errors::DynoxideError;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::sdk_http::{Response, at_once};

/// An engine in memory; clones share it.
#[derive(Clone)]
pub struct InProcessEngine(Arc<Database>);

impl InProcessEngine {
    pub fn new() -> Self {
        Self(Arc::new(Database::memory().unwrap()))
    }

    pub fn http_client(&self) -> SharedHttpClient {
        let engine = self.clone();
        at_once(move |operation, body| engine.request(operation, body))
    }

    /// Carries out one request, and returns the HTTP status and the body of its response.
    pub fn request(&self, operation: &str, body: &[u8]) -> Response {
        match self.carry_out(operation, body) {
            Ok(body) => (200, body),
            Err(error) => (error.status_code(), error.to_json()),
        }
    }

    fn carry_out(&self, operation: &str, body: &[u8]) -> Result<String, DynoxideError> {
        let table = &self.0;
        match operation {
            "GetItem" => run(body, |request| table.get_item(request)),
            "BatchWriteItem" => run(body, |request| table.batch_write_item(request)),
            "BatchGetItem" => run(body, |request| table.batch_get_item(request)),
            "DeleteItem" => run(body, |request| table.delete_item(request)),
            "PutItem" => run(body, |request| table.put_item(request)),
            "Query" => run(body, |request| table.query(request)),
            "Scan" => run(body, |request| table.scan(request)),
            "TransactGetItems" => run(body, |request| table.transact_get_items(request)),
            "TransactWriteItems" => run(body, |request| table.transact_write_items(request)),
            "UpdateItem" => run(body, |request| table.update_item(request)),
            "CreateTable" => run(body, |request| table.create_table(request)),
            "DescribeTable" => run(body, |request| table.describe_table(request)),
            "UpdateTable" => run(body, |request| table.update_table(request)),
            "DescribeStream" => run(body, |request| table.describe_stream(request)),
            "GetShardIterator" => run(body, |request| table.get_shard_iterator(request)),
            "GetRecords" => run(body, |request| table.get_records(request)),
            other => panic!("the in-process engine does not serve {other} yet: add it here"),
        }
    }
}

fn run<I: DeserializeOwned, O: Serialize>(
    body: &[u8],
    operation: impl FnOnce(I) -> Result<O, DynoxideError>,
) -> Result<String, DynoxideError> {
    Ok(serde_json::to_string(&operation(serde_json::from_slice(body).unwrap())?).unwrap())
}
