//! `template.yaml`, read: the table that it deploys is the table that the local server and the tests create.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{DisplayErrorContext, SdkError};
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, Projection, TableStatus,
};
use serde::Deserialize;
use yaml_serde::Value;

const TEMPLATE: &str = include_str!("../../../template.yaml");

/// The whole template. Its CloudFormation tags (`!Ref`, `!Sub`) are kept as tagged values.
pub fn template() -> Value {
    yaml_serde::from_str(TEMPLATE).expect("template.yaml is YAML")
}

/// The table's definition, as CloudFormation and CreateTable both have it.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase")]
pub struct TableDefinition {
    pub attribute_definitions: Vec<Attribute>,
    pub key_schema: Vec<KeyElement>,
    pub global_secondary_indexes: Vec<Index>,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase")]
pub struct Attribute {
    pub attribute_name: String,
    pub attribute_type: String,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase")]
pub struct KeyElement {
    pub attribute_name: String,
    pub key_type: String,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase")]
pub struct Index {
    pub index_name: String,
    pub key_schema: Vec<KeyElement>,
    pub projection: IndexProjection,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase")]
pub struct IndexProjection {
    pub projection_type: String,
}

/// The table of the template.
pub fn table_definition() -> TableDefinition {
    let properties = template()["Resources"]["Table"]["Properties"].clone();
    yaml_serde::from_value(properties).expect("template.yaml defines the table")
}

/// Creates the table if it is absent, and waits until it is active.
///
/// # Errors
/// With a message for the user.
pub async fn create_table(client: &Client, name: &str) -> Result<(), String> {
    let table = table_definition();
    let attributes = table.attribute_definitions.iter().map(|attribute| {
        let built = AttributeDefinition::builder()
            .attribute_name(&attribute.attribute_name)
            .attribute_type(attribute.attribute_type.as_str().into());
        built.build().expect("a complete attribute")
    });
    let indexes = table.global_secondary_indexes.iter().map(|index| {
        let projection = Projection::builder().projection_type(index.projection.projection_type.as_str().into());
        let built = GlobalSecondaryIndex::builder().index_name(&index.index_name).projection(projection.build());
        built.set_key_schema(Some(keys(&index.key_schema))).build().expect("a complete index")
    });
    let created = client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(attributes.collect()))
        .set_key_schema(Some(keys(&table.key_schema)))
        .set_global_secondary_indexes(Some(indexes.collect()))
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

fn keys(schema: &[KeyElement]) -> Vec<KeySchemaElement> {
    let built = schema.iter().map(|key| {
        let built =
            KeySchemaElement::builder().attribute_name(&key.attribute_name).key_type(key.key_type.as_str().into());
        built.build().expect("a complete key")
    });
    built.collect()
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
