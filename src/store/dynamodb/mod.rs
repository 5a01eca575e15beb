//! One DynamoDB table through the SDK: what knows the SDK, its errors and its retries, and knows no codes.
//!
//! This module must not know what an item means: it gets and gives attributes. The benchmark's bare probe is built from
//! these very files, so `client`, `connections`, `retry` and `round_trips` import nothing of the store.

pub(super) mod client;
mod connections;
mod error;
pub(super) mod lean;
mod retry;
pub(super) mod round_trips;
mod scan;
mod signer;
mod table;
mod transaction;

pub use error::StoreError;
pub(super) use scan::ItemChange;
use table::ABSENT;
pub(super) use table::{Item, Table, Update};
pub(super) use transaction::{FailedConditions, Outcome, Writes};
