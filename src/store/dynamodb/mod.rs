//! One DynamoDB table through the SDK: what knows the SDK, its errors and its retries, and knows no codes.
//!
//! | module | for |
//! | --- | --- |
//! | `client` | connects: TLS, credentials, time-outs, attempts |
//! | `connections` | replaces the pool of connections after a request that was given up |
//! | `require_body` | refuses a success without a body, before the SDK reads it as "no such item" |
//! | `retry` | which failures the SDK sends again, besides those that it knows by itself; the reasons of failures |
//! | `round_trips` | counts a call's round trips and failed attempts, for the log |
//! | `table` | the requests: consistent reads, queries, a conditional put |
//! | `transaction` | a transaction, and what became of it |
//! | `scan` | what only audit and repair ask for: scans, reads at one moment, writes over items exactly as they were found |
//! | `error` | a failure, as a caller of the store sees it |
//! | `warm_up` | opens the connection before the first event |
//!
//! This module must not know what an item means: it gets and gives attributes. The benchmark's bare probe is built from
//! these very files, so `client`, `connections`, `require_body`, `retry` and `round_trips` import nothing of the store.

pub(super) mod client;
mod connections;
mod error;
mod require_body;
mod retry;
pub(super) mod round_trips;
mod scan;
mod table;
mod transaction;
mod warm_up;

pub use error::StoreError;
pub(super) use scan::ItemChange;
pub(super) use table::{ABSENT, Item, Snapshot, Table, Update};
pub(super) use transaction::{FailedConditions, Outcome, Writes};
