//! What a deployment puts before a path: a stage, and the key of an API mapping (`PATH_PREFIX`).

use dev::{BASE, Call, Kind, Reply, TestService, create_body};
use serde_json::{Value, json};

use super::with_jan;

const CODE: &str = "JAN-VERV-8F3A";

/// A service with the owner's example code, behind a mapping.
async fn mapped(prefix: &'static str) -> TestService {
    with_jan(TestService::builder().in_process().setting("CONSOLE", "on").setting("PATH_PREFIX", prefix)).await
}

/// Every path that is served, and one request for it of each method.
fn calls(before: &str) -> Vec<Call> {
    let mut calls = Vec::new();
    for slash in ["", "/"] {
        for base in [BASE.to_owned(), format!("{BASE}{BASE}")] {
            calls.push(Call::post(&format!("{before}{base}{slash}"), &create_body("usr_4491", "org_002")));
            for below in ["", "/rc_8f3a21bc", "/rc_8f3a21bc/url"] {
                let path = format!("{before}{base}{below}{slash}");
                calls.extend(["GET", "HEAD", "OPTIONS", "PATCH"].map(|method| Call::new(method, &path)));
            }
        }
        for path in ["/r/JAN-VERV-8F3A", "/R/jan-verv-8f3a.SVG", "/openapi.yaml", "/console", "/console/console.js"] {
            let path = format!("{before}{path}{slash}");
            calls.extend(["GET", "HEAD", "OPTIONS", "POST"].map(|method| Call::new(method, &path)));
        }
    }
    calls
}

/// What an answer is but for the prefix in its headers, and the length of a description that names it.
fn comparable(mut reply: Reply, prefix: &str) -> (u64, String, Vec<(String, String)>) {
    reply.body = reply.body.replacen(&format!("- url: {prefix}\n"), "- url: /\n", usize::from(!prefix.is_empty()));
    let headers = reply.headers.into_iter().filter(|(name, _)| !["etag", "content-length"].contains(&name.as_str()));
    let without = |value: String| {
        let value = value.replace(&format!("{prefix}{BASE}"), BASE);
        value.replace(&format!("{prefix}/console"), "/console")
    };
    (reply.status, reply.body, headers.map(|(name, value)| (name, without(value))).collect())
}

