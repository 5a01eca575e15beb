//! `GET /`: lists every code, newest first.

use std::time::Duration;

use dev::{BASE, Call, Kind, TestService};
use serde_json::{Value, json};

async fn create(service: &TestService, count: usize) -> Vec<Value> {
    let mut made = Vec::new();
    for nth in 0..count {
        service.clock.advance(Duration::from_millis(10));
        made.push(service.create(&format!("usr_{nth}"), "o").await);
    }
    made.reverse();
    made
}

#[tokio::test]
async fn list_of_an_empty_table_has_an_empty_first_page() {
    let service = TestService::new().await;
    assert_eq!(service.send(Call::get(BASE)).await.body, r#"{"data":[],"pagination":{"page":1,"limit":20,"total":0}}"#);
}

#[tokio::test]
async fn list_pages_are_newest_first_and_have_the_whole_total() {
    let service = TestService::new().await;
    let made = create(&service, 23).await;
    for limit in [1_usize, 4, 7, 20, 22, 23, 24, 100] {
        let mut seen = Vec::new();
        for page in 1..=23_usize.div_ceil(limit) + 2 {
            let answer = service.list(&format!("?page={page}&limit={limit}")).await;
            assert_eq!(answer["pagination"], json!({ "page": page, "limit": limit, "total": 23 }));
            let data = answer["data"].as_array().unwrap();
            assert_eq!(data.len(), limit.min(23_usize.saturating_sub((page - 1) * limit)), "page {page} of {limit}");
            seen.extend(data.iter().cloned());
        }
        assert_eq!(seen, made, "limit {limit}");
    }
}

#[tokio::test]
async fn list_keeps_ended_codes_with_their_status() {
    let service = TestService::new().await;
    let first = service.create("m", "o").await;
    service.clock.advance(Duration::from_secs(1));
    let second = service.rotate(&first).await;
    service.invalidate(&second).await;
    let as_read = [service.read(&second).await, service.read(&first).await];
    assert_eq!(service.list("").await["data"], json!(as_read));
    assert_eq!(as_read.map(|code| code["status"].clone()), ["invalidated", "rotated"]);
}

#[tokio::test]
async fn list_reads_the_query_of_every_kind_of_event() {
    let service = TestService::new().await;
    let made = create(&service, 5).await;
    for kind in Kind::ALL {
        let answer = service.send(Call::get(&format!("{BASE}?page=2&limit=2&other=%20x")).kind(kind)).await.expect(200);
        assert_eq!(answer["data"], json!(made[2..4]), "{kind:?}");
    }
}

#[tokio::test]
async fn list_parameters_are_checked_at_their_limits() {
    let service = TestService::new().await;
    for query in ["page=1", "limit=1", "limit=100", "page=1000000000&limit=100", "page=007", "unknown=x"] {
        service.list(&format!("?{query}")).await;
    }
    for (query, wrong) in [
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=", "page"),
        ("page=1.5", "page"),
        ("page=%2B1", "page"),
        ("page=1000000001", "page"),
        ("page=18446744073709551616", "page"),
        ("page=1&page=2", "page"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=ten", "limit"),
    ] {
        let problem =
            service.send(Call::get(&format!("{BASE}?{query}"))).await.expect_problem(400, "invalid_parameter");
        assert_eq!(problem["errors"][0]["parameter"], wrong, "{query}");
        assert_eq!(problem["errors"].as_array().unwrap().len(), 1, "{query}");
    }
    let both =
        service.send(Call::get(&format!("{BASE}?page=0&limit=0"))).await.expect_problem(400, "invalid_parameter");
    assert_eq!(both["errors"].as_array().unwrap().len(), 2);
}
