//! Lists of one mentor's codes.

use std::time::Duration;

use dev::{BASE, Call, TestService};

use super::{Cost, Row, cost};

/// A table in which the mentor has so many codes.
async fn table_of_mentor(count: usize) -> TestService {
    let ids: Vec<_> = (1..=count).map(|nth| format!("{nth:04x}")).collect();
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    let service = TestService::builder().in_process().ids(&ids).build().await;
    let mut code = service.create("usr_4491", "org_002").await;
    for _ in 1..count {
        // Each code in a second of its own, so that they are listed in this order.
        service.clock.advance(Duration::from_secs(1));
        code = service.rotate(&code).await;
    }
    service
}

async fn list(service: &TestService, query: &str) -> Cost {
    cost(service, Call::get(&format!("{BASE}?mentor_id=usr_4491{query}"))).await.1
}

pub async fn rows() -> Vec<Row> {
    let (few, many) = (table_of_mentor(20).await, table_of_mentor(1_000).await);
    vec![
        Row::new(
            "`GET /?mentor_id=&status=active`",
            [list(&few, "&status=active").await, list(&many, "&status=active").await],
        ),
        Row::new("`GET /?mentor_id=`, of 20 codes", [list(&few, "").await]),
        Row::new(
            "`GET /?mentor_id=`, of 1,000 codes: first, middle or last page",
            [list(&many, "").await, list(&many, "&page=25").await, list(&many, "&page=50").await],
        ),
        Row::new("`GET /?mentor_id=&status=rotated`, of 20 codes", [list(&few, "&status=rotated").await]),
        Row::new("`GET /?mentor_id=&status=rotated`, of 1,000 codes", [list(&many, "&status=rotated").await]),
        Row::new("`GET /?mentor_id=&cursor=`, of 1,000 codes", [list(&many, "&cursor=").await]),
    ]
}
