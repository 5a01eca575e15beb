//! OPTIONS: the methods of a path.

use std::collections::BTreeSet;

use dev::{BASE, Call, Kind, TestService};
use referral_codes::http::{ROUTES, RouteSpec};

/// The table of routes is the one source: `Allow` lists its methods, HEAD beside each GET, and OPTIONS.
#[tokio::test]
async fn options_and_405_list_what_the_table_of_routes_says_in_every_kind_of_event() {
    let service = TestService::builder().setting("CONSOLE", "on").build().await;
    service.faults.take();
    for path in ROUTES.iter().flat_map(RouteSpec::declared_paths) {
        let routes = ROUTES.iter().filter(|route| route.declared_paths().contains(&path));
        let mut expected: BTreeSet<_> = routes.map(|route| route.method).chain(["OPTIONS"]).collect();
        if expected.contains("GET") {
            expected.insert("HEAD");
        }
        let expected = Vec::from_iter(expected).join(", ");
        for (kind, slash) in Kind::ALL.into_iter().flat_map(|kind| [(kind, ""), (kind, "/")]) {
            let path = format!("{}{slash}?page=x", path.replace("{id}", "whatever"));
            let options = service.send(Call::new("OPTIONS", &path).kind(kind)).await;
            assert_eq!((options.status, options.body.as_str()), (204, ""), "{kind:?} {path}");
            assert_eq!(options.headers["allow"], expected, "{kind:?} {path}");
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

#[tokio::test]
async fn options_of_a_path_that_does_not_exist_is_404() {
    let service = TestService::new().await;
    for kind in Kind::ALL {
        for path in ["/", "/elsewhere", "/api/v1", &format!("{BASE}x"), &format!("{BASE}//"), &format!("{BASE}/x/y")] {
            let reply = service.send(Call::new("OPTIONS", path).kind(kind)).await;
            reply.expect_problem(404, "route_not_found");
            assert!(!reply.headers.contains_key("allow"), "{kind:?} {path}: {reply:?}");
        }
    }
}
