//! The whole table: token × endpoint × own, foreign and absent codes × the authorizer that has verified the token.

use dev::{BASE, Call, Kind, Reply, rotate_body};
use referral_codes::http::{Permission, ROUTES};
use serde_json::{Value, json};

use super::fixture::{
    ABSENT_ID, AccessFixture, COLLEAGUE, FOREIGN_MENTOR, FOREIGN_ORG, OWN_MENTOR, OWN_ORG, guarded, path,
};
use super::tokens::{Carrier, of_mentor, of_org, without_org};
use crate::routes::paths::declared_paths;

const NO_TOKEN: &str = "401 unauthenticated";
const NO_SCOPE: &str = "403 insufficient_scope";
const ORG: &str = "403 org_mismatch";

/// What each token gets, a letter for each call: [`meaning`]. The calls are
///
/// 1. `GET /`: without a filter, of the own organisation, of the colleague, of the foreign organisation;
/// 2. `GET /:id` and `GET /:id/url`: the own mentor's code, the colleague's, a foreign one, an absent one;
/// 3. `POST /`: for the own mentor, for the colleague, for the foreign mentor in the foreign organisation;
/// 4. `PUT /:id`, of the codes as above;
/// 5. `DELETE /:id` after that, of the codes as above.
fn decisions() -> [(&'static str, Option<Value>, &'static str); 10] {
    [
        ("none", None, "TTTT TTTT TTT TTTT TTTT"),
        ("no scope of ours", Some(of_org("openid profile codes:readable codes")), "SSSS SSSS SSS SSSS SSSS"),
        ("read", Some(of_org("openid codes:read")), "YYYO YYAA SSS SSSS SSSS"),
        ("write", Some(of_org("codes:write openid")), "YYYO YYAA YYO YYAA EEAA"),
        ("read, without an organisation", Some(without_org("codes:read")), "OOOO OOOO SSS SSSS SSSS"),
        ("write, without an organisation", Some(without_org("codes:write")), "OOOO OOOO OOO OOOO OOOO"),
        ("read, of a mentor", Some(of_mentor("codes:read")), "YYMO YAAA SSS SSSS SSSS"),
        ("write, of a mentor", Some(of_mentor("codes:write")), "YYMO YAAA YMO YAAA EAAA"),
        ("admin", Some(without_org("codes:admin")), "YYYY YYYA YYY YYYA EEEA"),
        ("admin, with a mentor's claims", Some(of_mentor("codes:read codes:admin")), "YYYY YYYA YYY YYYA EEEA"),
    ]
}

