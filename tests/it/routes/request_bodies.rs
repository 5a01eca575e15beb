//! What a body may be: its type and coding, and JSON that other parsers refuse or read in two ways.

use dev::{BASE, Call, Kind, Reply, TestService, rotate_body};
use serde_json::{Value, json};

const GOOD: &str = r#"{"mentor_id":"m","org_id":"o"}"#;

fn post(body: &str) -> Call {
    Call::new("POST", BASE).header("content-type", "application/json").body(body)
}

/// The event of a header that was sent twice, as each gateway hands it over.
fn sent_twice(kind: Kind, name: &str, values: [&str; 2]) -> Value {
    let mut event = Call::new("POST", BASE).header(name, values[1]).body(GOOD).kind(kind).event();
    match kind {
        Kind::HttpApi | Kind::FunctionUrl => event["headers"][name] = json!(values.join(",")),
        Kind::RestApi => event["multiValueHeaders"][name] = json!(values),
        Kind::Alb => {
            let headers = event["headers"].as_object().unwrap().iter();
            let mut lists: Value = headers.map(|(name, value)| (name.clone(), json!([value]))).collect();
            lists[name] = json!(values);
            event["multiValueHeaders"] = lists;
            event.as_object_mut().unwrap().remove("headers");
        }
    }
    event
}

#[tokio::test]
async fn type_that_is_sent_twice_counts_as_one_in_every_kind_of_event() {
    let service = TestService::new().await;
    for (types, is_json) in [
        (["application/json", "application/json"], true),
        (["application/json; charset=utf-8", "application/json"], true),
        (["application/json", ""], true),
        (["application/json; x=\"a,b\"", "application/json"], true),
        (["application/json", "text/plain"], false),
        (["text/plain", "application/json"], false),
    ] {
        for kind in Kind::ALL {
            let reply = Reply::read(&service.answer(&sent_twice(kind, "content-type", types)).await);
            if is_json {
                assert!([200, 201].contains(&reply.status), "{kind:?} {types:?}: {reply:?}");
            } else {
                reply.expect_problem(415, "unsupported_media_type");
            }
        }
    }
}

/// Compressed, it arrives as base64 in every kind of event.
#[tokio::test]
async fn compressed_body_is_415_and_told_to_come_as_it_is() {
    let service = TestService::new().await;
    for kind in Kind::ALL {
        for coding in
            ["gzip", "deflate", "br", "zstd", "GZIP", "x-gzip", "identity, gzip", "gzip, identity", "compress", "?"]
        {
            for call in [post(GOOD), Call::put(&format!("{BASE}/rc_8f3a21bc"), &rotate_body("m"))] {
                let mut call = call
                    .header("content-encoding", coding)
                    .body("H4sIAAAAAAAA/6tWyk3NK8kvis9MUbJSylXSUcovSgcxgSwlHaXEkpLUvBKgAFAGyMvMTYURtQCBqZpxMwAAAA==");
                call.is_base64 = true;
                let reply = service.send(call.kind(kind)).await;
                reply.expect_problem(415, "unsupported_media_type");
                assert_eq!(reply.headers["accept-encoding"], "identity", "{kind:?} {coding}");
            }
        }
        for coding in ["identity", "Identity", "", "identity, identity", " , identity"] {
            let reply = service.send(post(GOOD).header("content-encoding", coding).kind(kind)).await;
            assert!([200, 201].contains(&reply.status), "{kind:?} {coding:?}: {reply:?}");
        }
        let twice = Reply::read(&service.answer(&sent_twice(kind, "content-encoding", ["identity", "gzip"])).await);
        twice.expect_problem(415, "unsupported_media_type");
        // Another type is another reason.
        let typed =
            service.send(Call::new("POST", BASE).header("content-type", "text/plain").body(GOOD).kind(kind)).await;
        typed.expect_problem(415, "unsupported_media_type");
        assert!(!typed.headers.contains_key("accept-encoding"), "{typed:?}");
    }
}

