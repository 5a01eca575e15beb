//! The figures of docs/listing.md: measured up to a hundred thousand codes, and what follows from them for ten million.
//!
//! `just listing-figures` measures. Each request takes the same time on a paused clock, so the time of a call tells its round
//! trips. Read units are the engine's, which works them out as AWS documents it.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Select};
use dev::{BASE, Call, Consumed, TestService};
use indicatif::HumanFloatCount;
use serde_json::Value;

use super::{item, key, mark_key, marks};
use crate::costs::listings::table_of;
use crate::costs::{Cost, cost};

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];
/// Codes on a page.
const LIMIT: usize = 20;

async fn list(service: &TestService, page: usize) -> (Value, Cost) {
    cost(service, Call::get(&format!("{BASE}?page={page}"))).await
}

type Position = Option<super::Item>;

/// The usual way to a numbered page on DynamoDB: query up to it, and count all codes for the total.
async fn naive(service: &TestService, page: usize) -> Consumed {
    let (client, meter) = service.metered_client().await;
    let skipped = (page - 1) * LIMIT;
    let (_, position) = count(&client, &service.table, None, skipped).await;
    let answer = query(&client, &service.table, position).limit(20).send().await.unwrap();
    if let Some(key) = answer.last_evaluated_key {
        count(&client, &service.table, Some(key), usize::MAX).await;
    }
    meter.take()
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

fn query(client: &Client, table: &str, from: Position) -> QueryFluentBuilder {
    let query = client.query().table_name(table).index_name("by-creation").scan_index_forward(false);
    let query = query.key_condition_expression("listing = :all");
    query.expression_attribute_values(":all", AttributeValue::S("all".into())).set_exclusive_start_key(from)
}

#[tokio::test(start_paused = true)]
#[ignore = "fills a hundred thousand codes: `just listing-figures`"]
async fn figures_are_those_in_docs_listing() {
    let mut measured = Vec::new();
    for size in SIZES {
        let service = table_of(size, 7).await;
        let last = size.div_ceil(LIMIT);
        for (name, page) in [("first", 1), ("middle", last.div_ceil(2)), ("last", last)] {
            let process = service.other_process().await;
            let (_, cold) = list(&process, page).await;
            let (answer, warm) = list(&process, page).await;
            assert_eq!(answer["pagination"]["total"], size);
            let naive = naive(&service, page).await;
            #[allow(clippy::cast_precision_loss, reason = "up to 100,000")]
            let [size, requests] = [size as f64, naive.requests as f64].map(HumanFloatCount);
            measured.push(format!(
                "| {size} | {name} | {}, {} | {}, {} | {requests} | {} |",
                warm.round_trips,
                cold.round_trips,
                warm.consumed.read_units,
                cold.consumed.read_units,
                HumanFloatCount(naive.read_units)
            ));
        }
    }
    let document = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/listing.md")).unwrap();
    let stated = document.lines().skip_while(|line| !line.starts_with("| codes | page |")).skip(2);
    let stated: Vec<_> = stated.take_while(|line| line.starts_with('|')).collect();
    assert!(stated == measured, "docs/listing.md states other figures than these:\n\n{}\n", measured.join("\n"));
}

/// What a page takes depends on the items that it reads, and these do not change with the number of codes: the marks are
/// numbered with as many digits, and a head has a few more. Here the newest 2,000 of ten million codes are there, with their
/// marks, and pages among them take what they take in a listing of 2,000.
#[tokio::test(start_paused = true)]
async fn pages_of_ten_million_codes_take_what_pages_of_thousands_do() {
    const BEFORE: u64 = 9_998_000;
    let service = table_of(2_000, 7).await;
    let pages = [1, 20, 50, 99];
    let mut small = Vec::new();
    for page in pages {
        let process = service.other_process().await;
        small.push([list(&process, page).await, list(&process, page).await]);
    }
    let all = marks(&service, "all").await;
    assert_eq!(all.len(), 20);
    for (position, _) in &all {
        let mut moved = item(&service, mark_key(*position)).await.unwrap();
        moved.extend(mark_key(position + BEFORE));
        service.client.put_item().table_name(&service.table).set_item(Some(moved)).send().await.unwrap();
        let delete = service.client.delete_item().table_name(&service.table);
        delete.set_key(Some(mark_key(*position))).send().await.unwrap();
    }
    let update = service.client.update_item().table_name(&service.table).set_key(Some(key("head#all", "head")));
    let update =
        update.update_expression("SET #position = :position").expression_attribute_names("#position", "position");
    update.expression_attribute_values(":position", AttributeValue::N("10000000".into())).send().await.unwrap();
    for (page, small) in pages.into_iter().zip(small) {
        let process = service.other_process().await;
        for (small, large) in small.into_iter().zip([list(&process, page).await, list(&process, page).await]) {
            let ((small, small_cost), (large, large_cost)) = (small, large);
            assert_eq!(
                (&large["data"], large_cost.round_trips),
                (&small["data"], small_cost.round_trips),
                "page {page}"
            );
            let [small, large] = [small, large].map(|answer| answer["pagination"]["total"].as_u64().unwrap());
            assert_eq!(large, small + BEFORE, "page {page}");
            // A process that knows nothing reads the marks of as many codes as a list may count: up to 64.
            let [small, large] = [small_cost, large_cost].map(|cost| cost.consumed.read_units);
            assert!(large <= small + 0.5, "page {page}: {large}, {small}");
        }
    }
    // A mark takes a write unit and 100 bytes besides its own; ten million codes have 100,000.
    let mark = item(&service, mark_key(BEFORE + 100)).await.unwrap();
    let bytes: usize = mark.iter().map(|(name, value)| name.len() + value.as_s().map_or(2, String::len)).sum();
    let megabytes = (bytes + 100) * 10_000_000 / 100 / 1_000_000;
    assert_eq!((bytes, megabytes), (71, 17), "docs/listing.md says so");
}
