//! A sound table, audited while calls run: a change in flight is no finding.

use std::cell::Cell;
use std::iter;
use std::time::Duration;

use dev::{Fault, TestService, audit, seeds, simulated};
use referral_codes::model::Sources;
use referral_codes::store::{Finding, Repair};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::table::{dump, findings, repair_all, restored};
use crate::linearizability::clients::Callers;

const CALLERS: usize = 3;
const REQUESTS: usize = 12;

async fn change_again_and_again(callers: Callers, mut rng: fastrand::Rng) {
    for _ in 0..REQUESTS {
        sleep(Duration::from_millis(rng.u64(0..=10))).await;
        callers.send(callers.next_change(&mut rng)).await;
    }
}

#[test]
fn audit_of_a_busy_sound_table_finds_nothing() {
    let mut confirmed = 0;
    for seed in seeds(6) {
        simulated(seed, async {
            let service = TestService::builder().in_process().scarce_ids(seed).build().await;
            service.faults.random_latency(seed);
            let mut rng = fastrand::Rng::with_seed(seed);
            let limit = if seed % 2 == 0 { 5 } else { 1_000 };
            let are_done = Cell::new(false);
            let audits = async {
                while !are_done.get() {
                    assert_eq!(findings(&service, limit).await.unwrap(), []);
                }
            };
            let calls = async {
                let mentors = ["m", "n"].map(|mentor| Callers::new(&service, mentor));
                let callers = mentors.iter().flat_map(|mentor| iter::repeat_n(mentor.clone(), CALLERS));
                callers
                    .map(|callers| change_again_and_again(callers, rng.fork()))
                    .collect::<JoinSet<_>>()
                    .join_all()
                    .await;
                are_done.set(true);
            };
            tokio::join!(audits, calls);
            let requests = service.faults.take();
            confirmed += requests.iter().filter(|request| request.operation == "TransactGetItems").count();
            let before = dump(&service).await;
            assert_eq!(repair_all(&service, limit).await.unwrap(), []);
            assert_eq!(dump(&service).await, before);
            audit(&service).await.unwrap();
        });
    }
    assert!(confirmed >= 5, "{confirmed} suspicions: the calls did not change what the audit looked at");
}

/// The audit reads the slot with thirteen earlier codes. Before it reads the pages, one rotation makes them fourteen, and the
/// next one moves them to a page.
#[test]
fn page_that_is_put_while_an_audit_reads_is_no_finding() {
    simulated(1, async {
        let service = TestService::builder().in_process().build().await;
        let mut code = service.create("m", "o").await;
        for _ in 0..27 {
            service.clock.advance(Duration::from_secs(1));
            code = service.rotate(&code).await;
        }
        let mut items = dump(&service).await;
        // What makes the audit read at one moment: it is found, and nothing else.
        items.remove(&(format!("code#{}", code["code"].as_str().unwrap()), "claim".to_owned()));
        let service = restored(&items, &[]).await;
        service.clock.set("2026-01-11T09:00:00Z");
        let calls = service.other_process().await;
        let (read, mut is_read) = tokio::sync::mpsc::unbounded_channel();
        let mut is_at_once = false;
        service.faults.plan(move |request| {
            is_at_once |= request.operation == "TransactGetItems";
            let is_held_back = is_at_once && request.operation == "BatchGetItem" && read.send(()).is_ok();
            // The SDK sends it again after a time-out.
            is_held_back.then_some(Fault::NoResponse)
        });
        let rotations = async {
            is_read.recv().await.expect("the audit reads a page that the slot counts");
            drop(is_read);
            for _ in 0..2 {
                calls.clock.advance(Duration::from_secs(1));
                code = calls.rotate(&code).await;
            }
        };
        let (found, ()) = tokio::join!(findings(&service, 1_000), rotations);
        let found: Vec<_> = found.unwrap().iter().map(ToString::to_string).collect();
        assert!(dump(&service).await.contains_key(&("mentor#m".to_owned(), "slot#00002".to_owned())));
        assert!(found.len() == 1 && found[0].contains("/claim of m is missing"), "{found:#?}");
    });
}

/// A service over a table with one code, of which this kind of item is missing.
async fn damaged(kind: &str) -> TestService {
    let service = TestService::builder().in_process().build().await;
    service.create("m", "org").await;
    let mut items = dump(&service).await;
    items.retain(|(_, sk), _| sk != kind);
    restored(&items, &[]).await
}

async fn repair(service: &TestService, finding: &Finding) -> Repair {
    let sources = Sources::new(service.clock.reader(), || 0);
    service.store.auditor().repair(finding, &sources.call_context()).await.unwrap()
}

/// DynamoDB refuses a transactional read while one of its items is part of a transaction in flight, however often.
#[test]
fn audit_and_repair_outlast_conflicts() {
    simulated(1, async {
        let service = damaged("slot").await;
        service.faults.fail_next("TransactGetItems", [Fault::Cancelled("TransactionConflict"); 15]);
        let found = findings(&service, 1_000).await.unwrap();
        assert_eq!(found.len(), 1, "{found:?}");
        service.faults.fail_next("TransactGetItems", [Fault::Cancelled("TransactionConflict"); 15]);
        assert_eq!(repair(&service, &found[0]).await, Repair::Done);
        audit(&service).await.unwrap();
    });
}

/// Every attempt at the transaction is carried out, and DynamoDB answers that it was not.
#[test]
fn repair_recognises_its_own_earlier_attempt() {
    const CONFLICT: &str = r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","CancellationReasons":[{"Code":"TransactionConflict"}]}"#;
    const MISMATCH: &str = r#"{"__type":"com.amazonaws.dynamodb.v20120810#IdempotentParameterMismatchException"}"#;
    // The SDK makes six attempts with one token, but none after a mismatch.
    let answers = [(CONFLICT, 7), (MISMATCH, 1)];
    for ((answer, times), missing) in answers.into_iter().flat_map(|answer| [(answer, "claim"), (answer, "slot")]) {
        simulated(1, async {
            let service = damaged(missing).await;
            let found = findings(&service, 1_000).await.unwrap();
            service.faults.fail_next("TransactWriteItems", vec![Fault::GarbledAfter(400, answer); times]);
            assert_eq!(repair(&service, &found[0]).await, Repair::Done, "{answer}");
            assert!(service.faults.take().iter().any(|request| request.fault.is_some()));
            audit(&service).await.unwrap();
        });
    }
}
