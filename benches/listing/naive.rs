//! The usual way to a numbered page on DynamoDB: query up to it, and count all codes for the total.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Select};
use dev::{ComputedCodes, ComputedTable, TestService};

use super::{Cost, LIMIT, NaiveRow, Place};

type Position = Option<HashMap<String, AttributeValue>>;

pub async fn pages(codes: ComputedCodes) -> Vec<NaiveRow> {
    let service = TestService::builder().computed(ComputedTable::new(codes).await).build().await;
    let mut rows = Vec::new();
    for place in Place::ALL {
        rows.push(NaiveRow { size: codes.count, place, cost: page(&service, codes.count, place).await });
    }
    rows
}

/// Each request begins where the one before has ended, so all are made one after the other.
async fn page(service: &TestService, size: u64, place: Place) -> Cost {
    let (client, meter) = service.metered_client().await;
    let skipped = (place.page(size) - 1) * LIMIT;
    let (before, position) = count(&client, &service.table, None, skipped).await;
    assert_eq!(before, skipped);
    let answer = query(&client, &service.table, position).limit(LIMIT.try_into().unwrap()).send().await.unwrap();
    let (after, _) = match answer.last_evaluated_key {
        Some(key) => count(&client, &service.table, Some(key), u64::MAX).await,
        None => (0, None),
    };
    assert_eq!(before + answer.items.map_or(0, |items| items.len() as u64) + after, size);
    let consumed = meter.take();
    Cost { round_trips: consumed.requests as f64, consumed }
}

async fn count(client: &Client, table: &str, mut position: Position, most: u64) -> (u64, Position) {
    let mut counted = 0;
    while counted < most {
        let limit = i32::try_from(most - counted).unwrap_or(i32::MAX);
        let answer = query(client, table, position).select(Select::Count).limit(limit).send().await.unwrap();
        counted += u64::try_from(answer.count).unwrap();
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
