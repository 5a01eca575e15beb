//! Malformed input: for any event the answer is well formed, and it is never a panic and never a 5xx.
//!
//! Each property runs 256 cases, or the number in `PROPTEST_CASES`. `PROPTEST_RNG_SEED` repeats a run. What a long run
//! finds becomes a test with a name, at the end of this file.

pub mod generators;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use dev::{BASE, Call, Kind, Reply, TestService};
use generators::{field, fixtures, json_value, kind, mutate, mutation, text, time};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

/// A service with one code in its table, for calls without `await`, as proptest makes them.
struct Blocking {
    runtime: tokio::runtime::Runtime,
    service: TestService,
}

impl Blocking {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let service = runtime.block_on(async {
            let service = TestService::builder().ids(&["8f3a21bc"]).build().await;
            service.create("usr_4491", "org_002").await;
            service
        });
        Self { runtime, service }
    }

    /// The reply to an event. It is one that the description of the API has, as every answer to a [`TestService`] is.
    fn answer(&self, event: &str) -> Reply {
        let answer = self.runtime.block_on(self.service.answer_raw(event.to_owned()));
        for (name, value) in
            ["headers", "multiValueHeaders"].iter().filter_map(|name| answer[name].as_object()).flatten()
        {
            let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            assert!(!values.is_empty() && values.iter().all(Value::is_string), "{name}: {answer}");
        }
        let reply = Reply::read(&answer);
        assert!((200..500).contains(&reply.status), "{answer}");
        reply
    }
}

/// Sends the values of a strategy as events. Each reply must be well formed, and the expected one.
fn every<T: std::fmt::Debug>(
    strategy: impl Strategy<Value = T>,
    event: impl Fn(&T) -> String,
    is_expected: impl Fn(&T, &Reply) -> bool,
) {
    let service = Blocking::new();
    // A failing case becomes a test of its own, not an entry in a file of seeds.
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let outcome = TestRunner::new(config).run(&strategy, |value| {
        let reply = service.answer(&event(&value));
        prop_assert!(is_expected(&value, &reply), "{:?}", reply);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

/// Any JSON in place of the whole event is one of the mutations, and any text in place of a string is most of them.
#[test]
fn mutated_fixture_is_answered() {
    let fixtures = fixtures();
    let events = (any::<Index>(), vec(mutation(), 1..6)).prop_map(move |(nth, mutations)| {
        let mut event = nth.get(&fixtures).clone();
        for (place, mutation) in mutations {
            mutate(&mut event, place, &mutation);
        }
        event
    });
    every(events, Value::to_string, |_, _| true);
}

/// The gateways decode the path, so it may contain any character. An invalid id has no code.
#[test]
fn path_with_any_unknown_id_returns_404() {
    let path =
        (kind(), text().prop_filter("one segment", |text| !text.is_empty() && !text.contains('/')), any::<bool>());
    every(
        path,
        |(kind, id, of_url)| {
            let mut call = Call::get("").kind(*kind);
            call.path = format!("{BASE}/{id}{}", if *of_url { "/url" } else { "" });
            call.event().to_string()
        },
        |(_, id, _), reply| reply.status == if id == "rc_8f3a21bc" { 200 } else { 404 },
    );
}

#[test]
fn body_with_any_content_is_accepted_or_refused() {
    let good = json!({ "mentor_id": "usr_4491", "org_id": "org_002", "action": "rotate" });
    let value = || prop_oneof![2 => text().prop_map(Value::from), 1 => time().prop_map(Value::from), 1 => json_value()];
    let body = prop_oneof![
        1 => vec(any::<u8>(), 0..64),
        1 => json_value().prop_map(|value| value.to_string().into_bytes()),
        1 => (0..20_000_usize, text()).prop_map(|(depth, text)| format!("{}{text}", "[".repeat(depth)).into_bytes()),
        3 => btree_map(field(), value(), 0..4).prop_map(move |fields| {
            let mut body = good.clone();
            body.as_object_mut().unwrap().extend(fields);
            body.to_string().into_bytes()
        }),
        2 => ("[A-Za-z0-9_.:-]{1,3}", text(), time()).prop_map(|(mentor, name, time)| {
            let body = json!({ "mentor_id": mentor, "org_id": "o", "mentor_name": name, "expires_at": time });
            body.to_string().into_bytes()
        }),
    ];
    let expected = [200, 201, 400, 403, 404, 409, 413, 415, 422];
    every(
        (kind(), any::<bool>(), body),
        |(kind, post, body)| {
            let mut call =
                if *post { Call::new("POST", BASE) } else { Call::new("PUT", &format!("{BASE}/rc_8f3a21bc")) };
            call = call.kind(*kind).body(&BASE64_STANDARD.encode(body));
            call.is_base64 = true;
            call.event().to_string()
        },
        |_, reply| expected.contains(&reply.status),
    );
}

/// JSON that the generators cannot produce: text that is valid JSON and yet no value, or so deep that recursion overflows.
#[test]
fn json_that_is_hard_to_parse_is_answered() {
    let service = Blocking::new();
    let good = Call::get(&format!("{BASE}/rc_8f3a21bc")).event().to_string();
    let with = |more: &str| format!("{},{more}}}", good.strip_suffix('}').unwrap());
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    for (event, status) in [
        (deep(500_000), 400),
        (with(&format!(r#""more":{}"#, deep(100))), 200),
        (with(&format!(r#""more":{}"#, deep(500_000))), 200),
        (with(&format!(r#""stageVariables":{{"a":{}}}"#, deep(500_000))), 200),
        (with(&format!(r#""cookies":{}"#, deep(500_000))), 200),
        (with(&format!(r#""body":{}"#, deep(500_000))), 400),
        (with(r#""more":"\ud800""#), 200),
        (with(r#""stageVariables":{"a":"\ud800"}"#), 200),
        (with(r#""body":"\ud800""#), 400),
        (with(r#""more":1e999999"#), 200),
        (with(r#""rawPath":"/""#), 400),
        (with(r#""pathParameters":{"id":"a","id":"b"}"#), 200),
    ] {
        let reply = service.answer(&event);
        assert_eq!(reply.status, status, "{event:.300}: {reply:?}");
    }
}

#[test]
fn input_too_large_for_a_gateway_is_answered() {
    let service = Blocking::new();
    for kind in Kind::ALL {
        let large = "x".repeat(128 << 10);
        let mut call = Call::get(&format!("{BASE}/{large}")).kind(kind);
        assert_eq!(service.answer(&call.event().to_string()).status, 400, "a URI has at most 64 KiB");
        call = Call::get(&format!("{BASE}/rc_8f3a21bc")).header("x-large", &large).kind(kind);
        assert_eq!(service.answer(&call.event().to_string()).status, 200);
        call = Call::new("POST", BASE).body(&large).kind(kind);
        assert_eq!(service.answer(&call.event().to_string()).status, 413);
    }
}

#[test]
fn parameter_without_values_returns_400() {
    let service = Blocking::new();
    for kind in [Kind::RestApi, Kind::Alb] {
        let mut event = Call::get(BASE).kind(kind).event();
        event["multiValueQueryStringParameters"] = json!({ "page": [] });
        service.answer(&event.to_string()).expect_problem(400, "invalid_parameter");
    }
}
