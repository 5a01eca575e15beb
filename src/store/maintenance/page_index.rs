//! The items of the page indexes: each can be read. Whether marks count right is the upkeep's to find: it counts them
//! again, and a rebuild counts all of them.

use super::super::dynamodb::Item;
use super::super::key::Key;
use super::super::page_index::{Head, parse_mark};
use super::finding::Finding;

pub(super) fn check_index_item(key: &Key, item: &Item) -> Option<Finding> {
    let unreadable = match key {
        Key::Mark { .. } => parse_mark(item).err(),
        Key::Head(_) => Head::parse(item).err(),
        _ => None,
    };
    unreadable.map(|error| Finding::unreadable(item, &error))
}
