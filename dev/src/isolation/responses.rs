//! The refusals that this layer answers with, in DynamoDB's form.

use serde_json::{Value, json};

use crate::sdk_http::{Response, error_body};

/// An error of this code.
pub fn error(code: &str) -> Response {
    (400, error_body(code, json!({})))
}

/// A transaction that is cancelled for these reasons, one for each of its items.
pub fn cancelled(reasons: &[Value]) -> Response {
    let codes: Vec<_> = reasons.iter().map(|reason| reason["Code"].as_str().unwrap()).collect();
    let message =
        format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{}]", codes.join(", "));
    (400, error_body("TransactionCanceledException", json!({ "Message": message, "CancellationReasons": reasons })))
}

/// The reason of an item that is part of a transaction in flight.
pub fn conflict() -> Value {
    json!({ "Code": "TransactionConflict", "Message": "Transaction is ongoing for the item" })
}

/// The reason of an item for which nothing is refused.
pub fn no_reason() -> Value {
    json!({ "Code": "None" })
}
