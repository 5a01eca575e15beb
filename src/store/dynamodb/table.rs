//! The requests to one table, besides transactions. Every read by key is strongly consistent.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use futures_util::future::try_join_all;
use tokio::time::sleep;

use super::StoreError;
use crate::limits::{FIRST_BACKOFF, MAX_ATTEMPTS, MAX_BACKOFF, MAX_BATCH_GET_ITEMS};

/// The attributes of an item, or of a key, as the SDK has them.
pub(in super::super) type Item = HashMap<String, AttributeValue>;

/// A table, and the client that reaches it.
#[derive(Clone, Debug)]
pub(in super::super) struct Table {
    pub(super) client: Client,
    pub(super) name: String,
}

impl Table {
    pub(in super::super) fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    /// The item at a key, if there is one.
    pub(in super::super) async fn get(&self, key: Item) -> Result<Option<Item>, StoreError> {
        let request = self.client.get_item().table_name(&self.name).set_key(Some(key)).consistent_read(true);
        let answer = Box::pin(request.send()).await?;
        Ok(answer.item.filter(|item| !item.is_empty()))
    }

    /// The items at these keys, in no order; a key without an item brings none. Up to [`MAX_BATCH_GET_ITEMS`] keys are
    /// one request. More are several at the same time.
    pub(in super::super) async fn get_all(&self, keys: &[Item]) -> Result<Vec<Item>, StoreError> {
        let batches = try_join_all(keys.chunks(MAX_BATCH_GET_ITEMS).map(|keys| self.get_batch(keys.to_vec()))).await?;
        Ok(batches.into_iter().flatten().collect())
    }

    /// DynamoDB may leave out items, when it is throttled or the answer grows too large, and names their keys. They are
    /// asked for again, after pauses that grow.
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>
    async fn get_batch(&self, mut keys: Vec<Item>) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut pause = FIRST_BACKOFF;
        for attempt in 0..MAX_ATTEMPTS {
            if keys.is_empty() {
                return Ok(items);
            }
            if attempt > 0 {
                sleep(pause).await;
                pause = (pause * 2).min(MAX_BACKOFF);
            }
            let wanted = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
            let wanted = wanted.map_err(|error| StoreError::Fault(error.to_string()))?;
            let answer = Box::pin(self.client.batch_get_item().request_items(&self.name, wanted).send()).await?;
            items.extend(answer.responses.unwrap_or_default().into_values().flatten());
            keys = answer.unprocessed_keys.unwrap_or_default().into_values().flat_map(|left| left.keys).collect();
        }
        if keys.is_empty() {
            return Ok(items);
        }
        Err(StoreError::Unavailable(format!("BatchGetItem left out {} items in {MAX_ATTEMPTS} attempts", keys.len())))
    }

    /// A query of the table or, with `index_name`, of one of its indexes.
    pub(in super::super) fn query(&self) -> QueryFluentBuilder {
        self.client.query().table_name(&self.name)
    }

    /// Puts an item, unless there is one with its key.
    pub(in super::super) async fn put_if_absent(&self, item: Item) -> Result<(), StoreError> {
        let put = self.client.put_item().table_name(&self.name).set_item(Some(item)).condition_expression(ABSENT);
        match Box::pin(put.send()).await {
            Err(error) if error.code() == Some("ConditionalCheckFailedException") => Ok(()),
            Err(error) => Err(error.into()),
            Ok(_) => Ok(()),
        }
    }
}

/// The condition that no item has this key yet.
pub(in super::super) const ABSENT: &str = "attribute_not_exists(pk)";
