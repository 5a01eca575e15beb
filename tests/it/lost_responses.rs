//! Answers that get lost, between the table and the service or between the service and its client, before and after the
//! write: the SDK repeats the request, or the client its call, and it happens once.

use std::time::Duration;

use dev::{BASE, Call, Fault, RecordedRequest, Reply, TestService, audit, create_body, rotate_body, simulated};
use serde_json::Value;
use tokio::time::sleep;

fn path(code: &Value) -> String {
    format!("{BASE}/{}", code["id"].as_str().unwrap())
}

/// The first request, whatever it is, meets the fault.
fn once(fault: Fault) -> impl FnMut(&RecordedRequest) -> Option<Fault> + Send {
    let mut fault = Some(fault);
    move |_| fault.take()
}

/// Every change of a code's life, each with a broken transaction in it.
async fn a_life(service: &TestService, fault: Fault) -> Value {
    let broken = || service.faults.fail_next("TransactWriteItems", [fault]);
    broken();
    let first = service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
    broken();
    let second = service.send(Call::put(&path(&first), &rotate_body("m"))).await.expect(200);
    assert_eq!(second["previous_code"], first["code"]);
    broken();
    let ended = service.send(Call::delete(&path(&second))).await.expect(200);
    assert_eq!(ended["status"], "invalidated");
    service.faults.clear_faults();
    let read = service.send(Call::get(&path(&second))).await.expect(200);
    assert_eq!((&read["status"], &read["invalidated_at"]), (&ended["status"], &ended["invalidated_at"]));
    service.send(Call::get(BASE)).await.expect(200)
}

#[test]
fn each_change_gets_over_one_fault_of_each_kind_and_happens_once() {
    for fault in Fault::all() {
        eprintln!("{fault:?}");
        let listed = simulated(1, async { a_life(&TestService::builder().in_process().build().await, fault).await });
        assert_eq!(listed["pagination"]["total"], 2, "{fault:?}: {listed}");
    }
}

#[test]
fn each_read_gets_over_one_fault_of_each_kind() {
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
                let sound = service.send(call.clone()).await;
                service.faults.plan(once(fault));
                assert_eq!(service.send(call).await, sound);
                service.faults.clear_faults();
            }
        }
    });
}

/// The SDK repeats a lost transaction with the same token, so the table carries it out once.
#[tokio::test]
async fn a_repeated_transaction_keeps_its_token() {
    let service = TestService::new().await;
    service.faults.fail_next("TransactWriteItems", [Fault::RequestLost, Fault::ResponseLost]);
    service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
    let tokens: Vec<_> = service
        .faults
        .take()
        .into_iter()
        .filter(|recorded| recorded.operation == "TransactWriteItems")
        .map(|recorded| recorded.request["ClientRequestToken"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(tokens.len(), 3);
    assert!(tokens.iter().all(|token| *token == tokens[0] && !token.is_empty()));
}

/// The token is forgotten (here: refused as another's, so that the next attempt has a fresh one) after the write was
/// made and its answer lost. The refusal then shows our own write, which is success.
#[tokio::test]
async fn a_refusal_that_shows_our_own_write_is_success() {
    let service = TestService::new().await;
    let forgotten = [Fault::ResponseLost, Fault::Refused(400, "IdempotentParameterMismatchException")];
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

/// The first attempt of a creation is held up on its way; the second meets another's code, and that is the answer. By the
/// time the first arrives the code has been invalidated, and the mentor again has none: it must not make one now, after
/// its call has been answered.
#[test]
fn an_attempt_that_arrives_after_its_call_was_answered_makes_no_code() {
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
            assert_eq!(next.status, 201, "{fresh}: nobody was told of this code: {next:?}");
            second_process.send(Call::delete(&path(&next.json()))).await.expect(200);
        }
    });
}

/// Where the first answer to a client was lost.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Lost {
    /// No attempt reached the table: the client was told 503, and nothing happened.
    BeforeTheWrite,
    /// The attempts reached the table, and no answer came back: the client was told 503, and it happened.
    AfterTheWrite,
    /// The service answered, and the client did not hear it.
    AfterTheAnswer,
}

const LOST: [Lost; 3] = [Lost::BeforeTheWrite, Lost::AfterTheWrite, Lost::AfterTheAnswer];

/// Sends a call whose answer gets lost and, a minute later, again, as the 503 says; gives back what the client hears.
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

/// When a first call took effect, and when the call that repeats it did.
const FIRST: &str = "2026-01-10T09:00:00Z";
const REPEATED: &str = "2026-01-10T09:01:00Z";

fn took_effect(lost: Lost) -> &'static str {
    if lost == Lost::BeforeTheWrite { REPEATED } else { FIRST }
}

#[test]
fn a_repeated_creation_finds_the_code_that_the_first_has_made_or_makes_it() {
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
fn a_repeated_creation_after_an_expiry_finds_the_code_that_the_first_has_made_or_makes_it() {
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
fn a_repeated_rotation_is_answered_with_the_successor_of_the_first() {
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
fn a_repeated_invalidation_is_answered_with_the_time_of_the_first() {
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
fn a_repeated_read_is_answered_as_the_first_would_have_been() {
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
