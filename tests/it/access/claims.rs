//! Claims that are missing, malformed, or where no authorizer puts them.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use dev::{BASE, Call, Kind};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::fixture::{AccessFixture, OWN_MENTOR, OWN_ORG, guarded, path};
use super::tokens::{Carrier, of_mentor, of_org, with, without_org};

/// A scope counts as a word of a text, in `scope` or, without that, in `scp`. A list of an HTTP API is one string in brackets.
/// Elsewhere that is no list, and nothing of ours is called so; but a word between two others is a word.
#[tokio::test]
async fn scopes_are_the_words_of_scope_else_of_scp() {
    let service = guarded().build().await;
    let list = || json!(["codes:read"]);
    for (scope, scp, of_http_api, of_rest_api) in [
        (json!("codes:read"), Value::Null, 200, 200),
        (json!("a codes:read b"), Value::Null, 200, 200),
        (Value::Null, json!("openid codes:read"), 200, 200),
        (list(), json!("codes:read"), 200, 200),
        (json!("openid"), json!("codes:read"), 403, 403),
        (json!(""), json!("codes:read"), 403, 403),
        (json!("CODES:READ"), Value::Null, 403, 403),
        (json!("codes:read,codes:write"), Value::Null, 403, 403),
        (json!("xcodes:read codes:readx"), Value::Null, 403, 403),
        (json!("[codes:read"), Value::Null, 403, 403),
        (json!("codes:read]"), Value::Null, 403, 403),
        (json!("[[codes:read openid]]"), Value::Null, 403, 403),
        (json!("[codes:reads openid]"), Value::Null, 403, 403),
        (json!("[]"), json!("codes:read"), 403, 403),
        (list(), Value::Null, 403, 403),
        (json!({ "codes:read": true }), Value::Null, 403, 403),
        (json!(7), json!(true), 403, 403),
        (Value::Null, Value::Null, 403, 403),
        (json!("[codes:read]"), Value::Null, 200, 403),
        (json!("[codes:read openid]"), Value::Null, 200, 403),
        (json!("[openid codes:read]"), Value::Null, 200, 403),
        (json!("[openid codes:read email]"), Value::Null, 200, 200),
        (json!("[codes:admin]"), Value::Null, 200, 403),
        (Value::Null, json!("[openid codes:read]"), 200, 403),
        (json!(7), json!("[codes:read]"), 200, 403),
    ] {
        let claims = json!({ "sub": "s", "org_id": OWN_ORG, "scope": scope, "scp": scp });
        for carrier in Carrier::ALL {
            let reply = service.send(carrier.carry(Call::get(BASE), Some(&claims))).await;
            let is_of_http_api = matches!(carrier, Carrier::Jwt | Carrier::LambdaOfHttpApi);
            let status = if is_of_http_api { of_http_api } else { of_rest_api };
            assert_eq!(reply.status, status, "{carrier:?} {claims}: {reply:?}");
        }
    }
    // The gateway's own list of scopes is not the token's.
    let authorizer = json!({ "jwt": { "claims": { "sub": "s", "org_id": OWN_ORG }, "scopes": ["codes:read"] } });
    service.send(Call::get(BASE).authorizer(authorizer)).await.expect_problem(403, "insufficient_scope");
}

/// A claim that is meant to confine a token counts as one valid id only, and never widens what the token sees.
#[tokio::test]
async fn organisation_and_mentor_of_a_token_are_one_valid_id_each() {
    let fixture = AccessFixture::new().await;
    let malformed = [
        json!(""),
        json!("[org_own org_foreign]"),
        json!("org_own org_foreign"),
        json!("org_own,org_foreign"),
        json!("org_own#"),
        json!("x".repeat(129)),
        json!(["org_own"]),
        json!({ "id": "org_own" }),
        json!(42),
        json!(true),
    ];
    for value in malformed {
        for carrier in Carrier::ALL {
            for call in [Call::get(BASE), Call::get(&path(&fixture.own)), Call::create(OWN_MENTOR, OWN_ORG)] {
                let claims = with(without_org("codes:write"), "org_id", value.clone());
                let reply = fixture.guarded.send(carrier.carry(call.clone(), Some(&claims))).await;
                reply.expect_problem(403, "org_mismatch");
                let claims = with(of_org("codes:write"), "mentor_id", value.clone());
                let reply = fixture.guarded.send(carrier.carry(call, Some(&claims))).await;
                reply.expect_problem(403, "mentor_mismatch");
            }
        }
    }
    // A null claim is an absent one.
    let claims = with(of_org("codes:read"), "mentor_id", Value::Null);
    fixture.guarded.send(Call::get(&path(&fixture.colleague)).claims(&claims)).await.expect(200);
}

