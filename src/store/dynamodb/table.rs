//! The requests to one table, besides transactions. Every read by key is strongly consistent.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::transact_get_items::TransactGetItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, Get, KeysAndAttributes, ReturnValuesOnConditionCheckFailure, TransactGetItem,
};
use futures_util::future::try_join_all;
use tokio::time::{sleep, timeout};

use super::StoreError;
use super::transaction::cancelled_error;
use crate::limits::{FIRST_BACKOFF, MAX_ATTEMPTS, MAX_BACKOFF, MAX_BATCH_GET_ITEMS, WARM_UP_TIME_LIMIT};

/// The attributes of an item, or of a key, as the SDK has them.
pub(crate) type Item = HashMap<String, AttributeValue>;

#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(super) client: Client,
    pub(super) name: String,
}

impl Table {
    pub(crate) fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    pub(crate) async fn get(&self, key: Item) -> Result<Option<Item>, StoreError> {
        self.get_item(key, true).await
    }

    /// The item at a key as it is or was a moment ago, for half the price.
    pub(crate) async fn get_eventually(&self, key: Item) -> Result<Option<Item>, StoreError> {
        self.get_item(key, false).await
    }

    /// Opens the connection before the first event, and fills the client's caches, by an eventually consistent read of
    /// `absent_key`: half a read unit. Lambda gives an environment a whole CPU while it starts, and a small function only a
    /// share of one afterwards. A failure is a warning in the log; the first call then connects by itself.
    pub(crate) async fn warm_up(&self, absent_key: Item) {
        let error = match timeout(WARM_UP_TIME_LIMIT, self.get_item(absent_key, false)).await {
            Ok(Ok(_)) => return,
            Ok(Err(error)) => error.to_string(),
            Err(elapsed) => elapsed.to_string(),
        };
        tracing::warn!(error, "could not connect to the table before the first event");
    }

    async fn get_item(&self, key: Item, is_consistent: bool) -> Result<Option<Item>, StoreError> {
        let request = self.client.get_item().table_name(&self.name).set_key(Some(key)).consistent_read(is_consistent);
        let answer = Box::pin(request.send()).await?;
        Ok(answer.item.filter(|item| !item.is_empty()))
    }

    /// The items at these keys, in no order; a key without an item brings none. Up to [`MAX_BATCH_GET_ITEMS`] keys are
    /// one request. More are several at the same time.
    pub(crate) async fn get_all(&self, keys: &[Item]) -> Result<Vec<Item>, StoreError> {
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
            if attempt > 0 {
                sleep(pause).await;
                pause = (pause * 2).min(MAX_BACKOFF);
            }
            let wanted = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
            let wanted = wanted.map_err(|error| StoreError::Fault(error.to_string()))?;
            let answer = Box::pin(self.client.batch_get_item().request_items(&self.name, wanted).send()).await?;
            items.extend(answer.responses.unwrap_or_default().into_values().flatten());
            keys = answer.unprocessed_keys.unwrap_or_default().into_values().flat_map(|left| left.keys).collect();
            if keys.is_empty() {
                return Ok(items);
            }
        }
        Err(StoreError::Unavailable(format!("BatchGetItem left out {} items in {MAX_ATTEMPTS} attempts", keys.len())))
    }

    /// The items at these keys at one moment, in the order of the keys.
    ///
    /// # Errors
    /// [`StoreError::Contended`] while one of them is part of a transaction in flight, or DynamoDB throttles: it may be sent
    /// again.
    pub(crate) async fn transact_get(&self, keys: &[Item]) -> Result<Vec<Option<Item>>, StoreError> {
        let get = |key: &Item| {
            let get = Get::builder().table_name(&self.name).set_key(Some(key.clone())).build();
            TransactGetItem::builder().get(get.expect("a get has a table and a key")).build()
        };
        let request = self.client.transact_get_items().set_transact_items(Some(keys.iter().map(get).collect()));
        match Box::pin(request.send()).await {
            Ok(answer) => {
                let items = answer.responses.unwrap_or_default().into_iter();
                Ok(items.map(|item| item.item.filter(|item| !item.is_empty())).collect())
            }
            Err(error) => match error.as_service_error() {
                Some(TransactGetItemsError::TransactionCanceledException(cancelled)) => {
                    Err(cancelled_error(cancelled.cancellation_reasons()))
                }
                _ => Err(error.into()),
            },
        }
    }

    /// All items of a partition, in the order of their sort keys.
    pub(crate) async fn get_partition(&self, partition: &str) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut from = None;
        loop {
            let query = self.query().consistent_read(true).key_condition_expression("pk = :partition");
            let query = query.expression_attribute_values(":partition", AttributeValue::S(partition.to_owned()));
            let answer = Box::pin(query.set_exclusive_start_key(from).send()).await?;
            items.extend(answer.items.unwrap_or_default());
            from = answer.last_evaluated_key;
            if from.is_none() {
                return Ok(items);
            }
        }
    }

    /// A query of the table or, with `index_name`, of one of its indexes.
    pub(crate) fn query(&self) -> QueryFluentBuilder {
        self.client.query().table_name(&self.name)
    }

    /// Puts an item, unless there is one with its key. Whether it was put.
    pub(crate) async fn put_if_absent(&self, item: Item) -> Result<bool, StoreError> {
        let put = self.client.put_item().table_name(&self.name).set_item(Some(item)).condition_expression(ABSENT);
        match Box::pin(put.send()).await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(false),
                _ => Err(error.into()),
            },
        }
    }

    /// Sets these attributes of an item, which is made if it is absent, and those of `first` where they are missing. All
    /// others stay. In the condition, `#name` stands for an attribute that is set, since a name may be reserved.
    pub(crate) async fn update(
        &self,
        key: Item,
        set: Item,
        first: Item,
        condition: &str,
        values: Item,
    ) -> Result<Update, StoreError> {
        let assign = |name: &String| format!("#{name} = :new_{name}");
        let assign_first = |name: &String| format!("#{name} = if_not_exists(#{name}, :new_{name})");
        let mut assignments: Vec<_> = set.keys().map(assign).chain(first.keys().map(assign_first)).collect();
        assignments.sort_unstable();
        let mut update = self.client.update_item().table_name(&self.name).set_key(Some(key));
        for (name, value) in set.into_iter().chain(first) {
            update = update.expression_attribute_names(format!("#{name}"), &name);
            update = update.expression_attribute_values(format!(":new_{name}"), value);
        }
        for (name, value) in values {
            update = update.expression_attribute_values(name, value);
        }
        let update = update.update_expression(format!("SET {}", assignments.join(", ")));
        let update = update.condition_expression(condition);
        let update = update.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match Box::pin(update.send()).await {
            Ok(_) => Ok(Update::Done),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    Ok(Update::ConditionFailed(failed.item().filter(|item| !item.is_empty()).cloned()))
                }
                _ => Err(error.into()),
            },
        }
    }
}

/// What became of a conditional update.
#[derive(Debug)]
pub(crate) enum Update {
    Done,
    /// The condition did not hold, with the item that is there, if there is one.
    ConditionFailed(Option<Item>),
}

/// The condition that no item has this key yet.
pub(crate) const ABSENT: &str = "attribute_not_exists(pk)";
