//! An earlier attempt of the same call is in flight, and the table does not recognise the next one as its repetition. The
//! call must find its own code, and not take it for another caller's.
//!
//! The first attempt stalls when it has shown some of its items, and its sender gives it up. The next attempts then meet
//! it item by item: an item in flight is refused as a conflict, and a visible one fails its condition.

use std::time::Duration;

use dev::{BASE, Call, Fault, TestService, audit, simulated};
use tokio::time::sleep;

use crate::linearizability::checker::check;
use crate::linearizability::clients::Callers;
use crate::linearizability::history::Request;
use crate::linearizability::scenario::Before;

/// Why the table does not recognise the next attempts.
#[derive(Clone, Copy, Debug)]
enum Token {
    /// It says that the token is another transaction's, so the call goes on with a new one.
    Replaced,
    /// It knows no token.
    Forgotten,
}

/// The code that each call under test makes.
const MADE: &str = "rc_bbbbbbbb";

/// From now on: the next transaction, of so many items, stalls when the items at these positions are visible.
fn stall(service: &TestService, items: usize, visible: &[usize], token: Token) {
    let rest = (0..items).filter(|position| !visible.contains(position));
    let order = visible.iter().copied().chain(rest).collect();
    service.isolation().schedule(|schedule| {
        schedule.next_orders.push(order);
        schedule.next_stalls.push(visible.len() + 1);
    });
    match token {
        Token::Replaced => service.faults.fail_next("TransactWriteItems", [Fault::Late, Fault::MISMATCH]),
        Token::Forgotten => {
            service.faults.fail_next("TransactWriteItems", [Fault::Late]);
            service.faults.edit_transactions(|transaction| {
                transaction.as_object_mut().unwrap().remove("ClientRequestToken");
            });
        }
    }
}

/// Sends the request in every way in which a first attempt can stand in the way of the next. Where the token is
/// forgotten, another process invalidates its code as soon as it finds that. Fails if the call is not answered, if the answers are not linearizable, or if
/// the table breaks an invariant. So the call has made [`MADE`] and no other code, and its answer says so.
fn meets_its_own_attempt(before: &[Before], request: &Request) {
    // The new record is at position 0, its claim at 1, the slot at 2, and a record that it replaces at 3.
    let visible: [&[usize]; 5] = [&[0], &[1], &[2], &[3], &[2, 3]];
    for before in before.iter().copied() {
        let items = if matches!(before, Before::Active | Before::Expired) { 4 } else { 3 };
        for visible in visible.iter().filter(|visible| items == 4 || !visible.contains(&3)) {
            for (token, and_delete) in [(Token::Replaced, false), (Token::Forgotten, true)] {
                simulated(1, async {
                    let digits = ["aaaaaaaa", "bbbbbbbb", "cccccccc"];
                    let digits = &digits[usize::from(before == Before::Nothing)..];
                    let service = TestService::builder().isolation(1, Duration::ZERO).ids(digits).build().await;
                    let other = service.second_process(service.clock.reader()).await;
                    let callers = Callers::new(&service, "m");
                    callers.begin_with(before).await;
                    stall(&service, items, visible, token);
                    let delete = async {
                        while and_delete && other.send(Call::get(&format!("{BASE}/{MADE}"))).await.status != 200 {
                            sleep(Duration::from_millis(200)).await;
                        }
                        if and_delete {
                            callers.through(&other, &service.clock).send(Request::Delete(MADE.into())).await;
                        }
                    };
                    let (is_answered, ()) = tokio::join!(callers.send(request.clone()), delete);
                    callers.read_all().await;
                    let (outcome, audited) = (check(&callers.history.operations()), audit(&service).await);
                    let case = format!("{before:?}, {visible:?} visible, {token:?}, {and_delete}");
                    assert!(is_answered && outcome.is_ok() && audited.is_ok(), "{case}: {outcome:?}, {audited:?}");
                });
            }
        }
    }
}

#[test]
fn create_that_meets_its_own_attempt_in_flight_returns_201_and_makes_one_code() {
    let post = Request::Post { org: "org".into(), expires_at: None };
    meets_its_own_attempt(&[Before::Nothing, Before::Invalidated, Before::Expired], &post);
}

#[test]
fn rotate_that_meets_its_own_attempt_in_flight_returns_its_successor_and_makes_one_code() {
    meets_its_own_attempt(&[Before::Active], &Request::Put("rc_aaaaaaaa".into()));
}
