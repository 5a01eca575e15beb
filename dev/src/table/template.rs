//! `template.yaml`, read: the table that it deploys is the table that the local server and the tests create.

use std::sync::LazyLock;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{DisplayErrorContext, SdkError};
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, Projection, TableStatus,
};
use yaml_serde::Value;

static TEMPLATE: LazyLock<Value> =
    LazyLock::new(|| yaml_serde::from_str(include_str!("../../../template.yaml")).expect("template.yaml is YAML"));

/// The whole template. Its CloudFormation tags (`!Ref`, `!Sub`) are kept as tagged values.
pub fn template() -> &'static Value {
    &TEMPLATE
}

/// Creates the table if it is absent, and waits until it is active.
///
/// # Errors
/// With a message for the user.
pub async fn create_table(client: &Client, name: &str) -> Result<(), String> {
    let table = &template()["Resources"]["Table"]["Properties"];
    let attributes = list(&table["AttributeDefinitions"], |attribute| {
        let built = AttributeDefinition::builder()
            .attribute_name(text(&attribute["AttributeName"]))
            .attribute_type(text(&attribute["AttributeType"]).into());
        built.build().expect("a complete attribute")
    });
    let indexes = list(&table["GlobalSecondaryIndexes"], |index| {
        let projected = Projection::builder().projection_type(text(&index["Projection"]["ProjectionType"]).into());
        let built = GlobalSecondaryIndex::builder().index_name(text(&index["IndexName"])).projection(projected.build());
        built.set_key_schema(Some(keys(index))).build().expect("a complete index")
    });
    let created = client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(attributes))
        .set_key_schema(Some(keys(table)))
        .set_global_secondary_indexes(Some(indexes))
        .send()
        .await;
    match created {
        Ok(_) => wait_until_active(client, name).await,
        Err(SdkError::ServiceError(refused))
            if matches!(refused.err(), CreateTableError::ResourceInUseException(_)) =>
        {
            Ok(())
        }
        Err(error) => Err(format!("cannot create the table {name}: {}", DisplayErrorContext(error))),
    }
}

fn keys(of: &Value) -> Vec<KeySchemaElement> {
    list(&of["KeySchema"], |key| {
        let built = KeySchemaElement::builder().attribute_name(text(&key["AttributeName"]));
        built.key_type(text(&key["KeyType"]).into()).build().expect("a complete key")
    })
}

fn list<T>(values: &Value, each: impl FnMut(&Value) -> T) -> Vec<T> {
    values.as_sequence().expect("a list").iter().map(each).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

async fn wait_until_active(client: &Client, name: &str) -> Result<(), String> {
    for _ in 0..200 {
        let described = client.describe_table().table_name(name).send().await;
        if described.is_ok_and(|output| output.table.and_then(|table| table.table_status) == Some(TableStatus::Active))
        {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(format!("the table {name} does not become active"))
}
