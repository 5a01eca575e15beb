//! Lost responses, between the table and the service or between the service and its client, before and after the write.
//! The SDK sends its request again, or the client its call, and the change happens once.

use std::collections::HashSet;
use std::time::Duration;

use dev::{BASE, Call, Fault, RecordedRequest, Reply, TestService, audit, create_body, rotate_body, simulated};
use serde_json::Value;
use tokio::time::sleep;

fn path(code: &Value) -> String {
    format!("{BASE}/{}", code["id"].as_str().unwrap())
}

/// The first request, of any operation, meets the fault.
fn once(fault: Fault) -> impl FnMut(&RecordedRequest) -> Option<Fault> + Send {
    let mut fault = Some(fault);
    move |_| fault.take()
}

/// Creates, rotates and invalidates, each with one fault in its transaction. Returns the listing.
async fn every_change(service: &TestService, fault: Fault) -> Value {
    let fail_once = || service.faults.fail_next("TransactWriteItems", [fault]);
    fail_once();
    let first = service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
    fail_once();
    let second = service.send(Call::put(&path(&first), &rotate_body("m"))).await.expect(200);
    assert_eq!(second["previous_code"], first["code"]);
    fail_once();
    let ended = service.send(Call::delete(&path(&second))).await.expect(200);
    assert_eq!(ended["status"], "invalidated");
    service.faults.clear_faults();
    let read = service.send(Call::get(&path(&second))).await.expect(200);
    assert_eq!((&read["status"], &read["invalidated_at"]), (&ended["status"], &ended["invalidated_at"]));
    service.send(Call::get(BASE)).await.expect(200)
}

#[test]
fn changes_survive_one_fault_of_each_kind_and_happen_once() {
    for fault in Fault::all_with_mismatches() {
        eprintln!("{fault:?}");
        let listed =
            simulated(1, async { every_change(&TestService::builder().in_process().build().await, fault).await });
        assert_eq!(listed["pagination"]["total"], 2, "{fault:?}: {listed}");
    }
}

