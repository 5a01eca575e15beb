//! A foreign code looks absent: the same answer, byte for byte but for what the client itself has sent, by the same
//! requests to the table in the same time.
//!
//! The codes are fresh and made by another process, so a read of an own code is confirmed. A foreign one is not.

use std::time::Duration;

use dev::{BASE, Call, Consumed, Reply, TestService, rotate_body};
use serde_json::Value;
use tokio::time::Instant;

use super::fixture::{ABSENT_ID, AccessFixture, FOREIGN_MENTOR, OWN_MENTOR, guarded, path};
use super::tokens::{of_mentor, of_org};

/// What a client, and the bill, can tell of a call.
#[derive(PartialEq, Debug)]
struct Observed {
    reply: Reply,
    /// Operation, and how many items it names.
    requests: Vec<(String, usize)>,
    duration: Duration,
    read_units: f64,
    write_units: f64,
}

async fn observe(service: &TestService, call: Call, sent: &str) -> Observed {
    service.faults.take();
    service.meter.take();
    let started = Instant::now();
    let mut reply = service.send(call).await;
    let duration = started.elapsed();
    for value in reply.headers.values_mut() {
        *value = value.replace(sent, "SENT");
    }
    let requests = service.faults.take().into_iter().map(|request| {
        let items = request.request["TransactItems"].as_array().map_or(1, Vec::len);
        (request.operation, items)
    });
    let Consumed { read_units, write_units, .. } = service.meter.take();
    Observed { reply, requests: requests.collect(), duration, read_units, write_units }
}

#[tokio::test(start_paused = true)]
async fn foreign_code_is_answered_like_an_absent_one_by_the_same_requests() {
    let fixture = AccessFixture::over(guarded().in_process().build().await).await;
    fixture.guarded.faults.latency(Duration::from_millis(1));
    let foreign = [&fixture.foreign, &fixture.foreign_rotated, &fixture.foreign_invalidated];
    for claims in [of_org("codes:write"), of_mentor("codes:write")] {
        for id in foreign {
            let calls = |id: &str| {
                let url = format!("{}/url", path(id));
                [
                    Call::get(&path(id)),
                    Call::get(&url),
                    Call::new("HEAD", &path(id)),
                    Call::delete(&path(id)),
                    Call::put(&path(id), &rotate_body(OWN_MENTOR)),
                    Call::put(&path(id), &rotate_body(FOREIGN_MENTOR)),
                    Call::put(&path(id), &rotate_body("mtr_foreign_2")),
                    Call::put(&path(id), &rotate_body("mtr_unknown")),
                ]
            };
            for (to_foreign, to_absent) in calls(id).into_iter().zip(calls(ABSENT_ID)) {
                // The first call with the own mentor confirms that mentor's slot, whatever the id.
                fixture.guarded.send(to_absent.clone().claims(&claims)).await;
                let shown = format!("{to_foreign:?}");
                let of_foreign = observe(&fixture.guarded, to_foreign.claims(&claims), id).await;
                let of_absent = observe(&fixture.guarded, to_absent.claims(&claims), ABSENT_ID).await;
                assert_eq!(of_foreign, of_absent, "{shown}");
                assert_eq!(of_foreign.reply.status, 404, "{shown}");
                assert!(of_foreign.requests.iter().all(|(operation, _)| operation == "GetItem"), "{of_foreign:?}");
            }
        }
    }
}

/// The filter by `code`: a foreign string and one that no code has.
#[tokio::test(start_paused = true)]
async fn foreign_code_string_is_listed_like_an_absent_one_by_the_same_requests() {
    let fixture = AccessFixture::over(guarded().in_process().build().await).await;
    fixture.guarded.faults.latency(Duration::from_millis(1));
    let absent = "ZZZ-VERV-0000";
    for claims in [of_org("codes:read"), of_mentor("codes:read")] {
        for id in [&fixture.foreign, &fixture.foreign_rotated, &fixture.foreign_invalidated] {
            let foreign = fixture.code_of(id).await;
            for place in ["", "&cursor=", "&status=active", "&page=2"] {
                let call = |code: &str| Call::get(&format!("{BASE}?code={code}{place}")).claims(&claims);
                let of_foreign = observe(&fixture.guarded, call(&foreign), &foreign).await;
                let of_absent = observe(&fixture.guarded, call(absent), absent).await;
                assert_eq!(of_foreign, of_absent, "{place}");
                assert_eq!(of_foreign.reply.json()["data"], Value::Array(vec![]), "{place}");
                // As people type it, too: the link has it as it is written.
                let typed = |code: &str| code.to_lowercase().replace('-', "");
                let typed_foreign = observe(&fixture.guarded, call(&typed(&foreign)), &foreign).await;
                let typed_absent = observe(&fixture.guarded, call(&typed(absent)), absent).await;
                assert_eq!((&typed_foreign, &typed_absent), (&of_foreign, &of_absent), "{place}");
            }
        }
    }
}

/// A mentor whose slot is out of sight, and one who has none. The slot is fresh, and is not confirmed.
#[tokio::test(start_paused = true)]
async fn foreign_mentor_is_answered_like_an_unknown_one_by_the_same_requests() {
    for claims in [of_org("codes:write"), of_mentor("codes:write")] {
        // A process that has met neither.
        let fixture = AccessFixture::over(guarded().in_process().build().await).await;
        fixture.guarded.faults.latency(Duration::from_millis(1));
        let put = |mentor: &str| Call::put(&path(ABSENT_ID), &rotate_body(mentor)).claims(&claims);
        let of_foreign = observe(&fixture.guarded, put(FOREIGN_MENTOR), FOREIGN_MENTOR).await;
        let of_unknown = observe(&fixture.guarded, put("mtr_unknown"), "mtr_unknown").await;
        assert_eq!(of_foreign, of_unknown);
    }
}

/// An own code that the process has not seen complete is confirmed; the difference that the tests above would show.
#[tokio::test]
async fn own_fresh_code_is_confirmed() {
    let fixture = AccessFixture::new().await;
    let claims = of_org("codes:read");
    let observed = observe(&fixture.guarded, Call::get(&path(&fixture.own)).claims(&claims), &fixture.own).await;
    assert_eq!(observed.requests, [("GetItem".to_owned(), 1), ("BatchGetItem".to_owned(), 1)]);
}
