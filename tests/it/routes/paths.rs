//! The paths of the routes, and the methods of each.

use std::collections::BTreeSet;

use dev::{BASE, Call, Kind, TestService};
use referral_codes::http::{PathPattern, ROUTES, RouteSpec};

/// The forms of a route's paths.
pub fn paths(route: &RouteSpec) -> Vec<String> {
    match route.path {
        PathPattern::BelowBase(below) => vec![format!("{BASE}{below}"), format!("{BASE}{BASE}{below}")],
        PathPattern::Absolute(path) | PathPattern::AnyCase(path) => vec![path.to_owned()],
    }
}

/// The same as API Gateway declares them. There, braces are a whole segment.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>
pub fn declared_paths(route: &RouteSpec) -> Vec<String> {
    let whole = |segment: &str| segment.find('}').map_or(segment.len(), |end| end + 1);
    let declared =
        |path: String| path.split('/').map(|segment| &segment[..whole(segment)]).collect::<Vec<_>>().join("/");
    paths(route).into_iter().map(declared).collect()
}

#[tokio::test]
async fn unknown_paths_return_404_with_the_request_id_of_the_log() {
    let service = TestService::builder().setting("CONSOLE", "on").build().await;
    let elsewhere = " / /elsewhere /api/v1 /api/v1/referral-code /API/v1/referral-codes /Console /openapi.YAML";
    let below = "x // /x/y /r/x /rc_8f3a21bc//url /rc_8f3a21bc/qr /rc_8f3a21bc/url/x";
    let below = below.split(' ').map(|below| format!("{BASE}{below}"));
    let others = [format!("/x{BASE}"), format!("{BASE}{BASE}{BASE}/x")];
    for path in elsewhere.split(' ').map(str::to_owned).chain(below).chain(others) {
        for method in ["GET", "OPTIONS"] {
            let reply = service.send(Call::new(method, &path)).await;
            assert_eq!(reply.expect_problem(404, "route_not_found")["request_id"], "test-request", "{path}");
            assert!(!reply.headers.contains_key("allow"), "{path}: {reply:?}");
        }
    }
}

/// The table of routes is the one source: `Allow` lists its methods, HEAD beside each GET, and OPTIONS.
#[tokio::test]
async fn options_and_405_list_what_the_table_of_routes_says_in_every_kind_of_event() {
    let service = TestService::builder().setting("CONSOLE", "on").build().await;
    service.faults.take();
    for path in ROUTES.iter().flat_map(declared_paths) {
        let routes = ROUTES.iter().filter(|route| declared_paths(route).contains(&path));
        let mut expected: BTreeSet<_> = routes.map(|route| route.method).chain(["OPTIONS"]).collect();
        if expected.contains("GET") {
            expected.insert("HEAD");
        }
        let expected = Vec::from_iter(expected).join(", ");
        for (kind, slash) in Kind::ALL.into_iter().flat_map(|kind| [(kind, ""), (kind, "/")]) {
            let path = format!("{}{slash}?page=x", path.replace("{id}", "whatever"));
            let options = service.send(Call::new("OPTIONS", &path).kind(kind)).await;
            assert_eq!((options.status, &options.headers["allow"]), (204, &expected), "{kind:?} {path}");
            for absent in ["content-type", "content-length"] {
                assert!(!options.headers.contains_key(absent), "a 204 has no {absent}: {options:?}");
            }
            for method in ["PATCH", "get"] {
                let refused = service.send(Call::new(method, &path).kind(kind)).await;
                refused.expect_problem(405, "method_not_allowed");
                assert_eq!(refused.headers["allow"], expected, "{kind:?} {path}");
            }
        }
    }
    assert!(service.faults.take().is_empty(), "none of them reads the table");
}
