//! An earlier attempt of the same call is in flight, and the table does not recognise the next one as its repetition. The
//! call must find its own code, and not take it for another caller's.
//!
//! The first attempt stalls when it has shown some of its items, and its sender gives it up. The next attempts then meet
//! it item by item: an item in flight is refused as a conflict, and a visible one fails its condition.

use std::time::Duration;

use dev::{BASE, Call, Fault, Reply, TestService, audit, create_body, rotate_body, simulated};
use serde_json::{Value, json};
use tokio::time::sleep;

/// Why the table does not recognise the next attempts.
#[derive(Clone, Copy, Debug)]
enum Token {
    /// It says that the token is another transaction's, so the call goes on with a new one.
    Replaced,
    /// It knows no token.
    Forgotten,
}

/// What the mentor has when the call comes.
#[derive(Clone, Copy, Debug)]
enum Before {
    Nothing,
    Active,
    Invalidated,
    Expired,
}

/// The code that each call under test makes.
const MADE: &str = "rc_bbbbbbbb";

/// A service whose mentor `m` has this before. The next code is [`MADE`], and its transaction stalls when the items at
/// these positions are visible.
async fn service(before: Before, token: Token, visible: &[usize]) -> TestService {
    let builder = TestService::builder().isolation(1, Duration::ZERO);
    let digits: &[&str] =
        if matches!(before, Before::Nothing) { &["bbbbbbbb"] } else { &["aaaaaaaa", "bbbbbbbb", "cccccccc"] };
    let service = builder.ids(digits).build().await;
    let mut first = create_body("m", "o");
    first["expires_at"] = service.clock.text_in(Duration::from_secs(60)).into();
    match before {
        Before::Nothing => {}
        Before::Active => drop(service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201)),
        Before::Invalidated | Before::Expired => drop(service.send(Call::post(BASE, &first)).await.expect(201)),
    }
    if matches!(before, Before::Invalidated) {
        service.send(Call::delete(&format!("{BASE}/rc_aaaaaaaa"))).await.expect(200);
    }
    service.clock.advance(Duration::from_secs(60));
    let items = if matches!(before, Before::Active | Before::Expired) { 4 } else { 3 };
    let rest = (0..items).filter(|position| !visible.contains(position));
    let order: Vec<_> = visible.iter().copied().chain(rest).collect();
    service.isolation().order_next(&order);
    service.isolation().stall_next(visible.len() + 1);
    match token {
        Token::Replaced => {
            service.faults.fail_next("TransactWriteItems", [Fault::Late, Fault::MISMATCH]);
        }
        Token::Forgotten => {
            service.faults.fail_next("TransactWriteItems", [Fault::Late]);
            service.faults.edit_transactions(|transaction| {
                transaction.as_object_mut().unwrap().remove("ClientRequestToken");
            });
        }
    }
    service
}

/// Sends the call and, if `and_delete`, invalidates its code as soon as another process finds it.
async fn send(service: &TestService, call: Call, and_delete: bool) -> Reply {
    if !and_delete {
        return service.send(call).await;
    }
    let other = service.second_process(service.clock.reader()).await;
    let delete = async {
        // Two attempts of the call that come so late are further apart.
        while other.send(Call::delete(&format!("{BASE}/{MADE}"))).await.status != 200 {
            sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::join!(service.send(call), delete).0
}

/// In every way in which a first attempt can stand in the way of the next: the case, and what it leads to.
fn in_every_case(before: &[Before], test: &impl AsyncFn(&TestService, bool, &str)) {
    // The new record is at position 0, its claim at 1, the slot at 2, and a record that it replaces at 3.
    let visible: [&[usize]; 5] = [&[0], &[1], &[2], &[3], &[2, 3]];
    for before in before.iter().copied() {
        let has_replaced = matches!(before, Before::Active | Before::Expired);
        for visible in visible.iter().filter(|visible| has_replaced || !visible.contains(&3)) {
            for token in [Token::Replaced, Token::Forgotten] {
                for and_delete in [false, true] {
                    let case = format!("{before:?}, {visible:?} visible, {token:?}, {and_delete}");
                    simulated(1, async {
                        let service = service(before, token, visible).await;
                        test(&service, and_delete, &case).await;
                        audit(&service).await.unwrap();
                    });
                }
            }
        }
    }
}

/// All codes that there are, as their ids and their statuses.
async fn codes(service: &TestService) -> Vec<(Value, Value)> {
    let listed = service.send(Call::get(BASE)).await.expect(200);
    listed["data"].as_array().unwrap().iter().map(|code| (code["id"].clone(), code["status"].clone())).collect()
}

fn status_after(and_delete: bool) -> &'static str {
    if and_delete { "invalidated" } else { "active" }
}

#[test]
fn create_that_meets_its_own_attempt_in_flight_returns_201_and_makes_one_code() {
    in_every_case(&[Before::Nothing, Before::Invalidated, Before::Expired], &async |service, and_delete, case| {
        let reply = send(service, Call::post(BASE, &create_body("m", "o")), and_delete).await;
        assert_eq!((reply.status, &reply.json()["id"]), (201, &json!(MADE)), "{case}: {reply:?}");
        let mut codes = codes(service).await;
        codes.retain(|(id, _)| id != "rc_aaaaaaaa");
        assert_eq!(codes, [(json!(MADE), json!(status_after(and_delete)))], "{case}");
    });
}

#[test]
fn rotate_that_meets_its_own_attempt_in_flight_returns_its_successor_and_makes_one_code() {
    in_every_case(&[Before::Active], &async |service, and_delete, case| {
        let call = Call::put(&format!("{BASE}/rc_aaaaaaaa"), &rotate_body("m"));
        let reply = send(service, call, and_delete).await;
        assert_eq!((reply.status, &reply.json()["id"]), (200, &json!(MADE)), "{case}: {reply:?}");
        let expected = [(MADE, status_after(and_delete)), ("rc_aaaaaaaa", "rotated")];
        assert_eq!(codes(service).await, expected.map(|(id, status)| (json!(id), json!(status))), "{case}");
    });
}
