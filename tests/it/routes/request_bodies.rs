//! What a body may be: its size, type and coding, and JSON that other parsers refuse or read in two ways.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
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
async fn type_is_json_once_or_twice_in_every_kind_of_event() {
    let service = TestService::new().await;
    for kind in Kind::ALL {
        for (types, is_json) in [
            (["application/json", "application/json"], true),
            (["application/json; charset=utf-8", "application/json"], true),
            (["application/json", ""], true),
            (["application/json; x=\"a,b\"", "application/json"], true),
            (["application/json", "text/plain"], false),
            (["text/plain", "application/json"], false),
        ] {
            let reply = Reply::read(&service.answer(&sent_twice(kind, "content-type", types)).await);
            assert_eq!(reply.status == 415, !is_json, "{kind:?} {types:?}: {reply:?}");
        }
    }
    let typed = async |media_type: &str| service.send(post(GOOD).header("content-type", media_type)).await;
    for media_type in ["Application/JSON; charset=utf-8", "application/vnd.api+json", "application/json ;x", ""] {
        assert!(typed(media_type).await.status < 300, "{media_type}");
    }
    assert!(service.send(Call::new("POST", BASE).body(GOOD)).await.status < 300);
    for media_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "json", "image/svg+json"]
    {
        typed(media_type).await.expect_problem(415, "unsupported_media_type");
    }
}

/// Compressed, it arrives as base64 in every kind of event.
#[tokio::test]
async fn compressed_body_is_415_and_told_to_come_as_it_is() {
    let service = TestService::new().await;
    for kind in Kind::ALL {
        for coding in "gzip|deflate|br|zstd|GZIP|x-gzip|identity, gzip|gzip, identity|compress|?".split('|') {
            for call in [post(GOOD), Call::put(&format!("{BASE}/rc_8f3a21bc"), &rotate_body("m"))] {
                let call = call.header("content-encoding", coding).body("H4sIAAAAAAAA/6tWyk3NKw==");
                let reply = service.send(Call { is_base64: true, ..call }.kind(kind)).await;
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
        let typed = service.send(post(GOOD).header("content-type", "text/plain").kind(kind)).await;
        assert!(typed.status == 415 && !typed.headers.contains_key("accept-encoding"), "{typed:?}");
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
        "123456789012345678901234567890123456789012345678901234567890",
        "-0",
        r#""\ud800""#,
        r#"["\ud800", {"\ud800": "\udfff"}]"#,
        r#""\u0000\b\/""#,
        r#"{"mentor_id":"other","mentor_id":7}"#,
        &deep("[", "]", 128),
        &deep("[", "]", 3000),
        &deep("{\"a\":", "}", 1000),
        "[[], {}, null, true, \"\u{10ffff}\u{feff}\"]",
    ] {
        for body in [
            format!("{{\"mentor_id\":\"m\",\"org_id\":\"o\", \"\\ud800\" : {value}\n}}"),
            format!(r#"{{"mentor_id":"m","x":{value},"org_id":"o","x":1}}"#),
            // A field of the other body means nothing in this one.
            format!(r#"{{"mentor_id":"m","org_id":"o","action":{value},"action":0,"":{value}}}"#),
        ] {
            let reply = service.send(post(&body)).await;
            assert!([200, 201].contains(&reply.status), "{body:.200}: {reply:?}");
        }
        let rotate = format!(r#"{{"org_id":{value},"mentor_id":"m","action":"rotate","org_id":1}}"#);
        let reply = service.send(Call::new("PUT", &format!("{BASE}/rc_00000000")).body(&rotate)).await;
        reply.expect_problem(404, "code_not_found");
    }
}

#[tokio::test]
async fn body_that_is_no_json_object_is_refused_with_the_reason() {
    let service = TestService::new().await;
    let refused = async |body: &str, reason: &str| {
        let problem = service.send(post(body)).await.expect_problem(400, "invalid_json");
        assert!(problem["detail"].as_str().unwrap().starts_with(reason), "{body:.100}: {problem}");
    };
    let values = "01|1.|.5|+1|1e|NaN|Infinity|0x1|'a'|\"a|\"\\x\"|\"\\ud80\"|\"\t\"|tru|[1,]|{a:1}|[1|1 2|// a\n1|";
    for value in values.split('|') {
        refused(&format!(r#"{{"mentor_id":"m","org_id":"o","x":{value}}}"#), "The body is not JSON: ").await;
    }
    for body in " |{|[1|[1,]|7 7|{]|{\"mentor_id\"}|{\"a\":1,}|{\"a\":1}}|{\"a\":1}{".split('|') {
        refused(body, "The body is not JSON: ").await;
    }
    let deep = format!("{}{}", "[".repeat(8000), "]".repeat(8000));
    for body in ["[]", "7", "\"\\ud800\"", "1e999", "null", " true ", &deep] {
        refused(body, "The body is JSON, but not an object. Send a JSON object.").await;
    }
    refused("", "The body is missing. Send a JSON object.").await;
    refused("\u{feff}{}", "The body begins with a UTF-8 byte order mark (EF BB BF).").await;
    // Inside the body it is a character like any other.
    let marked = r#"{"mentor_id":"m","org_id":"o","mentor_name":"\ufeffJan"}"#;
    service.send(post(marked)).await.expect(201);
    service.send(Call::new("POST", BASE)).await.expect_problem(400, "invalid_json");
    let encoded = |bytes: &[u8]| Call { is_base64: true, ..post(&BASE64_STANDARD.encode(bytes)) };
    let latin_1 = service.send(encoded(b"{\"mentor_id\":\"\xc5\"}")).await.expect_problem(400, "invalid_json");
    assert_eq!(latin_1["detail"], "The body is not UTF-8. Send a JSON object in UTF-8.");
    service.send(encoded(GOOD.as_bytes())).await.expect(200);
}

#[tokio::test]
async fn body_over_16_kib_returns_413() {
    let service = TestService::new().await;
    let of_length = |length: usize| format!("{GOOD}{}", " ".repeat(length - GOOD.len()));
    service.send(post(&of_length(16 * 1024))).await.expect(201);
    service.send(post(&of_length(16 * 1024 + 1))).await.expect_problem(413, "body_too_large");
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
        (
            r#"{"mentor_id":"m","org_id":"o","expires_at":"2026-12-31T23:59Z"}"#,
            "/expires_at",
            "must be an RFC 3339 time, like 2027-01-31T12:00:00Z: it needs a T before the time, seconds, and Z or an offset, and such a day and time must exist",
        ),
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
