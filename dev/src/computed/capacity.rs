//! Sizes of items, and the capacity units of reads, as AWS documents them.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>

use serde_json::{Value, json};

use super::Item;

/// The most that one answer of a query reads, in bytes.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html>
pub(super) const MAX_READ: usize = 1 << 20;

/// What one unit of a strongly consistent read reads, in bytes.
const UNIT: usize = 4096;

/// The size of an item, or of an entry of an index: the lengths of the attributes' names and values.
pub(super) fn item_size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + value_size(value)).sum()
}

fn value_size(value: &Value) -> usize {
    let (kind, value) = value.as_object().and_then(|value| value.iter().next()).expect("an attribute has a type");
    match (kind.as_str(), value) {
        ("S", Value::String(text)) => text.len(),
        ("N", Value::String(digits)) => number_size(digits),
        ("BOOL" | "NULL", _) => 1,
        // Three bytes, and one for each element or pair.
        ("L", Value::Array(list)) => 3 + list.iter().map(|element| 1 + value_size(element)).sum::<usize>(),
        ("M", Value::Object(map)) => {
            3 + map.iter().map(|(name, value)| 1 + name.len() + value_size(value)).sum::<usize>()
        }
        other => panic!("the computed table does not know the size of {other:?} yet: add it in {}", file!()),
    }
}

/// One byte for two significant digits, and one more. Zeros at the end do not count.
fn number_size(digits: &str) -> usize {
    assert!(digits.bytes().all(|digit| digit.is_ascii_digit()), "add {digits} to {}", file!());
    digits.trim_end_matches('0').len().div_ceil(2) + 1
}

/// The units of a read of so many bytes. A read of nothing costs as much as one of a byte.
pub(super) fn read_units(bytes: usize, consistent: bool) -> f64 {
    let units = u32::try_from(bytes.div_ceil(UNIT).max(1)).unwrap();
    f64::from(units) * if consistent { 1.0 } else { 0.5 }
}

/// `ConsumedCapacity` of a response, if the request asks for it.
pub(super) fn consumed(asked: Option<&str>, table: &str, units: f64) -> Option<Value> {
    match asked {
        None | Some("NONE") => None,
        Some("TOTAL") => Some(json!({ "TableName": table, "CapacityUnits": units })),
        Some(other) => {
            panic!("the computed table does not serve ReturnConsumedCapacity={other} yet: add it in {}", file!())
        }
    }
}
