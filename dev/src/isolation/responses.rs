//! The refusals that this layer answers with, in DynamoDB's form.

use serde_json::{Value, json};

/// The HTTP status and the body of a response.
pub type Response = (u16, String);

pub const CONFLICT: &str = "TransactionConflict";

/// An error of this code.
pub fn error(code: &str) -> Response {
    (400, json!({ "__type": type_of(code), "message": "injected by the isolation layer" }).to_string())
}

/// A transaction that is cancelled for these reasons, one for each of its items.
pub fn cancelled(reasons: &[Value]) -> Response {
    let codes: Vec<_> = reasons.iter().map(|reason| reason["Code"].as_str().unwrap()).collect();
    let message =
        format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{}]", codes.join(", "));
    let body = json!({
        "__type": type_of("TransactionCanceledException"),
        "Message": message,
        "CancellationReasons": reasons,
    });
    (400, body.to_string())
}

fn type_of(code: &str) -> String {
    format!("com.amazonaws.dynamodb.v20120810#{code}")
}
