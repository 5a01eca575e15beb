//! Which items a request names.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::engine::InProcessEngine;

/// The key of an item, as requests have it.
#[derive(Clone, Debug)]
pub struct ItemKey {
    pub table: String,
    /// The key attributes alone.
    pub attributes: Value,
    /// Equal for equal keys, whatever the order of their attributes.
    identity: String,
}

impl PartialEq for ItemKey {
    fn eq(&self, other: &Self) -> bool {
        self.identity == other.identity
    }
}

/// The names of every table's key attributes, partition key first: each asked for once.
pub struct KeySchemas {
    engine: InProcessEngine,
    names: Mutex<HashMap<String, Arc<Vec<String>>>>,
}

impl KeySchemas {
    pub fn new(engine: InProcessEngine) -> Self {
        Self { engine, names: Mutex::default() }
    }

    fn names(&self, table: &str) -> Arc<Vec<String>> {
        if let Some(names) = self.names.lock().unwrap().get(table) {
            return Arc::clone(names);
        }
        let (status, body) = self.engine.request("DescribeTable", json!({ "TableName": table }).to_string().as_bytes());
        assert_eq!(status, 200, "{body}");
        let described: Value = serde_json::from_str(&body).unwrap();
        let schema = described["Table"]["KeySchema"].as_array().unwrap().iter();
        let names = Arc::new(schema.map(|key| key["AttributeName"].as_str().unwrap().to_owned()).collect::<Vec<_>>());
        self.names.lock().unwrap().insert(table.to_owned(), Arc::clone(&names));
        names
    }

    /// The key of an item, or of anything else that has its key attributes.
    fn key(&self, table: &Value, item: &Value) -> ItemKey {
        let table = table.as_str().unwrap().to_owned();
        let names = self.names(&table);
        let attributes: serde_json::Map<_, _> =
            names.iter().map(|name| (name.clone(), item[name.as_str()].clone())).collect();
        let values: Vec<_> = names.iter().map(|name| &attributes[name]).collect();
        let identity = json!([table, values]).to_string();
        ItemKey { table, attributes: attributes.into(), identity }
    }

    /// The key of the item that a write, or a part of a transaction, names.
    pub fn key_of(&self, part: &Value) -> ItemKey {
        let item = if part["Item"].is_object() { &part["Item"] } else { &part["Key"] };
        self.key(&part["TableName"], item)
    }

    /// The keys of a request's items, in the order in which the request names them. None of a query or a scan.
    pub fn keys_of(&self, operation: &str, body: &Value) -> Vec<ItemKey> {
        match operation {
            "PutItem" | "UpdateItem" | "DeleteItem" => vec![self.key_of(body)],
            "TransactWriteItems" | "TransactGetItems" => {
                let items = body["TransactItems"].as_array().unwrap().iter();
                items.map(|item| self.key_of(item.as_object().unwrap().values().next().unwrap())).collect()
            }
            "BatchWriteItem" => {
                let tables = body["RequestItems"].as_object().unwrap().iter();
                let writes = tables
                    .flat_map(|(table, writes)| writes.as_array().unwrap().iter().map(move |write| (table, write)));
                let key = |(table, write): (&String, &Value)| {
                    let put = &write["PutRequest"]["Item"];
                    let item = if put.is_object() { put } else { &write["DeleteRequest"]["Key"] };
                    self.key(&table.as_str().into(), item)
                };
                writes.map(key).collect()
            }
            _ => Vec::new(),
        }
    }
}
