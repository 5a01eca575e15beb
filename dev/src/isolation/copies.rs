//! The way of an item from the engine that decides to the one that is read, and on to the one whose indexes are queried.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::time::sleep;

use super::isolated_engine::Shared;
use super::keys::ItemKey;
use crate::engine::InProcessEngine;

impl Shared {
    /// Makes an item visible as it has been decided.
    pub fn show(&self, key: &ItemKey) {
        copy(key, &self.decided, &self.visible);
    }

    /// Brings items to the indexes, each after a delay of its own. An item that changes again in the meantime arrives as
    /// it is then: an index never goes back.
    pub fn index(self: &Arc<Self>, keys: Vec<ItemKey>) {
        for key in keys {
            let lag = self.state.lock().unwrap().schedule.index_lag();
            if lag.is_zero() {
                copy(&key, &self.visible, &self.indexed);
                continue;
            }
            let shared = Arc::clone(self);
            tokio::spawn(async move {
                sleep(lag).await;
                copy(&key, &shared.visible, &shared.indexed);
            });
        }
    }
}

/// Makes an item in one engine what it is in another: absent, too.
pub fn copy(key: &ItemKey, from: &InProcessEngine, to: &InProcessEngine) {
    let mut body = json!({ "TableName": key.table, "Key": key.attributes, "ConsistentRead": true });
    let (status, found) = from.request("GetItem", body.to_string().as_bytes());
    assert_eq!(status, 200, "{found}");
    let mut found: Value = serde_json::from_str(&found).unwrap();
    body.as_object_mut().unwrap().remove("ConsistentRead");
    let operation = if found["Item"].is_object() {
        body = json!({ "TableName": key.table, "Item": found["Item"].take() });
        "PutItem"
    } else {
        "DeleteItem"
    };
    let (status, answer) = to.request(operation, body.to_string().as_bytes());
    assert_eq!(status, 200, "{answer}");
}
