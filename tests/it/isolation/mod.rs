//! The isolation layer (`dev::IsolatedEngine`) does what DynamoDB documents: one test for each property, with requests of
//! the SDK. The layer is what the histories with torn transactions rest on, so it must be trusted first.

mod conflicts;
mod indexes;
mod late_requests;
mod metering;
mod stalls;
mod tokens;
mod torn_reads;

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::{TransactWriteItemsError, TransactWriteItemsOutput};
use aws_sdk_dynamodb::types::{
    AttributeValue, Get, KeysAndAttributes, Put, ReturnValuesOnConditionCheckFailure as OnFailure, TransactGetItem,
    TransactWriteItem,
};
use dev::{IsolatedEngine, TestService};
use tokio::time::{Instant, sleep};

type Item = HashMap<String, AttributeValue>;

/// How long a transaction of these tests may be in flight.
const MAX_IN_FLIGHT: Duration = Duration::from_millis(120);

/// A table with isolation, and a client that sends each request once.
#[derive(Clone)]
struct Table {
    client: Client,
    name: String,
    engine: IsolatedEngine,
}

impl Table {
    async fn new(seed: u64) -> Self {
        let service = TestService::builder().isolation(seed, MAX_IN_FLIGHT).build().await;
        let config = service.isolated_client().await.config().to_builder();
        let config = config.retry_config(RetryConfig::disabled()).timeout_config(TimeoutConfig::disabled());
        let client = Client::from_conf(config.build());
        Self { client, name: service.table.clone(), engine: service.isolation().clone() }
    }

    /// A write of the items `names` with this value, if their values are at most `most`. All are of one partition.
    fn writes(&self, names: &[&str], value: u32, most: Option<u32>) -> Vec<TransactWriteItem> {
        let write = |name: &&str| {
            let mut put = Put::builder().table_name(&self.name).set_item(Some(item(name, value)));
            if let Some(most) = most {
                put = put
                    .condition_expression("attribute_not_exists(pk) OR v <= :most")
                    .expression_attribute_values(":most", number(most))
                    .return_values_on_condition_check_failure(OnFailure::AllOld);
            }
            TransactWriteItem::builder().put(put.build().unwrap()).build()
        };
        names.iter().map(write).collect()
    }

    async fn transact(
        &self,
        token: &str,
        writes: Vec<TransactWriteItem>,
    ) -> Result<TransactWriteItemsOutput, SdkError<TransactWriteItemsError>> {
        self.client.transact_write_items().client_request_token(token).set_transact_items(Some(writes)).send().await
    }

    /// Sends a transaction in the background, and waits until it has arrived.
    async fn start(&self, token: &str, writes: Vec<TransactWriteItem>) -> tokio::task::JoinHandle<Result<(), String>> {
        let (table, token) = (self.clone(), token.to_owned());
        let sent = tokio::spawn(async move { table.transact(&token, writes).await.map(drop).map_err(code) });
        tokio::task::yield_now().await;
        sent
    }

    async fn get(&self, name: &str) -> Option<u32> {
        let request = self.client.get_item().table_name(&self.name).set_key(Some(key(name))).consistent_read(true);
        request.send().await.unwrap().item.as_ref().map(value)
    }

    /// The values of the items with one `BatchGetItem`, in the order of the names.
    async fn batch_get(&self, names: &[&str]) -> Vec<Option<u32>> {
        let keys = names.iter().map(|name| key(name)).collect();
        let wanted = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build().unwrap();
        let answer = self.client.batch_get_item().request_items(&self.name, wanted).send().await.unwrap();
        let items = answer.responses.unwrap().remove(&self.name).unwrap_or_default();
        values(&items, names)
    }

    /// As [`Self::batch_get`], with one `Query`.
    async fn query(&self, names: &[&str]) -> Vec<Option<u32>> {
        let query =
            self.client.query().table_name(&self.name).consistent_read(true).key_condition_expression("pk = :p");
        let answer = query.expression_attribute_values(":p", string("p")).send().await.unwrap();
        values(answer.items(), names)
    }

    /// As [`Self::batch_get`], with one `TransactGetItems`; or the reasons of its cancellation.
    async fn transact_get(&self, names: &[&str]) -> Result<Vec<Option<u32>>, Vec<String>> {
        let get = |name: &&str| {
            let get = Get::builder().table_name(&self.name).set_key(Some(key(name))).build().unwrap();
            TransactGetItem::builder().get(get).build()
        };
        let request = self.client.transact_get_items().set_transact_items(Some(names.iter().map(get).collect()));
        match request.send().await {
            Ok(answer) => Ok(answer.responses().iter().map(|found| found.item().map(value)).collect()),
            Err(error) => {
                use aws_sdk_dynamodb::operation::transact_get_items::TransactGetItemsError as Error;
                let Error::TransactionCanceledException(cancelled) = error.into_service_error() else { panic!() };
                Err(cancelled.cancellation_reasons().iter().map(|reason| reason.code().unwrap().to_owned()).collect())
            }
        }
    }
}

fn key(name: &str) -> Item {
    Item::from([("pk".into(), string("p")), ("sk".into(), string(name))])
}

fn item(name: &str, value: u32) -> Item {
    let mut item = key(name);
    item.insert("v".into(), number(value));
    // For the index by creation.
    item.extend([("listing".into(), string("all")), ("ulid".into(), string(name))]);
    item
}

fn string(text: &str) -> AttributeValue {
    AttributeValue::S(text.into())
}

fn number(value: u32) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn value(item: &Item) -> u32 {
    item["v"].as_n().unwrap().parse().unwrap()
}

fn values(items: &[Item], names: &[&str]) -> Vec<Option<u32>> {
    let find = |name: &&str| items.iter().find(|item| item["sk"] == string(name)).map(value);
    names.iter().map(find).collect()
}

/// The code of an error.
#[allow(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn code<E: ProvideErrorMetadata + std::error::Error + 'static>(error: SdkError<E>) -> String {
    error.code().unwrap_or("none").to_owned()
}

/// The codes of a cancellation's reasons.
fn reasons(error: SdkError<TransactWriteItemsError>) -> Vec<String> {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error.into_service_error() else {
        panic!("a cancellation");
    };
    cancelled.cancellation_reasons().iter().map(|reason| reason.code().unwrap().to_owned()).collect()
}

/// Reads every millisecond until nothing is in flight; gives back what was read, without repetitions.
async fn observe<T: PartialEq>(table: &Table, read: impl AsyncFn() -> T) -> Vec<T> {
    let started = Instant::now();
    let mut seen = vec![read().await];
    while table.engine.items_in_flight() > 0 {
        assert!(started.elapsed() < MAX_IN_FLIGHT * 2);
        sleep(Duration::from_millis(1)).await;
        let read = read().await;
        if seen.last() != Some(&read) {
            seen.push(read);
        }
    }
    seen
}
