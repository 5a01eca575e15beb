//! `Query`, over the computed and the written items of one partition together.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::Item;
use super::capacity::{MAX_READ, consumed, read_units};
use super::get::Projection;
use super::key_condition::KeyCondition;
use super::partition::{Computed, Sorted, Source};
use super::written::Written;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct QueryRequest {
    table_name: String,
    index_name: Option<String>,
    key_condition_expression: String,
    #[serde(default)]
    expression_attribute_names: Item,
    #[serde(default)]
    expression_attribute_values: Item,
    projection_expression: Option<String>,
    select: Option<String>,
    scan_index_forward: Option<bool>,
    limit: Option<usize>,
    exclusive_start_key: Option<Item>,
    #[serde(default)]
    consistent_read: bool,
    return_consumed_capacity: Option<String>,
}

pub(super) fn query(computed: &Computed<'_>, written: &Written, request: &QueryRequest) -> Value {
    let source = Source::named(request.index_name.as_deref());
    assert!(source == Source::Table || !request.consistent_read, "an index has no consistent reads");
    let names = &request.expression_attribute_names;
    let condition =
        KeyCondition::parse(source, &request.key_condition_expression, names, &request.expression_attribute_values);
    let projection = Projection::parse(request.projection_expression.as_deref(), names);
    let counts_only = match request.select.as_deref() {
        None => false,
        Some("COUNT") => true,
        Some(other) => panic!("the computed table does not serve Select={other} yet: add it in {}", file!()),
    };

    let base = computed.partition(source, &condition.partition);
    let over = written.partition(source, &condition.partition);
    let forward = request.scan_index_forward.unwrap_or(true);
    let after = request.exclusive_start_key.as_ref().map(|key| super::text(key, source.key().1).unwrap());
    let mut merged = Merged {
        base: Side::new(&*base, &condition, after, forward),
        over: Side::new(&over, &condition, after, forward),
        hidden: written.hidden(source, &condition.partition, &*base),
        forward,
    };

    let (mut items, mut last) = (Vec::new(), None);
    let (mut count, mut bytes) = (0, 0);
    let limit = request.limit.unwrap_or(usize::MAX);
    let mut has_more = false;
    while count < limit
        && let Some((side, nth)) = merged.next()
    {
        let size = side.size(nth);
        if bytes + size > MAX_READ && count > 0 {
            has_more = true;
            break;
        }
        bytes += size;
        count += 1;
        last = Some((side, nth));
        if !counts_only {
            items.push(projection.apply(side.item(nth)));
        }
    }
    // DynamoDB does not look whether the limit was reached at the very end.
    has_more |= count == limit;

    let mut response = json!({ "Count": count, "ScannedCount": count });
    if !counts_only {
        response["Items"] = json!(items);
    }
    if let Some((side, nth)) = last.filter(|_| has_more) {
        response["LastEvaluatedKey"] = key_of(&side.item(nth), source);
    }
    let units = read_units(bytes, request.consistent_read);
    if let Some(consumed) = consumed(request.return_consumed_capacity.as_deref(), &request.table_name, units) {
        response["ConsumedCapacity"] = consumed;
    }
    response
}

/// The key of an entry: of the item, and of the index.
fn key_of(item: &Item, source: Source) -> Value {
    let (partition, sort_key) = source.key();
    ["pk", "sk", partition, sort_key].into_iter().map(|name| (name.to_owned(), item[name].clone())).collect()
}

/// What is left to read of one sequence.
struct Side<'a> {
    items: &'a dyn Sorted,
    from: u64,
    to: u64,
}

impl<'a> Side<'a> {
    fn new(items: &'a dyn Sorted, condition: &KeyCondition, after: Option<&str>, forward: bool) -> Self {
        let (mut from, mut to) = condition.places(items);
        match after {
            None => {}
            Some(after) if forward => from = from.max(items.count_before(&|key| key <= after)),
            Some(after) => to = to.min(items.count_before(&|key| key < after)),
        }
        Self { items, from, to }
    }

    fn peek(&self, forward: bool) -> Option<u64> {
        (self.from < self.to).then(|| if forward { self.from } else { self.to - 1 })
    }

    fn advance(&mut self, forward: bool) {
        if forward { self.from += 1 } else { self.to -= 1 }
    }
}

/// Computed and written items in one order, without the computed ones that were written over.
struct Merged<'a> {
    base: Side<'a>,
    over: Side<'a>,
    hidden: BTreeSet<u64>,
    forward: bool,
}

impl<'a> Merged<'a> {
    fn next(&mut self) -> Option<(&'a dyn Sorted, u64)> {
        while self.base.peek(self.forward).is_some_and(|nth| self.hidden.contains(&nth)) {
            self.base.advance(self.forward);
        }
        let takes_base = match (self.base.peek(self.forward), self.over.peek(self.forward)) {
            (None, None) => return None,
            (base, None) => base.is_some(),
            (None, Some(_)) => false,
            (Some(base), Some(over)) => {
                (self.base.items.sort_key(base) < self.over.items.sort_key(over)) == self.forward
            }
        };
        let side = if takes_base { &mut self.base } else { &mut self.over };
        let nth = side.peek(self.forward)?;
        side.advance(self.forward);
        Some((side.items, nth))
    }
}
