//! Reads of several items, each item at a moment of its own.
//!
//! A `BatchGetItem` is carried out in groups of keys, a `Query` or a `Scan` in pages, with pauses in between, and the
//! client gets one response. So a read of several items shows more than one moment.
//!
//! The consumed capacity is that of the same request carried out at once, when the last item has been read.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use super::schedule::Schedule;
use super::shared::Shared;
use crate::engine::InProcessEngine;
use crate::sdk_http::Response;

const CAPACITY: &str = "ReturnConsumedCapacity";

/// A `BatchGetItem`: keys in any order, in up to four groups.
pub async fn batch_get(shared: &Shared, body: &Value) -> Response {
    let mut keys: Vec<(String, Value)> = Vec::new();
    for (table, wanted) in body["RequestItems"].as_object().unwrap() {
        let of_table = wanted["Keys"].as_array().unwrap().iter();
        keys.extend(of_table.map(|key| (table.clone(), key.clone())));
    }
    let pauses = shared.with_schedule(|schedule| {
        schedule.shuffle(&mut keys);
        schedule.read()
    });
    let size = keys.len().div_ceil(pauses.len() + 1).max(1);
    let mut pauses = pauses.into_iter();
    let mut answer = json!({ "Responses": {}, "UnprocessedKeys": {} });
    for (nth, group) in keys.chunks(size).enumerate() {
        if nth > 0 {
            pause(pauses.next().unwrap_or_default()).await;
        }
        let mut part = body.clone();
        part.as_object_mut().unwrap().remove(CAPACITY);
        for (table, wanted) in part["RequestItems"].as_object_mut().unwrap() {
            wanted["Keys"] = group.iter().filter(|(of, _)| of == table).map(|(_, key)| key.clone()).collect();
        }
        part["RequestItems"].as_object_mut().unwrap().retain(|_, wanted| wanted["Keys"] != json!([]));
        let (status, found) = shared.visible.request("BatchGetItem", part.to_string().as_bytes());
        if status != 200 {
            return (status, found);
        }
        let found: Value = serde_json::from_str(&found).unwrap();
        for (field, merge) in [("Responses", None), ("UnprocessedKeys", Some("Keys"))] {
            for (table, items) in found[field].as_object().into_iter().flatten() {
                let place = &mut answer[field][table.as_str()];
                if place.is_null() {
                    *place = items.clone();
                    continue;
                }
                let (place, items) = match merge {
                    Some(name) => (&mut place[name], &items[name]),
                    None => (place, items),
                };
                place.as_array_mut().unwrap().extend(items.as_array().unwrap().iter().cloned());
            }
        }
    }
    with_capacity(&shared.visible, "BatchGetItem", body, answer)
}

/// A `Query` or a `Scan`, in up to four pages.
pub async fn pages(shared: &Shared, engine: &InProcessEngine, operation: &str, body: &Value) -> Response {
    let mut left = body["Limit"].as_u64();
    let mut part = body.clone();
    part.as_object_mut().unwrap().remove(CAPACITY);
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
        let (status, found) = engine.request(operation, part.to_string().as_bytes());
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
            return with_capacity(engine, operation, body, answer);
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

fn with_capacity(engine: &InProcessEngine, operation: &str, body: &Value, mut answer: Value) -> Response {
    if !body[CAPACITY].is_null() {
        let (_, whole) = engine.request(operation, body.to_string().as_bytes());
        answer["ConsumedCapacity"] = serde_json::from_str::<Value>(&whole).unwrap()["ConsumedCapacity"].take();
    }
    (200, answer.to_string())
}
