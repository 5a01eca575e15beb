//! Lists of all codes, and of an organisation's.

use std::time::Duration;

use dev::{BASE, Call, CodeFixture, TestService};

use super::{Cost, Row, cost};

/// The last mark is at a multiple of 100. So 40 codes are in the tail, and pages of 20 are full.
const SIZES: [usize; 2] = [1_040, 10_040];

/// Codes as in the contract, `spacing` apart, the last of them made now.
fn codes(service: &TestService, first: usize, count: usize, spacing: Duration) -> Vec<CodeFixture> {
    let mut codes = CodeFixture::series(count, service.clock.now(), spacing, &["org_002"]);
    for (nth, code) in codes.iter_mut().enumerate() {
        code.mentor = format!("usr_{}", first + nth);
        code.known_id = Some(format!("rc_{:08x}", first + nth));
    }
    codes
}

/// A table of so many codes, all of them settled and all page marks made.
async fn table_of(count: usize) -> TestService {
    let service = TestService::builder().in_process().build().await;
    // The code that `fill` copies is one of them.
    service.fill(&codes(&service, 0, count - 1, Duration::from_millis(5))).await;
    service.clock.advance(Duration::from_secs(120));
    service.upkeep().await.unwrap();
    service
}

/// What pages take: the first one, and others; in a process that remembers the listing, and in one that does not.
#[derive(Default)]
struct Pages {
    warm_first: Vec<Cost>,
    warm: Vec<Cost>,
    cold_first: Vec<Cost>,
    cold: Vec<Cost>,
}

impl Pages {
    /// Lists the first, a middle and the last page of a listing of so many codes.
    async fn list(&mut self, service: &TestService, filter: &str, total: usize) {
        for page in [1, total / 40, total / 20] {
            let call = || Call::get(&format!("{BASE}?page={page}{filter}"));
            let process = service.second_process(service.clock.reader()).await;
            let (cold, consumed_cold) = cost(&process, call()).await;
            let (warm, consumed_warm) = cost(&process, call()).await;
            assert_eq!(warm, cold);
            if page == 1 {
                self.cold_first.push(consumed_cold);
                self.warm_first.push(consumed_warm);
            } else {
                self.cold.push(consumed_cold);
                self.warm.push(consumed_warm);
            }
        }
    }
}

/// What pages take while codes are made: a listing of 10,000 codes that has grown by so many a second for over a minute. The
/// upkeep comes every minute, and counts every five seconds while codes are made fast.
async fn while_growing_by(a_second: usize) -> Pages {
    let service = table_of(10_000).await;
    let mut pages = Pages::default();
    let mut total = 10_000;
    let mut busy = false;
    let process = service.second_process(service.clock.reader()).await;
    for second in 0..130 {
        service.clock.advance(Duration::from_secs(1));
        let spacing = Duration::from_secs(1) / u32::try_from(a_second).unwrap();
        service.fill(&codes(&service, total, a_second, spacing)).await;
        total += a_second;
        if second % 60 == 4 {
            service.upkeep().await.unwrap();
        }
        if second % 60 == 4 || (busy && second % 5 == 4) {
            busy = service.count().await.unwrap().busy;
        }
        // A minute, of which each list in the process that remembers the listing is five seconds after the one before.
        if second == 64 {
            process.send(Call::get(BASE)).await.expect(200);
        }
        if second < 65 || second % 5 != 0 {
            continue;
        }
        // A page among the codes that have not settled, if there are so many, and one among those that have.
        let others = [(a_second * 30 / 20).max(11), total / 40];
        pages.warm_first.push(cost(&process, Call::get(BASE)).await.1);
        for page in others {
            pages.warm.push(cost(&process, Call::get(&format!("{BASE}?page={page}"))).await.1);
        }
        for page in [1, others[0], others[1]] {
            let process = service.second_process(service.clock.reader()).await;
            let consumed = cost(&process, Call::get(&format!("{BASE}?page={page}"))).await.1;
            if page == 1 { pages.cold_first.push(consumed) } else { pages.cold.push(consumed) }
        }
    }
    pages
}

pub async fn rows() -> Vec<Row> {
    let mut rest = Pages::default();
    let mut cursors = Vec::new();
    let mut filtered_cursors = Vec::new();
    let mut by_size = Vec::new();
    for count in SIZES {
        let service = table_of(count).await;
        let mut pages = Pages::default();
        for filter in ["", "&org_id=org_002"] {
            let total = if filter.is_empty() { count } else { count - 1 };
            pages.list(&service, filter, total).await;
            let (page, consumed) = cost(&service, Call::get(&format!("{BASE}?cursor={filter}"))).await;
            cursors.push(consumed);
            let next = page["pagination"]["next_cursor"].as_str().unwrap();
            cursors.push(cost(&service, Call::get(&format!("{BASE}?cursor={next}{filter}"))).await.1);
            let none_fits = format!("{BASE}?cursor=&status=expired{filter}");
            filtered_cursors.push(cost(&service, Call::get(&none_fits)).await.1);
        }
        by_size.push(pages.warm.iter().chain(&pages.cold).copied().collect::<Vec<_>>());
        let Pages { warm_first, warm, cold_first, cold } = pages;
        rest.warm_first.extend(warm_first);
        rest.warm.extend(warm);
        rest.cold_first.extend(cold_first);
        rest.cold.extend(cold);
    }
    // The cost of a page does not grow with the listing; a process that knows nothing of it reads up to 64 marks.
    for (small, large) in by_size[0].iter().zip(&by_size[1]) {
        assert!(
            large.consumed.units() <= small.consumed.units() + 1.0
                && large.consumed.bytes <= small.consumed.bytes + 64 * 120,
            "{small:?}, {large:?}"
        );
    }
    let mut rows = vec![
        Row::new("`GET /`, `GET /?org_id=`: first page of 1,040 and of 10,040 codes", rest.warm_first),
        Row::new("… any other page", rest.warm),
        Row::new("… first page, in a process that has not listed within a minute", rest.cold_first),
        Row::new("… any other page, in such a process", rest.cold),
    ];
    for (a_second, first) in [
        (1, "… first page, while 1 code a second is made"),
        (10, "… first page, while 10 codes a second are made"),
        (100, "… first page, while 100 codes a second are made"),
    ] {
        let pages = while_growing_by(a_second).await;
        for cost in pages.warm_first.iter().chain(&pages.warm).chain(&pages.cold_first).chain(&pages.cold) {
            assert!(cost.consumed.read_units < 30.0, "{a_second} codes a second: {cost:?}");
        }
        rows.push(Row::new(first, pages.warm_first));
        rows.push(Row::new("… any other page", pages.warm));
        let cold = pages.cold_first.into_iter().chain(pages.cold);
        rows.push(Row::new("… any page, in a process that has not listed within a minute", cold));
    }

    let service = table_of(2_000).await;
    let (_, filtered) = cost(&service, Call::get(&format!("{BASE}?status=active"))).await;
    rows.extend([
        Row::new("`GET /?status=`, of 2,000 codes, the most that are numbered", [filtered]),
        Row::new("`GET /?cursor=`, with or without `org_id`", cursors),
        Row::new("`GET /?cursor=&status=`: examines up to 500 codes", filtered_cursors),
    ]);
    rows
}
