//! The size of an item, as DynamoDB counts it.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>

use aws_sdk_dynamodb::types::AttributeValue;

use super::super::dynamodb::Item;

/// The size of an item, or of its entry in an index, in bytes.
pub(crate) fn size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + size_of_value(value)).sum()
}

fn size_of_value(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(digits) => digits.len().div_ceil(2) + 1,
        AttributeValue::L(list) => 3 + list.iter().map(|element| 1 + size_of_value(element)).sum::<usize>(),
        AttributeValue::M(map) => 3 + map.len() + size(map),
        // No item of ours has any other.
        _ => 0,
    }
}