/// Without `MENTOR_CLAIM` no token is confined to a mentor; the names of scopes and claims are settings.
#[tokio::test]
async fn names_of_scopes_and_claims_are_settings() {
    let settings = [
        ("ACCESS", "jwt"),
        ("SCOPE_READ", "r"),
        ("SCOPE_WRITE", "https://codes.example/w"),
        ("SCOPE_ADMIN", "a"),
        ("ORG_CLAIM", "https://codes.example/org"),
    ];
    let builder =
        settings.into_iter().fold(dev::TestService::builder(), |builder, (name, value)| builder.setting(name, value));
    let AccessFixture { guarded, own, foreign, colleague, .. } = AccessFixture::over(builder.build().await).await;
    let claims = |scope: &str| json!({ "scope": scope, "https://codes.example/org": OWN_ORG, "mentor_id": OWN_MENTOR });
    let get = async |id: &str, claims: &Value| guarded.send(Call::get(&path(id)).claims(claims)).await.status;
    assert_eq!(get(&own, &claims("r")).await, 200);
    assert_eq!(get(&colleague, &claims("r")).await, 200);
    assert_eq!(get(&own, &claims("https://codes.example/w")).await, 200);
    assert_eq!(get(&foreign, &claims("a")).await, 200);
    assert_eq!(get(&foreign, &claims("r")).await, 404);
    assert_eq!(get(&own, &of_org("codes:read codes:write codes:admin")).await, 403);
    let delete = Call::delete(&path(&own)).claims(&claims("r"));
    let reply = guarded.send(delete).await;
    reply.expect_problem(403, "insufficient_scope");
    let challenge = r#"Bearer error="insufficient_scope", scope="https://codes.example/w""#;
    assert_eq!(reply.headers["www-authenticate"], challenge);
}

/// What a client can write: headers, query, path and body. None of it is a claim.
#[tokio::test]
async fn claims_in_what_a_client_sends_do_not_count() {
    let fixture = AccessFixture::new().await;
    let claims = with(of_org("codes:read codes:write codes:admin"), "authorizer", "x");
    let encode = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let token = format!("{}.{}.", encode(&json!({ "alg": "none" })), encode(&claims));
    let authorizer = json!({ "authorizer": { "jwt": { "claims": claims }, "claims": claims } });
    let context = json!({ "requestContext": authorizer, "authorizer": authorizer["authorizer"] });
    let own = path(&fixture.own);
    let headers = [
        ("authorization", format!("Bearer {token}")),
        ("x-amzn-oidc-data", token.clone()),
        ("x-amzn-oidc-identity", "someone".into()),
        ("cookie", format!("token={token}")),
        ("requestcontext", context.to_string()),
        ("authorizer", authorizer.to_string()),
    ];
    let in_headers = headers.iter().map(|(name, value)| Call::get(&own).header(name, value));
    let calls: Vec<_> = in_headers
        .chain([
            Call::get(&format!("{own}?scope=codes:admin&org_id={OWN_ORG}&access_token={token}")),
            Call::post(BASE, &context),
            Call::create(OWN_MENTOR, OWN_ORG).with("requestContext", context["requestContext"].clone()),
            Call { path: format!("{BASE}/\"authorizer\":{authorizer}"), ..Call::get(BASE) },
        ])
        .collect();
    for (kind, call) in Kind::ALL.into_iter().flat_map(|kind| calls.iter().map(move |call| (kind, call))) {
        let call = call.clone().kind(kind);
        assert_eq!(fixture.guarded.send(call.clone()).await.status, 401, "{call:?}");
        // Beside a token that allows less, it adds nothing either.
        if !matches!(kind, Kind::FunctionUrl | Kind::Alb) {
            let reply = fixture.guarded.send(call.clone().claims(&of_mentor("openid"))).await;
            assert!([403, 404].contains(&reply.status), "{call:?}: {reply:?}");
        }
    }
}

