//! How long a call may take, how often it may try, and how seldom it may fail, with every kind of fault.
//!
//! The clock is paused, so that a deadline of eight seconds takes no time.

use std::time::Duration;

use dev::{BASE, Call, Fault, TestService, audit, simulated};
use referral_codes::limits::{CALL_DEADLINE, RECOVERY_TIME};
use tokio::time::{Instant, sleep};

/// One call of every kind, each with the operation of the request that decides it.
async fn every_call(service: &TestService) -> Vec<(Call, &'static str)> {
    let [a, b, c] = [service.create("a", "o").await, service.create("b", "o").await, service.create("c", "o").await];
    vec![
        (Call::create("a", "o"), "GetItem"),
        (Call::read(&a), "GetItem"),
        (Call::url(&a), "GetItem"),
        (Call::get(BASE), "Query"),
        (Call::create("new", "o"), "TransactWriteItems"),
        (Call::rotate(&b), "TransactWriteItems"),
        (Call::invalidate(&c), "TransactWriteItems"),
    ]
}

/// Whether a transaction that meets this fault is sent again until the call's time is nearly over.
fn is_contention(fault: Fault) -> bool {
    let codes = ["TransactionInProgressException", "ThrottlingException", "ProvisionedThroughputExceededException"];
    matches!(fault, Fault::Cancelled(_)) || matches!(fault, Fault::Refused(_, code) if codes.contains(&code))
}

/// If each attempt meets the same fault, the answer is a 503 with `Retry-After`, within the deadline. The SDK has sent the
/// request at most six times; a transaction that meets another one in flight is repeated for longer, also after the time
/// in which a stalled transaction is recovered.
#[test]
fn call_returns_503_after_few_attempts_if_every_attempt_fails() {
    let without_code = Fault::Garbled(400, r#"{"message":"no"}"#);
    for fault in Fault::all_with_mismatches().chain([without_code]) {
        simulated(1, async {
            let service = TestService::builder().in_process().build().await;
            for (call, decisive) in every_call(&service).await {
                if decisive != "TransactWriteItems" && fault.is_of_transactions() {
                    continue;
                }
                service.faults.plan(move |recorded| (recorded.operation == decisive).then_some(fault));
                service.faults.take();
                let started = Instant::now();
                let reply = service.send(call.clone()).await;
                reply.expect_problem(503, "unavailable");
                assert!(started.elapsed() <= CALL_DEADLINE + Duration::from_millis(10), "{:?}", started.elapsed());
                let attempts = service.faults.take().len();
                if decisive == "TransactWriteItems" && is_contention(fault) {
                    assert_eq!(reply.headers["retry-after"], "5");
                    assert!(started.elapsed() >= RECOVERY_TIME, "{:?}", started.elapsed());
                    assert!((8..=80).contains(&attempts), "{attempts} attempts: {call:?}");
                } else {
                    assert_eq!(reply.headers["retry-after"], "1");
                    assert!((5..=7).contains(&attempts), "{attempts} attempts: {call:?}");
                }
            }
            service.faults.clear_faults();
            // Requests that are delivered late arrive before the audit.
            sleep(Duration::from_secs(20 * 60)).await;
            audit(&service).await.unwrap();
        });
    }
}

/// Lambda ends an invocation at its event's deadline, and the client gets the gateway's own error. An emulated Lambda may send
/// a deadline that is past, which says nothing.
#[test]
fn stalled_table_is_answered_before_the_deadline_of_the_event() {
    simulated(1, async {
        let service = TestService::builder().in_process().build().await;
        for (call, decisive) in every_call(&service).await {
            service.faults.plan(move |recorded| (recorded.operation == decisive).then_some(Fault::NoResponse));
            for (left, latest) in [(3000, 2700), (1000, 700), (400, 200), (8000, 7700), (30_000, 8000), (0, 8000)] {
                let started = Instant::now();
                let reply = service.send_within(call.clone(), Duration::from_millis(left)).await;
                reply.expect_problem(503, "unavailable");
                let latest = Duration::from_millis(latest + 10);
                assert!(started.elapsed() <= latest, "{left} ms left: {:?}, {call:?}", started.elapsed());
            }
        }
    });
}

/// Retries must not overload a table that is down. An environment that has used up its retry quota tries each request once.
#[test]
fn outage_uses_up_the_retry_quota() {
    simulated(1, async {
        let service = TestService::builder().in_process().build().await;
        service.faults.plan(|_| Some(Fault::RequestLost));
        for _ in 0..200 {
            service.send(Call::get(&format!("{BASE}/rc_00000000"))).await.expect_problem(503, "unavailable");
        }
        let attempts = service.faults.take().len();
        assert!((300..400).contains(&attempts), "{attempts} attempts for 200 requests");
    });
}
