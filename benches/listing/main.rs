//! What a page of the listing costs at growing sizes, compared with the usual way in the same run.
//!
//! `cargo bench --bench listing` fills the embedded engine with 1 thousand, 10 thousand and 100 thousand codes; further
//! sizes follow `--`: `cargo bench --bench listing -- 1000000 10000000`. It prints a table and writes
//! `docs/listing.svg`.
//!
//! Requests, capacity units and bytes are counted, and are the same in each run. Times depend on this machine.

#![allow(
    missing_docs,
    clippy::cast_precision_loss,
    clippy::large_futures,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for a terminal"
)]

mod naive;
mod plot;

use std::time::{Duration, Instant};

use dev::{BASE, Call, CodeFixture, Consumed, TestService};
use indicatif::{ProgressBar, ProgressStyle};

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];
const LIMIT: usize = 20;
/// Codes written between two steps of the progress bar.
const BATCH: usize = 5_000;

/// One page, read one way.
pub struct Row {
    pub size: usize,
    pub page: &'static str,
    pub way: &'static str,
    pub took: Consumed,
    pub time: Duration,
}

#[tokio::main]
async fn main() {
    let asked = std::env::args().skip(1).filter_map(|argument| argument.replace('_', "").parse().ok());
    let sizes: Vec<usize> = SIZES.into_iter().chain(asked).collect();
    let mut rows = Vec::new();
    println!(
        "{:>10}  {:<7} {:<11} {:>11} {:>9} {:>11} {:>9}",
        "codes", "page", "way", "requests", "units", "bytes", "ms"
    );
    for size in sizes {
        let service = filled(size).await;
        let last = size.div_ceil(LIMIT);
        for (page, number) in [("first", 1), ("middle", last / 2), ("last", last)] {
            rows.push(by_page_index(&service, size, page, number).await);
            rows.push(naive::page(&service, size, page, number).await);
            rows[rows.len() - 2..].iter().for_each(print);
        }
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/listing.svg");
    plot::draw(&rows, file).unwrap();
    println!("\nThe plot is in docs/listing.svg.");
}

async fn by_page_index(service: &TestService, size: usize, page: &'static str, number: usize) -> Row {
    let path = format!("{BASE}?page={number}&limit={LIMIT}");
    service.meter.take();
    let started = Instant::now();
    let answer = service.send(Call::get(&path)).await.expect(200);
    let time = started.elapsed();
    assert_eq!(answer["pagination"]["total"], size);
    Row { size, page, way: "page index", took: service.meter.take(), time }
}

/// A service with so many codes whose page index is up to date.
async fn filled(size: usize) -> TestService {
    let service = TestService::new().await;
    let bar = ProgressBar::new(size as u64)
        .with_style(ProgressStyle::with_template("{msg} {bar:40} {pos}/{len} {eta}").unwrap().progress_chars("=> "));
    bar.set_message("filling");
    // The first code is the one that the service creates and that the others copy.
    service.fill(&[]).await;
    let mut codes = 1;
    while codes < size {
        let some = BATCH.min(size - codes);
        service.clock.advance(Duration::from_secs(60));
        let series =
            CodeFixture::series(some, service.clock.now(), Duration::from_millis(10), &["org_1", "org_2", "org_3"]);
        service.fill(&series).await;
        codes += some;
        bar.set_position(codes as u64);
    }
    service.clock.advance(Duration::from_secs(600));
    bar.set_message("indexing");
    while service.send(Call::get(BASE)).await.status != 200 {
        bar.tick();
    }
    bar.finish_and_clear();
    service
}

fn print(row: &Row) {
    println!(
        "{:>10}  {:<7} {:<11} {:>11} {:>9.1} {:>11} {:>9.1}",
        row.size,
        row.page,
        row.way,
        row.took.requests,
        row.took.units(),
        row.took.bytes,
        row.time.as_secs_f64() * 1e3
    );
}
