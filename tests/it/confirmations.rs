//! Confirmations: what the first read of a fresh change costs, what it waits for, and what a transaction does that meets
//! another one in flight. `isolation` and `linearizability` show that they are needed.

use std::iter;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use dev::{Call, Fault, TestService, simulated};
use referral_codes::limits::{COMPLETE_AFTER, MAX_SIGNING_AGE, RECOVERY_TIME};
use serde_json::{Value, json};
use tokio::time::Instant;

/// Single reads find no item of a change, as while it is in flight, and snapshots meet these faults.
fn in_flight(process: &TestService, mut faults: impl Iterator<Item = Fault> + Send + 'static) {
    process.faults.plan(move |recorded| match recorded.operation.as_str() {
        "BatchGetItem" => Some(Fault::Garbled(200, r#"{"Responses":{}}"#)),
        "TransactGetItems" => faults.next(),
        _ => None,
    });
}

/// The operations of a call; of a read of several items with their number.
async fn requests(service: &TestService, call: Call) -> (Value, Vec<String>) {
    service.faults.take();
    let reply = service.send(call).await;
    let body = serde_json::from_str(&reply.body).unwrap_or_default();
    let operations = service.faults.take().into_iter().map(|recorded| {
        let batch = recorded.request["RequestItems"].as_object().and_then(|tables| tables.values().next());
        let items = batch.map_or(&recorded.request["TransactItems"], |batch| &batch["Keys"]).as_array().map(Vec::len);
        items.map_or(recorded.operation.clone(), |items| format!("{} of {items}", recorded.operation))
    });
    (body, operations.collect())
}

/// Whichever of its items is read first: the rotated record leads to the successor's items, and so does a claim. What it costs
/// is in the table of `costs`.
#[tokio::test]
async fn confirmation_of_a_fresh_change_is_one_read_of_its_other_items_per_process() {
    let service = TestService::new().await;
    let code = service.create("m", "o").await;
    assert_eq!(requests(&service, Call::read(&code)).await.1, ["GetItem"], "the process that made the change knows it");
    let other = service.other_process().await;
    let expect = async |call: Call, expected: &[&str]| assert_eq!(requests(&other, call).await.1, expected);
    expect(Call::read(&code), &["GetItem", "BatchGetItem of 2"]).await;
    for call in [Call::read(&code), Call::create("m", "o"), Call::url(&code)] {
        expect(call, &["GetItem"]).await;
    }
    let successor = service.rotate(&code).await;
    expect(Call::read(&code), &["GetItem", "BatchGetItem of 3"]).await;
    for call in [Call::read(&successor), Call::create("m", "o")] {
        expect(call, &["GetItem"]).await;
    }
    service.invalidate(&successor).await;
    expect(Call::read(&successor), &["GetItem", "BatchGetItem of 1"]).await;
    // The slot shows the same change as the record; then the organisation is read.
    expect(Call::create("m", "o"), &["GetItem", "GetItem", "TransactWriteItems of 3"]).await;
    let again = service.create("n", "o").await;
    expect(Call::get(&format!("/r/{}", again["code"].as_str().unwrap())), &["GetItem", "BatchGetItem of 2"]).await;
    expect(Call::read(&again), &["GetItem"]).await;
}

/// Single reads confirm a change only where all its items show it. Otherwise it may be in flight, and the items are read at one
/// moment.
#[tokio::test]
async fn confirmation_by_single_reads_needs_every_item() {
    let service = TestService::new().await;
    for hidden in ["claim", "slot"] {
        let code = service.create(hidden, "o").await;
        let key = match hidden {
            "claim" => format!("code#{}", code["code"].as_str().unwrap()),
            _ => format!("mentor#{hidden}"),
        };
        let delete = service.client.delete_item().table_name(&service.table);
        let delete = delete.key("pk", AttributeValue::S(key)).key("sk", AttributeValue::S(hidden.into()));
        delete.send().await.unwrap();
        let other = service.other_process().await;
        let (_, operations) = requests(&other, Call::read(&code)).await;
        assert_eq!(operations, ["GetItem", "BatchGetItem of 2", "TransactGetItems of 3"], "{hidden}");
    }
}

/// A change that is old enough is complete; one from the future is fresh.
#[tokio::test]
async fn confirmation_is_for_changes_of_the_last_45_minutes() {
    let service = TestService::new().await;
    let code = service.create("m", "o").await;
    let old = service.clock.now() + COMPLETE_AFTER;
    for (now, expected) in [
        (old, vec!["GetItem"]),
        (old - Duration::from_secs(1), vec!["GetItem", "BatchGetItem of 2"]),
        (service.clock.now() - Duration::from_secs(7200), vec!["GetItem", "BatchGetItem of 2"]),
    ] {
        let other = service.second_process(move || now).await;
        assert_eq!(requests(&other, Call::read(&code)).await.1, expected);
    }
}

/// An item that came back with a failed condition is a read like any other.
#[test]
fn confirmation_covers_items_of_failed_conditions() {
    simulated(1, async {
        let service = TestService::builder().in_process().build().await;
        let other = service.other_process().await;
        let code = service.create("m", "o").await;
        other.read(&code).await;
        // The other process reads, and before it writes the code is rotated.
        other.faults.latency(Duration::from_millis(10));
        other.faults.take();
        let (deleted, rotated) = tokio::join!(other.send(Call::invalidate(&code)), async {
            tokio::time::sleep(Duration::from_millis(15)).await;
            service.rotate(&code).await
        });
        let problem = deleted.expect_problem(409, "code_not_active");
        assert_eq!((&problem["code_status"], &problem["active_id"]), (&json!("rotated"), &rotated["id"]));
        let operations: Vec<_> = other.faults.take().into_iter().map(|recorded| recorded.operation).collect();
        assert_eq!(operations, ["GetItem", "TransactWriteItems", "BatchGetItem", "GetItem"]);
    });
}

/// While a change stays in flight a call waits for it, and then gives up with the time in which it may be recovered.
#[test]
fn confirmation_waits_for_a_change_in_flight() {
    simulated(1, async {
        let service = TestService::builder().in_process().build().await;
        let code = service.create("m", "o").await;
        for conflicts in [1, 5] {
            let other = service.other_process().await;
            in_flight(&other, iter::repeat_n(Fault::Cancelled("TransactionConflict"), conflicts));
            let (shown, operations) = requests(&other, Call::read(&code)).await;
            assert_eq!((shown, operations.len()), (code.clone(), 3 + conflicts));
        }
        let other = service.other_process().await;
        in_flight(&other, iter::repeat(Fault::Cancelled("TransactionConflict")));
        let started = Instant::now();
        let reply = other.send(Call::read(&code)).await;
        reply.expect_problem(503, "unavailable");
        assert_eq!(reply.headers["retry-after"], "5");
        assert!(started.elapsed() >= RECOVERY_TIME);
    });
}

/// A transaction that stalls is recovered by an attempt after five seconds, within the call. All its attempts have one
/// client request token: DynamoDB takes them for one transaction.
#[test]
fn transaction_that_recovers_after_five_seconds_succeeds_within_the_call() {
    for fault in [
        Fault::Refused(400, "TransactionInProgressException"),
        Fault::Cancelled("TransactionConflict"),
        Fault::Cancelled("ThrottlingError"),
        Fault::Refused(400, "ThrottlingException"),
    ] {
        simulated(1, async {
            let service = TestService::builder().in_process().build().await;
            let started = Instant::now();
            service.faults.plan(move |recorded| {
                let stalled = recorded.operation == "TransactWriteItems" && started.elapsed() < RECOVERY_TIME;
                stalled.then_some(fault)
            });
            service.create("m", "o").await;
            let attempts: Vec<_> = service.faults.take();
            let attempts = attempts.iter().filter(|recorded| recorded.operation == "TransactWriteItems");
            let tokens: Vec<_> = attempts.map(|recorded| recorded.request["ClientRequestToken"].clone()).collect();
            assert!(tokens.len() > 5, "{tokens:?}");
            assert!(tokens[0].is_string() && tokens.iter().all(|token| *token == tokens[0]), "{tokens:?}");
        });
    }
}

/// A process may be suspended in the middle of a call. A transaction that it signed then would carry a time long past, and
/// others would take its change for complete while it is in flight.
#[test]
fn transaction_is_not_signed_long_after_the_time_it_carries() {
    simulated(1, async {
        let service = TestService::builder().in_process().build().await;
        let sent = Arc::new(AtomicUsize::new(0));
        let (clock, counter) = (service.clock.clone(), Arc::clone(&sent));
        service.faults.plan(move |recorded| {
            if recorded.operation == "TransactWriteItems" {
                counter.fetch_add(1, Ordering::Relaxed);
                clock.advance(MAX_SIGNING_AGE + Duration::from_secs(1));
                return Some(Fault::RequestLost);
            }
            None
        });
        service.send(Call::create("m", "o")).await.expect_problem(503, "unavailable");
        assert_eq!(sent.load(Ordering::Relaxed), 1, "no attempt after the suspension");

        service.faults.clear_faults();
        service.create("m", "o").await;
    });
}
