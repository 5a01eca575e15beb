//! What only maintenance asks of a table: a scan, a transactional read, and writes over items exactly as they were found.
//!
//! The function that serves HTTP has no permission for `Scan`, `DeleteItem` or `ConditionCheckItem`.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::transact_get_items::TransactGetItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, ConditionCheck, Delete, Get, Put, TransactGetItem, TransactWriteItem,
};
use tokio::time::sleep;

use super::{ABSENT, Item, StoreError, Table, retry};
use crate::limits::{MAX_ATTEMPTS, MAX_BACKOFF};

/// What becomes of one item of a transaction that starts from items as they were found.
#[derive(Clone, PartialEq, Debug)]
pub(in super::super) enum Change {
    /// Nothing: the item must only be as it was found.
    Keep,
    /// The item becomes this one.
    Put(Item),
    /// The item is deleted.
    Delete,
}

impl Table {
    /// Some items after a key, in the order of a scan, and the key after which the next are. Strongly consistent, item
    /// by item.
    pub(in super::super) async fn scan(
        &self,
        after: Option<Item>,
        limit: i32,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let scan = self.client.scan().table_name(&self.name).consistent_read(true);
        let answer = Box::pin(scan.set_exclusive_start_key(after).limit(limit).send()).await?;
        Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key))
    }

    /// The items at these keys, at most 100, in their order and at one moment: serializable with every transaction.
    ///
    /// DynamoDB refuses the read while one of the items is part of a transaction in flight. After the SDK's attempts it
    /// is repeated with pauses, since a busy mentor's items are seldom at rest.
    pub(in super::super) async fn get_at_once(&self, keys: &[Item]) -> Result<Vec<Option<Item>>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let gets = keys.iter().map(|key| {
            let get = Get::builder().table_name(&self.name).set_key(Some(key.clone())).build();
            TransactGetItem::builder().get(get.expect("a get has a table and a key")).build()
        });
        let gets: Vec<_> = gets.collect();
        let mut attempt = 1;
        loop {
            let answer = Box::pin(self.client.transact_get_items().set_transact_items(Some(gets.clone())).send()).await;
            match answer {
                Ok(answer) => {
                    let items = answer.responses.unwrap_or_default().into_iter().map(|response| response.item);
                    let items: Vec<_> = items.map(|item| item.filter(|item| !item.is_empty())).collect();
                    if items.len() == keys.len() {
                        return Ok(items);
                    }
                    let (asked, got) = (keys.len(), items.len());
                    return Err(StoreError::Fault(format!("TransactGetItems answers {got} of {asked} items")));
                }
                Err(error) if is_conflict(error.as_service_error()) => {
                    if attempt == MAX_ATTEMPTS {
                        let message = error.message().unwrap_or("no message");
                        return Err(StoreError::Unavailable(format!("the read was cancelled: {message}")));
                    }
                    attempt += 1;
                    sleep(MAX_BACKOFF).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// One write of a transaction: the change of an item, on the condition that the item is exactly as it was found.
    ///
    /// The condition compares every attribute that was found. It need not exclude further ones: whatever adds an attribute
    /// to an item of this service changes another one, too.
    pub(in super::super) fn change(&self, key: Item, found: Option<&Item>, change: Change) -> TransactWriteItem {
        let Condition { expression, names, values } = Condition::as_found(&key, found);
        let built = TransactWriteItem::builder();
        match change {
            Change::Keep => {
                let check = ConditionCheck::builder().table_name(&self.name).set_key(Some(key));
                let check = check.condition_expression(expression).set_expression_attribute_names(names);
                built.condition_check(check.set_expression_attribute_values(values).build().expect("a complete check"))
            }
            Change::Put(item) => {
                let put = Put::builder().table_name(&self.name).set_item(Some(item));
                let put = put.condition_expression(expression).set_expression_attribute_names(names);
                built.put(put.set_expression_attribute_values(values).build().expect("a complete put"))
            }
            Change::Delete => {
                let delete = Delete::builder().table_name(&self.name).set_key(Some(key));
                let delete = delete.condition_expression(expression).set_expression_attribute_names(names);
                built.delete(delete.set_expression_attribute_values(values).build().expect("a complete delete"))
            }
        }
        .build()
    }
}

fn is_conflict(error: Option<&TransactGetItemsError>) -> bool {
    let Some(TransactGetItemsError::TransactionCanceledException(cancelled)) = error else { return false };
    retry::is_retryable_cancellation(cancelled.cancellation_reasons().iter().filter_map(CancellationReason::code))
}

struct Condition {
    expression: String,
    names: Option<HashMap<String, String>>,
    values: Option<Item>,
}

impl Condition {
    fn as_found(key: &Item, found: Option<&Item>) -> Self {
        let Some(found) = found else { return Self { expression: ABSENT.to_owned(), names: None, values: None } };
        let mut attributes: Vec<_> = found.iter().filter(|(name, _)| !key.contains_key(*name)).collect();
        attributes.sort_by_key(|(name, _)| *name);
        let numbered = || attributes.iter().enumerate();
        let parts: Vec<_> = numbered().map(|(nth, _)| format!("#a{nth} = :a{nth}")).collect();
        Self {
            expression: parts.join(" AND "),
            names: Some(numbered().map(|(nth, (name, _))| (format!("#a{nth}"), (*name).clone())).collect()),
            values: Some(numbered().map(|(nth, (_, value))| (format!(":a{nth}"), (*value).clone())).collect()),
        }
    }
}
