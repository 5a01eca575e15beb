//! OPTIONS: the methods of a path.

use std::collections::BTreeSet;

use referral_codes::http::ROUTES;

use dev::{BASE, Call, Kind, TestService};

#[tokio::test]
async fn options_of_every_path_is_204_with_its_methods_in_every_kind_of_event() {
    let service = TestService::new().await;
    service.faults.take();
    for kind in Kind::ALL {
        for base in [BASE.to_owned(), format!("{BASE}{BASE}")] {
            for (below, allow) in [
                ("", "GET, HEAD, OPTIONS, POST"),
                ("/", "GET, HEAD, OPTIONS, POST"),
                ("/rc_8f3a21bc", "DELETE, GET, HEAD, OPTIONS, PUT"),
                ("/whatever/", "DELETE, GET, HEAD, OPTIONS, PUT"),
                ("/rc_8f3a21bc/url", "GET, HEAD, OPTIONS"),
            ] {
                let reply = service.send(Call::new("OPTIONS", &format!("{base}{below}?page=x")).kind(kind)).await;
                assert_eq!((reply.status, reply.body.as_str()), (204, ""), "{kind:?} {base}{below}");
                assert_eq!(reply.headers["allow"], allow, "{kind:?} {base}{below}");
                for absent in ["content-type", "content-length"] {
                    assert!(!reply.headers.contains_key(absent), "a 204 has no {absent}: {reply:?}");
                }
            }
        }
    }
    assert!(service.faults.take().is_empty(), "OPTIONS does not read the table");
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

/// The table of routes is the one source: `Allow` lists its methods, HEAD beside each GET, and OPTIONS.
#[tokio::test]
async fn options_and_405_list_what_the_table_of_routes_says() {
    let service = TestService::builder().setting("CONSOLE", "on").build().await;
    for route in ROUTES {
        for path in route.declared_paths() {
            let others = ROUTES.iter().filter(|other| other.declared_paths().contains(&path));
            let mut expected: BTreeSet<_> = others.map(|other| other.method).chain(["OPTIONS"]).collect();
            if expected.contains("GET") {
                expected.insert("HEAD");
            }
            let expected = Vec::from_iter(expected).join(", ");
            let path = path.replace("{id}", "rc_8f3a21bc");
            let options = service.send(Call::new("OPTIONS", &path)).await;
            assert_eq!((options.status, &options.headers["allow"]), (204, &expected), "{path}");
            let refused = service.send(Call::new("PATCH", &path)).await;
            refused.expect_problem(405, "method_not_allowed");
            assert_eq!(refused.headers["allow"], expected, "{path}");
        }
    }
}
