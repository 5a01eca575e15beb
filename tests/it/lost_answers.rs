//! Answers that get lost between the SDK and the table, before and after the write.

use std::time::Duration;

use serde_json::Value;
use tokio::time::sleep;

use crate::harness::{BASE, Call, Exchange, Fault, World, asking, audit, rotating, simulated};

fn path(code: &Value) -> String {
    format!("{BASE}/{}", code["id"].as_str().unwrap())
}

/// The first request, whatever it is, meets the fault.
fn once(fault: Fault) -> impl FnMut(&Exchange) -> Option<Fault> + Send {
    let mut fault = Some(fault);
    move |_| fault.take()
}

/// Every change of a code's life, each with a broken transaction in it.
async fn a_life(world: &World, fault: Fault) -> Value {
    let broken = || world.wire.break_next("TransactWriteItems", [fault]);
    broken();
    let first = world.send(Call::post(BASE, &asking("m", "o"))).await.expect(201);
    broken();
    let second = world.send(Call::put(&path(&first), &rotating("m"))).await.expect(200);
    assert_eq!(second["previous_code"], first["code"]);
    broken();
    let ended = world.send(Call::delete(&path(&second))).await.expect(200);
    assert_eq!(ended["status"], "invalidated");
    world.wire.mend();
    let read = world.send(Call::get(&path(&second))).await.expect(200);
    assert_eq!((&read["status"], &read["invalidated_at"]), (&ended["status"], &ended["invalidated_at"]));
    world.send(Call::get(BASE)).await.expect(200)
}

#[test]
fn each_change_gets_over_one_fault_of_each_kind_and_happens_once() {
    for fault in Fault::all() {
        eprintln!("{fault:?}");
        let listed = simulated(1, async { a_life(&World::builder().in_process().build().await, fault).await });
        assert_eq!(listed["pagination"]["total"], 2, "{fault:?}: {listed}");
    }
}

#[test]
fn each_read_gets_over_one_fault_of_each_kind() {
    simulated(1, async {
        let world = World::builder().in_process().build().await;
        let code = world.send(Call::post(BASE, &asking("m", "o"))).await.expect(201);
        for fault in Fault::of_reads() {
            eprintln!("{fault:?}");
            let path = path(&code);
            for call in [
                Call::get(&path),
                Call::post(BASE, &asking("m", "o")),
                Call::get(&format!("{path}/url")),
                Call::get(BASE),
            ] {
                let sound = world.send(call.clone()).await;
                world.wire.plan(once(fault));
                assert_eq!(world.send(call).await, sound);
                world.wire.mend();
            }
        }
    });
}

/// The SDK repeats a lost transaction with the same token, so the table carries it out once.
#[tokio::test]
async fn a_repeated_transaction_keeps_its_token() {
    let world = World::new().await;
    world.wire.break_next("TransactWriteItems", [Fault::RequestLost, Fault::ResponseLost]);
    world.send(Call::post(BASE, &asking("m", "o"))).await.expect(201);
    let tokens: Vec<_> = world
        .wire
        .take()
        .into_iter()
        .filter(|exchange| exchange.operation == "TransactWriteItems")
        .map(|exchange| exchange.request["ClientRequestToken"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(tokens.len(), 3);
    assert!(tokens.iter().all(|token| *token == tokens[0] && !token.is_empty()));
}

/// The token is forgotten (here: refused as another's, so that the next attempt has a fresh one) after the write was
/// made and its answer lost. The refusal then shows our own write, which is success.
#[tokio::test]
async fn a_refusal_that_shows_our_own_write_is_success() {
    let world = World::new().await;
    let forgotten = [Fault::ResponseLost, Fault::Refused(400, "IdempotentParameterMismatchException")];
    world.wire.break_next("TransactWriteItems", forgotten);
    let first = world.send(Call::post(BASE, &asking("m", "o"))).await.expect(201);
    let path = format!("{BASE}/{}", first["id"].as_str().unwrap());
    world.wire.break_next("TransactWriteItems", forgotten);
    let second = world.send(Call::put(&path, &rotating("m"))).await.expect(200);
    let path = format!("{BASE}/{}", second["id"].as_str().unwrap());
    assert_eq!(world.send(Call::get(&path)).await.expect(200), second);
    world.wire.break_next("TransactWriteItems", forgotten);
    world.send(Call::delete(&path)).await.expect(200);
    let listed = world.send(Call::get(BASE)).await.expect(200);
    assert_eq!(listed["pagination"]["total"], 2);
}

/// The first attempt of a creation is held up on its way; the second meets another's code, and that is the answer. By the
/// time the first arrives the code has been invalidated, and the mentor again has none: it must not make one now, after
/// its call has been answered.
#[test]
fn an_attempt_that_arrives_after_its_call_was_answered_makes_no_code() {
    simulated(1, async {
        let world = World::builder().in_process().build().await;
        let start = world.clock.now();
        let neighbour = world.neighbour(move || start).await;
        for fresh in [true, false] {
            world.wire.break_next("TransactWriteItems", [Fault::Overtaken]);
            let shared = world.share();
            let slow = tokio::spawn(async move { shared.send(Call::post(BASE, &asking("m", "o"))).await });
            sleep(Duration::from_secs(1)).await;
            let code = neighbour.send(Call::post(BASE, &asking("m", "o"))).await.expect(201);
            assert_eq!(slow.await.unwrap().expect(200), code);
            neighbour.send(Call::delete(&path(&code))).await.expect(200);
            sleep(Duration::from_secs(10)).await;
            audit(&world).await.unwrap();
            let next = neighbour.send(Call::post(BASE, &asking("m", "o"))).await;
            assert_eq!(next.status, 201, "{fresh}: nobody was told of this code: {next:?}");
            neighbour.send(Call::delete(&path(&next.json()))).await.expect(200);
        }
    });
}
