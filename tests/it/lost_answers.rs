//! Answers that get lost between the SDK and the table, before and after the write.

use crate::harness::{BASE, Call, Fault, World, asking, rotating};

/// Everything that may befall a single request on its way, and that the SDK must get over.
const PASSING: [Fault; 9] = [
    Fault::RequestLost,
    Fault::ResponseLost,
    Fault::Late,
    Fault::Garbled,
    Fault::Refused(500, "InternalServerError"),
    Fault::Refused(400, "ThrottlingException"),
    Fault::Refused(400, "TransactionInProgressException"),
    Fault::Refused(400, "IdempotentParameterMismatchException"),
    Fault::Cancelled("TransactionConflict"),
];

#[tokio::test]
async fn each_change_gets_over_one_fault_of_each_kind_and_happens_once() {
    for fault in PASSING {
        let world = World::new().await;
        let broken = || world.wire.break_next("TransactWriteItems", [fault.clone()]);
        broken();
        let made = world.send(Call::post(BASE, &asking("m", "o"))).await;
        let first = made.expect(201);
        let path = format!("{BASE}/{}", first["id"].as_str().unwrap());
        broken();
        let second = world.send(Call::put(&path, &rotating("m"))).await.expect(200);
        assert_eq!(second["previous_code"], first["code"], "{fault:?}");
        let path = format!("{BASE}/{}", second["id"].as_str().unwrap());
        broken();
        let ended = world.send(Call::delete(&path)).await.expect(200);
        assert_eq!(ended["status"], "invalidated");
        let listed = world.send(Call::get(BASE)).await.expect(200);
        assert_eq!(listed["pagination"]["total"], 2, "{fault:?}: {listed}");
    }
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
    world.wire.break_next("TransactWriteItems", forgotten.clone());
    let first = world.send(Call::post(BASE, &asking("m", "o"))).await.expect(201);
    let path = format!("{BASE}/{}", first["id"].as_str().unwrap());
    world.wire.break_next("TransactWriteItems", forgotten.clone());
    let second = world.send(Call::put(&path, &rotating("m"))).await.expect(200);
    let path = format!("{BASE}/{}", second["id"].as_str().unwrap());
    assert_eq!(world.send(Call::get(&path)).await.expect(200), second);
    world.wire.break_next("TransactWriteItems", forgotten);
    world.send(Call::delete(&path)).await.expect(200);
    let listed = world.send(Call::get(BASE)).await.expect(200);
    assert_eq!(listed["pagination"]["total"], 2);
}
