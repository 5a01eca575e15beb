//! What was written to a computed table: an embedded engine holds the items that a write or a transaction names, and
//! carries it out.
//!
//! Before it does, it is given the computed items at those keys. So conditions see them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Item;
use super::partition::{Computed, FewItems, Sorted, Source, key};
use crate::engine::InProcessEngine;

/// A key: `pk` and `sk`.
type Key = (String, String);

pub(super) struct Written {
    engine: InProcessEngine,
    /// What the engine holds now at each key that was ever named.
    items: BTreeMap<Key, Option<Item>>,
    /// The computed items at those keys.
    replaced: BTreeMap<Key, Item>,
}

impl Default for Written {
    fn default() -> Self {
        Self { engine: InProcessEngine::new(), items: BTreeMap::new(), replaced: BTreeMap::new() }
    }
}

impl Written {
    /// The item at a key: the written one or none, if a write has named the key; else the computed one.
    pub(super) fn item(&self, computed: &Computed<'_>, pk: &str, sk: &str) -> Option<Item> {
        match self.items.get(&(pk.to_owned(), sk.to_owned())) {
            Some(item) => item.clone(),
            None => computed.item(pk, sk),
        }
    }

    /// The written items of a partition.
    pub(super) fn partition(&self, source: Source, value: &str) -> FewItems {
        let (partition, sort_key) = source.key();
        let items = self.items.values().flatten().filter(|item| super::text(item, partition) == Some(value));
        FewItems::sorted(sort_key, items.cloned())
    }

    /// The places of the computed items that were written over in their partition.
    pub(super) fn hidden(&self, source: Source, value: &str, base: &dyn Sorted) -> BTreeSet<u64> {
        let (partition, sort_key) = source.key();
        let items = self.replaced.values().filter(|item| super::text(item, partition) == Some(value));
        let place = |item: &Item| {
            let own = super::text(item, sort_key).expect("an item has its key");
            base.count_before(&|key| key < own)
        };
        items.map(place).collect()
    }

    /// Carries out a write, a transaction, or an operation on the table itself.
    pub(super) fn carry_out(&mut self, computed: &Computed<'_>, operation: &str, body: &[u8]) -> (u16, String) {
        let request: Value = serde_json::from_slice(body).unwrap();
        let named = match operation {
            "CreateTable" | "DescribeTable" => Vec::new(),
            "PutItem" => vec![(&request["TableName"], &request["Item"])],
            "UpdateItem" | "DeleteItem" => vec![(&request["TableName"], &request["Key"])],
            "TransactWriteItems" | "TransactGetItems" => transacted(&request),
            other => panic!("the computed table does not serve {other} yet: add it in {}", file!()),
        };
        let named: Vec<_> = named.into_iter().map(|(table, item)| (table.as_str().unwrap(), key_of(item))).collect();
        for (table, key) in &named {
            if !self.items.contains_key(key) {
                self.take_over(computed, table, key);
            }
        }
        let answer = self.engine.request(operation, body);
        for (table, key) in named {
            let item = self.read(table, &key);
            self.items.insert(key, item);
        }
        answer
    }

    fn take_over(&mut self, computed: &Computed<'_>, table: &str, key: &Key) {
        let Some(item) = computed.item(&key.0, &key.1) else { return };
        let put = json!({ "TableName": table, "Item": item });
        let (status, answer) = self.engine.request("PutItem", put.to_string().as_bytes());
        assert_eq!(status, 200, "{answer}");
        self.replaced.insert(key.clone(), item);
    }

    fn read(&self, table: &str, (pk, sk): &Key) -> Option<Item> {
        let get = json!({ "TableName": table, "Key": key(pk, sk), "ConsistentRead": true });
        let (status, answer) = self.engine.request("GetItem", get.to_string().as_bytes());
        assert_eq!(status, 200, "{answer}");
        let answer: Value = serde_json::from_str(&answer).unwrap();
        answer.get("Item").and_then(Value::as_object).cloned()
    }
}

/// The tables and items, or keys, of a transaction: each of its parts has one, under the name of what it does.
fn transacted(request: &Value) -> Vec<(&Value, &Value)> {
    let parts = request["TransactItems"].as_array().unwrap().iter();
    let parts = parts.flat_map(|part| part.as_object().unwrap().values());
    parts.map(|part| (&part["TableName"], part.get("Item").unwrap_or(&part["Key"]))).collect()
}

fn key_of(item: &Value) -> Key {
    let item = item.as_object().expect("a request has an item or a key");
    let [pk, sk] = ["pk", "sk"].map(|name| super::text(item, name).expect("a key has both parts").to_owned());
    (pk, sk)
}
