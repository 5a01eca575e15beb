//! What the local server, the tests and the benchmarks share: a DynamoDB to run on, a Lambda to run in, and the faults
//! that both can have.
//!
//! # The map
//!
//! ```text
//! openapi/   every answer of a TestService held to docs/openapi.yaml
//! service/   TestService: the service over a table of its own, with a clock, ids and a meter that the caller controls
//! engine/    the embedded DynamoDB: on a socket, or in the task that asks
//! table/     the table that template.yaml defines; many codes at once; an audit of every item
//! gateway    HTTP in front of the function: a request becomes the event of an HTTP API, an answer a response
//! lambda/    events and replies; the emulated Lambda Runtime API; processes of the function under it
//! faults/    between the SDK and the table: injected faults, and recorded requests
//! isolation/ transactions that become visible item by item, conflicts, stalls and lagging indexes, as DynamoDB has them
//! sdk_http   what takes the place of the SDK's HTTP client, and DynamoDB's requests and responses as it sees them
//! seeds      random choices that one seed decides, and a runtime on which it also decides every interleaving
//! metrics/   the metrics and alarms of template.yaml, worked out from log lines
//! local_server, loopback, logged    a process of the local server; listeners on loopback; what a call logs
//! ```
//!
//! Everything that callers use is re-exported here: `dev::TestService`, `dev::Function`.
//!
//! # Why an engine, and no mock
//!
//! The guarantee rests on DynamoDB's own semantics: conditions, transactions, the order of cancellation reasons. A mock would
//! test our idea of these. So `store` calls the SDK, and the tests replace what answers it: by `dynoxide-rs`, which needs no
//! Java, Docker or Python as other emulators do. It is pinned to one exact version, because its behaviour changes between minor
//! releases. It works under one lock, so its times say nothing about DynamoDB; it never conflicts, throttles or returns stale data,
//! which `isolation` adds. What it gets wrong could hide a bug: the tests also run over a second engine (`.ci/ministack`).
//!
//! # What it must not do
//!
//! * Become a dependency of the Lambda. Only development dependencies may name it (`.ci/lambda-tree`).
//! * Replace what it tests: the service's own handler, store, SDK client and retries run here. Faults, the meter and the
//!   engine stand behind them, at the SDK's HTTP client.
//! * Hold assertions about the contract. They belong to the tests, and those about the form of every answer to
//!   docs/openapi.yaml, which `openapi` reads.
//! * Know where Cargo puts programs, but for the local server's. The caller passes paths in, such as
//!   `env!("CARGO_BIN_EXE_referral-codes")`.

#![allow(
    missing_docs,
    clippy::large_futures,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::new_without_default,
    clippy::return_self_not_must_use,
    clippy::unwrap_used,
    reason = "no library for others: only the tests, benchmarks and the local server of this repository call it"
)]

mod engine;
mod faults;
pub mod gateway;
mod isolation;
mod lambda;
mod local_server;
mod logged;
mod loopback;
pub mod metrics;
pub mod openapi;
mod sdk_http;
mod seeds;
mod service;
mod table;

pub use engine::{Engine, InProcessEngine, plain_http, sdk_config};
pub use faults::{Fault, FaultInjector, RecordedRequest};
pub use isolation::{IsolatedEngine, Schedule};
pub use lambda::{Call, Function, Invocation, Kind, Program, Reply, request_id};
pub use local_server::LocalServer;
pub use logged::{log_lines, logged, traced};
pub use loopback::{NoDelay, serve};
pub use sdk_http::http_client;
pub use seeds::{for_each_seed, seeds, simulated};
pub use service::{Consumed, Meter, TestClock, TestService, TestServiceBuilder, random_ids};
pub use table::{CodeFixture, audit, audit_page_indexes, template};

/// The base of every path.
pub const BASE: &str = referral_codes::http::BASE_PATH;

/// The path of a code that an answer has shown.
pub fn path(code: &serde_json::Value) -> String {
    format!("{BASE}/{}", code["id"].as_str().unwrap())
}

/// A body for POST.
pub fn create_body(mentor: &str, org: &str) -> serde_json::Value {
    serde_json::json!({ "mentor_id": mentor, "org_id": org })
}

/// A body for PUT.
pub fn rotate_body(mentor: &str) -> serde_json::Value {
    serde_json::json!({ "mentor_id": mentor, "action": "rotate" })
}
