//! The usual way to a numbered page on DynamoDB: query up to it, and count all codes for the total.

use std::collections::HashMap;
use std::time::Instant;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Select};
use dev::TestService;

use super::{LIMIT, Row};

type Position = Option<HashMap<String, AttributeValue>>;

pub async fn page(service: &TestService, size: usize, page: &'static str, number: usize) -> Row {
    let (client, meter) = service.metered_client().await;
    let started = Instant::now();
    let (before, position) = count(&client, &service.table, None, (number - 1) * LIMIT).await;
    assert_eq!(before, (number - 1) * LIMIT);
    let answer = query(&client, &service.table, position).limit(LIMIT.try_into().unwrap()).send().await.unwrap();
    let (after, _) = match answer.last_evaluated_key {
        Some(key) => count(&client, &service.table, Some(key), usize::MAX).await,
        None => (0, None),
    };
    assert_eq!(before + answer.items.map_or(0, |items| items.len()) + after, size);
    Row { size, page, way: "naive", took: meter.take(), time: started.elapsed() }
}

async fn count(client: &Client, table: &str, mut position: Position, most: usize) -> (usize, Position) {
    let mut counted = 0;
    while counted < most {
        let limit = i32::try_from(most - counted).unwrap_or(i32::MAX);
        let answer = query(client, table, position).select(Select::Count).limit(limit).send().await.unwrap();
        counted += usize::try_from(answer.count).unwrap();
        position = answer.last_evaluated_key;
        if position.is_none() {
            break;
        }
    }
    (counted, position)
}

fn query(
    client: &Client,
    table: &str,
    from: Position,
) -> aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder {
    let query = client.query().table_name(table).index_name("by-creation").scan_index_forward(false);
    let query = query.key_condition_expression("listing = :all");
    query.expression_attribute_values(":all", AttributeValue::S("all".into())).set_exclusive_start_key(from)
}
