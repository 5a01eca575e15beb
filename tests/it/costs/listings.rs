//! Lists of all codes, and of an organisation's.

use std::time::Duration;

use dev::{BASE, Call, CodeFixture, TestService, create_body};

use super::{Row, cost};

/// The last mark is at a multiple of 100. So 40 codes are in the tail, and pages of 20 are full.
const SIZES: [usize; 2] = [1_040, 10_040];

/// A table of so many codes, all of them settled and all page marks made. The second code that the service makes in it
/// updates the page index.
async fn table_of(count: usize) -> TestService {
    let service = TestService::builder().in_process().ids(&["a1", "b0000000000000000000"]).build().await;
    // The code that `fill` copies is one of them.
    let last = service.clock.now();
    service.fill(&CodeFixture::series(count - 1, last, Duration::from_millis(5), &["org_002"])).await;
    service.clock.advance(Duration::from_secs(120));
    for filter in ["", "?org_id=org_002"] {
        while service.send(Call::get(&format!("{BASE}{filter}"))).await.status != 200 {}
    }
    service
}

pub async fn rows() -> Vec<Row> {
    let mut pages = Vec::new();
    let mut cursors = Vec::new();
    let mut filtered_cursors = Vec::new();
    let mut updates_index = Vec::new();
    for count in SIZES {
        let service = table_of(count).await;
        for filter in ["", "&org_id=org_002"] {
            for page in [1, count / 40, count / 20] {
                let (page, consumed) = cost(&service, Call::get(&format!("{BASE}?page={page}{filter}"))).await;
                let total = if filter.is_empty() { count } else { count - 1 };
                assert_eq!(page["pagination"]["total"], total);
                pages.push(consumed);
            }
            let (page, consumed) = cost(&service, Call::get(&format!("{BASE}?cursor={filter}"))).await;
            cursors.push(consumed);
            let next = page["pagination"]["next_cursor"].as_str().unwrap();
            cursors.push(cost(&service, Call::get(&format!("{BASE}?cursor={next}{filter}"))).await.1);
            let none_fits = format!("{BASE}?cursor=&status=expired{filter}");
            filtered_cursors.push(cost(&service, Call::get(&none_fits)).await.1);
        }
        let create = Call::post(BASE, &create_body("usr_1", "org_002"));
        updates_index.push(cost(&service, create).await.1);
    }
    // The cost of a page does not grow with the listing.
    let (small, large) = pages.split_at(pages.len() / 2);
    for (small, large) in small.iter().zip(large) {
        assert!(
            large.consumed.units() <= small.consumed.units() + 1.0
                && large.consumed.bytes <= small.consumed.bytes * 12 / 10,
            "{small:?}, {large:?}"
        );
    }

    let service = table_of(2_000).await;
    let (_, filtered) = cost(&service, Call::get(&format!("{BASE}?status=active"))).await;
    vec![
        Row::new("`POST`, a new code, 1 in 256: also updates the page index", updates_index),
        Row::new("`GET /`, `GET /?org_id=`: first, middle or last page of 1,040 and of 10,040 codes", pages),
        Row::new("`GET /?status=`, of 2,000 codes, the most that are numbered", [filtered]),
        Row::new("`GET /?cursor=`, with or without `org_id`", cursors),
        Row::new("`GET /?cursor=&status=`: examines up to 500 codes", filtered_cursors),
    ]
}
