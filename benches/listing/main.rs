//! What a page of the listing costs at growing sizes, at rest and while codes are being made, compared with the usual way
//! in the same run.
//!
//! `cargo bench --bench listing` reads the first, the middle and the last page of 20 of listings of one thousand to a
//! hundred million codes, through the real service, over a table that is computed instead of stored
//! (`dev::ComputedTable`). Other sizes follow `--`: `cargo bench --bench listing -- 5000 1000000000`. Without them it
//! writes its tables into `docs/listing.md` and the plot into `docs/listing.svg`.
//!
//! Nothing is timed on the machine's clock. Requests, read units and bytes are counted. Each request takes the same time
//! on a paused clock, so the time of a call tells its round trips.

#![allow(
    missing_docs,
    clippy::cast_precision_loss,
    clippy::large_futures,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for a terminal"
)]

mod by_page_index;
mod naive;
mod plot;
mod tables;

use dev::{ComputedCodes, Consumed};
use indicatif::ProgressBar;

const SIZES: [u64; 6] = [1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];
/// Codes that are made in a second.
const RATES: [u64; 4] = [0, 1, 10, 100];
/// The most codes that the service is built for, a second. There the ids are as long as the contract allows.
const HIGHEST_RATE: u64 = 500;
/// Codes on a page.
const LIMIT: u64 = 20;
const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/listing.md");
const PLOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/listing.svg");

/// Which page, counted from the newest code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    First,
    Middle,
    Last,
}

impl Place {
    const ALL: [Self; 3] = [Self::First, Self::Middle, Self::Last];

    /// The number of the page in a listing of so many codes.
    fn page(self, total: u64) -> u64 {
        let last = total.div_ceil(LIMIT);
        match self {
            Self::First => 1,
            Self::Middle => last.div_ceil(2),
            Self::Last => last,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Middle => "middle",
            Self::Last => "last",
        }
    }
}

/// What one page took.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// How many requests were made one after the other.
    pub round_trips: f64,
    pub consumed: Consumed,
}

/// A page by the page index. A cost is none if the page was answered with 503.
#[derive(Clone, Debug)]
pub struct Row {
    pub size: u64,
    pub per_second: u64,
    pub place: Place,
    /// In processes that have answered no call before.
    pub cold: Vec<Option<Cost>>,
    /// In a process that has listed the codes some seconds before.
    pub warm: Vec<Option<Cost>>,
}

/// A page without the page index.
#[derive(Clone, Copy, Debug)]
pub struct NaiveRow {
    pub size: u64,
    pub place: Place,
    pub cost: Cost,
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let asked: Vec<u64> = std::env::args().skip(1).filter_map(|word| word.replace('_', "").parse().ok()).collect();
    let sizes = if asked.is_empty() { SIZES.to_vec() } else { asked.clone() };
    let bar = ProgressBar::new(sizes.len() as u64 * (RATES.len() as u64 + 2));
    let (mut rows, mut naive) = (Vec::new(), Vec::new());
    for &size in &sizes {
        for per_second in RATES {
            rows.extend(by_page_index::pages(codes(size, per_second)).await);
            bar.inc(1);
        }
        rows.extend(by_page_index::pages(codes(size, HIGHEST_RATE)).await);
        bar.inc(1);
        naive.extend(naive::pages(codes(size, 0)).await);
        bar.inc(1);
    }
    bar.finish_and_clear();
    let tables = tables::Tables::new(&rows, &naive);
    println!("{tables}");
    if asked.is_empty() {
        tables.write_into(DOCUMENT).unwrap();
        plot::draw(&rows, &naive, PLOT).unwrap();
        println!("docs/listing.md and docs/listing.svg have these figures now.");
    }
}

fn codes(count: u64, per_second: u64) -> ComputedCodes {
    ComputedCodes { count, per_second, orgs: 1_000, longest_ids: per_second == HIGHEST_RATE }
}
