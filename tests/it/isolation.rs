//! The isolation layer (`dev::IsolatedEngine`) shows what DynamoDB documents. The histories with torn transactions rest on it: if
//! it tore nothing, or refused nothing, they would pass whatever the store does.

use std::collections::BTreeSet;
use std::time::Duration;

use dev::{IsolatedEngine, TestService, simulated};
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::task::{JoinHandle, yield_now};
use tokio::time::{Instant, sleep, timeout};

/// How long a transaction of these tests may be in flight.
const MAX_IN_FLIGHT: Duration = Duration::from_millis(120);
/// How long a read by an index may be late.
const INDEX_LAG: Duration = Duration::from_millis(40);

const CONFLICT: &str = "TransactionConflict";
const FAILED: &str = "ConditionalCheckFailed";

/// A table with isolation. Each request is sent once. An error is its code, or the reasons of a cancellation.
#[derive(Clone)]
struct Table {
    name: String,
    engine: IsolatedEngine,
}

/// The ways to read several items.
#[derive(Clone, Copy, Debug)]
enum Read {
    Singly,
    ByBatch,
    ByQuery,
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

    /// The values of the items, in the order of the names.
    async fn read(&self, read: Read, names: &[&str]) -> Vec<Option<u32>> {
        let items = match read {
            Read::Singly => {
                let mut values = Vec::new();
                for name in names {
                    values.push(self.get(name).await);
                }
                return values;
            }
            Read::ByBatch => {
                let keys: Vec<_> = names.iter().map(|name| key(name)).collect();
                let batch = json!({ "RequestItems": { &self.name: { "Keys": keys, "ConsistentRead": true } } });
                self.send("BatchGetItem", batch).await.unwrap()["Responses"][&self.name].take()
            }
            Read::ByQuery => self.query(json!({ "ConsistentRead": true }), "pk", "p").await,
        };
        let find = |name: &&str| value(items.as_array()?.iter().find(|item| item["sk"]["S"] == *name)?);
        names.iter().map(find).collect()
    }

    async fn query(&self, mut query: Value, key: &str, equals: &str) -> Value {
        query["KeyConditionExpression"] = format!("{key} = :key").into();
        query["ExpressionAttributeValues"] = json!({ ":key": { "S": equals } });
        self.send("Query", query).await.unwrap()["Items"].take()
    }

