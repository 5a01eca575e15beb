//! `GetItem` and `BatchGetItem`, and which attributes of an item a read returns.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Item;
use super::capacity::{consumed, item_size, read_units};
use super::partition::Computed;
use super::written::Written;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct GetRequest {
    table_name: String,
    key: Item,
    projection_expression: Option<String>,
    #[serde(default)]
    expression_attribute_names: Item,
    #[serde(default)]
    consistent_read: bool,
    return_consumed_capacity: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct BatchGetRequest {
    request_items: Map<String, Value>,
    return_consumed_capacity: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct KeysRequest {
    keys: Vec<Item>,
    projection_expression: Option<String>,
    #[serde(default)]
    expression_attribute_names: Item,
    #[serde(default)]
    consistent_read: bool,
}

pub(super) fn get(computed: &Computed<'_>, written: &Written, request: &GetRequest) -> Value {
    let projection = Projection::parse(request.projection_expression.as_deref(), &request.expression_attribute_names);
    let found = item(computed, written, &request.key);
    let units = read_units(found.as_ref().map_or(0, item_size), request.consistent_read);
    let mut response = json!({});
    if let Some(found) = found {
        response["Item"] = projection.apply(found).into();
    }
    if let Some(consumed) = consumed(request.return_consumed_capacity.as_deref(), &request.table_name, units) {
        response["ConsumedCapacity"] = consumed;
    }
    response
}

pub(super) fn get_batch(computed: &Computed<'_>, written: &Written, request: BatchGetRequest) -> Value {
    let mut response = json!({ "Responses": {}, "UnprocessedKeys": {} });
    let mut all_consumed = Vec::new();
    for (table, keys) in request.request_items {
        let request_of_table: KeysRequest = super::parse("BatchGetItem", keys.to_string().as_bytes());
        let KeysRequest { keys, projection_expression, expression_attribute_names: names, consistent_read } =
            request_of_table;
        let projection = Projection::parse(projection_expression.as_deref(), &names);
        // Each item is rounded up by itself.
        let (mut items, mut units) = (Vec::new(), 0.0);
        for key in keys {
            let found = item(computed, written, &key);
            units += read_units(found.as_ref().map_or(0, item_size), consistent_read);
            items.extend(found.map(|found| projection.apply(found)));
        }
        all_consumed.extend(consumed(request.return_consumed_capacity.as_deref(), &table, units));
        response["Responses"][table] = json!(items);
    }
    if request.return_consumed_capacity.is_some() {
        response["ConsumedCapacity"] = all_consumed.into();
    }
    response
}

fn item(computed: &Computed<'_>, written: &Written, key: &Item) -> Option<Item> {
    let [pk, sk] = ["pk", "sk"].map(|name| super::text(key, name).expect("a key has both parts"));
    written.item(computed, pk, sk)
}

/// The attributes that a read returns: all, or those named by `ProjectionExpression`.
pub(super) struct Projection(Option<Vec<String>>);

impl Projection {
    pub(super) fn parse(expression: Option<&str>, names: &Item) -> Self {
        let attribute = |word: &str| {
            let word = word.trim();
            assert!(!word.contains(['.', '[']), "no path inside an attribute is served yet: add it in {}", file!());
            names.get(word).and_then(Value::as_str).unwrap_or(word).to_owned()
        };
        Self(expression.map(|expression| expression.split(',').map(attribute).collect()))
    }

    pub(super) fn apply(&self, mut item: Item) -> Item {
        if let Some(names) = &self.0 {
            item.retain(|name, _| names.contains(name));
        }
        item
    }
}