/// Nothing has verified a token in front of a function URL or a load balancer, whatever their events hold.
#[tokio::test]
async fn claims_in_an_event_of_a_function_url_or_a_load_balancer_do_not_count() {
    let fixture = AccessFixture::new().await;
    let claims = of_org("codes:read codes:write codes:admin");
    let iam = json!({ "userId": "AIDA", "userArn": "arn:aws:iam::123456789012:user/u" });
    for authorizer in [
        json!({ "jwt": { "claims": claims, "scopes": null } }),
        json!({ "lambda": claims }),
        json!({ "claims": claims }),
        claims.clone(),
        json!({ "iam": iam, "jwt": { "claims": claims } }),
    ] {
        let event = |kind| Call::get(&path(&fixture.own)).kind(kind).authorizer(authorizer.clone()).event();
        // A function URL whose domain is not told, by its host or by its account.
        let mut nameless = event(Kind::FunctionUrl);
        nameless["requestContext"]["domainName"] = Value::Null;
        let (mut by_host, mut by_account) = (nameless.clone(), nameless);
        by_host["headers"]["host"] = json!("abcdefgh.lambda-url.eu-north-1.on.aws");
        by_account["requestContext"]["accountId"] = json!("anonymous");
        // A load balancer's event with more fields than it has, so that it looks like a REST API's.
        let mut disguised = event(Kind::Alb);
        disguised["requestContext"]["httpMethod"] = json!("GET");
        disguised["requestContext"]["resourcePath"] = json!("/{proxy+}");
        disguised["resource"] = json!("/{proxy+}");
        let mut claiming = disguised.clone();
        claiming["authorizer"] = authorizer.clone();
        claiming["claims"] = claims.clone();
        for event in [event(Kind::FunctionUrl), by_host, by_account, event(Kind::Alb), disguised, claiming] {
            assert_eq!(fixture.guarded.answer(&event).await["statusCode"], 401, "{event}");
        }
    }
}

/// Claims count where each authorizer puts them, and nowhere else.
#[tokio::test]
async fn authorizer_of_another_shape_is_no_token() {
    let service = guarded().build().await;
    let (claims, other) = (without_org("codes:admin"), without_org("openid"));
    let iam = json!({ "userId": "AIDA" });
    for (kind, authorizer, status) in [
        (Kind::HttpApi, json!({ "jwt": null, "lambda": claims }), 200),
        (Kind::HttpApi, json!({ "iam": null, "jwt": { "claims": claims } }), 200),
        (Kind::HttpApi, json!({ "jwt": { "claims": claims }, "lambda": other }), 200),
        (Kind::HttpApi, json!({ "jwt": { "claims": other }, "lambda": claims }), 403),
        (Kind::HttpApi, json!({ "jwt": {}, "lambda": claims }), 401),
        (Kind::HttpApi, json!({ "iam": iam, "jwt": { "claims": claims } }), 401),
        (Kind::HttpApi, json!({ "iam": iam }), 401),
        (Kind::HttpApi, json!({ "claims": claims, "scope": "codes:admin" }), 401),
        (Kind::HttpApi, claims.clone(), 401),
        (Kind::HttpApi, json!({ "jwt": claims }), 401),
        (Kind::HttpApi, json!({ "jwt": { "claims": [claims] } }), 401),
        (Kind::HttpApi, json!({ "jwt": { "claims": claims.to_string() } }), 401),
        (Kind::HttpApi, json!({ "jwt": { "claims": {} } }), 401),
        (Kind::HttpApi, json!({ "jwt": null, "lambda": null }), 401),
        (Kind::HttpApi, json!([]), 401),
        (Kind::HttpApi, json!("codes:admin"), 401),
        (Kind::HttpApi, Value::Null, 401),
        (Kind::RestApi, json!({ "claims": claims, "scope": "openid" }), 200),
        (Kind::RestApi, json!({ "claims": other, "scope": "codes:admin" }), 403),
        (Kind::RestApi, json!({ "claims": "a text", "scope": "codes:admin" }), 200),
        (Kind::RestApi, json!({ "claims": null, "scopes": null }), 401),
        (Kind::RestApi, json!({}), 401),
        (Kind::RestApi, json!([claims]), 401),
        (Kind::RestApi, Value::Null, 401),
    ] {
        let reply = service.send(Call::get(BASE).kind(kind).authorizer(authorizer.clone())).await;
        assert_eq!(reply.status, status, "{kind:?} {authorizer}: {reply:?}");
    }
}

