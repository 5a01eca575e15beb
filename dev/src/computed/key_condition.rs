//! `KeyConditionExpression`, in the forms that the store uses: `pk = :a`, alone or with `AND sk < :b` (or `<=`, `>`, `>=`,
//! `=`), or with `AND sk BETWEEN :b AND :c`. A name may stand as `#name`.

use serde_json::Value;

use super::Item;
use super::partition::{Sorted, Source};

/// Which items of one partition a query asks for.
#[derive(Debug)]
pub(super) struct KeyCondition {
    pub(super) partition: String,
    range: Range,
}

/// Which sort keys.
#[derive(Debug)]
enum Range {
    All,
    Equal(String),
    Less(String),
    LessOrEqual(String),
    Greater(String),
    GreaterOrEqual(String),
    Between(String, String),
}

impl KeyCondition {
    pub(super) fn parse(source: Source, expression: &str, names: &Item, values: &Item) -> Self {
        let words: Vec<&str> = expression.split_whitespace().collect();
        let (partition, sort_key) = source.key();
        let is = |word: &str, name: &str| word == name || names.get(word).and_then(Value::as_str) == Some(name);
        let value = |word: &str| super::text(values, word).unwrap_or_else(|| unserved(expression)).to_owned();
        let is_partition = words.len() >= 3 && is(words[0], partition) && words[1] == "=";
        let range = match words.get(3..) {
            Some([]) => Range::All,
            Some(["AND", name, "BETWEEN", from, "AND", to]) if is(name, sort_key) => {
                Range::Between(value(from), value(to))
            }
            Some(["AND", name, operator, bound]) if is(name, sort_key) => match *operator {
                "=" => Range::Equal(value(bound)),
                "<" => Range::Less(value(bound)),
                "<=" => Range::LessOrEqual(value(bound)),
                ">" => Range::Greater(value(bound)),
                ">=" => Range::GreaterOrEqual(value(bound)),
                _ => unserved(expression),
            },
            _ => unserved(expression),
        };
        if !is_partition {
            unserved(expression)
        }
        Self { partition: value(words[2]), range }
    }

    /// The places of these items in their partition: from the first number up to the one before the second.
    pub(super) fn places(&self, items: &dyn Sorted) -> (u64, u64) {
        let below = |bound: &str| items.count_before(&|key| key < bound);
        let up_to = |bound: &str| items.count_before(&|key| key <= bound);
        match &self.range {
            Range::All => (0, items.len()),
            Range::Equal(key) => (below(key), up_to(key)),
            Range::Less(bound) => (0, below(bound)),
            Range::LessOrEqual(bound) => (0, up_to(bound)),
            Range::Greater(bound) => (up_to(bound), items.len()),
            Range::GreaterOrEqual(bound) => (below(bound), items.len()),
            Range::Between(from, to) => (below(from), up_to(to)),
        }
    }
}

fn unserved(expression: &str) -> ! {
    panic!("the computed table does not serve the condition `{expression}` yet: add it in {}", file!())
}
