//! What only maintenance asks of a table: a scan, a read at one moment, and writes over items exactly as they were found.
//!
//! The function that serves HTTP has no permission for `Scan`, `DeleteItem` or `ConditionCheckItem`.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{ConditionCheck, Delete, Put, TransactWriteItem};
use tokio::time::sleep;

use super::{ABSENT, Item, Outcome, StoreError, Table, Writes};
use crate::limits::{MAX_BACKOFF, MAX_SNAPSHOT_ATTEMPTS};
use crate::model::CallContext;

/// What becomes of one item of a transaction that starts from items as they were found.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum ItemChange {
    /// Nothing: the item must only be as it was found.
    Keep,
    Put(Item),
    Delete,
}

impl Table {
    /// Some items after a key, in the order of a scan, and the key after which the next are. Strongly consistent, item
    /// by item.
    pub(crate) async fn scan(&self, after: Option<Item>, limit: i32) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let scan = self.client.scan().table_name(&self.name).consistent_read(true);
        let answer = Box::pin(scan.set_exclusive_start_key(after).limit(limit).send()).await?;
        Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key))
    }

    /// The items at these keys, at most 100, in their order and at one moment. While one of them is part of a transaction
    /// in flight the read is repeated with pauses: a busy mentor's items are seldom at rest.
    pub(crate) async fn get_at_once(&self, keys: &[Item]) -> Result<Vec<Option<Item>>, StoreError> {
        let mut attempt = 1;
        loop {
            match self.transact_get(keys).await {
                Err(StoreError::Contended(_)) if attempt < MAX_SNAPSHOT_ATTEMPTS => sleep(MAX_BACKOFF).await,
                read => return read,
            }
            attempt += 1;
        }
    }

    /// Sends a transaction until it is decided. Reads of callers may be in its way.
    pub(crate) async fn decide(&self, writes: Writes, cx: &CallContext) -> Result<Outcome, StoreError> {
        let mut transaction = self.transaction(writes, cx);
        let mut attempt = 1;
        loop {
            match transaction.send().await {
                Err(StoreError::Contended(_)) if attempt < MAX_SNAPSHOT_ATTEMPTS => sleep(MAX_BACKOFF).await,
                outcome => return outcome,
            }
            attempt += 1;
        }
    }
}

impl Writes {
    /// One write of a transaction: the change of an item, on the condition that the item is exactly as it was found.
    ///
    /// The condition compares every attribute that was found, known to this release or not. It need not exclude further
    /// ones: whatever adds an attribute to an item of this service changes another one, too.
    pub(crate) fn change(mut self, key: Item, found: Option<&Item>, change: ItemChange) -> Self {
        let (expression, names, values) = as_found(&key, found);
        let write = TransactWriteItem::builder();
        let write = match change {
            ItemChange::Keep => {
                let check = ConditionCheck::builder().table_name(&self.table).set_key(Some(key));
                let check = check.condition_expression(expression).set_expression_attribute_names(names);
                write.condition_check(check.set_expression_attribute_values(values).build().expect("a complete check"))
            }
            ItemChange::Put(item) => {
                let put = Put::builder().table_name(&self.table).set_item(Some(item));
                let put = put.condition_expression(expression).set_expression_attribute_names(names);
                write.put(put.set_expression_attribute_values(values).build().expect("a complete put"))
            }
            ItemChange::Delete => {
                let delete = Delete::builder().table_name(&self.table).set_key(Some(key));
                let delete = delete.condition_expression(expression).set_expression_attribute_names(names);
                write.delete(delete.set_expression_attribute_values(values).build().expect("a complete delete"))
            }
        };
        self.items.push(write.build());
        self
    }
}

/// The condition that an item is as it was found: its expression, names and values.
fn as_found(key: &Item, found: Option<&Item>) -> (String, Option<HashMap<String, String>>, Option<Item>) {
    let Some(found) = found else { return (ABSENT.to_owned(), None, None) };
    let mut attributes: Vec<_> = found.iter().filter(|(name, _)| !key.contains_key(*name)).collect();
    attributes.sort_by_key(|(name, _)| *name);
    let numbered = || attributes.iter().enumerate();
    let parts: Vec<_> = numbered().map(|(nth, _)| format!("#a{nth} = :a{nth}")).collect();
    let names = numbered().map(|(nth, (name, _))| (format!("#a{nth}"), (*name).clone())).collect();
    let values = numbered().map(|(nth, (_, value))| (format!(":a{nth}"), (*value).clone())).collect();
    (parts.join(" AND "), Some(names), Some(values))
}
