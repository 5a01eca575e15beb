//! The isolation layer (`dev::IsolatedEngine`) does what DynamoDB documents: one test for each property. The layer is what
//! the histories with torn transactions rest on, so it must be trusted first.

mod conflicts;
mod indexes;
mod stalls;
mod tokens;
mod torn_reads;

use std::time::Duration;

use dev::{IsolatedEngine, TestService};
use serde_json::{Value, json};
use tokio::task::{JoinHandle, yield_now};
use tokio::time::{Instant, sleep};

/// How long a transaction of these tests may be in flight.
const MAX_IN_FLIGHT: Duration = Duration::from_millis(120);

const CONFLICT: &str = "TransactionConflict";

/// A table with isolation. Each request is sent once. An error is its code, or the reasons of a cancellation.
#[derive(Clone)]
struct Table {
    name: String,
    engine: IsolatedEngine,
}

impl Table {
    async fn new(seed: u64) -> Self {
        let service = TestService::builder().isolation(seed, MAX_IN_FLIGHT).build().await;
        Self { name: service.table.clone(), engine: service.isolation().clone() }
    }

    async fn send(&self, operation: &str, mut request: Value) -> Result<Value, String> {
        if request["TransactItems"].is_null() && request["RequestItems"].is_null() {
            request["TableName"] = self.name.as_str().into();
        }
        let (status, answer) = self.engine.request(operation, request).await;
        let mut answer: Value = serde_json::from_str(&answer).unwrap();
        if status == 200 {
            return Ok(answer);
        }
        Err(match answer["CancellationReasons"].take() {
            Value::Array(reasons) => {
                reasons.iter().map(|reason| reason["Code"].as_str().unwrap()).collect::<Vec<_>>().join(", ")
            }
            _ => answer["__type"].as_str().unwrap().rsplit('#').next().unwrap().to_owned(),
        })
    }

    /// One transaction: these items get this value.
    async fn write(&self, token: &str, names: &[&str], value: u32) -> Result<(), String> {
        self.write_if_at_most(u32::MAX, token, names, value).await
    }

    /// The same, if their values are at most `most`. All are of one partition.
    async fn write_if_at_most(&self, most: u32, token: &str, names: &[&str], value: u32) -> Result<(), String> {
        let put = |name: &&str| {
            json!({ "Put": {
                "TableName": self.name,
                "Item": item(name, value),
                "ConditionExpression": "attribute_not_exists(pk) OR v <= :most",
                "ExpressionAttributeValues": { ":most": { "N": most.to_string() } },
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }})
        };
        let puts: Vec<_> = names.iter().map(put).collect();
        self.send("TransactWriteItems", json!({ "ClientRequestToken": token, "TransactItems": puts })).await.map(drop)
    }

    /// Sends a transaction in the background, and waits until it has arrived.
    async fn start(&self, token: &'static str, names: &'static [&str], value: u32) -> JoinHandle<Result<(), String>> {
        let table = self.clone();
        let sent = tokio::spawn(async move { table.write(token, names, value).await });
        yield_now().await;
        sent
    }

    /// The items of the next transaction become visible in this order of their positions, and it stalls before this step.
    fn stall_next(&self, order: &[usize], step: usize) {
        self.engine.schedule(|schedule| {
            schedule.next_orders.push(order.to_vec());
            schedule.next_stalls.push(step);
        });
    }

    async fn get(&self, name: &str) -> Option<u32> {
        let answer = self.send("GetItem", json!({ "Key": key(name), "ConsistentRead": true })).await.unwrap();
        value(&answer["Item"])
    }

    /// The values of the items by one `BatchGetItem`, in the order of the names.
    async fn batch_get(&self, names: &[&str]) -> Vec<Option<u32>> {
        let keys: Vec<_> = names.iter().map(|name| key(name)).collect();
        let wanted = json!({ "RequestItems": { &self.name: { "Keys": keys, "ConsistentRead": true } } });
        values(&self.send("BatchGetItem", wanted).await.unwrap()["Responses"][&self.name], names)
    }

    /// As [`Self::batch_get`], by one `Query`.
    async fn query(&self, names: &[&str]) -> Vec<Option<u32>> {
        let query = json!({
            "ConsistentRead": true,
            "KeyConditionExpression": "pk = :p",
            "ExpressionAttributeValues": { ":p": { "S": "p" } },
        });
        values(&self.send("Query", query).await.unwrap()["Items"], names)
    }

    /// As [`Self::batch_get`], by one `TransactGetItems`.
    async fn transact_get(&self, names: &[&str]) -> Result<Vec<Option<u32>>, String> {
        let get = |name: &&str| json!({ "Get": { "TableName": self.name, "Key": key(name) } });
        let gets: Vec<_> = names.iter().map(get).collect();
        let answer = self.send("TransactGetItems", json!({ "TransactItems": gets })).await?;
        Ok(answer["Responses"].as_array().unwrap().iter().map(|found| value(&found["Item"])).collect())
    }

    /// Reads every millisecond until nothing is in flight; gives back what was read, without repetitions.
    async fn observe<T: PartialEq>(&self, read: impl AsyncFn(&Self) -> T) -> Vec<T> {
        let started = Instant::now();
        let mut seen = vec![read(self).await];
        while self.engine.items_in_flight() > 0 {
            assert!(started.elapsed() < MAX_IN_FLIGHT * 2);
            sleep(Duration::from_millis(1)).await;
            let read = read(self).await;
            if seen.last() != Some(&read) {
                seen.push(read);
            }
        }
        seen
    }
}

fn key(name: &str) -> Value {
    json!({ "pk": { "S": "p" }, "sk": { "S": name } })
}

/// An item that is also in the index by creation.
fn item(name: &str, value: u32) -> Value {
    let mut item = key(name);
    item["v"] = json!({ "N": value.to_string() });
    item["listing"] = json!({ "S": "all" });
    item["ulid"] = json!({ "S": name });
    item
}

fn value(item: &Value) -> Option<u32> {
    item["v"]["N"].as_str().map(|value| value.parse().unwrap())
}

fn values(items: &Value, names: &[&str]) -> Vec<Option<u32>> {
    let find = |name: &&str| value(items.as_array()?.iter().find(|item| item["sk"]["S"] == *name)?);
    names.iter().map(find).collect()
}
