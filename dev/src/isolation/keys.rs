//! Which items a request names.

use serde_json::{Value, json};

/// The key attributes of every table.
const NAMES: [&str; 2] = ["pk", "sk"];

/// The key of an item, as requests have it.
#[derive(Clone, PartialEq, Debug)]
pub struct ItemKey {
    pub table: Value,
    /// The key attributes alone.
    pub attributes: Value,
}

impl ItemKey {
    /// The key of an item, or of anything else that has its key attributes.
    fn new(table: Value, item: &Value) -> Self {
        Self { table, attributes: NAMES.map(|name| (name.to_owned(), item[name].clone())).into_iter().collect() }
    }

    /// The key of the item that a write, or a part of a transaction, names.
    pub fn of(part: &Value) -> Self {
        let item = if part["Item"].is_object() { &part["Item"] } else { &part["Key"] };
        Self::new(part["TableName"].clone(), item)
    }

    /// The keys of the items of a transaction, in the order in which it names them.
    pub fn of_transaction(body: &Value) -> Vec<Self> {
        let parts = body["TransactItems"].as_array().unwrap().iter();
        parts.map(|part| Self::of(part.as_object().unwrap().values().next().unwrap())).collect()
    }

    /// The keys of the items of a `BatchWriteItem`.
    pub fn of_batch(body: &Value) -> Vec<Self> {
        let tables = body["RequestItems"].as_object().unwrap().iter();
        let writes =
            tables.flat_map(|(table, writes)| writes.as_array().unwrap().iter().map(move |write| (table, write)));
        let key = |(table, write): (&String, &Value)| match &write["PutRequest"]["Item"] {
            Value::Null => Self::new(json!(table), &write["DeleteRequest"]["Key"]),
            item => Self::new(json!(table), item),
        };
        writes.map(key).collect()
    }
}
