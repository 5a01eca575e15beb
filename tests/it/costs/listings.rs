//! Lists of all codes, and of an organisation's.

use std::time::Duration;

use dev::{BASE, Call, CodeFixture, TestService};
use serde_json::Value;

use super::{Cost, Row, cost};

/// Codes as in the contract, `spacing` apart, the last of them made now. The numbers of their mentors have so many digits at
/// least.
fn codes(service: &TestService, first: usize, count: usize, spacing: Duration, digits: usize) -> Vec<CodeFixture> {
    let mut codes = CodeFixture::series(count, service.clock.now(), spacing, &["org_002"]);
    for (nth, code) in codes.iter_mut().enumerate() {
        code.mentor = format!("usr_{:0digits$}", first + nth);
        code.known_id = Some(format!("rc_{:08x}", first + nth));
    }
    codes
}

/// A table of so many codes, all of them settled and all page marks made.
pub async fn table_of(count: usize, digits: usize) -> TestService {
    let service = TestService::builder().in_process().build().await;
    // The code that `fill` copies is one of them.
    service.fill(&codes(&service, 0, count - 1, Duration::from_millis(5), digits)).await;
    service.clock.advance(Duration::from_secs(120));
    service.upkeep().await.unwrap();
    service
}

/// What pages take: the first one, and others.
#[derive(Default)]
struct Pages {
    first: Vec<Cost>,
    others: Vec<Cost>,
}

impl Pages {
    async fn list(&mut self, process: &TestService, page: usize, filter: &str) -> Value {
        let (answer, cost) = cost(process, Call::get(&format!("{BASE}?page={page}{filter}"))).await;
        let costs = if page == 1 { &mut self.first } else { &mut self.others };
        costs.push(cost);
        answer
    }
}

/// A listing of codes that have settled, which then grows by so many a second. The upkeep comes every minute, and counts every
/// five seconds while codes are made fast.
struct Growing {
    service: TestService,
    total: usize,
    a_second: usize,
    second: usize,
    busy: bool,
}

impl Growing {
    async fn new(total: usize, a_second: usize) -> Self {
        Self { service: table_of(total, 1).await, total, a_second, second: 0, busy: false }
    }

    async fn grow(&mut self) {
        let Self { service, total, a_second, .. } = self;
        service.clock.advance(Duration::from_secs(1));
        let spacing = Duration::from_secs(1) / u32::try_from(*a_second).unwrap();
        service.fill(&codes(service, *total, *a_second, spacing, 1)).await;
        *total += *a_second;
        let is_upkeep = self.second % 60 == 4;
        if is_upkeep {
            service.upkeep().await.unwrap();
        }
        if is_upkeep || (self.busy && self.second % 5 == 4) {
            self.busy = service.count().await.unwrap().busy;
        }
        self.second += 1;
    }
}

/// What pages take while codes are made. First the pages of a process that remembers the listing, and then those of processes
/// that do not.
async fn while_growing_by(a_second: usize) -> [Pages; 2] {
    let mut growing = Growing::new(10_000, a_second).await;
    let (mut warm, mut cold) = (Pages::default(), Pages::default());
    let process = growing.service.other_process().await;
    while growing.second < 130 {
        growing.grow().await;
        let second = growing.second - 1;
        // A minute, of which each list in the process that remembers the listing is five seconds after the one before.
        if second == 64 {
            process.list("").await;
        }
        if second < 65 || second % 5 != 0 {
            continue;
        }
        // A page among the codes that have not settled, if there are so many, and one among those that have.
        let others = [(a_second * 30 / 20).max(11), growing.total / 40];
        for page in [1, others[0], others[1]] {
            warm.list(&process, page, "").await;
            cold.list(&growing.service.other_process().await, page, "").await;
        }
    }
    [warm, cold]
}

/// Numbered pages of tables of so many codes, and other lists. The last mark is at a multiple of 100, so of 1,040 codes 40 are in
/// the tail, and pages of 20 are full.
pub async fn rows_of_settled_codes(sizes: &[usize]) -> [Vec<Row>; 2] {
    let (mut warm, mut cold) = (Pages::default(), Pages::default());
    let (mut cursors, mut filtered_cursors) = (Vec::new(), Vec::new());
    for count in sizes.iter().copied() {
        let service = table_of(count, 1).await;
        for filter in ["", "&org_id=org_002"] {
            let total = if filter.is_empty() { count } else { count - 1 };
            for page in [1, total / 40, total / 20] {
                let process = service.other_process().await;
                let shown = cold.list(&process, page, filter).await;
                assert_eq!(warm.list(&process, page, filter).await, shown);
            }
            let (page, consumed) = cost(&service, Call::get(&format!("{BASE}?cursor={filter}"))).await;
            cursors.push(consumed);
            let next = page["pagination"]["next_cursor"].as_str().unwrap();
            cursors.push(cost(&service, Call::get(&format!("{BASE}?cursor={next}{filter}"))).await.1);
            let none_fits = format!("{BASE}?cursor=&status=expired{filter}");
            filtered_cursors.push(cost(&service, Call::get(&none_fits)).await.1);
        }
    }
    // The cost of a page does not grow with the listing; a process that knows nothing of it reads up to 64 marks.
    for Pages { others, .. } in [&warm, &cold] {
        let (small, large) = others.split_at(others.len() / 2);
        for (small, large) in small.iter().zip(large) {
            let (small, large) = (small.consumed, large.consumed);
            let is_no_more = large.units() <= small.units() + 1.0 && large.bytes <= small.bytes + 64 * 120;
            assert!(is_no_more, "{small:?}, {large:?}");
        }
    }
    let numbered = vec![
        Row::new("`GET /`, `GET /?org_id=`: first page of 1,040 and of 10,040 codes", warm.first),
        Row::new("… any other page", warm.others),
        Row::new("… first page, in a process that has not listed within a minute", cold.first),
        Row::new("… any other page, in such a process", cold.others),
    ];
    let service = table_of(2_000, 1).await;
    let (_, filtered) = cost(&service, Call::get(&format!("{BASE}?status=active"))).await;
    let others = vec![
        Row::new("`GET /?status=`, of 2,000 codes, the most that are numbered", [filtered]),
        Row::new("`GET /?cursor=`, with or without `org_id`", cursors),
        Row::new("`GET /?cursor=&status=`: examines up to 500 codes", filtered_cursors),
    ];
    [numbered, others]
}

pub async fn rows_while_codes_are_made() -> Vec<Row> {
    let mut rows = Vec::new();
    for (a_second, first) in [
        (1, "… first page, while 1 code a second is made"),
        (10, "… first page, while 10 codes a second are made"),
        (100, "… first page, while 100 codes a second are made"),
    ] {
        let [warm, cold] = while_growing_by(a_second).await;
        rows.push(Row::new(first, warm.first));
        rows.push(Row::new("… any other page", warm.others));
        let cold = cold.first.into_iter().chain(cold.others);
        rows.push(Row::new("… any page, in a process that has not listed within a minute", cold));
    }
    rows
}