/// Of two claims or fields of one name none counts: a program in front may have gone by the other.
#[tokio::test]
async fn claim_or_field_that_stands_twice_makes_the_authorizer_unreadable() {
    let service = guarded().build().await;
    let claims = without_org("codes:admin");
    for (kind, authorizer) in [
        (Kind::HttpApi, json!({ "jwt": { "claims": claims } })),
        (Kind::HttpApi, json!({ "lambda": claims })),
        (Kind::RestApi, json!({ "claims": claims })),
        (Kind::RestApi, claims.clone()),
    ] {
        let event = Call::get(BASE).kind(kind).authorizer(authorizer.clone()).event().to_string();
        assert_eq!(service.answer_raw(event.clone()).await["statusCode"], 200, "{authorizer}");
        // Each name of the authorizer's, with a harmless value of its own before it.
        for (name, value) in [
            ("scope", "\"openid\""),
            ("scope", "\"codes:admin\""),
            ("sub", "null"),
            ("claims", "{}"),
            ("jwt", "null"),
            ("lambda", "null"),
            ("authorizer", "{}"),
        ] {
            let twice = event.replacen(&format!("\"{name}\":"), &format!("\"{name}\":{value},\"{name}\":"), 1);
            if twice.len() > event.len() {
                let status = &service.answer_raw(twice).await["statusCode"];
                assert!(status.is_u64() && *status != 200, "{name} {value} {authorizer}: {status}");
            }
        }
    }
}

/// Of two fields of one name a gateway could have gone by the other. So the event is refused, whichever comes first.
#[tokio::test]
async fn field_of_the_event_that_stands_twice_makes_it_unreadable() {
    let service = guarded().build().await;
    let call = Call::get(BASE).claims(&without_org("codes:admin"));
    let mut event = call.event();
    event["requestContext"]["accountId"] = json!("123456789012");
    let event = event.to_string();
    assert_eq!(service.answer_raw(event.clone()).await["statusCode"], 200);
    for (name, value) in [
        ("requestContext", r#"{"http":{"method":"GET"}}"#),
        ("http", r#"{"method":"GET"}"#),
        ("method", "\"GET\""),
        ("authorizer", "null"),
        ("accountId", "\"anonymous\""),
        ("domainName", "\"abcdefgh.lambda-url.eu-north-1.on.aws\""),
        ("stage", "\"prod\""),
        ("headers", "{}"),
        ("rawPath", "\"/r/JAN-VERV-8F3A\""),
    ] {
        let begin = format!("\"{name}\":");
        let first = event.replacen(&begin, &format!("{begin}{value},{begin}"), 1);
        assert!(first.len() > event.len(), "the event has no {name}");
        let (_, after) = event.split_once(&begin).unwrap();
        let value_length =
            serde_json::Deserializer::from_str(after).into_iter::<&RawValue>().next().unwrap().unwrap().get().len();
        let end = event.len() - after.len() + value_length;
        let last = format!("{},{begin}{value}{}", &event[..end], &event[end..]);
        for twice in [first, last] {
            let answer = service.answer_raw(twice.clone()).await;
            assert_eq!(answer["statusCode"], 400, "{twice}");
        }
    }
}
