//! Pages as the service makes them.

use std::time::Duration;

use dev::{BASE, Call, ComputedCodes, ComputedTable, TestService};
use tokio::time::{Instant, sleep};

use super::{Cost, LIMIT, Place, Row};

/// How long a request to the table and its response take together.
const ROUND_TRIP: Duration = Duration::from_millis(2);

/// How long ago a warm process has listed the codes. A process that has just counted them need not do so again.
const PAUSES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(3), Duration::from_secs(10)];

/// For so many seconds before the first page that counts, a list each second: so the page index is as lists leave it.
const LISTS_BEFORE: usize = 100;

/// The first, the middle and the last page of a listing of all codes, in cold and in warm processes.
pub async fn pages(codes: ComputedCodes) -> Vec<Row> {
    let mut rows = Vec::new();
    for place in Place::ALL {
        let service = TestService::builder().computed(ComputedTable::new(codes).await).build().await;
        service.faults.latency(ROUND_TRIP / 2);
        for _ in 0..LISTS_BEFORE {
            page(&service, codes, Place::First).await;
            pass(&service, Duration::from_secs(1)).await;
        }
        let (mut cold, mut warm) = (Vec::new(), Vec::new());
        for pause in PAUSES {
            pass(&service, pause).await;
            warm.push(page(&service, codes, place).await);
            let process = service.second_process(service.clock.reader()).await;
            process.faults.latency(ROUND_TRIP / 2);
            cold.push(page(&process, codes, place).await);
        }
        rows.push(Row { size: codes.count, per_second: codes.per_second, place, cold, warm });
    }
    rows
}

/// None if the page cannot be numbered yet: 503.
async fn page(service: &TestService, codes: ComputedCodes, place: Place) -> Option<Cost> {
    service.meter.take();
    let started = Instant::now();
    let path = format!("{BASE}?page={}&limit={LIMIT}", place.page(codes.count));
    let reply = service.send(Call::get(&path)).await;
    let round_trips = started.elapsed().div_duration_f64(ROUND_TRIP);
    // The work that the list leaves behind is part of what it costs, and no one waits for it.
    service.finish_index_work().await;
    let consumed = service.meter.take();
    if reply.status == 503 {
        return None;
    }
    let answer = reply.expect(200);
    let total = answer["pagination"]["total"].as_u64().unwrap();
    let skipped = (place.page(codes.count) - 1) * LIMIT;
    let ids: Vec<_> = answer["data"].as_array().unwrap().iter().map(|code| code["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len() as u64, LIMIT.min(total - skipped), "{path} of {total}");
    if codes.per_second == 0 {
        assert_eq!(total, codes.count, "{path}");
        let newest = total - skipped;
        let expected = (0..ids.len() as u64).map(|nth| format!("rc_{:08x}", newest - nth));
        assert!(expected.eq(ids), "{path} of {total}");
    }
    Some(Cost { round_trips, consumed })
}

/// Lets time pass for the service and for its timers.
async fn pass(service: &TestService, time: Duration) {
    service.clock.advance(time);
    sleep(time).await;
}
