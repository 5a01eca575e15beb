//! Reads of several items, each item at a moment of its own.
//!
//! A `BatchGetItem` is carried out in groups of keys, a `Query` or a `Scan` in pages, with pauses in between, and the
//! client gets one response. So a read of several items shows more than one moment. Consumed capacity is not counted here.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use super::schedule::Schedule;
use super::shared::{Shared, ask, must};
use crate::engine::InProcessEngine;
use crate::sdk_http::Response;

/// A `BatchGetItem` of one table: keys in any order, in up to four groups.
pub async fn batch_get(shared: &Shared, body: &Value) -> Response {
    let (table, wanted) = body["RequestItems"].as_object().unwrap().iter().next().unwrap();
    let mut keys = wanted["Keys"].as_array().unwrap().clone();
    let mut pauses = shared.with_schedule(|schedule| {
        schedule.shuffle(&mut keys);
        schedule.read()
    });
    let size = keys.len().div_ceil(pauses.len() + 1).max(1);
    let (mut part, mut items) = (body.clone(), Vec::new());
    for (nth, group) in keys.chunks(size).enumerate() {
        if nth > 0 {
            pause(pauses.remove(0)).await;
        }
        part["RequestItems"][table]["Keys"] = group.into();
        let mut found = must(&shared.visible, "BatchGetItem", &part);
        assert!(found["UnprocessedKeys"].as_object().is_none_or(serde_json::Map::is_empty), "{found}");
        items.append(found["Responses"][table].as_array_mut().unwrap());
    }
    (200, json!({ "Responses": { table: items }, "UnprocessedKeys": {} }).to_string())
}

/// A `Query` or a `Scan`, in up to four pages.
pub async fn pages(shared: &Shared, engine: &InProcessEngine, operation: &str, body: &Value) -> Response {
    let mut left = body["Limit"].as_u64();
    let mut part = body.clone();
    let mut answer = json!({ "Count": 0, "ScannedCount": 0 });
    if body["Select"] != "COUNT" {
        answer["Items"] = json!([]);
    }
    let mut pauses = shared.with_schedule(Schedule::read).into_iter();
    let mut next = pauses.next();
    loop {
        let some = next.map(|_| shared.with_schedule(Schedule::items_until_pause) as u64);
        match some.into_iter().chain(left).min() {
            Some(limit) => part["Limit"] = limit.into(),
            None => drop(part.as_object_mut().unwrap().remove("Limit")),
        }
        let (status, found) = ask(engine, operation, &part);
        if status != 200 {
            return (status, found);
        }
        let mut found: Value = serde_json::from_str(&found).unwrap();
        for name in ["Count", "ScannedCount"] {
            answer[name] = (answer[name].as_u64().unwrap() + found[name].as_u64().unwrap()).into();
        }
        if let (Some(items), Some(more)) = (answer["Items"].as_array_mut(), found["Items"].as_array_mut()) {
            items.append(more);
        }
        left = left.map(|left| left - found["ScannedCount"].as_u64().unwrap());
        let last = found["LastEvaluatedKey"].take();
        let has_read_all = last.is_null() || left == Some(0);
        // Without a pause left the page was all that one response can hold.
        let Some(length) = next.filter(|_| !has_read_all) else {
            if !last.is_null() {
                answer["LastEvaluatedKey"] = last;
            }
            return (200, answer.to_string());
        };
        part["ExclusiveStartKey"] = last;
        pause(length).await;
        next = pauses.next();
    }
}

/// A pause of no length lets nothing come in between.
async fn pause(length: Duration) {
    if !length.is_zero() {
        sleep(length).await;
    }
}
