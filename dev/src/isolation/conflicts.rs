//! Which items are in flight, and the refusals of requests that meet them.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::isolated_engine::Shared;
use super::keys::ItemKey;
use super::responses::{CONFLICT, Response, cancelled};
use super::transaction::InFlight;
use crate::engine::InProcessEngine;

/// The items in flight, each with its transaction. No item is in flight twice.
#[derive(Default)]
pub struct ItemsInFlight(Vec<(ItemKey, Arc<InFlight>)>);

impl ItemsInFlight {
    pub fn add(&mut self, key: ItemKey, transaction: &Arc<InFlight>) {
        self.0.push((key, Arc::clone(transaction)));
    }

    pub fn remove(&mut self, key: &ItemKey) {
        self.0.retain(|(in_flight, _)| in_flight != key);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The transaction that an item is part of.
    fn holder(&self, key: &ItemKey) -> Option<&Arc<InFlight>> {
        self.0.iter().find(|(in_flight, _)| in_flight == key).map(|(_, transaction)| transaction)
    }
}

impl Shared {
    /// For each key whether its item is in flight. A request that meets a transaction which has stalled for long enough
    /// makes DynamoDB recover that.
    pub fn meet(&self, keys: &[ItemKey]) -> Vec<bool> {
        let state = self.state.lock().unwrap();
        let holders = keys.iter().map(|key| state.in_flight.holder(key));
        let meets = holders.map(|holder| {
            holder.is_some_and(|transaction| {
                transaction.recover();
                true
            })
        });
        meets.collect()
    }

    /// The cancellation of a transaction of writes some of whose items are in flight.
    ///
    /// The storage nodes look at the items independently of each other, so other items of the same transaction may be
    /// refused for their conditions: as the seed decides.
    pub fn cancel_writes(&self, body: &Value, is_in_flight: &[bool]) -> Response {
        let looks_at_conditions = self.state.lock().unwrap().schedule.coin();
        let writes = body["TransactItems"].as_array().unwrap().iter();
        let reasons = writes.zip(is_in_flight).map(|(write, in_flight)| match in_flight {
            true => conflict(),
            false if looks_at_conditions => condition_of(&self.decided, write),
            false => none(),
        });
        cancelled(&reasons.collect::<Vec<_>>())
    }
}

/// The cancellation of a `TransactGetItems` some of whose items are in flight.
pub fn cancel_reads(is_in_flight: &[bool]) -> Response {
    let reasons = is_in_flight.iter().map(|in_flight| if *in_flight { conflict() } else { none() });
    cancelled(&reasons.collect::<Vec<_>>())
}

fn conflict() -> Value {
    json!({ "Code": CONFLICT, "Message": "Transaction is ongoing for the item" })
}

fn none() -> Value {
    json!({ "Code": "None" })
}

/// The reason of one write by itself: its condition does not hold, or none.
fn condition_of(engine: &InProcessEngine, write: &Value) -> Value {
    let write = write.as_object().unwrap().values().next().unwrap();
    let Some(condition) = write["ConditionExpression"].as_str() else { return none() };
    let mut check = Map::new();
    check.insert("Key".into(), ItemKey::of(engine, &write["TableName"], key_source(write)).attributes);
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
    let body = json!({ "TransactItems": [{ "ConditionCheck": check }] }).to_string();
    let (status, body) = engine.request("TransactWriteItems", body.as_bytes());
    if status == 200 {
        return none();
    }
    let body: Value = serde_json::from_str(&body).unwrap();
    assert!(body["CancellationReasons"].is_array(), "{body}");
    body["CancellationReasons"][0].clone()
}

fn key_source(write: &Value) -> &Value {
    if write["Item"].is_object() { &write["Item"] } else { &write["Key"] }
}

/// Whether the expression has this placeholder, and not only a longer one that begins alike.
fn has_placeholder(expression: &str, placeholder: &str) -> bool {
    let goes_on = |rest: &str| rest.starts_with(|next: char| next.is_alphanumeric() || next == '_');
    expression.match_indices(placeholder).any(|(at, _)| !goes_on(&expression[at + placeholder.len()..]))
}
