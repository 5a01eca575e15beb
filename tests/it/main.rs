//! The integration tests: one binary, through the public doors only (events, or HTTP to the local server).
//!
//! They run over the embedded engine, each test over a table of its own. `TEST_DYNAMODB_ENDPOINT=http://127.0.0.1:8000`
//! runs the same tests against any other DynamoDB, except for those that need the engine in process and a paused clock.

#![allow(missing_docs, clippy::large_futures, clippy::unwrap_used, reason = "tests")]

/// A test of a route is found under the route's name.
mod routes {
    mod body_is_json;
    mod build_url;
    mod errors;
    mod event_kinds;
    mod get;
    mod get_or_create;
    mod head;
    mod invalidate;
    mod list;
    mod options;
    mod paths;
    mod rotate;
}

mod audit_and_repair;
mod collisions;
mod costs;
mod fixtures;
mod formats;
mod guards;
mod lambda_binary;
mod linearizability;
mod malformed_input;
mod timeouts_and_retries;
/// The listing beyond its route: the page index, filters, cursors and their cost.
mod listing {
    mod capacity;
    mod cursors;
    mod filters;
    mod index;
    mod mentor;
    mod numbered_pages;
}
mod local_server;
mod lost_responses;
mod process_crashes;
mod protocol;
mod races;
mod template;
