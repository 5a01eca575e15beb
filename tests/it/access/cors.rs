//! CORS by the function: preflights, and the headers of every answer, errors too.

use dev::{BASE, Call, Kind, TestService};

use super::tokens::of_org;

const APP: &str = "https://app.org.no";

async fn service(origins: &'static str, access: &'static str) -> TestService {
    TestService::builder().setting("CORS_ORIGINS", origins).setting("ACCESS", access).build().await
}

fn preflight(path: &str, origin: &str) -> Call {
    Call::new("OPTIONS", path)
        .header("origin", origin)
        .header("access-control-request-method", "PUT")
        .header("access-control-request-headers", "authorization,content-type")
}

#[tokio::test]
async fn preflight_of_a_listed_origin_is_open_and_names_methods_and_headers() {
    for access in ["public", "jwt"] {
        let service = service("https://app.org.no,http://localhost:5173", access).await;
        for kind in Kind::ALL {
            for origin in [APP, "http://localhost:5173"] {
                let reply = service.send(preflight(&format!("{BASE}/rc_8f3a21bc"), origin).kind(kind)).await;
                assert_eq!((reply.status, reply.body.as_str()), (204, ""), "{kind:?}");
                for (name, value) in [
                    ("access-control-allow-origin", origin),
                    ("access-control-allow-methods", "DELETE, GET, HEAD, OPTIONS, PUT"),
                    ("access-control-allow-headers", "Authorization, Content-Type"),
                    ("access-control-max-age", "600"),
                    ("vary", "Origin"),
                ] {
                    assert_eq!(reply.headers.get(name).map(String::as_str), Some(value), "{kind:?} {name}: {reply:?}");
                }
            }
        }
    }
}

/// Every answer that a script gets can be read, an error by the catalogue too.
#[tokio::test]
async fn answers_to_a_listed_origin_can_be_read_errors_too() {
    let service = service(APP, "jwt").await;
    let claims = of_org("codes:write");
    for kind in [Kind::HttpApi, Kind::RestApi] {
        let with_token = |call: Call| call.kind(kind).claims(&claims);
        for (status, call) in [
            (401, Call::get(BASE)),
            (200, with_token(Call::get(BASE))),
            (403, with_token(Call::create("m", "org_other"))),
            (404, Call::get("/elsewhere")),
            (404, preflight("/elsewhere", APP)),
            (405, with_token(Call::new("PATCH", BASE))),
            (422, with_token(Call::new("POST", BASE).body("{}"))),
        ] {
            let is_preflight = call.method == "OPTIONS";
            let reply = service.send(call.kind(kind).header("origin", APP)).await;
            assert_eq!(reply.status, status, "{reply:?}");
            assert_eq!(reply.headers["access-control-allow-origin"], APP, "{reply:?}");
            assert_eq!(reply.headers["vary"], "Origin", "{reply:?}");
            let exposes = reply.headers.contains_key("access-control-expose-headers");
            assert!(exposes || is_preflight, "{reply:?}");
            assert!(!reply.headers.contains_key("access-control-allow-credentials"), "{reply:?}");
        }
    }
}

/// Which origin gets what, by the setting. A cache may not give an answer without the headers to a page that needs them, so
/// `Vary` is there whenever the setting is.
#[tokio::test]
async fn origin_gets_the_headers_that_the_setting_gives_it() {
    for (origins, others, allowed) in [
        (APP, "https://app.org.no.example https://APP.org.no http://app.org.no https://app.org.no:8443 null *", None),
        ("*", "https://app.org.no null", Some("*")),
        ("", APP, None),
    ] {
        let service = service(origins, "public").await;
        let rows = others.split(' ').map(|origin| (Some(origin), allowed)).chain([(None, None)]);
        for (origin, allowed) in rows {
            for call in [Call::get(BASE), preflight(BASE, ""), Call::get("/elsewhere")] {
                let mut call = call;
                call.headers.remove("origin");
                call.headers.extend(origin.map(|origin| ("origin".to_owned(), origin.to_owned())));
                let reply = service.send(call).await;
                let shown = format!("{origins:?} {origin:?}: {reply:?}");
                let has_cors = reply.headers.keys().any(|name| name.starts_with("access-control"));
                assert_eq!(reply.headers.get("access-control-allow-origin").map(String::as_str), allowed, "{shown}");
                assert!(allowed.is_some() || !has_cors, "{shown}");
                assert_eq!(reply.headers.get("vary").is_some_and(|by| by == "Origin"), !origins.is_empty(), "{shown}");
            }
        }
    }
}

/// A sign-up form of any site may check a code: `CORS_ORIGINS` is about what tells more. The JSON has the headers that
/// docs/openapi.yaml requires of it.
#[tokio::test]
async fn json_of_a_short_link_may_be_read_by_every_page_whatever_the_setting() {
    for origins in ["", APP, "*"] {
        let service = service(origins, "jwt").await;
        let vary = if origins.is_empty() { "Accept, Accept-Language" } else { "Accept, Accept-Language, Origin" };
        for kind in Kind::ALL {
            for origin in [APP, "https://form.example"] {
                let json = Call::get("/r/JAN-VERV-0000").header("accept", "application/json").header("origin", origin);
                let reply = service.send(json.kind(kind)).await;
                reply.expect_problem(404, "code_not_found");
                assert!(reply.headers.contains_key("access-control-expose-headers"), "{reply:?}");
                let page = Call::get("/r/JAN-VERV-0000").header("accept", "text/html").header("origin", origin);
                let page = service.send(page.kind(kind)).await;
                let allowed = page.headers.get("access-control-allow-origin").map(String::as_str);
                let expected =
                    if origins == "*" { Some("*") } else { Some(APP).filter(|_| [origins, origin] == [APP; 2]) };
                assert_eq!(allowed, expected, "{origins:?} {origin}: {page:?}");
                assert_eq!([&*reply.headers["vary"], &page.headers["vary"]], [vary; 2], "{origins:?} {origin}");

                let path = if kind == Kind::Alb { "/R/JAN-VERV-0000.SVG" } else { "/r/JAN-VERV-0000" };
                let asked = preflight(path, origin).header("access-control-request-headers", "sentry-trace,baggage");
                let reply = service.send(asked.kind(kind)).await;
                assert_eq!(reply.status, 204);
                for (name, value) in [("headers", "*"), ("origin", "*"), ("methods", "GET, HEAD, OPTIONS")] {
                    assert_eq!(reply.headers[&format!("access-control-allow-{name}")], value, "{origins:?}: {reply:?}");
                }
            }
        }
    }
}
