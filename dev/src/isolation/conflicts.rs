//! The refusals that this layer answers with, in DynamoDB's form: requests that meet items in flight.

use serde_json::{Map, Value, json};

use super::keys::ItemKey;
use super::schedule::Schedule;
use super::shared::{Shared, ask};
use crate::sdk_http::{Response, error_body};

/// An error of this code.
pub fn error(code: &str) -> Response {
    (400, error_body(code, json!({})))
}

/// The cancellation of a transaction of writes some of whose items are in flight.
///
/// The storage nodes look at the items independently of each other, so other items of the same transaction may be
/// refused for their conditions: as the seed decides.
pub fn cancel_writes(shared: &Shared, body: &Value, is_in_flight: &[bool]) -> Response {
    let looks_at_conditions = shared.with_schedule(Schedule::coin);
    let writes = body["TransactItems"].as_array().unwrap();
    cancel(
        is_in_flight,
        |position| if looks_at_conditions { condition_of(shared, &writes[position]) } else { no_reason() },
    )
}

/// The cancellation of a `TransactGetItems` some of whose items are in flight.
pub fn cancel_reads(is_in_flight: &[bool]) -> Response {
    cancel(is_in_flight, |_| no_reason())
}

/// A cancellation; `reason` has that of an item which is not in flight.
fn cancel(is_in_flight: &[bool], reason: impl Fn(usize) -> Value) -> Response {
    let conflict = || json!({ "Code": "TransactionConflict", "Message": "Transaction is ongoing for the item" });
    let reasons = is_in_flight.iter().enumerate();
    let reasons = reasons.map(|(position, in_flight)| if *in_flight { conflict() } else { reason(position) });
    let reasons: Vec<_> = reasons.collect();
    (400, error_body("TransactionCanceledException", json!({ "CancellationReasons": reasons })))
}

fn no_reason() -> Value {
    json!({ "Code": "None" })
}

/// The reason of one write by itself: its condition does not hold, or none.
fn condition_of(shared: &Shared, write: &Value) -> Value {
    let write = write.as_object().unwrap().values().next().unwrap();
    let Some(condition) = write["ConditionExpression"].as_str() else { return no_reason() };
    let mut check = Map::from_iter([("Key".to_owned(), ItemKey::of(write).attributes)]);
    for name in ["TableName", "ConditionExpression", "ReturnValuesOnConditionCheckFailure"] {
        if !write[name].is_null() {
            check.insert(name.into(), write[name].clone());
        }
    }
    // DynamoDB refuses names and values that no expression has.
    for name in ["ExpressionAttributeNames", "ExpressionAttributeValues"] {
        let mut used = write[name].as_object().cloned().unwrap_or_default();
        used.retain(|placeholder, _| has_placeholder(condition, placeholder));
        if !used.is_empty() {
            check.insert(name.into(), used.into());
        }
    }
    let transaction = json!({ "TransactItems": [{ "ConditionCheck": check }] });
    let (status, body) = ask(&shared.decided, "TransactWriteItems", &transaction);
    if status == 200 {
        return no_reason();
    }
    let body: Value = serde_json::from_str(&body).unwrap();
    assert!(body["CancellationReasons"].is_array(), "{body}");
    body["CancellationReasons"][0].clone()
}

/// Whether the expression has this placeholder, and not only a longer one that begins alike.
fn has_placeholder(expression: &str, placeholder: &str) -> bool {
    let goes_on = |rest: &str| rest.starts_with(|next: char| next.is_alphanumeric() || next == '_');
    expression.match_indices(placeholder).any(|(at, _)| !goes_on(&expression[at + placeholder.len()..]))
}
