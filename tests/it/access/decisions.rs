//! The whole table: token × endpoint × own, foreign and absent codes × the authorizer that has verified the token.

use dev::{BASE, Call, Kind, Reply, create_body, rotate_body};
use referral_codes::http::{Permission, ROUTES};
use serde_json::{Value, json};

use super::tokens::{Carrier, of_mentor, of_org, without_org};
use super::world::{ABSENT_ID, COLLEAGUE, FOREIGN_MENTOR, FOREIGN_ORG, OWN_MENTOR, OWN_ORG, World, guarded, path};

const OK: &str = "200";
const NO_TOKEN: &str = "401 unauthenticated";
const NO_SCOPE: &str = "403 insufficient_scope";
const ORG: &str = "403 org_mismatch";
const MENTOR: &str = "403 mentor_mismatch";
const ABSENT: &str = "404 code_not_found";
/// The code was rotated just before: the caller sees it, and cannot invalidate it any more.
const ENDED: &str = "409 code_not_active";

/// What one token gets.
struct Row {
    token: &'static str,
    claims: Option<Value>,
    /// `GET /`: without a filter, of the own organisation, of the colleague, of the foreign organisation.
    lists: [&'static str; 4],
    /// `GET /:id` and `GET /:id/url`: the own mentor's code, the colleague's, a foreign one, an absent one.
    gets: [&'static str; 4],
    /// `POST /`: for the own mentor, for the colleague, for the foreign mentor in the foreign organisation.
    posts: [&'static str; 3],
    /// `PUT /:id`, of the codes as above.
    puts: [&'static str; 4],
    /// `DELETE /:id` after that, of the codes as above.
    deletes: [&'static str; 4],
}

fn rows() -> Vec<Row> {
    vec![
        Row {
            token: "none",
            claims: None,
            lists: [NO_TOKEN; 4],
            gets: [NO_TOKEN; 4],
            posts: [NO_TOKEN; 3],
            puts: [NO_TOKEN; 4],
            deletes: [NO_TOKEN; 4],
        },
        Row {
            token: "without a scope of ours",
            claims: Some(of_org("openid profile codes:readable codes")),
            lists: [NO_SCOPE; 4],
            gets: [NO_SCOPE; 4],
            posts: [NO_SCOPE; 3],
            puts: [NO_SCOPE; 4],
            deletes: [NO_SCOPE; 4],
        },
        Row {
            token: "read",
            claims: Some(of_org("openid codes:read")),
            lists: [OK, OK, OK, ORG],
            gets: [OK, OK, ABSENT, ABSENT],
            posts: [NO_SCOPE; 3],
            puts: [NO_SCOPE; 4],
            deletes: [NO_SCOPE; 4],
        },
        Row {
            token: "write",
            claims: Some(of_org("codes:write openid")),
            lists: [OK, OK, OK, ORG],
            gets: [OK, OK, ABSENT, ABSENT],
            posts: [OK, OK, ORG],
            puts: [OK, OK, ABSENT, ABSENT],
            deletes: [ENDED, ENDED, ABSENT, ABSENT],
        },
        Row {
            token: "read, without an organisation",
            claims: Some(without_org("codes:read")),
            lists: [ORG; 4],
            gets: [ORG; 4],
            posts: [NO_SCOPE; 3],
            puts: [NO_SCOPE; 4],
            deletes: [NO_SCOPE; 4],
        },
        Row {
            token: "write, without an organisation",
            claims: Some(without_org("codes:write")),
            lists: [ORG; 4],
            gets: [ORG; 4],
            posts: [ORG; 3],
            puts: [ORG; 4],
            deletes: [ORG; 4],
        },
        Row {
            token: "write, of a mentor",
            claims: Some(of_mentor("codes:write")),
            lists: [OK, OK, MENTOR, ORG],
            gets: [OK, ABSENT, ABSENT, ABSENT],
            posts: [OK, MENTOR, ORG],
            puts: [OK, ABSENT, ABSENT, ABSENT],
            deletes: [ENDED, ABSENT, ABSENT, ABSENT],
        },
        Row {
            token: "read, of a mentor",
            claims: Some(of_mentor("codes:read")),
            lists: [OK, OK, MENTOR, ORG],
            gets: [OK, ABSENT, ABSENT, ABSENT],
            posts: [NO_SCOPE; 3],
            puts: [NO_SCOPE; 4],
            deletes: [NO_SCOPE; 4],
        },
        Row {
            token: "admin",
            claims: Some(without_org("codes:admin")),
            lists: [OK; 4],
            gets: [OK, OK, OK, ABSENT],
            posts: [OK; 3],
            puts: [OK, OK, OK, ABSENT],
            deletes: [ENDED, ENDED, ENDED, ABSENT],
        },
        Row {
            token: "admin, with the claims of a mentor",
            claims: Some(of_mentor("codes:read codes:admin")),
            lists: [OK; 4],
            gets: [OK, OK, OK, ABSENT],
            posts: [OK; 3],
            puts: [OK, OK, OK, ABSENT],
            deletes: [ENDED, ENDED, ENDED, ABSENT],
        },
    ]
}

/// The status, and the code of a problem.
fn outcome(reply: &Reply) -> String {
    if reply.status < 400 {
        return reply.status.to_string();
    }
    let problem = reply.json();
    reply.expect_problem(reply.status, problem["code"].as_str().unwrap());
    let challenge = reply.headers.get("www-authenticate").map(String::as_str);
    match problem["code"].as_str().unwrap() {
        "unauthenticated" => assert_eq!(challenge, Some("Bearer")),
        "insufficient_scope" => {
            let scope =
                if problem["detail"].to_string().contains("codes:write") { "codes:write" } else { "codes:read" };
            let expected = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
            assert_eq!(challenge, Some(expected.as_str()));
        }
        _ => assert_eq!(challenge, None),
    }
    format!("{} {}", reply.status, problem["code"].as_str().unwrap())
}

#[tokio::test]
async fn every_token_gets_what_the_contract_says_from_every_authorizer() {
    for row in rows() {
        for carrier in Carrier::ALL {
            let world = World::new().await;
            let send = async |call: Call| world.guarded.send(carrier.carry(call, row.claims.as_ref())).await;
            let expect = async |call: Call, expected: &str| {
                let shown = format!("{}, {carrier:?}, {call:?}", row.token);
                assert_eq!(outcome(&send(call).await), expected, "{shown}");
            };
            let codes = [&world.own, &world.colleague, &world.foreign, ABSENT_ID];
            let mentors = [OWN_MENTOR, COLLEAGUE, FOREIGN_MENTOR, OWN_MENTOR];

            for (filter, expected) in [
                String::new(),
                format!("?org_id={OWN_ORG}"),
                format!("?mentor_id={COLLEAGUE}"),
                format!("?org_id={FOREIGN_ORG}"),
            ]
            .iter()
            .zip(row.lists)
            {
                expect(Call::get(&format!("{BASE}{filter}")), expected).await;
                let cursor = if filter.is_empty() { "?cursor=" } else { "&cursor=" };
                expect(Call::get(&format!("{BASE}{filter}{cursor}")), expected).await;
            }
            for (id, expected) in codes.iter().zip(row.gets) {
                expect(Call::get(&path(id)), expected).await;
                expect(Call::get(&format!("{}/url", path(id))), expected).await;
                let status: u64 = expected[..3].parse().unwrap();
                assert_eq!(send(Call::new("HEAD", &path(id))).await.status, status, "{}, {carrier:?}", row.token);
            }
            let orgs = [OWN_ORG, OWN_ORG, FOREIGN_ORG];
            for ((mentor, org), expected) in mentors.iter().zip(orgs).zip(row.posts) {
                expect(Call::post(BASE, &create_body(mentor, org)), expected).await;
            }
            for ((id, mentor), expected) in codes.iter().zip(mentors).zip(row.puts) {
                expect(Call::put(&path(id), &rotate_body(mentor)), expected).await;
            }
            for (id, expected) in codes.iter().zip(row.deletes) {
                expect(Call::delete(&path(id)), expected).await;
            }
            // Nothing happened to a code that the token may not change.
            for (id, expected) in codes.iter().zip(row.puts) {
                if *id != ABSENT_ID && expected != OK {
                    let code = world.public.send(Call::get(&path(id))).await.expect(200);
                    assert_eq!(code["status"], "active", "{}, {carrier:?}: {code}", row.token);
                }
            }
        }
    }
}

/// Every row of the table of routes, a new one too: what it declares decides, in each form of its path.
#[tokio::test]
async fn every_route_takes_the_token_that_its_permission_says() {
    let service = guarded().build().await;
    for route in ROUTES {
        for path in route.declared_paths() {
            let path = path.replace("{id}", ABSENT_ID);
            let refusal = async |claims: Option<Value>| {
                let reply = service.send(Carrier::Jwt.carry(Call::new(route.method, &path), claims.as_ref())).await;
                if [401, 403].contains(&reply.status) { outcome(&reply) } else { "none".to_owned() }
            };
            let refused = [
                refusal(None).await,
                refusal(Some(of_org("openid"))).await,
                refusal(Some(of_org("codes:read"))).await,
                refusal(Some(without_org("codes:write"))).await,
                refusal(Some(of_org("codes:write"))).await,
                refusal(Some(without_org("codes:admin"))).await,
            ];
            let expected = match route.permission {
                Permission::Open => ["none"; 6],
                Permission::Read => [NO_TOKEN, NO_SCOPE, "none", ORG, "none", "none"],
                Permission::Write => [NO_TOKEN, NO_SCOPE, NO_SCOPE, ORG, "none", "none"],
                Permission::Token => unreachable!("no route needs no more than a token"),
            };
            assert_eq!(refused, expected, "{} {path}", route.method);
        }
    }
}

/// A mentor with an active code in another organisation: the answer says so, and not which code it is.
#[tokio::test]
async fn code_in_another_organisation_is_named_to_an_admin_only() {
    let world = World::new().await;
    let call = || Call::post(BASE, &create_body(FOREIGN_MENTOR, OWN_ORG));
    for (claims, active_id) in [
        (of_org("codes:write"), Value::Null),
        (json!({ "scope": "codes:write", "org_id": OWN_ORG, "mentor_id": FOREIGN_MENTOR }), Value::Null),
        (without_org("codes:admin"), json!(world.foreign)),
    ] {
        let reply = world.guarded.send(call().claims(&claims)).await;
        let problem = reply.expect_problem(409, "mentor_in_other_org");
        assert_eq!(problem["active_id"], active_id, "{claims}");
        assert_eq!(reply.body.contains(&world.foreign), !active_id.is_null(), "{claims}");
    }
}

/// A mentor who has moved: the organisation sees the mentor's earlier code, and nothing of the active one elsewhere.
#[tokio::test]
async fn ended_code_of_a_mentor_who_has_moved_does_not_tell_the_code_elsewhere() {
    let world = World::new().await;
    world.public.send(Call::delete(&path(&world.own))).await.expect(200);
    let elsewhere = super::world::create(&world.public, OWN_MENTOR, FOREIGN_ORG).await;
    let claims = of_org("codes:write");
    let send = async |call: Call| world.guarded.send(call.claims(&claims)).await;
    for call in [
        Call::get(&path(&world.own)),
        Call::put(&path(&world.own), &rotate_body(OWN_MENTOR)),
        Call::delete(&path(&world.own)),
        Call::get(&format!("{BASE}?mentor_id={OWN_MENTOR}")),
        Call::get(&format!("{BASE}?mentor_id={OWN_MENTOR}&status=active")),
        Call::get(&format!("{BASE}?mentor_id={OWN_MENTOR}&cursor=")),
    ] {
        let reply = send(call.clone()).await;
        assert!([200, 409].contains(&reply.status), "{call:?}: {reply:?}");
        assert!(!format!("{reply:?}").contains(&elsewhere), "{call:?}: {reply:?}");
    }
    let refused = send(Call::put(&path(&world.own), &rotate_body(OWN_MENTOR))).await;
    assert_eq!(refused.expect_problem(409, "code_not_active")["active_id"], Value::Null);
    send(Call::put(&path(&elsewhere), &rotate_body(OWN_MENTOR))).await.expect_problem(404, "code_not_found");
    send(Call::delete(&path(&elsewhere))).await.expect_problem(404, "code_not_found");
    world.public.send(Call::get(&format!("{}/url", path(&elsewhere)))).await.expect(200);
}

/// Without a token nothing below the base path is told, not even which paths and methods there are. OPTIONS and paths
/// elsewhere are open.
#[tokio::test]
async fn unknown_path_below_the_base_takes_a_token_and_options_takes_none() {
    let service = guarded().build().await;
    for kind in Kind::ALL {
        for (method, below) in
            [("GET", "/x/y"), ("PATCH", ""), ("GET", "//"), ("POST", "/rc_8f3a21bc"), ("GET", "/x/url/")]
        {
            for base in [BASE.to_owned(), format!("{BASE}{BASE}")] {
                let reply = service.send(Call::new(method, &format!("{base}{below}")).kind(kind)).await;
                reply.expect_problem(401, "unauthenticated");
                assert!(!reply.headers.contains_key("allow"), "{reply:?}");
            }
        }
        for path in ["/", "/elsewhere", "/api/v1/referral-codesx"] {
            service.send(Call::get(path).kind(kind)).await.expect_problem(404, "route_not_found");
        }
        let reply = service.send(Call::new("OPTIONS", BASE).kind(kind)).await;
        assert_eq!((reply.status, reply.headers["allow"].as_str()), (204, "GET, HEAD, OPTIONS, POST"));
    }
    // Any token is told.
    let claims = without_org("openid");
    let send = async |call: Call| service.send(call.claims(&claims)).await;
    send(Call::get(&format!("{BASE}/x/y"))).await.expect_problem(404, "route_not_found");
    let reply = send(Call::new("PATCH", BASE)).await;
    reply.expect_problem(405, "method_not_allowed");
    assert_eq!(reply.headers["allow"], "GET, HEAD, OPTIONS, POST");
}

/// A refused call asks the table nothing.
#[tokio::test]
async fn refused_token_costs_no_request_to_the_table() {
    let world = World::new().await;
    world.guarded.faults.take();
    for claims in [None, Some(of_org("openid")), Some(without_org("codes:write"))] {
        for call in [
            Call::get(BASE),
            Call::get(&path(&world.own)),
            Call::post(BASE, &create_body(OWN_MENTOR, OWN_ORG)),
            Call::put(&path(&world.own), &rotate_body(OWN_MENTOR)),
            Call::delete(&path(&world.own)),
        ] {
            let reply = world.guarded.send(Carrier::Jwt.carry(call, claims.as_ref())).await;
            assert!([401, 403].contains(&reply.status), "{reply:?}");
        }
    }
    let named = Call::post(BASE, &create_body(FOREIGN_MENTOR, FOREIGN_ORG)).claims(&of_org("codes:write"));
    world.guarded.send(named).await.expect_problem(403, "org_mismatch");
    assert_eq!(world.guarded.faults.take().len(), 0);
}

/// `ACCESS=public`: claims in the event change nothing.
#[tokio::test]
async fn public_service_answers_with_and_without_a_token_alike() {
    let world = World::new().await;
    for id in [&world.own, &world.foreign, ABSENT_ID] {
        let without = world.public.send(Call::get(&path(id))).await;
        for carrier in Carrier::ALL {
            let with = world.public.send(carrier.carry(Call::get(&path(id)), Some(&of_mentor("openid")))).await;
            assert_eq!(with, without, "{carrier:?}");
        }
    }
}
