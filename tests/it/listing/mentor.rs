//! The list of one mentor's codes: strongly consistent, in agreement with POST, and whole however many there are.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use dev::{BASE, Call, Fault, TestService};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{ids, walk};

fn id(code: &Value) -> String {
    code["id"].as_str().unwrap().to_owned()
}

/// Creates a code and rotates it until the mentor has so many codes; newest first, as the list has them.
async fn codes_of_one_mentor(service: &TestService, count: usize) -> Vec<String> {
    let mut code = service.create("m", "o").await;
    let mut all = vec![id(&code)];
    while all.len() < count {
        service.clock.advance(Duration::from_secs(1));
        code = service.rotate(&code).await;
        all.push(id(&code));
    }
    all.reverse();
    all
}

async fn list(service: &TestService, query: &str) -> Value {
    service.list(&format!("?mentor_id=m{query}")).await
}

#[tokio::test]
async fn mentor_list_has_every_code_of_many_in_order_by_page_and_by_cursor() {
    let service = TestService::builder().in_process().build().await;
    let all = codes_of_one_mentor(&service, 150).await;
    for page in [1, 2, 7, 8, 9] {
        service.faults.take();
        let answer = list(&service, &format!("&page={page}")).await;
        let expected: Vec<_> = all.iter().skip((page - 1) * 20).take(20).cloned().collect();
        assert_eq!(ids(&answer), expected, "page {page}");
        assert_eq!(answer["pagination"], json!({ "page": page, "limit": 20, "total": 150 }));
        let requests: Vec<_> = service.faults.take().into_iter().map(|request| request.operation).collect();
        assert!(requests == ["Query", "BatchGetItem"] || (page == 9 && requests == ["Query"]), "{requests:?}");
    }
    let answer = list(&service, "&sort=created_at&page=2&limit=100").await;
    assert_eq!(ids(&answer), all.iter().rev().skip(100).cloned().collect::<Vec<_>>());
    assert_eq!(walk(&service, "mentor_id=m&limit=90").await, all);

    service.faults.take();
    let answer = list(&service, "&status=rotated&page=8").await;
    assert_eq!((ids(&answer).as_slice(), &answer["pagination"]["total"]), (&all[141..], &json!(149)));
    assert_eq!(service.faults.take().len(), 3, "one query, then two batches at once");
}

/// What POST answers with, `status=active` shows, with the same read: the slot. It does so whatever the record says,
/// which an index, or a change in flight, can show in another state.
#[tokio::test]
async fn mentor_list_of_active_codes_is_what_post_answers_with() {
    let service = TestService::new().await;
    let active = async || ids(&list(&service, "&status=active").await);
    assert!(active().await.is_empty());
    let create = Call::create("m", "o").with("expires_at", "2026-01-10T10:00:00Z");
    let first = service.send(create).await.expect(201);
    // Codes of one millisecond are listed in the order of their random bits.
    service.clock.advance(Duration::from_secs(1));
    let second = service.rotate(&first).await;

    for query in ["&status=active", "&status=active&org_id=o", "&status=active&cursor="] {
        service.faults.take();
        let answer = list(&service, query).await;
        let posted = service.send(Call::create("m", "o")).await.expect(200);
        assert_eq!((&answer["data"], &posted), (&json!([posted]), &second), "{query}");
        let reads: Vec<_> = service.faults.take().into_iter().map(|request| request.request["Key"].clone()).collect();
        assert!(reads.len() == 2 && reads[0] == reads[1], "the same item, and no other: {reads:?}");
    }
    assert!(ids(&list(&service, "&status=active&org_id=other").await).is_empty());
    let past = list(&service, "&status=active&page=2").await;
    assert_eq!((ids(&past), &past["pagination"]["total"]), (vec![], &json!(1)));

    service.clock.set("2026-01-10T10:00:00Z");
    assert!(active().await.is_empty());
    assert_eq!(ids(&list(&service, "&status=expired").await), [id(&second)]);
    let third = service.create("m", "o").await;
    service.invalidate(&third).await;
    assert!(active().await.is_empty());
    assert_eq!(ids(&list(&service, "").await), [&third, &second, &first].map(id));
}

