//! A table that is computed instead of stored: a hundred million codes take no memory and no time to write.
//!
//! The embedded engine cannot hold ten million codes. But a benchmark of the listing needs no particular codes, only
//! many. Here the code with the number `k` is a function of `k` ([`codes`]), and so are its items ([`pattern`]) and the
//! page marks ([`marks`]). Numbers and ULIDs are in the same order. So each partition of the table and of its two indexes
//! is a sequence whose n-th entry can be computed, and a range of sort keys is found by binary search ([`partition`]).
//!
//! It takes the place of the SDK's HTTP client, as the in-process engine does. So the service and its store are the real
//! ones. The requests that it answers by itself are `Query` ([`query`]), `GetItem` and `BatchGetItem` ([`get`]). Writes
//! and transactions go to an embedded engine that holds only what they touch ([`written`]), and reads show its items.
//!
//! Codes go on being made: the table shares the service's clock, and a code is there once its time has come.
//!
//! # What it must not do
//!
//! * Answer a request that it does not fully understand. It panics then, and says where to add it.
//! * Answer otherwise than the embedded engine over the same items: `tests/it/computed_table.rs` compares the two.

mod capacity;
mod codes;
mod get;
mod key_condition;
mod marks;
mod partition;
mod pattern;
mod query;
mod written;

use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::config::SharedHttpClient;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::sdk_http::at_once;
use crate::service::TestClock;

pub use codes::ComputedCodes;

/// An item in DynamoDB's JSON: `{"pk":{"S":"…"}}`.
type Item = Map<String, Value>;

/// When a computed table begins: the time of its clock at first, and of its last code.
const START: &str = "2026-01-10T09:00:00Z";

/// A table in which every code can be computed; clones share what was written to it.
#[derive(Clone)]
pub struct ComputedTable(Arc<Shared>);

struct Shared {
    codes: codes::Numbered,
    pattern: pattern::Pattern,
    clock: TestClock,
    written: Mutex<written::Written>,
}

impl ComputedTable {
    /// A table with these codes. The service over it must have its clock.
    pub async fn new(codes: ComputedCodes) -> Self {
        let clock = TestClock::at(START);
        let codes = codes::Numbered::new(codes, &clock);
        let pattern = pattern::Pattern::written_by_the_service().await;
        Self(Arc::new(Shared { codes, pattern, clock, written: Mutex::default() }))
    }

    pub fn clock(&self) -> &TestClock {
        &self.0.clock
    }

    pub fn http_client(&self) -> SharedHttpClient {
        let table = self.clone();
        at_once(move |operation, body| table.request(operation, body))
    }

    /// Carries out one request, and returns the HTTP status and the body of its response.
    pub fn request(&self, operation: &str, body: &[u8]) -> (u16, String) {
        let mut written = self.0.written.lock().unwrap();
        let computed = self.0.computed();
        match operation {
            "Query" => (200, query::query(&computed, &written, &parse(operation, body)).to_string()),
            "GetItem" => (200, get::get(&computed, &written, &parse(operation, body)).to_string()),
            "BatchGetItem" => (200, get::get_batch(&computed, &written, parse(operation, body)).to_string()),
            other => written.carry_out(&computed, other, body),
        }
    }
}

impl Shared {
    /// The items that are there now.
    fn computed(&self) -> partition::Computed<'_> {
        let visible = self.codes.made_until(codes::milliseconds(self.clock.now()));
        partition::Computed { codes: &self.codes, pattern: &self.pattern, visible }
    }
}

/// Reads a request. A field that the request's type does not have is one that nothing here serves.
fn parse<T: DeserializeOwned>(operation: &str, body: &[u8]) -> T {
    serde_json::from_slice(body).unwrap_or_else(|error| {
        let body = String::from_utf8_lossy(body);
        panic!("the computed table does not serve this {operation} yet ({error}): add it in dev/src/computed: {body}")
    })
}

/// A string attribute of an item, or of a key.
fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.get("S")?.as_str()
}