    /// The names of the items in an index.
    async fn index(&self) -> Vec<String> {
        let items = self.query(json!({ "IndexName": "by-creation" }), "listing", "all").await;
        items.as_array().unwrap().iter().map(|item| item["ulid"]["S"].as_str().unwrap().to_owned()).collect()
    }

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

/// Each read but the one by a transaction shows every mix of old and new items; the index is behind all of them.
#[test]
fn reads_show_part_of_a_transaction_in_flight() {
    const NAMES: [&str; 3] = ["a", "b", "c"];
    for read in [Read::Singly, Read::ByBatch, Read::ByQuery] {
        let mut mixes = BTreeSet::new();
        for seed in 1..=20 {
            simulated(seed, async {
                let table = Table::new(seed).await;
                table.write("1", &NAMES, 1).await.unwrap();
                assert_eq!(table.read(read, &NAMES).await, [Some(1); 3], "the answer comes when all are visible");
                drop(table.start("2", &NAMES, 2).await);
                mixes.extend(table.observe(async |table| table.read(read, &NAMES).await).await);
                assert_eq!(table.read(read, &NAMES).await, [Some(2); 3]);
            });
        }
        assert_eq!(mixes.len(), 8, "{read:?}: {mixes:?}");
    }
}

/// One transaction after the other: `a` to 2, then `b` to 3. A read that sees only the second has looked at two moments.
#[test]
fn reads_of_several_items_look_at_more_than_one_moment() {
    for read in [Read::ByBatch, Read::ByQuery] {
        let seen = simulated(1, async {
            let table = Table::new(1).await;
            table.write("0", &["a", "b"], 1).await.unwrap();
            let changes = async {
                sleep(Duration::from_millis(5)).await;
                table.engine.schedule(|schedule| schedule.max_in_flight = Duration::ZERO);
                table.write("1", &["a"], 2).await.unwrap();
                table.write("2", &["b"], 3).await.unwrap();
            };
            let reads = join_all((0..50).map(|_| table.read(read, &["a", "b"])));
            tokio::join!(reads, changes).0
        });
        assert!(seen.contains(&vec![Some(1), Some(3)]), "{read:?}");
    }
}

#[test]
fn index_entries_of_one_transaction_arrive_after_it_apart_and_in_any_order() {
    let mut first = BTreeSet::new();
    for seed in 1..=20 {
        simulated(seed, async {
            let table = Table::new(seed).await;
            table.engine.schedule(|schedule| schedule.max_index_lag = INDEX_LAG);
            drop(table.start("1", &["a", "b", "c"], 1).await);
            let seen = table.observe(Table::index).await;
            assert!(seen[..seen.len() - 1].iter().all(Vec::is_empty), "{seen:?}");
            let mut seen = table.index().await;
            for _ in 0..=INDEX_LAG.as_millis() {
                sleep(Duration::from_millis(1)).await;
                let now = table.index().await;
                assert!(seen.iter().all(|name| now.contains(name)));
                first.extend(now.first().filter(|_| now.len() == 1).cloned());
                seen = now;
            }
            assert_eq!(seen, ["a", "b", "c"], "all have arrived");
        });
    }
    assert_eq!(first.len(), 3, "each entry is the first under some seed");
}

/// It never shows a part of a transaction: all old, all new, or a refusal. A refusal names the items in flight.
#[test]
fn transact_get_is_refused_or_shows_all_items_of_a_transaction() {
    let mut refusals = BTreeSet::new();
    for seed in 1..=10 {
        simulated(seed, async {
            let table = Table::new(seed).await;
            table.write("1", &["a", "b"], 1).await.unwrap();
            drop(table.start("2", &["a", "b"], 2).await);
            for answer in table.observe(async |table| table.transact_get(&["other", "a", "b"]).await).await {
                match answer {
                    Ok(values) => assert_eq!(values, [None, Some(2), Some(2)]),
                    Err(reasons) => drop(refusals.insert(reasons)),
                }
            }
        });
    }
    let possible = ["None, None, C", "None, C, None", "None, C, C"].map(|reasons| reasons.replace('C', CONFLICT));
    assert_eq!(refusals, BTreeSet::from(possible));
}

#[test]
fn writes_that_meet_an_item_in_flight_are_refused_at_its_position() {
    simulated(1, async {
        let table = Table::new(1).await;
        let put = async |name| table.send("PutItem", json!({ "Item": item(name, 2) })).await.map(drop);
        let sent = table.start("1", &["a"], 1).await;
        assert_eq!(put("a").await, Err("TransactionConflictException".to_owned()));
        assert_eq!(table.write("2", &["b", "a"], 2).await, Err(format!("None, {CONFLICT}")));
        sent.await.unwrap().unwrap();
        assert_eq!(table.read(Read::Singly, &["a", "b"]).await, [Some(1), None], "nothing of them is done");
        put("a").await.unwrap();
        table.write("2", &["b", "a"], 3).await.unwrap();
        assert_eq!(table.transact_get(&["a", "b"]).await.unwrap(), [Some(3); 2]);
    });
}

/// A conflict does not hide that another item of the transaction is refused for its condition. Nothing of a refused transaction
/// is seen, and its items are free again.
#[test]
fn conflict_and_failed_condition_can_come_together() {
    let seen = (1..=10).map(|seed| {
        simulated(seed, async {
            let table = Table::new(seed).await;
            table.write("1", &["a"], 5).await.unwrap();
            let sent = table.start("2", &["b"], 1).await;
            let refused = table.write_if_at_most(4, "3", &["a", "b"], 9).await.unwrap_err();
            sent.await.unwrap().unwrap();
            let names = ["a", "b"];
            let again = table.write_if_at_most(4, "3", &["b", "a"], 9);
            let beside = table.observe(async |table| table.read(Read::Singly, &names).await);
            assert_eq!(tokio::join!(again, beside), (Err(format!("None, {FAILED}")), vec![vec![Some(5), Some(1)]]));
            table.write_if_at_most(5, "3", &names, 9).await.unwrap();
            refused
        })
    });
    let possible = [FAILED, "None"].map(|at_a| format!("{at_a}, {CONFLICT}"));
    assert_eq!(seen.collect::<BTreeSet<_>>(), BTreeSet::from(possible));
}

/// Each storage node decides about its own item. So a change can build upon a part of a change in flight.
#[test]
fn visible_item_is_free_while_others_of_its_transaction_are_in_flight() {
    simulated(1, async {
        let table = Table::new(1).await;
        table.stall_next(&[1, 0], 2);
        drop(table.start("1", &["a", "b"], 1).await);
        sleep(MAX_IN_FLIGHT).await;
        assert_eq!(table.read(Read::Singly, &["a", "b"]).await, [None, Some(1)]);
        table.engine.schedule(|schedule| schedule.max_in_flight = Duration::ZERO);
        table.write_if_at_most(1, "2", &["b", "c"], 2).await.unwrap();
        assert_eq!(table.read(Read::Singly, &["a", "b", "c"]).await, [None, Some(2), Some(2)]);
    });
}

/// A transaction stalls after it was decided, or before. What meets it within five seconds is refused; after that it is recovered
/// by a repetition, by a conflict, or at last by itself, and never by a read.
#[test]
fn stalled_transaction_is_recovered_by_what_meets_it_after_five_seconds_or_at_last() {
    const IN_PROGRESS: &str = "TransactionInProgressException";
    let (half_a_second, names) = (Duration::from_millis(500), ["a", "b"]);
    for stalls_at in [2, 0] {
        let visible = [(stalls_at == 2).then_some(1), None];
        let stalled = async || {
            let table = Table::new(1).await;
            table.stall_next(&[0, 1], stalls_at);
            timeout(Duration::from_secs(1), table.write("token", &names, 1)).await.unwrap_err();
            table
        };
        simulated(1, async {
            let (repeated, met, left) = tokio::join!(stalled(), stalled(), stalled());
            for _ in 0..7 {
                sleep(half_a_second).await;
                assert_eq!(repeated.write("token", &names, 1).await, Err(IN_PROGRESS.to_owned()));
                met.transact_get(&names).await.unwrap_err();
            }
            for table in [&repeated, &met] {
                assert_eq!(table.read(Read::ByBatch, &names).await, visible);
            }
            sleep(half_a_second).await;
            repeated.write("token", &names, 1).await.unwrap();
            met.transact_get(&names).await.unwrap_err();
            sleep(MAX_IN_FLIGHT).await;
            for table in [&repeated, &met] {
                assert_eq!(table.transact_get(&names).await.unwrap(), [Some(1); 2]);
            }
            sleep(Duration::from_secs(55)).await;
            assert_eq!(left.read(Read::ByBatch, &names).await, visible);
            sleep(Duration::from_secs(300)).await;
            assert_eq!(left.read(Read::ByBatch, &names).await, [Some(1); 2]);
        });
    }
}

#[test]
fn token_is_known_from_the_first_attempt_until_ten_minutes_after_its_success() {
    simulated(1, async {
        let table = Table::new(1).await;
        // A cancelled transaction leaves no token.
        table.write("0", &["a"], 5).await.unwrap();
        assert_eq!(table.write_if_at_most(4, "token", &["a"], 9).await, Err(FAILED.to_owned()));
        let sent = table.start("token", &["a"], 1).await;
        assert_eq!(table.write("token", &["a"], 1).await, Err("TransactionInProgressException".to_owned()));
        sent.await.unwrap().unwrap();
        assert_eq!(table.write("token", &["a"], 2).await, Err("IdempotentParameterMismatchException".to_owned()));
        table.write("other", &["a"], 2).await.unwrap();
        sleep(Duration::from_secs(590)).await;
        table.write("token", &["a"], 1).await.unwrap();
        assert_eq!(table.get("a").await, Some(2));
        sleep(Duration::from_secs(11)).await;
        table.write("token", &["a"], 1).await.unwrap();
        assert_eq!(table.get("a").await, Some(1), "the token is forgotten");
    });
}
