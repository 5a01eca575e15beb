//! Pages as the service makes them.

use std::time::Duration;

use dev::{BASE, Call, ComputedCodes, ComputedTable, TestService};
use tokio::time::{Instant, sleep};

use super::{Cost, LIMIT, Place, Row};

/// How long a request to the table and its response take together.
const ROUND_TRIP: Duration = Duration::from_millis(2);

/// How long before a page the process has listed the codes.
const PAUSE: Duration = Duration::from_secs(1);

/// The first, the middle and the last page of a listing of all codes, in a cold and in a warm process.
pub async fn pages(codes: ComputedCodes) -> Vec<Row> {
    let mut rows = Vec::new();
    for place in Place::ALL {
        let table = ComputedTable::new(codes).await;
        let service = TestService::builder().computed(table).build().await;
        service.faults.latency(ROUND_TRIP / 2);
        let started = service.clock.now();
        // Codes that have been made since the start are listed, too.
        let total = || {
            let seconds = service.clock.now().duration_since(started).unwrap().as_secs();
            codes.count + codes.per_second * seconds
        };
        let cold = page(&service, place, total()).await;
        pass(&service, PAUSE).await;
        page(&service, Place::First, total()).await;
        pass(&service, PAUSE).await;
        let warm = page(&service, place, total()).await;
        rows.push(Row { size: codes.count, per_second: codes.per_second, place, cold, warm });
    }
    rows
}

async fn page(service: &TestService, place: Place, total: u64) -> Option<Cost> {
    service.meter.take();
    let started = Instant::now();
    let number = place.page(total);
    let reply = service.send(Call::get(&format!("{BASE}?page={number}&limit={LIMIT}"))).await;
    let round_trips = started.elapsed().div_duration_f64(ROUND_TRIP);
    if reply.status == 503 {
        return None;
    }
    assert_eq!(reply.json()["pagination"]["total"], total, "page {number}");
    Some(Cost { round_trips, consumed: service.meter.take() })
}

/// Lets time pass for the service and for its timers.
async fn pass(service: &TestService, time: Duration) {
    service.clock.advance(time);
    sleep(time).await;
}