/// Behind each prefix and each order of both, every method of every route answers as without, and leads on behind it.
#[tokio::test]
async fn every_route_answers_alike_behind_every_prefix() {
    let service = mapped("/codes/v2").await;
    let mut tried = 0;
    for kind in Kind::ALL {
        let mut expected = Vec::new();
        for plain in calls("") {
            expected.push(comparable(service.send(plain.kind(kind)).await, ""));
        }
        // A function URL and a load balancer have no stage.
        let stages: &[_] = if [Kind::HttpApi, Kind::RestApi].contains(&kind) { &["prod"] } else { &[] };
        let behind_stage = stages.iter().flat_map(|stage| {
            let before = [format!("/{stage}"), format!("/{stage}/codes/v2"), format!("/codes/v2/{stage}")];
            before.map(|before| (*stage, before))
        });
        for (stage, before) in behind_stage.chain([("$default", "/codes/v2".to_owned())]) {
            for (call, expected) in calls(&before).into_iter().zip(&expected) {
                // With less taken off it is a route already: `/r/console`, `/console/console`.
                if !is_route_as_it_stands(&call.path.replace("/codes/v2", "")) {
                    let shown = format!("{kind:?} {stage} {} {}", call.method, call.path);
                    let reply = service.send(call.kind(kind).stage(stage)).await;
                    assert_eq!(&comparable(reply, &before), expected, "{shown}");
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 350, "{tried}");
}

fn is_route_as_it_stands(path: &str) -> bool {
    let segments: Vec<_> = path.trim_matches('/').split('/').collect();
    ["r", "console"].contains(&segments[0]) && segments.len() == 2
}

/// A stage may have the name of a segment of ours. A text that no short link and no file of the console has is no route as it
/// stands.
#[tokio::test]
async fn path_that_is_a_route_as_it_stands_is_that_route_whatever_the_stage_is_called() {
    let service = mapped("/codes").await;
    for kind in [Kind::HttpApi, Kind::RestApi] {
        for plain in calls("") {
            let expected = service.send(plain.clone().kind(kind)).await;
            for stage in ["api", "r", ""] {
                let reply = service.send(plain.clone().kind(kind).stage(stage)).await;
                assert_eq!(reply, expected, "{kind:?} {stage} {} {}", plain.method, plain.path);
            }
        }
    }
    for stage in ["r", "R", "console"] {
        for path in ["/openapi.yaml", "/console"] {
            let plain = service.send(Call::get(path)).await;
            let staged = service.send(Call::get(&format!("/{stage}{path}")).stage(stage)).await;
            let shown = [plain, staged].map(|reply| (reply.status, reply.headers["content-type"].clone()));
            assert_eq!(shown[0], shown[1], "{stage} {path}");
        }
    }
}

/// A REST API takes the stage off the path itself; `requestContext.path` has it.
#[tokio::test]
async fn answer_leads_on_behind_the_stage_that_a_rest_api_has_taken_off() {
    let service = mapped("/codes").await;
    for (stage, path, sent, prefix) in [
        ("prod", "", "/prod", "/prod"),
        ("api", "", "/api", "/api"),
        ("r", "", "/r", "/r"),
        ("prod", "/codes", "/codes", "/codes"),
        ("prod", "/codes/prod", "/codes/prod", "/codes/prod"),
        ("prod", "/prod", "/prod", "/prod"),
        ("prod", "", "", ""),
        // What no stage and no setting explains is not led to.
        ("prod", "", "/elsewhere", ""),
        ("prod", "", "//evil.example", ""),
    ] {
        let at = |call: Call, route: &str| {
            let mut event = call.kind(Kind::RestApi).stage(stage).event();
            event["requestContext"]["path"] = json!(format!("{sent}{route}"));
            event
        };
        let call = |route: &str| Call::get(&format!("{path}{route}"));
        let shown = format!("{stage} {path} {sent}");
        let post = Call::post(&format!("{path}{BASE}"), &create_body("usr_4491", "org_002"));
        let made = Reply::read(&service.answer(&at(post, BASE)).await);
        assert_eq!(made.headers["location"], format!("{prefix}{BASE}/rc_8f3a21bc"), "{shown}");
        let csv = call(BASE).header("accept", "text/csv");
        let list = Reply::read(&service.answer(&at(csv, BASE)).await);
        assert!(list.headers["link"].starts_with(&format!("<{prefix}{BASE}?page=1&limit=20>")), "{shown}: {list:?}");
        let described = Reply::read(&service.answer(&at(call("/openapi.yaml"), "/openapi.yaml")).await);
        let server = if prefix.is_empty() { "/" } else { prefix };
        assert!(described.body.contains(&format!("servers:\n  - url: {server}\n")), "{shown}");
        let console = Reply::read(&service.answer(&at(call("/console/?page=2"), "/console/")).await);
        assert_eq!(console.headers["location"], format!("{prefix}/console?page=2"), "{shown}");
    }
}

#[tokio::test]
async fn prefix_that_neither_the_event_nor_the_setting_names_is_no_path() {
    let service = mapped("/codes").await;
    let prefixes = "/elsewhere /Codes /code /codes/codes /codesx /prod/prod /prod/codes/prod /codes// //prod";
    for before in prefixes.split(' ') {
        for kind in [Kind::HttpApi, Kind::RestApi] {
            let reply = service.send(Call::get(&format!("{before}{BASE}")).kind(kind).stage("prod")).await;
            reply.expect_problem(404, "route_not_found");
        }
    }
    // Without the setting, not even where the gateway names a route of ours: the other methods of the path would have none.
    let without = TestService::new().await;
    let call = Call::get(&format!("/codes{BASE}"));
    without.send(call.clone()).await.expect_problem(404, "route_not_found");
    let reply = Reply::read(&without.answer(&matched(&call, BASE, 0)).await);
    reply.expect_problem(404, "route_not_found");
}

/// The event as a gateway sends it that has matched this route, in either of the places that name it.
fn matched(call: &Call, route: &str, place: usize) -> Value {
    let mut event = call.event();
    let (outer, inner) =
        if call.kind == Kind::HttpApi { ("routeKey", "routeKey") } else { ("resource", "resourcePath") };
    let name = if call.kind == Kind::HttpApi { format!("ANY {route}") } else { route.to_owned() };
    match place {
        0 => event[outer] = json!(name),
        _ => event["requestContext"][inner] = json!(name),
    }
    event
}

/// An open route of a gateway has no authorizer and another throttle. A prefix is no way through it.
#[tokio::test]
async fn open_route_of_a_gateway_leads_to_open_routes_only() {
    let builder = TestService::builder().in_process().setting("CONSOLE", "on");
    let service = with_jan(builder.setting("PATH_PREFIX", "/codes")).await;
    service.faults.take();
    for kind in [Kind::HttpApi, Kind::RestApi] {
        for (stage, route, before) in [
            ("r", "/r/{proxy+}", "/r"),
            ("R", "/R/{proxy+}", "/R"),
            ("console", "/console/{file}", "/console"),
            ("console", "/console/{proxy+}", "/console"),
            ("openapi.yaml", "/openapi.yaml/{proxy+}", "/openapi.yaml"),
            ("r", "/codes/r/{proxy+}", "/codes/r"),
            ("r", "/r/{proxy+}", "/r/codes"),
            ("prod", "/r/{proxy+}", "/prod"),
            ("prod", "/prod/r/{proxy+}", "/prod"),
            ("prod", "/r/{proxy+}", ""),
        ] {
            for plain in calls("").into_iter().filter(|call| call.path.starts_with("/api")) {
                let call = Call { path: format!("{before}{}", plain.path), ..plain }.kind(kind).stage(stage);
                for place in 0..2 {
                    let reply = Reply::read(&service.answer(&matched(&call, route, place)).await);
                    assert_eq!(reply.status, 404, "{kind:?} {route} {} {}: {reply:?}", call.method, call.path);
                }
            }
        }
        assert!(service.faults.take().is_empty(), "none of them asks the table");
        let link = Call::get(&format!("/r/{CODE}")).kind(kind).stage("r");
        let reply = Reply::read(&service.answer(&matched(&link, "/r/{proxy+}", 0)).await);
        assert_eq!(reply.status, 302, "what is open is served through it");
        service.faults.take();
        // A route that is guarded, or the gateway's default, leads to both.
        for route in [BASE, "/api/v1/referral-codes/{id}", "/{proxy+}", "/codes/{proxy+}", "$default", "/"] {
            for (path, status) in [
                (BASE, 200),
                (&*format!("/codes{BASE}"), 200),
                (&*format!("/api{BASE}"), 200),
                (&*format!("/r/{CODE}"), 302),
                ("/openapi.yaml", 200),
            ] {
                let call = Call::get(path).kind(kind).stage("api");
                let reply = Reply::read(&service.answer(&matched(&call, route, 0)).await);
                assert_eq!(reply.status, status, "{kind:?} {route} {path}");
            }
        }
        service.faults.take();
    }
}
