//! The paths of the routes.

use dev::{BASE, Call, Kind, TestService};

#[tokio::test]
async fn paths_in_both_forms_and_with_a_trailing_slash_answer_alike() {
    let service = TestService::builder().ids(&["8f3a21bc"]).build().await;
    let made = service.send(Call::create("m", "o")).await;
    for kind in Kind::ALL {
        for base in [BASE.to_owned(), format!("{BASE}{BASE}")] {
            for slash in ["", "/"] {
                let create = Call { path: format!("{base}{slash}"), ..Call::create("m", "o") };
                let found = service.send(create.kind(kind)).await;
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
async fn unknown_paths_return_404_with_the_request_id_of_the_log() {
    let service = TestService::builder().setting("CONSOLE", "on").build().await;
    for path in [
        "",
        "/",
        "/api/v1",
        "/api/v1/referral-code",
        "/api/v1/referral-codesx",
        "/API/v1/referral-codes",
        "/Console",
        "/openapi.YAML",
        &format!("/x{BASE}"),
        &format!("{BASE}//"),
        &format!("{BASE}/r/x"),
        &format!("{BASE}/rc_8f3a21bc//url"),
        &format!("{BASE}/rc_8f3a21bc/qr"),
        &format!("{BASE}/rc_8f3a21bc/url/x"),
        &format!("{BASE}{BASE}{BASE}/x"),
    ] {
        let problem = service.send(Call::get(path)).await.expect_problem(404, "route_not_found");
        assert_eq!(problem["request_id"], "test-request", "{path}");
    }
}
