//! A request to the table, as the SDK sent it.

use serde_json::Value;

use super::fault::Fault;

#[derive(Clone, Debug)]
pub struct RecordedRequest {
    /// `GetItem`, `TransactWriteItems`, …
    pub operation: String,
    /// The request's body.
    pub request: Value,
    /// The same, byte for byte.
    pub bytes: Vec<u8>,
    /// The fault that it met.
    pub fault: Option<Fault>,
}
