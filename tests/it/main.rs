//! The integration tests: one binary. They use the service only as its clients do: by events, or by HTTP to the local
//! server. What they share with the benchmarks and the local server is in `dev`.
//!
//! Each test has a table of its own in the embedded engine, in process if no other process needs it. `TEST_DYNAMODB_ENDPOINT=http://127.0.0.1:8000` runs the same
//! tests against another DynamoDB, except for those that need the engine in process and a paused clock.

#![allow(missing_docs, clippy::large_futures, clippy::unwrap_used, reason = "tests")]

/// The allocator of the function: the tests then take a twentieth less processor time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod access;
mod alarms;
mod audit_and_repair;
mod collisions;
mod confirmations;
mod console_files;
mod costs;
mod description;
mod events;
mod fixtures;
mod forgetting;
mod formats;
mod guards;
mod isolation;
mod lambda_binary;
mod leaving;
mod linearizability;
mod maintenance {
    pub mod commands;
    mod http_events;
}
mod listing;
mod local_server;
mod log_lines;
mod lost_responses;
mod malformed_input;
mod own_attempts;
mod pages;
mod parameters;
mod process_crashes;
mod protocol;
mod races;
mod readme;
mod routes;
mod runbook;
mod signatures;
mod template;
mod timeouts_and_retries;
mod times;
mod typed_codes;
