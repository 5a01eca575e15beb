//! What each call costs: counted here, and stated by a table in docs/costs.md.
//!
//! The test makes that table from what it counts and compares the two. So a change of cost fails until the page states
//! it too. To add a row, measure one more call in `codes`, `listings` or `mentors`; the failure prints the table to paste.
//!
//! Every request to the table takes the same time on a paused clock. So the time of a call tells its round trips: requests
//! that were sent together count as one. That takes the engine in process, whichever `TEST_DYNAMODB_ENDPOINT` is set.
//!
//! Capacity units are that engine's figures (`ReturnConsumedCapacity`). It works them out from the sizes of the items, as
//! AWS documents it:
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html>.

mod bill;
mod codes;
pub mod listings;
mod mentors;
mod prices;

use std::time::Duration;

use dev::{Call, Consumed, Reply, TestService};
use serde_json::Value;
use tokio::time::Instant;

/// How long a request to the table and its response take together.
const ROUND_TRIP: Duration = Duration::from_millis(2);

/// What one call takes.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    pub round_trips: f64,
    pub consumed: Consumed,
}

/// One row of the table: calls of one description, and what each of them takes.
pub struct Row {
    call: &'static str,
    costs: Vec<Cost>,
}

impl Row {
    fn new(call: &'static str, costs: impl IntoIterator<Item = Cost>) -> Self {
        Self { call, costs: costs.into_iter().collect() }
    }

    fn cells(&self) -> [String; 4] {
        let round_trips = self.range(|cost| cost.round_trips);
        let read_units = self.range(|cost| cost.consumed.read_units);
        let write_units = self.range(|cost| cost.consumed.write_units);
        [self.call.to_owned(), round_trips, read_units, write_units]
    }

    /// The lowest and the highest figure, or the one that all calls have.
    fn range(&self, figure: impl Fn(&Cost) -> f64) -> String {
        let (low, high) = self
            .costs
            .iter()
            .map(figure)
            .fold((f64::MAX, f64::MIN), |(low, high), figure| (low.min(figure), high.max(figure)));
        if low < high { format!("{low} to {high}") } else { low.to_string() }
    }
}

/// Sends a call that succeeds.
pub async fn cost(service: &TestService, call: Call) -> (Value, Cost) {
    let (reply, cost) = send(service, call).await;
    assert!(reply.status < 300, "{reply:?}");
    (reply.json(), cost)
}

/// Sends a call that is answered with this status.
async fn cost_with(service: &TestService, call: Call, status: u64) -> Cost {
    let (reply, cost) = send(service, call).await;
    assert_eq!(reply.status, status, "{reply:?}");
    cost
}

async fn send(service: &TestService, call: Call) -> (Reply, Cost) {
    service.meter.take();
    service.faults.latency(ROUND_TRIP / 2);
    let started = Instant::now();
    let reply = service.send(call).await;
    let round_trips = started.elapsed().div_duration_f64(ROUND_TRIP);
    service.faults.latency(Duration::ZERO);
    (reply, Cost { round_trips, consumed: service.meter.take() })
}

/// The rows of the page's table.
fn stated() -> Vec<String> {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/costs.md")).unwrap();
    let rows = page.lines().skip_while(|line| !line.starts_with("| call | round trips |")).skip(2);
    rows.take_while(|line| line.starts_with('|')).map(str::to_owned).collect()
}

/// Whether a figure, or the lowest and the highest, is what a cell of the page says, or between them.
fn is_within(counted: &str, stated: &str) -> bool {
    let ends = |cell: &str| {
        let (low, high) = cell.split_once(" to ").unwrap_or((cell, cell));
        [low, high].map(|figure| figure.parse::<f64>().unwrap())
    };
    let ([low, high], [least, most]) = (ends(counted), ends(stated));
    least <= low && high <= most
}

/// Calls for one code, and lists of a thousand codes.
#[tokio::test(start_paused = true)]
async fn costs_are_those_in_the_docs() {
    let mut counted = codes::rows().await;
    counted.extend(listings::rows_of_settled_codes(&[1_040]).await.into_iter().flatten());
    let stated = stated();
    let mut rest = stated.iter();
    for row in counted {
        let cells = row.cells();
        let is_stated = |stated: &&String| stated.starts_with(&format!("| {} | ", cells[0]));
        let stated = rest.find(is_stated).unwrap_or_else(|| panic!("docs/costs.md does not state {cells:?}"));
        let figures = stated.trim_end_matches(" |").rsplit(" | ").take(3).collect::<Vec<_>>();
        let pairs = cells[1..].iter().zip(figures.iter().rev());
        assert!(pairs.into_iter().all(|(counted, stated)| is_within(counted, stated)), "{cells:?}, {stated}");
    }
}

/// The whole table, as its page has it.
#[tokio::test(start_paused = true)]
#[ignore = "long: fills tables of ten thousand codes, and makes them grow"]
async fn long_costs_are_those_in_the_docs_and_no_others() {
    let mut counted = codes::rows().await;
    let [settled, others] = listings::rows_of_settled_codes(&[1_040, 10_040]).await;
    counted.extend(settled);
    counted.extend(listings::rows_while_codes_are_made().await);
    counted.extend(others);
    counted.extend(mentors::rows().await);
    let counted: Vec<_> = counted.iter().map(|row| format!("| {} |", row.cells().join(" | "))).collect();
    assert!(stated() == counted, "docs/costs.md states other costs than these:\n\n{}\n", counted.join("\n"));
}
