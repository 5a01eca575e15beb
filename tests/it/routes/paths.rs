//! The paths of the routes, with and without a stage before them.

use dev::{BASE, Call, Kind, TestService, create_body};

#[tokio::test]
async fn paths_in_both_forms_and_with_a_trailing_slash_answer_alike() {
    let service = TestService::builder().ids(&["8f3a21bc"]).build().await;
    let made = service.send(Call::post(BASE, &create_body("m", "o"))).await;
    for kind in Kind::ALL {
        for base in [BASE.to_owned(), format!("{BASE}{BASE}")] {
            for slash in ["", "/"] {
                let found =
                    service.send(Call::post(&format!("{base}{slash}"), &create_body("m", "o")).kind(kind)).await;
                assert_eq!((found.status, &found.body), (200, &made.body), "{kind:?} {base}{slash}");
                assert_eq!(found.headers["location"], made.headers["location"]);
                let read = service.send(Call::get(&format!("{base}/rc_8f3a21bc{slash}")).kind(kind)).await;
                assert_eq!((read.status, &read.body), (200, &made.body), "{kind:?} {base}{slash}");
                service.send(Call::get(&format!("{base}/rc_8f3a21bc/url{slash}")).kind(kind)).await.expect(200);
                service.send(Call::get(&format!("{base}{slash}")).kind(kind)).await.expect(200);
            }
        }
    }
}

#[tokio::test]
async fn stage_before_the_path_is_ignored() {
    let service = TestService::new().await;
    for kind in [Kind::HttpApi, Kind::RestApi] {
        for base in [BASE.to_owned(), format!("{BASE}{BASE}")] {
            service.send(Call::get(&format!("/prod{base}")).kind(kind).stage("prod")).await.expect(200);
            service.send(Call::get(&base).kind(kind).stage("prod")).await.expect(200);
            let elsewhere = service.send(Call::get(&format!("/prod{base}")).kind(kind).stage("test")).await;
            elsewhere.expect_problem(404, "route_not_found");
        }
    }
}

#[tokio::test]
async fn unknown_paths_return_404() {
    let service = TestService::new().await;
    for path in [
        "",
        "/",
        "/api/v1",
        "/api/v1/referral-code",
        "/api/v1/referral-codesx",
        "/API/v1/referral-codes",
        &format!("/x{BASE}"),
        &format!("{BASE}//"),
        &format!("{BASE}/rc_8f3a21bc//url"),
        &format!("{BASE}/rc_8f3a21bc/qr"),
        &format!("{BASE}/rc_8f3a21bc/url/x"),
        &format!("{BASE}{BASE}{BASE}/x"),
    ] {
        service.send(Call::get(path)).await.expect_problem(404, "route_not_found");
    }
}

#[tokio::test]
async fn unsupported_methods_return_405_with_the_allowed_methods() {
    let service = TestService::new().await;
    for (path, allowed, refused) in [
        (BASE.to_owned(), "GET, HEAD, OPTIONS, POST", ["PUT", "DELETE", "PATCH", "get"].as_slice()),
        (format!("{BASE}/rc_8f3a21bc"), "DELETE, GET, HEAD, OPTIONS, PUT", &["POST", "PATCH"]),
        (format!("{BASE}/rc_8f3a21bc/url"), "GET, HEAD, OPTIONS", &["POST", "PUT", "DELETE", "PATCH"]),
    ] {
        for method in refused {
            let reply = service.send(Call::new(method, &path)).await;
            reply.expect_problem(405, "method_not_allowed");
            assert_eq!(reply.headers["allow"], allowed, "{method} {path}");
        }
    }
}
