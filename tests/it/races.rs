//! Concurrent calls over an engine that is really concurrent: one of them wins, and every answer is true.

use std::collections::HashSet;

use dev::{BASE, Call, Reply, TestService, create_body, rotate_body};
use serde_json::Value;
use tokio::task::JoinSet;

const CALLERS: usize = 32;
const ROUNDS: usize = 6;

/// Sends all calls at once, each from a task of its own.
async fn race(service: &TestService, calls: Vec<Call>) -> Vec<Reply> {
    let mut tasks = JoinSet::new();
    for call in calls {
        let shared = service.share();
        tasks.spawn(async move { shared.send(call).await });
    }
    tasks.join_all().await
}

/// The active codes of a mentor, found by reading every code.
async fn active(service: &TestService, mentor: &str) -> Vec<Value> {
    let all = service.send(Call::get(&format!("{BASE}?limit=100"))).await.expect(200);
    assert!(all["pagination"]["total"].as_u64().unwrap() <= 100);
    let mut active = Vec::new();
    for listed in all["data"].as_array().unwrap() {
        let code = service.send(Call::get(&format!("{BASE}/{}", listed["id"].as_str().unwrap()))).await.expect(200);
        if code["mentor_id"] == mentor && code["status"] == "active" {
            active.push(code);
        }
    }
    active
}

fn ids(replies: &[Reply]) -> HashSet<String> {
    replies.iter().map(|reply| reply.json()["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_creates_return_one_code() {
    let service = TestService::new().await;
    for round in 0..ROUNDS {
        let mentor = format!("usr_{round}");
        let replies = race(&service, vec![Call::post(BASE, &create_body(&mentor, "o")); CALLERS]).await;
        assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1, "{replies:?}");
        assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), CALLERS - 1);
        assert_eq!(ids(&replies).len(), 1);
        assert_eq!(active(&service, &mentor).await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_creates_for_two_organisations_have_one_winner() {
    let service = TestService::new().await;
    for round in 0..ROUNDS {
        let mentor = format!("usr_{round}");
        let calls = (0..CALLERS).map(|nth| Call::post(BASE, &create_body(&mentor, ["a", "b"][nth % 2]))).collect();
        let replies = race(&service, calls).await;
        let active = active(&service, &mentor).await;
        assert_eq!(active.len(), 1);
        for reply in replies {
            match reply.status {
                200 | 201 => assert_eq!(reply.json()["id"], active[0]["id"]),
                _ => assert_eq!(reply.expect_problem(409, "mentor_in_other_org")["active_id"], active[0]["id"]),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_rotations_return_one_successor() {
    let service = TestService::new().await;
    let mut code = service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
    for _ in 0..ROUNDS {
        let call = Call::put(&format!("{BASE}/{}", code["id"].as_str().unwrap()), &rotate_body("m"));
        let replies = race(&service, vec![call; CALLERS]).await;
        assert!(replies.iter().all(|reply| reply.status == 200), "{replies:?}");
        assert_eq!(ids(&replies).len(), 1);
        let successor = replies[0].json();
        assert_eq!(active(&service, "m").await, std::slice::from_ref(&successor));
        assert_eq!(successor["previous_code"], code["code"]);
        code = successor;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_invalidations_return_one_time() {
    let service = TestService::new().await;
    for _ in 0..ROUNDS {
        let code = service.send(Call::post(BASE, &create_body("m", "o"))).await.expect(201);
        let call = Call::delete(&format!("{BASE}/{}", code["id"].as_str().unwrap()));
        let replies = race(&service, vec![call; CALLERS]).await;
        assert!(replies.iter().all(|reply| reply.status == 200), "{replies:?}");
        assert_eq!(replies.iter().map(|reply| &reply.body).collect::<HashSet<_>>().len(), 1);
        assert_eq!(active(&service, "m").await, [] as [Value; 0]);
    }
}

/// The same code is rotated and invalidated: one of the two happens, and every answer says the same.
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_rotation_and_invalidation_do_not_both_happen() {
    let service = TestService::new().await;
    for round in 0..ROUNDS * 2 {
        let mentor = format!("usr_{round}");
        let code = service.send(Call::post(BASE, &create_body(&mentor, "o"))).await.expect(201);
        let path = format!("{BASE}/{}", code["id"].as_str().unwrap());
        let calls = (0..CALLERS)
            .map(|nth| if nth % 2 == 0 { Call::put(&path, &rotate_body(&mentor)) } else { Call::delete(&path) });
        let replies = race(&service, calls.collect()).await;
        let ended = service.send(Call::get(&path)).await.expect(200);
        let now_active = active(&service, &mentor).await;
        match ended["status"].as_str().unwrap() {
            "rotated" => {
                assert_eq!(now_active.len(), 1);
                assert_eq!(ended["successor_id"], now_active[0]["id"]);
                for reply in replies {
                    match reply.json().get("status").and_then(Value::as_str) {
                        Some(status) => assert_eq!((status, &reply.json()["id"]), ("active", &now_active[0]["id"])),
                        None => assert_eq!(reply.expect_problem(409, "code_not_active")["code_status"], "rotated"),
                    }
                }
            }
            "invalidated" => {
                assert_eq!(now_active, [] as [Value; 0]);
                for reply in replies {
                    match reply.json().get("status").and_then(Value::as_str) {
                        Some(status) => assert_eq!(status, "invalidated"),
                        None => assert_eq!(reply.expect_problem(409, "code_not_active")["code_status"], "invalidated"),
                    }
                }
            }
            other => panic!("neither happened: {other}"),
        }
    }
}

/// Every kind of change, for one mentor: each read finds at most one active code, and at the end the listing has every code
/// that was ever given out, each once.
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_mix_of_calls_leaves_at_most_one_active_code() {
    let service = TestService::new().await;
    let mut given_out = HashSet::new();
    for _ in 0..ROUNDS {
        let code = service.send(Call::post(BASE, &create_body("m", "o"))).await.json();
        let path = format!("{BASE}/{}", code["id"].as_str().unwrap());
        let calls = (0..12).map(|nth| match nth % 4 {
            0 | 1 => Call::post(BASE, &create_body("m", "o")),
            2 => Call::put(&path, &rotate_body("m")),
            _ => Call::delete(&path),
        });
        let replies = race(&service, calls.collect()).await;
        assert!(replies.iter().all(|reply| [200, 201, 409].contains(&reply.status)), "{replies:?}");
        given_out
            .extend(replies.iter().filter(|reply| reply.status != 409).map(|reply| reply.json()["id"].to_string()));
        assert!(active(&service, "m").await.len() <= 1);
    }
    let all = service.send(Call::get(&format!("{BASE}?limit=100"))).await.expect(200);
    let data = all["data"].as_array().unwrap();
    let listed: HashSet<_> = data.iter().map(|code| code["id"].to_string()).collect();
    let strings: HashSet<_> = data.iter().map(|code| code["code"].to_string()).collect();
    assert!(listed.is_superset(&given_out), "a code that was given out is missing");
    assert_eq!((listed.len(), strings.len()), (data.len(), data.len()), "an id or a code string was given out twice");
}
