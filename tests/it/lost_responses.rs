//! Lost responses, between the table and the service or between the service and its client, before and after the write.
//! The SDK sends its request again, or the client its call, and the change happens once.

use std::collections::HashSet;
use std::time::Duration;

use dev::{BASE, Call, Fault, RecordedRequest, Reply, TestService, audit, simulated};
use serde_json::Value;

/// The first request, of any operation, meets the fault.
fn once(fault: Fault) -> impl FnMut(&RecordedRequest) -> Option<Fault> + Send {
    let mut fault = Some(fault);
    move |_| fault.take()
}

/// Creates, rotates and invalidates, each with one fault in its transaction.
#[test]
fn changes_survive_one_fault_of_each_kind_and_happen_once() {
    for fault in Fault::all_with_mismatches() {
        simulated(1, async {
            let service = TestService::builder().in_process().build().await;
            let fail_once = || service.faults.fail_next("TransactWriteItems", [fault]);
            fail_once();
            let first = service.create("m", "o").await;
            fail_once();
            let second = service.rotate(&first).await;
            assert_eq!(second["previous_code"], first["code"]);
            fail_once();
            let ended = service.invalidate(&second).await;
            assert_eq!(ended["status"], "invalidated");
            service.faults.clear_faults();
            let read = service.read(&second).await;
            assert_eq!((&read["status"], &read["invalidated_at"]), (&ended["status"], &ended["invalidated_at"]));
            assert_eq!(total(&service).await, 2, "{fault:?}");
        });
    }
}

#[test]
fn reads_survive_one_fault_of_each_kind() {
    simulated(1, async {
        let service = TestService::builder().in_process().build().await;
        let code = service.create("m", "o").await;
        for fault in Fault::of_reads() {
            let url = Call::url(&code);
            for call in [Call::read(&code), Call::create("m", "o"), url, Call::get(BASE)] {
                let expected = service.send(call.clone()).await;
                service.faults.plan(once(fault));
                assert_eq!(service.send(call).await, expected);
                service.faults.clear_faults();
            }
        }
    });
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

/// Where the first response was lost.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Lost {
    /// No attempt reached the table. The client got a 503, and nothing happened.
    BeforeTheWrite,
    /// The attempts reached the table, and their responses were lost. The client got a 503, and the change happened.
    AfterTheWrite,
    /// The service answered, and the client did not get the answer.
    AfterTheAnswer,
}

const LOST: [Lost; 3] = [Lost::BeforeTheWrite, Lost::AfterTheWrite, Lost::AfterTheAnswer];

/// Sends a call whose response is lost, and a minute later sends it again, as the 503 says. Returns the second reply.
async fn repeat(service: &TestService, call: &Call, lost: Lost) -> Reply {
    let fault = match lost {
        Lost::BeforeTheWrite => Some(Fault::RequestLost),
        Lost::AfterTheWrite => Some(Fault::ResponseLost),
        Lost::AfterTheAnswer => None,
    };
    service.faults.plan(move |recorded| fault.filter(|_| recorded.operation == "TransactWriteItems"));
    let first = service.send(call.clone()).await;
    assert_eq!(first.status == 503, fault.is_some(), "{lost:?}: {first:?}");
    service.faults.clear_faults();
    service.clock.advance(Duration::from_secs(60));
    service.send(call.clone()).await
}

async fn total(service: &TestService) -> Value {
    audit(service).await.unwrap();
    service.list("").await["pagination"]["total"].clone()
}

/// The times of the first call and of its repetition.
const FIRST: &str = "2026-01-10T09:00:00Z";
const REPEATED: &str = "2026-01-10T09:01:00Z";

/// Makes a change whose response is lost, and repeats it. `before` is what the mentor has: nothing, a code, or one that has
/// expired. Returns the second reply, the code before, and the service.
async fn repeated_change(lost: Lost, before: &str, change: fn(&Value) -> Call) -> (Reply, Value, TestService) {
    let service = TestService::builder().in_process().build().await;
    service.clock.set("2026-01-10T08:00:00Z");
    let create = Call::create("m", "o");
    let code = match before {
        "nothing" => Value::Null,
        "a code" => service.send(create).await.expect(201),
        _ => service.send(create.with("expires_at", "2026-01-10T08:30:00Z")).await.expect(201),
    };
    service.clock.set(FIRST);
    let reply = repeat(&service, &change(&code), lost).await;
    (reply, code, service)
}

#[test]
fn change_repeated_after_a_lost_response_happens_once_and_shows_the_first_time() {
    let create: fn(&Value) -> Call = |_| Call::create("m", "o");
    for lost in LOST {
        let (took_effect, created) = if lost == Lost::BeforeTheWrite { (REPEATED, 201) } else { (FIRST, 200) };
        for (before, change, status, time, codes) in [
            ("nothing", create, created, "created_at", 1),
            ("an expired code", create, created, "created_at", 2),
            ("a code", Call::rotate, 200, "rotated_at", 2),
            ("a code", Call::invalidate, 200, "invalidated_at", 1),
        ] {
            simulated(1, async {
                let (reply, code, service) = repeated_change(lost, before, change).await;
                let changed = reply.expect(status);
                assert_eq!(changed[time], took_effect, "{lost:?}, {before}: {changed}");
                assert_eq!(total(&service).await, codes, "{lost:?}, {before}");
                if time == "rotated_at" {
                    assert_eq!(service.read(&code).await["successor_id"], changed["id"], "{lost:?}");
                } else if before == "an expired code" {
                    assert_eq!(service.read(&code).await["status"], "expired", "{lost:?}");
                }
            });
        }
    }
}