fn meaning(letter: char) -> &'static str {
    match letter {
        'Y' => "200",
        'T' => NO_TOKEN,
        'S' => NO_SCOPE,
        'O' => ORG,
        'M' => "403 mentor_mismatch",
        'A' => "404 code_not_found",
        // The code was rotated just before: the caller sees it, and cannot invalidate it any more.
        'E' => "409 code_not_active",
        other => panic!("{other}"),
    }
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
    for (nth, (token, claims, decisions)) in decisions().into_iter().enumerate() {
        // Each authorizer for half of the tokens.
        for carrier in [Carrier::ALL[nth % 4], Carrier::ALL[(nth + 1) % 4]] {
            let fixture = AccessFixture::new().await;
            let send = async |call: Call| fixture.guarded.send(carrier.carry(call, claims.as_ref())).await;
            let expect = async |call: Call, expected: &str| {
                let shown = format!("{token}, {carrier:?}, {call:?}");
                fixture.guarded.faults.take();
                assert_eq!(outcome(&send(call).await), expected, "{shown}");
                let is_refused = [NO_TOKEN, NO_SCOPE, ORG].contains(&expected);
                assert!(!is_refused || fixture.guarded.faults.take().is_empty(), "{shown} asks the table");
            };
            let mut expected = decisions.split(' ').map(|letters| letters.chars().map(meaning));
            let mut next = || expected.next().unwrap();
            let codes = [&fixture.own, &fixture.colleague, &fixture.foreign, ABSENT_ID];
            let mentors = [OWN_MENTOR, COLLEAGUE, FOREIGN_MENTOR, OWN_MENTOR];

            let filters = [
                String::new(),
                format!("?org_id={OWN_ORG}"),
                format!("?mentor_id={COLLEAGUE}"),
                format!("?org_id={FOREIGN_ORG}"),
            ];
            for (filter, expected) in filters.iter().zip(next()) {
                expect(Call::get(&format!("{BASE}{filter}")), expected).await;
                let cursor = if filter.is_empty() { "?cursor=" } else { "&cursor=" };
                expect(Call::get(&format!("{BASE}{filter}{cursor}")), expected).await;
            }
            for (id, expected) in codes.iter().zip(next()) {
                expect(Call::get(&path(id)), expected).await;
                expect(Call::get(&format!("{}/url", path(id))), expected).await;
                let status: u64 = expected[..3].parse().unwrap();
                assert_eq!(send(Call::new("HEAD", &path(id))).await.status, status, "{token}, {carrier:?}");
            }
            for ((mentor, org), expected) in mentors.iter().zip([OWN_ORG, OWN_ORG, FOREIGN_ORG]).zip(next()) {
                expect(Call::create(mentor, org), expected).await;
            }
            let rotated = next();
            for ((id, mentor), expected) in codes.iter().zip(mentors).zip(rotated.clone()) {
                expect(Call::put(&path(id), &rotate_body(mentor)), expected).await;
            }
            for (id, expected) in codes.iter().zip(next()) {
                expect(Call::delete(&path(id)), expected).await;
            }
            // Nothing happened to a code that the token may not change.
            for (id, expected) in codes.iter().zip(rotated) {
                if *id != ABSENT_ID && expected != "200" {
                    let code = fixture.public.send(Call::get(&path(id))).await.expect(200);
                    assert_eq!(code["status"], "active", "{token}, {carrier:?}: {code}");
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
        for path in declared_paths(route) {
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
    let fixture = AccessFixture::new().await;
    let call = || Call::create(FOREIGN_MENTOR, OWN_ORG);
    for (claims, active_id) in [
        (of_org("codes:write"), Value::Null),
        (json!({ "scope": "codes:write", "org_id": OWN_ORG, "mentor_id": FOREIGN_MENTOR }), Value::Null),
        (without_org("codes:admin"), json!(fixture.foreign)),
    ] {
        let reply = fixture.guarded.send(call().claims(&claims)).await;
        let problem = reply.expect_problem(409, "mentor_in_other_org");
        assert_eq!(problem["active_id"], active_id, "{claims}");
        assert_eq!(reply.body.contains(&fixture.foreign), !active_id.is_null(), "{claims}");
    }
}

/// A mentor who has moved: the organisation sees the mentor's earlier code, and nothing of the active one elsewhere.
#[tokio::test]
async fn ended_code_of_a_mentor_who_has_moved_does_not_tell_the_code_elsewhere() {
    let fixture = AccessFixture::new().await;
    fixture.public.send(Call::delete(&path(&fixture.own))).await.expect(200);
    let elsewhere = super::fixture::create(&fixture.public, OWN_MENTOR, FOREIGN_ORG).await;
    let claims = of_org("codes:write");
    let send = async |call: Call| fixture.guarded.send(call.claims(&claims)).await;
    for call in [
        Call::get(&path(&fixture.own)),
        Call::put(&path(&fixture.own), &rotate_body(OWN_MENTOR)),
        Call::delete(&path(&fixture.own)),
        Call::get(&format!("{BASE}?mentor_id={OWN_MENTOR}")),
        Call::get(&format!("{BASE}?mentor_id={OWN_MENTOR}&status=active")),
        Call::get(&format!("{BASE}?mentor_id={OWN_MENTOR}&cursor=")),
    ] {
        let reply = send(call.clone()).await;
        assert!([200, 409].contains(&reply.status), "{call:?}: {reply:?}");
        assert!(!format!("{reply:?}").contains(&elsewhere), "{call:?}: {reply:?}");
    }
    let refused = send(Call::put(&path(&fixture.own), &rotate_body(OWN_MENTOR))).await;
    assert_eq!(refused.expect_problem(409, "code_not_active")["active_id"], Value::Null);
    send(Call::put(&path(&elsewhere), &rotate_body(OWN_MENTOR))).await.expect_problem(404, "code_not_found");
    send(Call::delete(&path(&elsewhere))).await.expect_problem(404, "code_not_found");
    fixture.public.send(Call::get(&format!("{}/url", path(&elsewhere)))).await.expect(200);
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

/// `ACCESS=public`: claims in the event change nothing.
#[tokio::test]
async fn public_service_answers_with_and_without_a_token_alike() {
    let fixture = AccessFixture::new().await;
    for id in [&fixture.own, &fixture.foreign, ABSENT_ID] {
        let without = fixture.public.send(Call::get(&path(id))).await;
        for carrier in Carrier::ALL {
            let with = fixture.public.send(carrier.carry(Call::get(&path(id)), Some(&of_mentor("openid")))).await;
            assert_eq!(with, without, "{carrier:?}");
        }
    }
}