/// Every read of it asks for strong consistency, so it shows a change as soon as that was answered.
#[tokio::test]
async fn mentor_list_reads_nothing_that_may_lag() {
    let service = TestService::new().await;
    codes_of_one_mentor(&service, 40).await;
    service.faults.take();
    for query in ["", "&status=rotated", "&status=active", "&org_id=o", "&cursor=", "&page=3"] {
        list(&service, query).await;
    }
    for request in service.faults.take() {
        let batch = request.request["RequestItems"][&service.table]["ConsistentRead"].clone();
        let single = request.request["ConsistentRead"].clone();
        assert!(single == true || batch == true, "{request:?}");
        assert!(request.request["IndexName"].is_null(), "{request:?}");
    }
}

/// DynamoDB may leave out items of a batch. They are asked for again, and the list is whole.
#[tokio::test]
async fn mentor_list_asks_again_for_unprocessed_keys() {
    let service = TestService::builder().in_process().build().await;
    tokio::time::pause();
    let all = codes_of_one_mentor(&service, 5).await;
    service.faults.take();
    list(&service, "").await;
    let keys = service.faults.take()[1].request["RequestItems"].clone();
    let unprocessed = json!({ "Responses": {}, "UnprocessedKeys": keys }).to_string();
    let unprocessed = Fault::Garbled(200, unprocessed.leak());
    service.faults.fail_next("BatchGetItem", [unprocessed; 2]);
    assert_eq!(ids(&list(&service, "").await), all);

    let asked = Arc::new(Mutex::new(Vec::new()));
    let times = asked.clone();
    service.faults.plan(move |request| {
        (request.operation == "BatchGetItem").then(|| {
            times.lock().unwrap().push(Instant::now());
            unprocessed
        })
    });
    service.send(Call::get(&format!("{BASE}?mentor_id=m"))).await.expect_problem(503, "unavailable");
    let asked = asked.lock().unwrap();
    assert!(asked.windows(2).all(|two| two[0] < two[1]), "there is a pause between two attempts: {asked:?}");
    assert_eq!(asked.last(), Some(&Instant::now()), "and none after the last one, by the paused clock");
}

/// A full slot puts its page before the transaction, of a rotation and of a create after an end. If that transaction fails, or its
/// answer is lost, no code is missing and none is there twice.
#[tokio::test]
async fn mentor_list_is_whole_when_the_change_that_fills_a_page_fails() {
    let service = TestService::builder().in_process().build().await;
    tokio::time::pause();
    // The slot holds one code and fourteen earlier ones: the next change moves those to a page.
    let mut all = codes_of_one_mentor(&service, 15).await;
    let mut newest = json!({ "id": all[0], "mentor_id": "m" });
    service.faults.plan(|request| (request.operation == "TransactWriteItems").then_some(Fault::RequestLost));
    service.send(Call::rotate(&newest)).await.expect_problem(503, "unavailable");
    assert_eq!(ids(&list(&service, "").await), all, "the page is there, and the slot does not count it");
    for nth in 0..30 {
        service.clock.advance(Duration::from_secs(1));
        service.faults.fail_next("TransactWriteItems", [Fault::ResponseLost]);
        newest = match nth % 3 {
            0 => service.rotate(&newest).await,
            1 => {
                service.invalidate(&newest).await;
                let until = service.clock.text_in(Duration::from_secs(1));
                service.send(Call::create("m", "o").with("expires_at", until)).await.expect(201)
            }
            _ => service.create("m", "o").await,
        };
        all.insert(0, id(&newest));
    }
    assert_eq!(ids(&list(&service, "&limit=100").await), all);
    dev::audit(&service).await.unwrap();
}