/// What JSON allows and many parsers do not, where it means nothing here.
#[tokio::test]
async fn ignored_field_may_hold_any_json() {
    let service = TestService::new().await;
    let deep = |open: &str, close: &str, depth: usize| format!("{}1{}", open.repeat(depth), close.repeat(depth));
    for value in [
        "1e999",
        "-1e999999999",
        "1e-99999",
        "123456789012345678901234567890123456789012345678901234567890",
        "0.1234567890123456789012345678901234567890",
        "-0",
        r#""\ud800""#,
        r#""\udc00\ud800 x""#,
        r#"["\ud800", {"\ud800": "\udfff"}]"#,
        r#""\u0000\b\/""#,
        r#"{"a":1,"a":2}"#,
        r#"{"mentor_id":"other","mentor_id":7}"#,
        &deep("[", "]", 127),
        &deep("[", "]", 128),
        &deep("[", "]", 3000),
        &deep("{\"a\":", "}", 1000),
        "[[], {}, null, true, \"\u{10ffff}\u{feff}\"]",
    ] {
        for body in [
            format!(r#"{{"x":{value},"mentor_id":"m","org_id":"o"}}"#),
            format!("{{\"mentor_id\":\"m\",\"org_id\":\"o\", \"\\ud800\" : {value}\n}}"),
            format!(r#"{{"mentor_id":"m","x":{value},"org_id":"o","x":1}}"#),
            // A field of the other body means nothing in this one.
            format!(r#"{{"mentor_id":"m","org_id":"o","action":{value},"action":0,"":{value}}}"#),
        ] {
            let reply = service.send(post(&body)).await;
            assert!([200, 201].contains(&reply.status), "{body:.200}: {reply:?}");
        }
        let id = "rc_00000000";
        let rotate = format!(r#"{{"org_id":{value},"mentor_id":"m","action":"rotate","org_id":1}}"#);
        let reply = service.send(Call::new("PUT", &format!("{BASE}/{id}")).body(&rotate)).await;
        reply.expect_problem(404, "code_not_found");
    }
}

#[tokio::test]
async fn body_that_is_no_json_is_refused_even_in_an_ignored_field() {
    let service = TestService::new().await;
    for value in [
        "01",
        "1.",
        ".5",
        "+1",
        "1e",
        "NaN",
        "Infinity",
        "0x1",
        "'a'",
        "\"a",
        "\"\\x\"",
        "\"\\ud80\"",
        "\"\t\"",
        "tru",
        "[1,]",
        "{a:1}",
        "[1",
        "1 2",
        "// a\n1",
        "",
    ] {
        let body = format!(r#"{{"mentor_id":"m","org_id":"o","x":{value}}}"#);
        let problem = service.send(post(&body)).await.expect_problem(400, "invalid_json");
        assert!(problem["detail"].as_str().unwrap().starts_with("The body is not JSON: "), "{value}: {problem}");
    }
    for body in ["[1", "[1,]", "7 7", "{]", "{\"mentor_id\"}", "{\"a\":1,}", "{\"a\":1}}"] {
        let problem = service.send(post(body)).await.expect_problem(400, "invalid_json");
        assert!(problem["detail"].as_str().unwrap().starts_with("The body is not JSON: "), "{body}: {problem}");
    }
    for body in ["[]", "7", "\"\\ud800\"", "1e999", "null", " true "] {
        let problem = service.send(post(body)).await.expect_problem(400, "invalid_json");
        assert_eq!(problem["detail"], "The body is JSON, but not an object. Send a JSON object.", "{body}");
    }
}

/// Two readers would take two values, and half of a surrogate pair is no text.
#[tokio::test]
async fn known_field_that_is_given_twice_or_is_no_text_is_422() {
    const TWICE: &str = "must be given once";
    const HALF: &str = "must be Unicode text: an escape like \\ud83d needs its other half";
    let service = TestService::new().await;
    let post_errors = [
        (r#"{"mentor_id":"m","org_id":"o","mentor_id":"m"}"#, "/mentor_id", TWICE),
        (r#"{"mentor_id":"m","org_id":"o","mentor_i\u0064":"n"}"#, "/mentor_id", TWICE),
        (r#"{"mentor_id":"m","org_id":"o","org_id":"p"}"#, "/org_id", TWICE),
        (r#"{"mentor_id":"m","org_id":"o","org_id":"o","org_id":"o"}"#, "/org_id", TWICE),
        (r#"{"mentor_id":"m","org_id":"o","mentor_name":"Jan","mentor_name":null}"#, "/mentor_name", TWICE),
        (r#"{"mentor_id":"m","org_id":"o","expires_at":null,"expires_at":null}"#, "/expires_at", TWICE),
        (r#"{"mentor_id":"m","org_id":"o","mentor_name":"\ud83d"}"#, "/mentor_name", HALF),
        (r#"{"mentor_id":"\udc00","org_id":"o"}"#, "/mentor_id", HALF),
        (r#"{"mentor_id":"m","org_id":["o"]}"#, "/org_id", "must be a string"),
        (r#"{"mentor_id":1e999,"org_id":"o"}"#, "/mentor_id", "must be a string"),
        (r#"{"mentor_id":null,"org_id":"o"}"#, "/mentor_id", "must be a string"),
    ];
    for (body, pointer, detail) in post_errors {
        let problem = service.send(post(body)).await.expect_problem(422, "validation_failed");
        assert_eq!(problem["errors"], json!([{ "pointer": pointer, "detail": detail }]), "{body}");
    }
    let put = |body: &str| Call::new("PUT", &format!("{BASE}/rc_00000000")).body(body);
    for (body, pointer) in [
        (r#"{"mentor_id":"m","action":"rotate","action":"rotate"}"#, "/action"),
        (r#"{"mentor_id":"m","action":"rotate","mentor_id":"m"}"#, "/mentor_id"),
    ] {
        let problem = service.send(put(body)).await.expect_problem(422, "validation_failed");
        assert_eq!(problem["errors"], json!([{ "pointer": pointer, "detail": TWICE }]), "{body}");
    }
    // A whole pair is a character, and an escaped name is that name.
    let emoji = r#"{"mentor_i\u0064":"m","org_id":"o","mentor_name":"\ud83d\ude00 Jan","expires_at":null}"#;
    let code = service.send(post(emoji)).await.expect(201);
    assert!(code["code"].as_str().unwrap().starts_with("JAN-VERV-"), "{code}");
}

/// Each says what is wrong, after the form that is right.
#[tokio::test]
async fn time_that_is_not_rfc_3339_is_422_with_the_reason() {
    let service = TestService::new().await;
    for (time, reason) in [
        ("2026-12-31123:59:59Z", "the date is not followed by a T"),
        ("2026-12-31\n23:59:59Z", "the date is not followed by a T"),
        ("2026-12-31\u{0}23:59:59Z", "the date is not followed by a T"),
        ("2026-12-31T23:59:59+0100", "its offset is not of the form +01:00"),
        ("2026-12-31T23:59Z", "it has no seconds, like 12:00:00"),
        ("2026-12-31T23:59:59+01:00[Europe/Oslo]", "something follows the offset from UTC"),
    ] {
        let body = json!({ "mentor_id": "m", "org_id": "o", "expires_at": time });
        let problem = service.send(Call::post(BASE, &body)).await.expect_problem(422, "validation_failed");
        let detail = format!("must be an RFC 3339 time, like 2027-01-31T12:00:00Z: {reason}");
        assert_eq!(problem["errors"], json!([{ "pointer": "/expires_at", "detail": detail }]), "{time:?}");
    }
    for time in ["2026-12-31t23:59:59z", "2027-01-01T00:59:59.000000001+01:00", "2026-12-31T23:59:59-00:00"] {
        let body = json!({ "mentor_id": time.replace('+', "-"), "org_id": "o", "expires_at": time });
        let code = service.send(Call::post(BASE, &body)).await.expect(201);
        assert_eq!(code["expires_at"], "2026-12-31T23:59:59Z", "{time}");
    }
}