#[test]
fn reads_survive_one_fault_of_each_kind() {
    simulated(1, async {
        let service = TestService::builder().in_process().build().await;
        let code = service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
        for fault in Fault::of_reads() {
            eprintln!("{fault:?}");
            let path = path(&code);
            for call in [
                Call::get(&path),
                Call::post(BASE, &create_body("m", "o")),
                Call::get(&format!("{path}/url")),
                Call::get(BASE),
            ] {
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
        let mut until = create_body("m", "o");
        until["expires_at"] = service.clock.text_in(Duration::from_secs(60)).into();
        repeated();
        service.send(Call::post(BASE, &until)).await.expect(201);
        service.clock.advance(Duration::from_secs(60));
        let mut code = Value::Null;
        for _ in 0..2 {
            repeated();
            code = service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
            repeated();
            code = service.send(Call::put(&path(&code), &rotate_body("m"))).await.expect(200);
            repeated();
            service.send(Call::delete(&path(&code))).await.expect(200);
        }
        assert_eq!(code["status"], "active");
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
    service.faults.fail_next("TransactWriteItems", forgotten);
    let first = service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
    let path = format!("{BASE}/{}", first["id"].as_str().unwrap());
    service.faults.fail_next("TransactWriteItems", forgotten);
    let second = service.send(Call::put(&path, &rotate_body("m"))).await.expect(200);
    let path = format!("{BASE}/{}", second["id"].as_str().unwrap());
    assert_eq!(service.send(Call::get(&path)).await.expect(200), second);
    service.faults.fail_next("TransactWriteItems", forgotten);
    service.send(Call::delete(&path)).await.expect(200);
    let listed = service.send(Call::get(BASE)).await.expect(200);
    assert_eq!(listed["pagination"]["total"], 2);
}

/// The first attempt of a create is delivered late. The second attempt finds another caller's code, which is the answer.
/// When the first attempt arrives, that code has been invalidated and the mentor has none. It must not create a code now,
/// after its call was answered.
#[test]
fn late_attempt_of_an_answered_call_creates_no_code() {
    simulated(1, async {
        let service = TestService::builder().in_process().build().await;
        let start = service.clock.now();
        let second_process = service.second_process(move || start).await;
        for fresh in [true, false] {
            service.faults.fail_next("TransactWriteItems", [Fault::BESIDE_RETRY]);
            let shared = service.share();
            let slow = tokio::spawn(async move { shared.send(Call::post(BASE, &create_body("m", "o"))).await });
            sleep(Duration::from_secs(1)).await;
            let code = second_process.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
            assert_eq!(slow.await.unwrap().expect(200), code);
            second_process.send(Call::delete(&path(&code))).await.expect(200);
            sleep(Duration::from_secs(10)).await;
            audit(&service).await.unwrap();
            let next = second_process.send(Call::post(BASE, &create_body("m", "o"))).await;
            assert_eq!(next.status, 201, "{fresh}: no call was answered with this code: {next:?}");
            second_process.send(Call::delete(&path(&next.json()))).await.expect(200);
        }
    });
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
    let is_read = call.method == "GET";
    service.faults.plan(move |recorded| fault.filter(|_| is_read || recorded.operation == "TransactWriteItems"));
    let first = service.send(call.clone()).await;
    assert_eq!(first.status == 503, fault.is_some(), "{lost:?}: {first:?}");
    service.faults.clear_faults();
    service.clock.advance(Duration::from_secs(60));
    service.send(call.clone()).await
}

async fn in_every_case<F: Future<Output = ()>>(test: impl Fn(TestService, Lost) -> F) {
    for lost in LOST {
        test(TestService::builder().in_process().build().await, lost).await;
    }
}

async fn total(service: &TestService) -> Value {
    audit(service).await.unwrap();
    service.send(Call::get(BASE)).await.expect(200)["pagination"]["total"].clone()
}

/// The times of the first call and of its repetition.
const FIRST: &str = "2026-01-10T09:00:00Z";
const REPEATED: &str = "2026-01-10T09:01:00Z";

fn took_effect(lost: Lost) -> &'static str {
    if lost == Lost::BeforeTheWrite { REPEATED } else { FIRST }
}

#[test]
fn create_repeated_after_a_lost_response_makes_one_code() {
    simulated(1, async {
        in_every_case(async |service, lost| {
            let reply = repeat(&service, &Call::post(BASE, &create_body("m", "o")), lost).await;
            assert_eq!(reply.status, if lost == Lost::BeforeTheWrite { 201 } else { 200 }, "{lost:?}");
            assert_eq!(reply.json()["created_at"], took_effect(lost), "{lost:?}");
            assert_eq!(total(&service).await, 1, "{lost:?}");
        })
        .await;
    });
}

#[test]
fn create_after_expiry_repeated_after_a_lost_response_makes_one_code() {
    simulated(1, async {
        in_every_case(async |service, lost| {
            let mut until = create_body("m", "o");
            until["expires_at"] = "2026-01-10T08:30:00Z".into();
            service.clock.set("2026-01-10T08:00:00Z");
            let expired = service.send(Call::post(BASE, &until)).await.expect(201);
            service.clock.set(FIRST);
            let reply = repeat(&service, &Call::post(BASE, &create_body("m", "o")), lost).await;
            assert_eq!(reply.status, if lost == Lost::BeforeTheWrite { 201 } else { 200 }, "{lost:?}");
            assert_eq!(reply.json()["created_at"], took_effect(lost), "{lost:?}");
            assert_eq!(service.send(Call::get(&path(&expired))).await.expect(200)["status"], "expired", "{lost:?}");
            assert_eq!(total(&service).await, 2, "{lost:?}");
        })
        .await;
    });
}

#[test]
fn rotate_repeated_after_a_lost_response_returns_the_first_successor() {
    simulated(1, async {
        in_every_case(async |service, lost| {
            let old = service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
            let successor = repeat(&service, &Call::put(&path(&old), &rotate_body("m")), lost).await.expect(200);
            assert_eq!(
                (&successor["rotated_at"], &successor["created_at"]),
                (&took_effect(lost).into(), &took_effect(lost).into())
            );
            assert_eq!(service.send(Call::get(&path(&old))).await.expect(200)["successor_id"], successor["id"]);
            assert_eq!(total(&service).await, 2, "{lost:?}");
        })
        .await;
    });
}

#[test]
fn invalidate_repeated_after_a_lost_response_returns_the_first_time() {
    simulated(1, async {
        in_every_case(async |service, lost| {
            let code = service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
            let ended = repeat(&service, &Call::delete(&path(&code)), lost).await.expect(200);
            assert_eq!(ended["invalidated_at"], took_effect(lost), "{lost:?}");
            assert_eq!(total(&service).await, 1, "{lost:?}");
        })
        .await;
    });
}

#[test]
fn read_repeated_after_a_lost_response_returns_the_same() {
    simulated(1, async {
        in_every_case(async |service, lost| {
            let code = service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
            assert_eq!(repeat(&service, &Call::get(&path(&code)), lost).await.expect(200), code);
            let url = repeat(&service, &Call::get(&format!("{}/url", path(&code))), lost).await.expect(200);
            assert_eq!(url["code"], code["code"]);
            assert_eq!(repeat(&service, &Call::get(BASE), lost).await.expect(200)["data"][0], code);
        })
        .await;
    });
}
