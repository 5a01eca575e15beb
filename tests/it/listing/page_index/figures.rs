//! The figures of docs/listing.md: measured up to a hundred thousand codes, and what follows from them for ten million.
//!
//! `just listing-figures` measures. Each request takes the same time on a paused clock, so the time of a call tells its round
//! trips. Read units are the engine's, which works them out as AWS documents it.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Select};
use dev::{BASE, Call, CodeFixture, Consumed, TestService};
use tokio::time::Instant;

use super::{key, marks};

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];
/// Codes on a page.
const LIMIT: usize = 20;
const ROUND_TRIP: Duration = Duration::from_millis(2);

/// A table of so many codes as in the contract, all of them settled and counted.
async fn table_of(size: usize) -> TestService {
    let service = TestService::builder().in_process().build().await;
    let mut codes = CodeFixture::series(size - 1, service.clock.now(), Duration::from_millis(5), &["org_002"]);
    for (nth, code) in codes.iter_mut().enumerate() {
        code.mentor = format!("usr_{nth:07}");
        code.known_id = Some(format!("rc_{nth:08x}"));
    }
    service.fill(&codes).await;
    service.clock.advance(Duration::from_secs(120));
    service.upkeep().await.unwrap();
    service
}

/// Round trips, what was consumed, the ids, and the total.
async fn list(service: &TestService, page: usize) -> (f64, Consumed, Vec<String>, usize) {
    service.meter.take();
    service.faults.latency(ROUND_TRIP / 2);
    let started = Instant::now();
    let answer = service.send(Call::get(&format!("{BASE}?page={page}"))).await.expect(200);
    let round_trips = started.elapsed().div_duration_f64(ROUND_TRIP);
    let ids = answer["data"].as_array().unwrap().iter().map(|code| code["id"].as_str().unwrap().to_owned()).collect();
    let total = usize::try_from(answer["pagination"]["total"].as_u64().unwrap()).unwrap();
    (round_trips, service.meter.take(), ids, total)
}

type Position = Option<HashMap<String, AttributeValue>>;

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

fn query(
    client: &Client,
    table: &str,
    from: Position,
) -> aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder {
    let query = client.query().table_name(table).index_name("by-creation").scan_index_forward(false);
    let query = query.key_condition_expression("listing = :all");
    query.expression_attribute_values(":all", AttributeValue::S("all".into())).set_exclusive_start_key(from)
}

/// `100000` as `100,000`.
fn grouped(number: f64) -> String {
    let text = format!("{number}");
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), None), |(whole, part)| (whole, Some(part)));
    let digits: Vec<_> = whole.chars().rev().collect();
    let groups: Vec<String> = digits.chunks(3).map(|group| group.iter().collect()).collect();
    let whole: String = groups.join(",").chars().rev().collect();
    fraction.map_or(whole.clone(), |fraction| format!("{whole}.{fraction}"))
}

#[tokio::test(start_paused = true)]
#[ignore = "fills a hundred thousand codes: `just listing-figures`"]
async fn figures_are_those_in_docs_listing() {
    let mut measured = Vec::new();
    for size in SIZES {
        let service = table_of(size).await;
        let last = size.div_ceil(LIMIT);
        for (name, page) in [("first", 1), ("middle", last.div_ceil(2)), ("last", last)] {
            let process = service.second_process(service.clock.reader()).await;
            let (cold_trips, cold, ..) = list(&process, page).await;
            let (warm_trips, warm, _, total) = list(&process, page).await;
            assert_eq!(total, size);
            let naive = naive(&service, page).await;
            #[allow(clippy::cast_precision_loss, reason = "up to 100,000")]
            let [size, requests] = [size as f64, naive.requests as f64].map(grouped);
            measured.push(format!(
                "| {size} | {name} | {warm_trips}, {cold_trips} | {}, {} | {requests} | {} |",
                warm.read_units,
                cold.read_units,
                grouped(naive.read_units)
            ));
        }
    }
    let document = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/listing.md")).unwrap();
    let stated = document.lines().skip_while(|line| !line.starts_with("| codes | page |")).skip(2);
    let stated: Vec<_> = stated.take_while(|line| line.starts_with('|')).collect();
    assert!(stated == measured, "docs/listing.md states other figures than these:\n\n{}\n", measured.join("\n"));
}

/// What a page takes depends on the items that it reads, and these do not change with the number of codes: the marks are
/// numbered with as many digits, and a head has a few more. Here the newest 10,000 of ten million codes are there, with their
/// marks, and pages among them take what they take in a listing of 10,000.
#[tokio::test(start_paused = true)]
async fn pages_of_ten_million_codes_take_what_pages_of_ten_thousand_do() {
    const BEFORE: u64 = 9_990_000;
    let service = table_of(10_000).await;
    let pages = [1, 100, 250, 499];
    let mut small = Vec::new();
    for page in pages {
        let process = service.second_process(service.clock.reader()).await;
        small.push([list(&process, page).await, list(&process, page).await]);
    }
    let all = marks(&service, "all").await;
    assert_eq!(all.len(), 100);
    let string = |text: String| AttributeValue::S(text);
    for (position, ulid) in &all {
        let mut item = key("marks#all", &format!("{:020}", position + BEFORE));
        item.extend([("ulid".into(), string(ulid.clone())), ("format".into(), AttributeValue::N("1".into()))]);
        service.client.put_item().table_name(&service.table).set_item(Some(item)).send().await.unwrap();
        let delete = service.client.delete_item().table_name(&service.table);
        delete.set_key(Some(key("marks#all", &format!("{position:020}")))).send().await.unwrap();
    }
    let update = service.client.update_item().table_name(&service.table).set_key(Some(key("head#all", "head")));
    let update =
        update.update_expression("SET #position = :position").expression_attribute_names("#position", "position");
    update.expression_attribute_values(":position", AttributeValue::N("10000000".into())).send().await.unwrap();
    for (page, small) in pages.into_iter().zip(small) {
        let process = service.second_process(service.clock.reader()).await;
        for (small, large) in small.into_iter().zip([list(&process, page).await, list(&process, page).await]) {
            assert_eq!((large.0, &large.2, large.3), (small.0, &small.2, small.3 + 9_990_000), "page {page}");
            // A process that knows nothing reads the marks of as many codes as a list may count: up to 64.
            assert!(large.1.read_units <= small.1.read_units + 0.5, "{large:?}, {small:?}");
        }
    }
    // A mark takes a write unit and 100 bytes besides its own; ten million codes have 100,000.
    let mark = super::item(&service, "marks#all", &format!("{:020}", BEFORE + 100)).await.unwrap();
    let bytes: usize = mark.iter().map(|(name, value)| name.len() + value.as_s().map_or(2, String::len)).sum();
    let megabytes = (bytes + 100) * 10_000_000 / 100 / 1_000_000;
    assert_eq!((bytes, megabytes), (71, 17), "docs/listing.md says so");
}
