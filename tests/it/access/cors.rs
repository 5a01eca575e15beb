//! CORS by the function: preflights, and the headers of every answer, errors too.

use dev::{BASE, Call, Kind, TestService};

use super::fixture::OWN_ORG;
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
        for (status, call) in [
            (401, Call::get(BASE)),
            (200, Call::get(BASE).kind(kind).claims(&claims)),
            (403, Call::create("m", "org_other").kind(kind).claims(&claims)),
            (404, Call::get("/elsewhere")),
            (404, preflight("/elsewhere", APP)),
            (405, Call::new("PATCH", BASE).kind(kind).claims(&claims)),
            (422, Call::new("POST", BASE).body("{}").kind(kind).claims(&claims)),
        ] {
            let is_preflight = call.method == "OPTIONS";
            let reply = service.send(call.kind(kind).header("origin", APP)).await;
            assert_eq!(reply.status, status, "{reply:?}");
            assert_eq!(reply.headers["access-control-allow-origin"], APP, "{reply:?}");
            assert_eq!(reply.headers["vary"], "Origin", "{reply:?}");
            if !is_preflight {
                let exposed = "Location, Link, Retry-After, WWW-Authenticate, apigw-requestid";
                assert_eq!(reply.headers["access-control-expose-headers"], exposed, "{reply:?}");
            }
            assert!(!reply.headers.contains_key("access-control-allow-credentials"), "{reply:?}");
        }
    }
    let created = service.send(Call::create("m", OWN_ORG).claims(&claims).header("origin", APP)).await;
    created.expect(201);
    assert_eq!(created.headers["access-control-allow-origin"], APP);
}

/// Which origin gets what, by the setting. A cache may not give an answer without the headers to a page that needs them, so
/// `Vary` is there whenever the setting is.
#[tokio::test]
async fn origin_gets_the_headers_that_the_setting_gives_it() {
    for (origins, origin, allowed) in [
        (APP, Some("https://app.org.no.example"), None),
        (APP, Some("https://APP.org.no"), None),
        (APP, Some("http://app.org.no"), None),
        (APP, Some("https://app.org.no:8443"), None),
        (APP, Some("null"), None),
        (APP, Some("*"), None),
        (APP, Some(""), None),
        (APP, None, None),
        ("*", Some(APP), Some("*")),
        ("*", Some("null"), Some("*")),
        ("*", None, None),
        ("", Some(APP), None),
    ] {
        let service = service(origins, "public").await;
        for call in [Call::get(BASE), preflight(BASE, ""), Call::get("/elsewhere")] {
            let mut call = call;
            call.headers.remove("origin");
            let reply = service.send(origin.into_iter().fold(call, |call, origin| call.header("origin", origin))).await;
            let shown = format!("{origins:?} {origin:?}: {reply:?}");
            assert_eq!(reply.headers.get("access-control-allow-origin").map(String::as_str), allowed, "{shown}");
            assert!(
                allowed.is_some() || !reply.headers.keys().any(|name| name.starts_with("access-control")),
                "{shown}"
            );
            assert_eq!(
                reply.headers.get("vary").map(String::as_str),
                Some("Origin").filter(|_| !origins.is_empty()),
                "{shown}"
            );
        }
    }
}

/// A sign-up form of any site may check a code: `CORS_ORIGINS` is about what tells more.
#[tokio::test]
async fn json_of_a_short_link_may_be_read_by_every_page_whatever_the_setting() {
    for origins in ["", APP, "*"] {
        let service = service(origins, "jwt").await;
        let vary = if origins.is_empty() { "Accept, Accept-Language" } else { "Accept, Accept-Language, Origin" };
        for kind in Kind::ALL {
            for origin in [None, Some(APP), Some("https://form.example")] {
                let from = |call: Call| match origin {
                    Some(origin) => call.kind(kind).header("origin", origin),
                    None => call.kind(kind),
                };
                let json = Call::get("/r/JAN-VERV-0000").header("accept", "application/json");
                let reply = service.send(from(json)).await;
                reply.expect_problem(404, "code_not_found");
                assert_eq!(reply.headers["access-control-allow-origin"], "*", "{origins:?} {origin:?}: {reply:?}");
                assert_eq!(reply.headers["vary"], vary, "{origins:?} {origin:?}: {reply:?}");
                assert_eq!(reply.headers.contains_key("access-control-expose-headers"), origin.is_some(), "{reply:?}");

                let page = service.send(from(Call::get("/r/JAN-VERV-0000").header("accept", "text/html"))).await;
                let allowed = page.headers.get("access-control-allow-origin").map(String::as_str);
                let expected = match (origins, origin) {
                    ("*", Some(_)) => Some("*"),
                    (APP, Some(APP)) => Some(APP),
                    _ => None,
                };
                assert_eq!(
                    (allowed, page.headers["vary"].as_str()),
                    (expected, vary),
                    "{origins:?} {origin:?}: {page:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn preflight_of_a_short_link_is_open_to_every_page() {
    for origins in ["", APP, "*"] {
        let service = service(origins, "jwt").await;
        for (kind, origin) in Kind::ALL.into_iter().flat_map(|kind| [(kind, APP), (kind, "https://form.example")]) {
            let path = if kind == Kind::Alb { "/R/JAN-VERV-0000.SVG" } else { "/r/JAN-VERV-0000" };
            let asked = preflight(path, origin).header("access-control-request-headers", "sentry-trace,baggage");
            let reply = service.send(asked.kind(kind)).await;
            assert_eq!(reply.status, 204);
            assert_eq!(reply.headers["access-control-allow-headers"], "*", "{origins:?} {origin}: {reply:?}");
            assert_eq!(reply.headers["access-control-allow-origin"], "*", "{origins:?} {origin}: {reply:?}");
            assert_eq!(reply.headers["access-control-allow-methods"], "GET, HEAD, OPTIONS", "{origins:?}: {reply:?}");
        }
    }
}

/// What every answer tells a browser, of every kind of event.
#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let service = TestService::new().await;
    for kind in Kind::ALL {
        for call in [
            Call::get(BASE),
            Call::new("HEAD", BASE),
            Call::new("OPTIONS", BASE),
            Call::get("/elsewhere"),
            Call::create("m", "o"),
            Call::new("PATCH", BASE),
            Call::get("/r/JAN-VERV-0000"),
        ] {
            let reply = service.send(call.kind(kind)).await;
            assert_eq!(reply.headers["x-content-type-options"], "nosniff", "{reply:?}");
            assert_eq!(reply.headers["referrer-policy"], "no-referrer", "{reply:?}");
            assert!(reply.status == 204 || reply.headers["cache-control"] == "no-store", "{reply:?}");
        }
    }
}
