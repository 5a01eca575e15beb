//! The routes that take no token: short links, their QR codes, and the description of the API. They tell no id, mentor or
//! organisation, whoever asks.

use dev::{Call, Kind, Reply, rotate_body};
use serde_json::{Value, json};

use super::tokens::{Carrier, of_mentor, of_org, without_org};
use super::world::{FOREIGN_MENTOR, FOREIGN_ORG, World, guarded, path};

const FORMS: [&str; 2] = ["application/json", "text/html"];

/// The answers to a link and its picture, in each form.
async fn answers(world: &World, link: &str, call: impl Fn(Call) -> Call) -> Vec<Reply> {
    let mut replies = Vec::new();
    for accept in FORMS {
        for picture in ["", ".svg"] {
            let get = Call::get(&format!("{link}{picture}")).header("accept", accept);
            replies.push(world.guarded.send(call(get)).await);
        }
    }
    replies
}

#[tokio::test]
async fn short_link_leads_on_without_a_token_and_with_any() {
    let world = World::new().await;
    for (id, statuses) in [
        (&world.own, [200, 200, 302, 200]),
        (&world.foreign, [200, 200, 302, 200]),
        (&world.foreign_rotated, [410; 4]),
        (&world.foreign_invalidated, [410; 4]),
    ] {
        let link = format!("/r/{}", world.code_of(id).await);
        let without = answers(&world, &link, |call| call).await;
        assert_eq!(without.iter().map(|reply| reply.status).collect::<Vec<_>>(), statuses, "{link}: {without:?}");
        for kind in Kind::ALL {
            let replies = answers(&world, &link, |call| call.kind(kind)).await;
            let found: Vec<_> = replies.iter().map(|reply| reply.status).collect();
            assert_eq!(found, statuses, "{kind:?} {link}");
        }
        for claims in [of_org("openid"), of_org("codes:read"), of_mentor("codes:write"), without_org("codes:admin")] {
            let with = answers(&world, &link, |call| Carrier::Jwt.carry(call, Some(&claims))).await;
            assert_eq!(with, without, "{claims} {link}");
        }
    }
    let absent = answers(&world, "/r/ZZZ-VERV-0000", |call| call).await;
    assert!(absent.iter().all(|reply| reply.status == 404), "{absent:?}");
}

/// In its grace a rotated code leads on. That it does is all that the answer tells.
#[tokio::test]
async fn short_link_in_its_grace_tells_the_new_code_and_no_id_mentor_or_organisation() {
    let world = World::over(guarded().setting("ROTATED_GRACE_DAYS", "30").build().await).await;
    let first = world.code_of(&world.foreign).await;
    let rotation = Call::put(&path(&world.foreign), &rotate_body(FOREIGN_MENTOR));
    let second = world.public.send(rotation).await.expect(200);
    let replies = answers(&world, &format!("/r/{first}"), |call| call).await;
    assert_eq!(replies[0].json()["code"], second["code"]);
    let invalidated = world.code_of(&world.foreign_invalidated).await;
    let ended = answers(&world, &format!("/r/{invalidated}"), |call| call).await;
    for reply in replies.iter().chain(&ended) {
        let told = format!("{reply:?}");
        for secret in
            [&world.foreign, &world.foreign_invalidated, second["id"].as_str().unwrap(), FOREIGN_MENTOR, FOREIGN_ORG]
        {
            assert!(!told.contains(secret), "{secret}: {told}");
        }
    }
}

#[tokio::test]
async fn description_is_open_and_asks_no_table() {
    let service = guarded().build().await;
    service.faults.take();
    for kind in Kind::ALL {
        for method in ["GET", "HEAD", "OPTIONS"] {
            let reply = service.send(Call::new(method, "/openapi.yaml").kind(kind)).await;
            assert_eq!(reply.status, if method == "OPTIONS" { 204 } else { 200 }, "{method} {kind:?}");
        }
    }
    assert_eq!(service.faults.take().len(), 0);
}

/// A claim in the path or the query of an open route opens nothing below the base path.
#[tokio::test]
async fn open_route_is_no_way_to_a_guarded_one() {
    let world = World::new().await;
    for path in [
        format!("/r/..{}", path(&world.own)),
        format!("/r{}", path(&world.own)),
        format!("/r/%2e%2e{}", path(&world.own)),
        format!("/openapi.yaml{}", path(&world.own)),
        format!("/r/{}", world.own),
    ] {
        let reply = world.guarded.send(Call::get(&path).header("accept", "application/json")).await;
        assert_eq!(reply.status, 404, "{path}: {reply:?}");
        assert_eq!(reply.json().get("mentor_id"), None::<&Value>, "{path}");
    }
    let list = world.guarded.send(Call::get("/r?scope=codes:admin").header("accept", "application/json")).await;
    assert_eq!(list.expect_problem(404, "code_not_found")["code_status"], json!(null));
}
