//! Filters, alone and combined, compared with a filter over all codes in memory.

use std::time::Duration;

use dev::{BASE, Call, CodeFixture, TestService};
use serde_json::{Value, json};

use super::walk;

/// Creates codes of every status, of three organisations and seven mentors. Returns them newest first.
async fn codes_of_every_status(service: &TestService) -> Vec<Value> {
    for nth in 0..24 {
        service.clock.advance(Duration::from_secs(1));
        let create = Call::create(&format!("m{}", nth % 7), ["a", "b", "c"][nth % 7 % 3]);
        let create = if nth % 5 == 0 { create.with("expires_at", "2026-01-10T09:00:30Z") } else { create };
        let code = service.send(create).await.json();
        match nth % 3 {
            0 => drop(service.send(Call::rotate(&code)).await),
            1 => drop(service.send(Call::invalidate(&code)).await),
            _ => {}
        }
    }
    service.clock.advance(Duration::from_secs(60));
    service.list("?limit=100").await["data"].as_array().unwrap().clone()
}

#[tokio::test]
async fn filter_combinations_list_and_count_what_matches() {
    let service = TestService::new().await;
    let all = codes_of_every_status(&service).await;
    for status in ["active", "rotated", "invalidated", "expired"] {
        assert!(all.iter().any(|code| code["status"] == status), "there is no {status} code");
    }
    let sample = &all[all.len() / 2];
    let options = |name: &str, values: &[&str]| {
        let mut options = vec![None];
        options.extend(values.iter().map(|value| Some((name.to_owned(), (*value).to_owned()))));
        options
    };
    for org in options("org_id", &["a", "b", "none"]) {
        for mentor in options("mentor_id", &["m1", "m3", "none"]) {
            for status in options("status", &["active", "rotated", "invalidated", "expired"]) {
                for code in options("code", &[sample["code"].as_str().unwrap(), "JAN-VERV-0000"]) {
                    let given: Vec<_> = [&org, &mentor, &status, &code].into_iter().flatten().collect();
                    let matches = |code: &&Value| given.iter().all(|(name, value)| code[name] == **value);
                    let mut expected: Vec<_> = all.iter().filter(matches).cloned().collect();
                    let query: Vec<_> = given.iter().map(|(name, value)| format!("&{name}={value}")).collect();
                    let query = query.concat();
                    let answer = service.list(&format!("?limit=100{query}")).await;
                    assert_eq!(answer["data"], json!(expected), "{query}");
                    assert_eq!(answer["pagination"]["total"], expected.len(), "{query}");

                    let second = format!("?limit=2&page=2&sort=created_at{query}");
                    let answer = service.list(&second).await;
                    expected.reverse();
                    let page: Vec<_> = expected.iter().skip(2).take(2).cloned().collect();
                    assert_eq!(answer["data"], json!(page), "{second}");
                    assert_eq!(answer["pagination"]["total"], expected.len(), "{second}");
                }
            }
        }
    }
}

/// A page number over too many codes of a status is refused. The answer says to use a cursor, which works.
#[tokio::test]
async fn status_filter_past_the_limit_needs_a_cursor() {
    let service = TestService::new().await;
    service.fill(&CodeFixture::series(2_000, service.clock.now(), Duration::from_millis(1), &["big"])).await;
    service.list("?status=active&org_id=big").await;
    let refused =
        service.send(Call::get(&format!("{BASE}?status=active"))).await.expect_problem(400, "invalid_parameter");
    assert!(refused["errors"][0]["detail"].as_str().unwrap().contains("cursor"), "{refused}");

    assert_eq!(walk(&service, "status=active&limit=100").await.len(), 2_001);
}
