//! Lost responses, between the table and the service or between the service and its client, before and after the write.
//! The SDK sends its request again, or the client its call, and the change happens once.

use std::collections::HashSet;
use std::time::Duration;

use dev::{BASE, Call, Fault, TestService, audit, simulated};
use serde_json::Value;

/// Each fault is met once: by the transaction of each change, and by the first request of each read.
#[test]
fn calls_survive_one_fault_of_each_kind_and_changes_happen_once() {
    for fault in Fault::all_with_mismatches() {
        simulated(1, async {
            let service = TestService::builder().in_process().build().await;
            let fail_once = || service.faults.fail_next("TransactWriteItems", [fault]);
            fail_once();
            let first = service.create("m", "o").await;
            fail_once();
            let second = service.rotate(&first).await;
            assert_eq!(second["previous_code"], first["code"]);
            if !fault.is_of_transactions() {
                for call in [Call::read(&second), Call::url(&second), Call::create("m", "o"), Call::get(BASE)] {
                    let expected = service.send(call.clone()).await;
                    let mut fault = Some(fault);
                    service.faults.plan(move |_| fault.take());
                    assert_eq!(service.send(call).await, expected);
                }
            }
            fail_once();
            let ended = service.invalidate(&second).await;
            service.faults.clear_faults();
            let read = service.read(&second).await;
            assert_eq!((&read["status"], &read["invalidated_at"]), (&ended["status"], &ended["invalidated_at"]));
            assert_eq!(total(&service).await, 2, "{fault:?}");
        });
    }
}

/// DynamoDB takes an attempt for a repetition only if its token and all its parameters are the same. The SDK repeats the
/// attempts that get no answer, and the session those that meet a transaction in flight.
#[test]
fn attempts_at_one_transaction_are_the_same_byte_for_byte() {
    simulated(1, async {
        let service = TestService::builder().in_process().build().await;
        let repeated = || {
            let in_flight = Fault::Refused(400, "TransactionInProgressException");
            let conflict = Fault::Cancelled("TransactionConflict");
            let throttled = Fault::Cancelled("ThrottlingError");
            let faults = [Fault::RequestLost, conflict, in_flight, throttled, Fault::NoResponse, conflict];
            service.faults.fail_next("TransactWriteItems", faults);
        };
        repeated();
        let until = Call::create("m", "o").with("expires_at", service.clock.text_in(Duration::from_secs(60)));
        service.send(until).await.expect(201);
        service.clock.advance(Duration::from_secs(60));
        for _ in 0..2 {
            repeated();
            let code = service.create("m", "o").await;
            repeated();
            let successor = service.rotate(&code).await;
            repeated();
            service.invalidate(&successor).await;
        }
        let requests = service.faults.take().into_iter();
        let attempts: Vec<_> = requests.filter(|request| request.operation == "TransactWriteItems").collect();
        assert_eq!(
            attempts.len(),
            7 * 7,
            "a first create, one after an expiry and one after an end, and the rest twice"
        );
        let mut tokens = HashSet::new();
        for attempts in attempts.chunks(7) {
            assert!(attempts.iter().all(|attempt| attempt.bytes == attempts[0].bytes));
            let token = attempts[0].request["ClientRequestToken"].as_str().unwrap();
            assert!(token.len() == 32 && tokens.insert(token), "{token}");
        }
    });
}

/// The transaction is carried out and its response is lost. Then the table has forgotten the token: the test refuses it as
/// another transaction's, so that the next attempt has a fresh one. That attempt is refused with our own write, which is
/// success.
#[tokio::test]
async fn refusal_that_shows_our_own_write_is_success() {
    let service = TestService::new().await;
    let forgotten = [Fault::ResponseLost, Fault::MISMATCH];
    let forget = || service.faults.fail_next("TransactWriteItems", forgotten);
    forget();
    let first = service.create("m", "o").await;
    forget();
    let second = service.rotate(&first).await;
    assert_eq!(service.read(&second).await, second);
    forget();
    service.invalidate(&second).await;
    assert_eq!(total(&service).await, 2);
}

async fn total(service: &TestService) -> Value {
    audit(service).await.unwrap();
    service.list("").await["pagination"]["total"].clone()
}

/// A client that got a 503, or no answer, sends its call again a minute later. All attempts were lost on their way to the
/// table, or their responses were, or the answer to the client.
#[test]
fn change_repeated_after_a_lost_response_happens_once_and_shows_the_first_time() {
    for (fault, has_happened) in [(Some(Fault::RequestLost), false), (Some(Fault::ResponseLost), true), (None, true)] {
        simulated(1, async {
            let service = TestService::builder().in_process().build().await;
            // The repetition's reply, if it shows the time at which the change happened.
            let repeat = async |call: Call, time: &str| {
                let first_time = service.clock.text();
                service.faults.plan(move |recorded| fault.filter(|_| recorded.operation == "TransactWriteItems"));
                let first = service.send(call.clone()).await;
                assert_eq!(first.status == 503, fault.is_some(), "{first:?}");
                service.faults.clear_faults();
                service.clock.advance(Duration::from_secs(60));
                let reply = service.send(call).await;
                let happened = if has_happened { first_time } else { service.clock.text() };
                assert_eq!(reply.json()[time], happened, "{fault:?}: {reply:?}");
                reply
            };
            let created = if has_happened { 200 } else { 201 };
            let until = service.clock.text_in(Duration::from_secs(600));
            let create = Call::create("m", "o").with("expires_at", until);
            let first = repeat(create, "created_at").await.expect(created);
            let second = repeat(Call::rotate(&first), "rotated_at").await.expect(200);
            assert_eq!(service.read(&first).await["successor_id"], second["id"]);
            service.clock.advance(Duration::from_secs(600));
            let third = repeat(Call::create("m", "o"), "created_at").await.expect(created);
            assert_eq!(service.read(&second).await["status"], "expired");
            repeat(Call::invalidate(&third), "invalidated_at").await.expect(200);
            assert_eq!(total(&service).await, 3, "{fault:?}");
        });
    }
}
