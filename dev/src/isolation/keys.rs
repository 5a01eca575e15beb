//! Which items a request names.

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

impl ItemKey {
    /// The key of an item, or of anything else that has its key attributes.
    pub fn of(engine: &InProcessEngine, table: &Value, item: &Value) -> Self {
        let table = table.as_str().unwrap().to_owned();
        let names = key_names(engine, &table);
        let attributes: serde_json::Map<_, _> =
            names.iter().map(|name| (name.clone(), item[name.as_str()].clone())).collect();
        let values: Vec<_> = names.iter().map(|name| &attributes[name]).collect();
        let identity = json!([table, values]).to_string();
        Self { table, attributes: attributes.into(), identity }
    }
}

/// The names of a table's key attributes, partition key first.
fn key_names(engine: &InProcessEngine, table: &str) -> Vec<String> {
    let (status, body) = engine.request("DescribeTable", json!({ "TableName": table }).to_string().as_bytes());
    assert_eq!(status, 200, "{body}");
    let described: Value = serde_json::from_str(&body).unwrap();
    let schema = described["Table"]["KeySchema"].as_array().unwrap().iter();
    schema.map(|key| key["AttributeName"].as_str().unwrap().to_owned()).collect()
}

/// The keys of a request's items, in the order in which the request names them. None of a query or a scan.
pub fn keys_of(engine: &InProcessEngine, operation: &str, body: &Value) -> Vec<ItemKey> {
    let key = |part: &Value| {
        let item = if part["Item"].is_object() { &part["Item"] } else { &part["Key"] };
        ItemKey::of(engine, &part["TableName"], item)
    };
    match operation {
        "PutItem" | "UpdateItem" | "DeleteItem" => vec![key(body)],
        "TransactWriteItems" | "TransactGetItems" => {
            let items = body["TransactItems"].as_array().unwrap().iter();
            items.map(|item| key(item.as_object().unwrap().values().next().unwrap())).collect()
        }
        "BatchWriteItem" => {
            let tables = body["RequestItems"].as_object().unwrap().iter();
            let parts = tables.flat_map(|(table, writes)| {
                writes.as_array().unwrap().iter().map(move |write| {
                    let put = &write["PutRequest"]["Item"];
                    let item = if put.is_object() { put } else { &write["DeleteRequest"]["Key"] };
                    (Value::from(table.as_str()), item)
                })
            });
            parts.map(|(table, item)| ItemKey::of(engine, &table, item)).collect()
        }
        _ => Vec::new(),
    }
}
